"""What supervisors are told: the record's answers, with what happened before and how much a limit has overrun."""

import base64
import binascii
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import ValidationError
from sqlalchemy import Connection, Engine

from adapters.calendars import reaching_back
from adapters.database.engine import snapshot
from adapters.database.supervision.breaches import Limit, Place, find_breaches, late_by
from adapters.database.supervision.heat import tell_heat
from adapters.database.supervision.history import first_day, tell_history
from adapters.database.supervision.present import present
from adapters.database.supervision.pulse import feel_pulse
from adapters.database.supervision.running import count_running, find_at_risk
from adapters.database.supervision.stories import Story, find_stories
from adapters.database.supervision.summary import summarise
from desk.calendars import Calendars
from models.calendar import Calendar
from models.data import Data, Instant, local_day
from models.errors import MalformedError
from models.measures import overrun
from models.regulation import Unit
from models.supervision import BucketRow, Grouping, HeatRow, HistoryRow, Pulse, Sort, Sought, SummaryRow


class Cursor(Data):
    """Where a list goes on, and as of when it was begun."""

    as_of: Instant
    sort: Sort
    place: Place

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(self.model_dump_json().encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> "Cursor":
        """The cursor of a text. MalformedError for anything that no list has given."""
        try:
            padded = text + "=" * (-len(text) % 4)
            return cls.model_validate_json(base64.b64decode(padded, altchars=b"-_", validate=True))
        except (binascii.Error, ValidationError, ValueError) as error:
            reason = "is none that a list has given; leave it out to begin anew"
            raise MalformedError(f"--after: {reason}", [("after", reason)]) from error


@dataclass(frozen=True)
class Told:
    """A limit and its story. `overrun` in seconds or working days, `late_by` in microseconds on the wall."""

    row: Limit
    overrun: int
    late_by: int
    story: Story


@dataclass(frozen=True)
class Page:
    """A part of a list of breaches, or of what may become one, and where it goes on; `after`: None at its end."""

    as_of: datetime
    breaches: list[Told]
    after: Cursor | None


def supervise(engine: Engine, calendars: Calendars, now: datetime) -> "Supervision":
    """Who answers supervisors, with days counted by the calendar in force as far back as the record reaches."""
    in_force = calendars.find(calendars.in_force(local_day(now)).calendar)
    with snapshot(engine) as connection:
        first = first_day(connection) or local_day(now)
    return Supervision(engine, reaching_back(in_force, first.year))


def now_on_record(engine: Engine, now: datetime) -> datetime:
    """The host's now, or the latest instant on record where time was skipped ahead of it, as trials do."""
    with snapshot(engine) as connection:
        return present(connection, now)


class Supervision:
    """One record; `calendar` counts days, and knows every year that the record does."""

    def __init__(self, engine: Engine, calendar: Calendar) -> None:
        self._engine = engine
        self.calendar = calendar

    def breaches(self, sought: Sought, sort: Sort, limit: int, after: Cursor | None = None) -> Page:
        """The first breaches, or those after a cursor, as of the instant at which its list was begun."""
        sought, sort = _pinned(sought, sort, after)
        with snapshot(self._engine) as connection:
            return self._page(connection, sought, sort, limit, after, with_facts=True)

    def all_breaches(self, sought: Sought, sort: Sort, most: int, after: Cursor | None = None) -> Iterator[Told]:
        """One breach after the other, for an export, without facts: only a part of them is held at a time."""
        sought, sort = _pinned(sought, sort, after)
        left = most
        with snapshot(self._engine) as connection:
            while left > 0:
                size = min(_PART, left)
                page = self._page(connection, sought, sort, size, after, with_facts=False)
                yield from page.breaches
                after, left = page.after, left - size
                if after is None:
                    return

    def _page(
        self,
        connection: Connection,
        sought: Sought,
        sort: Sort,
        limit: int,
        after: Cursor | None,
        *,
        with_facts: bool,
    ) -> Page:
        rows = find_breaches(connection, sought, sort, limit + 1, after.place if after else None)
        told = self._told(connection, sought.as_of, rows[:limit], with_facts=with_facts)
        return _cut(sought.as_of, sort, told, is_all=len(rows) <= limit)

    def _told(
        self, connection: Connection, as_of: datetime, rows: Sequence[Limit], *, with_facts: bool
    ) -> list[Told]:
        stories = find_stories(connection, [row.application for row in rows], as_of, with_facts=with_facts)
        return [
            Told(row, self._overrun(row, as_of), late_by(row, as_of), stories[row.application]) for row in rows
        ]

    def _overrun(self, row: Limit, as_of: datetime) -> int:
        stopped_at: datetime | None = row.stopped_at
        if stopped_at is None or stopped_at > as_of:
            return overrun(Unit(row.unit), row.due_at, as_of, self.calendar)
        if row.overrun is None:  # an older Tirek did not keep it
            return overrun(Unit(row.unit), row.due_at, stopped_at, self.calendar)
        return int(row.overrun)

    def at_risk(self, sought: Sought, until: Mapping[Unit, datetime], limit: int) -> list[Told]:
        """What has not passed and is due by then, the first due first."""
        return self.at_risk_page(sought, until, limit).breaches

    def at_risk_page(
        self, sought: Sought, until: Mapping[Unit, datetime], limit: int, after: Cursor | None = None
    ) -> Page:
        """The first of them, or those after a cursor, as of the instant at which its list was begun."""
        sought, _ = _pinned(sought, Sort.DUE, after)
        with snapshot(self._engine) as connection:
            rows = find_at_risk(connection, sought, until, limit + 1, after.place if after else None)
            told = self._told(connection, sought.as_of, rows[:limit], with_facts=False)
        return _cut(sought.as_of, Sort.DUE, told, is_all=len(rows) <= limit)

    def summary(self, sought: Sought, by: Grouping, *, kept: bool = True) -> list[SummaryRow]:
        """The figures of each group; `kept`: whether months that are kept ready may be used."""

        def overrun_by_then(unit: Unit, due_at: datetime) -> int:
            return overrun(unit, due_at, sought.as_of, self.calendar)

        with snapshot(self._engine) as connection:
            return summarise(connection, sought, by, overrun_by_then, kept=kept)

    def buckets(self, sought: Sought) -> list[BucketRow]:
        """How many run in each office, by the working days that are left; what has passed lies below 0."""
        today, counts = local_day(sought.as_of), Counter[tuple[str, int]]()
        with snapshot(self._engine) as connection:
            for office, due_on, has_passed, count in count_running(connection, sought):
                counts[office, self._days_left(today, due_on, has_passed=has_passed)] += count
        return [
            BucketRow(office=office, days_left=left, count=count)
            for (office, left), count in sorted(counts.items())
        ]

    def _days_left(self, today: date, due_on: date, *, has_passed: bool) -> int:
        left = self.calendar.working_days(after=today, through=due_on)
        return min(left, -1) if has_passed else max(left, 0)

    def history(self, sought: Sought, first: date, last: date) -> list[HistoryRow]:
        """A row for each day, as it stood at its end."""
        with snapshot(self._engine) as connection:
            return tell_history(connection, sought, first, last)

    def heat(self, sought: Sought) -> list[HeatRow]:
        """How many limits have passed by the weekday and the hour at which they were due."""
        with snapshot(self._engine) as connection:
            return tell_heat(connection, sought)

    def pulse(self, now: datetime) -> Pulse:
        """How the limits stand now, for whoever has to know at once when something has changed."""
        with snapshot(self._engine) as connection:
            return feel_pulse(connection, now)


_PART = 500
"""So many breaches of an export are read at a time."""


def _pinned(sought: Sought, sort: Sort, after: Cursor | None) -> tuple[Sought, Sort]:
    """What a list goes on with is what it was begun with."""
    return (sought, sort) if after is None else (sought.model_copy(update={"as_of": after.as_of}), after.sort)


def _cut(as_of: datetime, sort: Sort, told: list[Told], *, is_all: bool) -> Page:
    return Page(as_of, told, None if is_all else Cursor(as_of=as_of, sort=sort, place=_place(told[-1])))


def _place(told: Told) -> Place:
    row = told.row
    return Place(due_at=row.due_at, late_by=told.late_by, application=row.application, clock=row.clock)
