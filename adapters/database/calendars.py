"""Changes of the calendar on record, and which clocks run by which calendar."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, and_, func, insert, select
from sqlalchemy.exc import IntegrityError

from adapters.database import tables as t
from adapters.database.engine import writing
from adapters.host_clock import host_now
from models.calendar_change import CalendarChange
from models.lifecycle import OPEN, Channel
from models.regulation import ClockKind

_A = t.application.c
_PARENT = t.application.alias("parent")
_GOES_BY = func.coalesce(_A.calendar_now, _A.calendar)


@dataclass(frozen=True)
class Applied:
    """One change of the calendar, the `number`-th."""

    number: int
    change: CalendarChange
    applied_by: str
    applied_at: datetime


@dataclass(frozen=True, slots=True)
class RunningClock:
    """A clock that runs: of what, on which channel, by which rules (hashes), answered for by which office.

    `since`: the instant of what set it running.
    """

    application: str
    registration_number: str | None
    channel: Channel
    regulation: str
    calendar: str
    clock: ClockKind
    office: str
    since: datetime
    due_at: datetime


class SqlCalendars:
    """The table of changes, and the read model's clocks beside it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def last(self) -> Applied | None:
        """The change that was applied last; None if the calendar of the files was never changed."""
        query = select(t.calendar_change).order_by(t.calendar_change.c.number.desc()).limit(1)
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        return None if row is None else _applied(row)

    def making(self, calendar: str) -> CalendarChange | None:
        """The change that makes the calendar of this hash."""
        query = select(t.calendar_change).where(t.calendar_change.c.calendar == calendar).limit(1)
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        return None if row is None else _applied(row).change

    def apply(self, change: CalendarChange, by: str, after: int) -> bool:
        """Put a change into force after the change number `after`; False if another one came first."""
        row = {
            "number": after + 1,
            "corrects": change.corrects,
            "calendar": change.calendar,
            "change": change,
            "applied_by": by,
            "applied_at": host_now(),
        }
        try:
            with writing(self._engine) as connection:
                connection.execute(insert(t.calendar_change), [row])
        except IntegrityError:
            return False
        return True

    def running(self) -> list[RunningClock]:
        """Every clock that runs, the one that is due first before the others."""
        c = t.clock.c
        query = (
            select(
                c.application,
                func.coalesce(_A.registration_number, _PARENT.c.registration_number).label("registration_number"),
                _A.channel,
                _A.regulation,
                _GOES_BY.label("calendar"),
                c.clock,
                c.office,
                func.coalesce(c.triggered_at, c.started_at).label("since"),
                c.due_at,
            )
            .select_from(t.clock.join(t.application, _A.id == c.application))
            .outerjoin(_PARENT, _PARENT.c.id == _A.recall_of)
            .where(c.stopped_at.is_(None))
            .order_by(c.due_at, c.application, c.clock)
        )
        with self._engine.connect() as connection:
            return [_clock(row) for row in connection.execute(query)]

    def not_following(self, calendar: str) -> list[tuple[str, str]]:
        """What is open and goes by another calendar than that: its id, and the hash of the one it goes by."""
        is_behind = and_(_A.stage.in_(OPEN), _GOES_BY.is_distinct_from(calendar))
        query = select(_A.id, _GOES_BY).where(is_behind).order_by(_A.id)
        with self._engine.connect() as connection:
            return [(row[0], row[1]) for row in connection.execute(query)]


def _clock(row: Any) -> RunningClock:
    return RunningClock(
        application=row.application,
        registration_number=row.registration_number,
        channel=Channel(row.channel),
        regulation=row.regulation,
        calendar=row.calendar,
        clock=ClockKind(row.clock),
        office=row.office,
        since=row.since,
        due_at=row.due_at,
    )


def _applied(row: Row[Any]) -> Applied:
    change = CalendarChange.model_validate(row.change)
    return Applied(row.number, change, row.applied_by, row.applied_at)
