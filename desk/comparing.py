"""Holds what a history makes of an application against its record, by content, and says which side is ahead.

A difference names facts, fields and numbers, never a person.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from models.data import Data
from models.journal import Fact
from models.state import Entry, State


class Ahead(StrEnum):
    """Which side knows more; of `neither` both have it, with another content, and of `anchor` nobody but that."""

    HISTORY = "history"
    RECORD = "record"
    ANCHOR = "anchor"
    NEITHER = "neither"


@dataclass(frozen=True)
class Difference:
    """One thing that history and record say differently of an execution."""

    execution: str
    ahead: Ahead
    what: str

    def __str__(self) -> str:
        who = "they say different things" if self.ahead is Ahead.NEITHER else f"the {self.ahead} is ahead"
        return f"{self.execution}: {who}: {self.what}"


@dataclass(frozen=True)
class Report:
    """What a reconciliation found: executions compared, ones too old for the server to keep, differences.

    `erased`: those whose personal data were erased; no history of them is left to compare with.
    """

    compared: int
    beyond_retention: int
    differences: tuple[Difference, ...]
    erased: int = 0

    @property
    def different(self) -> int:
        """How many executions differ."""
        return len({one.execution for one in self.differences})


Found = tuple[Ahead, str]

_TOLD = ("stage", "holder", "registration_number", "last_fact")
"""Fields of the state whose values say nothing of a person."""


def compare(derived: Entry, recorded: Entry) -> Iterator[Found]:
    """Facts first; a record that merely lags behind is told so once, its read model lags with it."""
    facts = list(_compare_facts(derived, recorded))
    yield from facts
    if facts and _lags(derived, recorded):
        return
    for field in State.model_fields:
        there, here = getattr(derived.state, field), getattr(recorded.state, field)
        if _content(there) != _content(here):
            values = f": {there} in history, {here} on record" if field in _TOLD else ""
            yield Ahead.NEITHER, f"{field} differ{values}"
    for field in ("notices", "papers", "remarks", "request", "signature", "said", "approval", "collection"):
        there, here = _content(getattr(derived, field)), _content(getattr(recorded, field))
        if there != here:
            yield _which(there, here), f"{field} differ"


def _compare_facts(derived: Entry, recorded: Entry) -> Iterator[Found]:
    known = {fact.number: fact for fact in recorded.facts}
    for fact in derived.facts:
        there = known.pop(fact.number, None)
        if there is None:
            yield Ahead.HISTORY, f"{_told(fact)} is missing on record"
        elif there != fact or not there.is_intact():
            yield Ahead.NEITHER, f"{_told(fact)} has another content on record"
    for fact in known.values():
        yield Ahead.RECORD, f"{_told(fact)} is on record, but not in history"


def _told(fact: Fact) -> str:
    return f"fact {fact.number} ({fact.fact})"


def _lags(derived: Entry, recorded: Entry) -> bool:
    """Whether the record is history as it was some facts ago."""
    written = len(recorded.facts)
    return recorded.facts == derived.facts[:written] and recorded.state.last_fact == written


def _which(there: Any, here: Any) -> Ahead:
    """Which side has something that the other has nothing of."""
    if not here:
        return Ahead.HISTORY
    return Ahead.NEITHER if there else Ahead.RECORD


def _content(value: Any) -> Any:
    """A value without the order of its parts, which the record does not keep."""
    if isinstance(value, tuple):
        return sorted(part.model_dump_json() if isinstance(part, Data) else str(part) for part in value)
    return value
