"""Tells an answer to one question of a workflow from an answer to another one of the same workflow.

What stands in Temporal opens in its own execution alone, but whoever may write there could answer a question with
a copy of what an earlier one was answered. So a question carries the round that it belongs to, and its answer too.
"""

from datetime import datetime

from temporalio import workflow


def round_at(now: datetime, key: str = "") -> str:
    """The round of a question that is asked now: of one update, or of the process itself; each has its instant."""
    update = workflow.current_update_info()
    return "/".join((update.id if update else "process", now.isoformat(), key))


def answers(round_of_answer: str | None, this: str) -> bool:
    """Whether an answer is of this round; the first answers did not say."""
    return round_of_answer in (None, this)
