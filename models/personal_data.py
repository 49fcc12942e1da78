"""How long the personal data of a finished application are kept, and when they may be erased.

The passport names no term, so it is the office's own (docs/readings.md).
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from pydantic import PositiveInt

from models.calendar import add_months
from models.data import Data, Instant, local_day
from models.lifecycle import FINAL, Stage
from models.refusals import Refusal

_MONTHS_OF_A_YEAR = 12


class PersonalDataRules(Data):
    """Defaults hold where a regulation file says nothing; once released, they stay."""

    years: PositiveInt = 5
    """Counted from the last fact of the application and its recalls."""


class Erasure(Data):
    """That the personal data of an execution were erased: when, by which post, why, and how much of what."""

    application: str
    at: Instant
    by: str
    reason: str
    due_on: date
    what: dict[str, int]


class Ending(Data):
    """Where an application or one of its recalls stands, and since when."""

    execution: str
    stage: Stage
    changed_at: Instant


def due_on(endings: Iterable[Ending], rules: PersonalDataRules) -> date:
    """The first day on which the personal data of a story may be erased, in Karaganda."""
    last = max(ending.changed_at for ending in endings)
    return add_months(local_day(last), rules.years * _MONTHS_OF_A_YEAR)


def not_yet(endings: list[Ending], story: Stage, rules: PersonalDataRules, now: datetime) -> Iterator[Refusal]:
    """Why the personal data of a story may not be erased; `story`: where it stands as a whole."""
    for ending in endings:
        if ending.stage not in FINAL:
            code, what = ("not-ended", "it") if ending is endings[0] else ("recall-open", "its recall")
            reason = f"{what} stands in stage {ending.stage}: only what has ended can be erased"
            yield Refusal(code=code, reason=reason)
            return
    if story is Stage.STORED:
        reason = "its result waits in storage and nobody has collected it: whoever comes has to prove who they are"
        yield Refusal(code="result-waits", reason=reason)
    due = due_on(endings, rules)
    if local_day(now) < due:
        reason = f"its personal data are kept for {rules.years} years: they may be erased from {due} on"
        yield Refusal(code="term-not-over", reason=reason)
