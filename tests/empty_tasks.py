"""Looks in a history for workflow tasks that brought no command, and for facts that were made in one."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory

from desk.deriving import BORN_OF_A_TASK
from models.journal import Fact
from models.messages import PROCESS

_COMPLETED = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED


def made_in_empty_tasks(history: WorkflowHistory, facts: Iterable[Fact]) -> list[Fact]:
    """Facts that the process made by itself in a task without a command. Its facts bear their task's instant."""
    empty = instants_of_empty_tasks(history)
    return [fact for fact in facts if fact.by == PROCESS and fact.at in empty]


def instants_of_empty_tasks(history: WorkflowHistory) -> set[datetime]:
    """When the tasks of a history began that brought no command."""
    return set(_instants(history.events))


def _instants(events: Iterable[HistoryEvent]) -> Iterator[datetime]:
    kept = list(events)
    for started, completed, after in zip(kept, kept[1:], [*kept[2:], None], strict=False):
        if completed.event_type == _COMPLETED and (after is None or after.event_type not in BORN_OF_A_TASK):
            # As the SDK makes the workflow's time of it: a microsecond is rounded there, not cut off.
            yield datetime.fromtimestamp(started.event_time.ToNanoseconds() / 1e9, UTC)
