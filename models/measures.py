"""How long a clock ran, and for how long past its due, in the unit that its term is counted in (R5-R10)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from models.calendar import Calendar
from models.clocks import Clock
from models.data import local_day
from models.regulation import Term, Unit, WorkingDays, unit_of

_ONE_SECOND = timedelta(seconds=1)


def measured(clock: Clock, term: Term, stopped_at: datetime, calendar: Calendar) -> Clock:
    """A clock that is stopped then, with what it took and by how much it was late."""
    spent = taken(term, clock.started_at, stopped_at, calendar)
    return clock.measured(spent, overrun(unit_of(term), clock.due_at, stopped_at, calendar))


def overrun(unit: Unit, due_at: datetime, at: datetime, calendar: Calendar) -> int:
    """How much later than due: seconds begun, or working days after the due day; 0 in time.

    In working days it is 0 too where the limit passed on the due day itself, after the close of business.
    """
    return max(_between(unit, due_at, at, calendar), 0)


def taken(term: Term, started_at: datetime, at: datetime, calendar: Calendar) -> int:
    """Seconds begun, or the number of the day in the term's own counting, from the start or the day after."""
    first, later = local_day(started_at), _between(unit_of(term), started_at, at, calendar)
    counts_the_start = isinstance(term, WorkingDays) and term.first_day == "same" and first <= local_day(at)
    return max(later + (counts_the_start and calendar.is_working(first)), 0)


def held(holdings: Iterable[tuple[datetime, datetime | None]], start: datetime, end: datetime) -> timedelta:
    """How much of a span somebody had the file, from when until when each did; None: they still have it."""
    spans = (min(until or end, end) - max(since, start) for since, until in holdings)
    return sum((span for span in spans if span > timedelta()), timedelta())


def _between(unit: Unit, since: datetime, at: datetime, calendar: Calendar) -> int:
    first, last = local_day(since), local_day(at)
    match unit:
        case Unit.MINUTES:
            return -((since - at) // _ONE_SECOND)
        case Unit.WORKING_DAYS:
            return calendar.working_days(after=first, through=last)
        case Unit.MONTHS:
            return (last - first).days
