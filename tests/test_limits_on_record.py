"""Which limits have passed is answered from the clocks, on SQLite and on PostgreSQL alike."""

from datetime import datetime, timedelta

from sqlalchemy import Engine

from adapters.database.records import SqlApplicationRecords
from adapters.keys import KeyRing
from desk.supervision import Supervision, Told
from models.lifecycle import Command
from models.regulation import ClockKind
from models.supervision import Sort, Sought
from tests.models.builders import CALENDAR
from tests.proceedings import DECIDED, NOON, Life, life

WAITING_ENDS = NOON + timedelta(minutes=16)
"""A ticket of `life` is taken a minute after noon, and waiting is allowed for fifteen."""


def record(engine: Engine, ring: KeyRing, *lives: Life) -> None:
    for one in lives:
        SqlApplicationRecords(engine, ring).record(one.entry())


def breaches(engine: Engine, as_of: datetime) -> list[Told]:
    return Supervision(engine, CALENDAR).breaches(Sought(as_of=as_of), Sort.DUE, 100).breaches


def passed(engine: Engine, as_of: datetime) -> list[tuple[str, ClockKind]]:
    return [(one.row.application, one.row.clock) for one in breaches(engine, as_of)]


class TestPassedLimits:
    """A limit passes at its instant, not when somebody writes it down."""

    def test_seen_before_its_fact_is_written(self, engine: Engine, key_ring: KeyRing) -> None:
        """A clock that is due and runs has passed, though the record holds no fact of it."""
        record(engine, key_ring, life(Command.TAKE_TICKET))
        [one] = breaches(engine, WAITING_ENDS + timedelta(seconds=1))
        assert (one.row.application, one.row.clock, one.row.office) == ("app-1", "waiting", "sc-karaganda")
        assert (one.row.due_at, one.row.stopped_at, one.overrun) == (WAITING_ENDS, None, 1)

    def test_the_due_instant_itself_is_in_time(self, engine: Engine, key_ring: KeyRing) -> None:
        """At the due instant nothing has passed; a microsecond later it has."""
        record(engine, key_ring, life(Command.TAKE_TICKET))
        assert passed(engine, WAITING_ENDS) == []
        assert passed(engine, WAITING_ENDS + timedelta(microseconds=1)) == [("app-1", ClockKind.WAITING)]

    def test_stopped_in_time_never_passes(self, engine: Engine, key_ring: KeyRing) -> None:
        """A clock that was stopped before its due instant, or at it, has not passed, however late one asks."""
        early = life(Command.TAKE_TICKET, Command.CALL, Command.LEAVE)
        at_the_instant = life(Command.TAKE_TICKET, name="app-2").later(minutes=14).do(Command.CALL, Command.LEAVE)
        assert at_the_instant.proceeding.clocks[ClockKind.WAITING].stopped_at == WAITING_ENDS
        record(engine, key_ring, early, at_the_instant)
        assert passed(engine, NOON + timedelta(days=400)) == []

    def test_stopped_too_late_stays_passed(self, engine: Engine, key_ring: KeyRing) -> None:
        """A clock that ran out and was stopped afterwards has passed; when it was stopped is told."""
        late = life(Command.TAKE_TICKET).later(minutes=20).do(Command.CALL)
        record(engine, key_ring, late)
        [one] = breaches(engine, NOON + timedelta(minutes=23))
        assert (one.row.application, one.row.stopped_at) == ("app-1", NOON + timedelta(minutes=22))
        assert one.overrun == timedelta(minutes=6) // timedelta(seconds=1)

    def test_a_term_is_no_limit(self, engine: Engine, key_ring: KeyRing) -> None:
        """The month of keeping makes something due, and nobody has missed anything by it (R9)."""
        kept = life(*DECIDED, Command.DELIVER)
        record(engine, key_ring, kept)
        due = kept.proceeding.clocks[ClockKind.RETENTION].due_at
        assert passed(engine, due + timedelta(days=1)) == []

    def test_the_longest_ago_comes_first(self, engine: Engine, key_ring: KeyRing) -> None:
        """In the order in which they passed, and then by application."""
        second = life(Command.TAKE_TICKET, name="app-2")
        third = life(Command.TAKE_TICKET, name="app-3")
        first = life(name="app-9").later(minutes=-30).do(Command.TAKE_TICKET)
        record(engine, key_ring, third, first, second)
        found = [one for one, _ in passed(engine, WAITING_ENDS + timedelta(hours=1))]
        assert found == ["app-9", "app-2", "app-3"]
