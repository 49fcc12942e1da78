"""What a due date costs, and a preview of a changed calendar over ten thousand open applications."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from adapters.database.reader import RecordReader
from adapters.database.records import SqlApplicationRecords
from adapters.host_clock import host_now, host_today
from adapters.keys import KeyRing
from desk.calendars import Calendars
from desk.replanning import preview
from models.act import Act
from models.application import Application
from models.calendar_entries import CalendarEntry, Correction, DayKind
from models.clocks import due
from models.data import local_day
from models.handling import carry_out
from models.library import Library, Rules
from models.lifecycle import Channel, Command
from models.messages import Opening
from models.plan import plan
from models.regulation import ClockKind

OPEN = 10_000
_STARTS = 10_000
_BATCH = 100
_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
_APART = timedelta(minutes=47)


def time_due_dates(rules: Rules) -> tuple[list[float], list[float]]:
    """Seconds of a due date alone, and of a whole plan with its warnings; means of a hundred each.

    The starts lie over the days and hours of a year whose calendar is loaded.
    """
    office, channel = rules.office("education-karaganda"), Channel.STATE_CORPORATION
    term = rules.regulation.term(ClockKind.PROCESSING, channel)
    if term is None:
        raise RuntimeError("the ten days do not run at SC")
    due(term, _YEAR, rules.calendar, office)
    alone, whole = [], []
    for number in range(0, _STARTS, _BATCH):
        starts = [_YEAR + _APART * (number + one) * 0.2 for one in range(_BATCH)]
        began = time.perf_counter()
        for start in starts:
            due(term, start, rules.calendar, office)
        between = time.perf_counter()
        for start in starts:
            plan(rules.regulation, rules.calendar, ClockKind.PROCESSING, channel, office, start)
        alone.append((between - began) / _BATCH)
        whole.append((time.perf_counter() - between) / _BATCH)
    return alone, whole


def time_preview(record: Engine, ring: KeyRing, library: Library) -> tuple[float, int]:
    """Seconds of a preview with ten thousand requests open, and how many of their due dates would move."""
    for entry_of in _requests(library):
        SqlApplicationRecords(record, ring).record(entry_of.entry(after=0))
    calendars = Calendars(library, RecordReader(record, ring).calendars)
    now = calendars.find(calendars.in_force(host_today()).calendar)
    day = now.roll_forward(host_today() + timedelta(days=4))
    entry = CalendarEntry(date=day, kind=DayKind.MOVED_DAY_OFF)
    began = time.perf_counter()
    found = preview(calendars, Correction(entries=(entry,)))
    return time.perf_counter() - began, len(found.moves)


def _requests(library: Library) -> Iterator[Application]:
    """Requests that wait at a counter of SC, and whose ten days run: nothing of a person is in them."""
    regulation, calendar = library.current(local_day(host_now()))
    rules = library.rules(regulation, calendar)
    for number in range(OPEN):
        opening = Opening(
            application=f"open-{number:05}",
            channel=Channel.STATE_CORPORATION,
            office="sc-karaganda",
            regulation=regulation,
            calendar=calendar,
        )
        application = Application(opening, rules)
        at = host_now() - timedelta(seconds=number)
        carry_out(application, Act(command=Command.TAKE_TICKET, by="counter", at=at, cause="start"))
        application.start(ClockKind.PROCESSING, at, application.provider)
        yield application
