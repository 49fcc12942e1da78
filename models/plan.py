"""What lies ahead of a clock that starts: its due instant, whether that is sure, and the warnings on the way.

A pure function of the regulation, the calendar and the start. The deadline that explains itself
(`models/deadline.py`), a running clock and a change of the calendar all ask here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from models.calendar import Calendar, add_months
from models.clocks import counted_from, due, on_the_wall
from models.data import local_day
from models.lifecycle import Channel
from models.regulation import ClockKind, Minutes, Months, Office, Regulation, Term, WorkingDays

_ONE_DAY = timedelta(days=1)
_WHOLE = 100


@dataclass(frozen=True, slots=True)
class WarningPoint:
    """The instant at which so many per cent of a term are used up."""

    percent: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """From when a clock counts, when it is due, and where it warns.

    `is_provisional`: a day that decides the due instant is not sure yet. `common_due_at`: when it would be due
    as it is commonly counted, where the regulation file reads the text otherwise (R6).
    """

    started_at: datetime
    due_at: datetime
    is_provisional: bool
    warnings: tuple[WarningPoint, ...]
    common_due_at: datetime | None = None


def plan(
    regulation: Regulation, calendar: Calendar, kind: ClockKind, channel: Channel, office: Office, at: datetime
) -> Plan | None:
    """The plan of a clock that is set running then; `office` answers for it. None where it does not run.

    UnknownYearError past the calendar.
    """
    term = regulation.term(kind, channel)
    if term is None:
        return None
    start = counted_from(term, at, calendar, office)
    due_at = due(term, start, calendar, office)
    share = _shares(term, start, due_at, calendar, office)
    points = (WarningPoint(percent, share(percent)) for percent in regulation.clocks[kind].warnings)
    return Plan(
        started_at=start,
        due_at=due_at,
        is_provisional=not all(calendar.is_sure(day) for day in decisive_days(term, at, due_at)),
        warnings=tuple(points),
        common_due_at=_commonly(term, start, calendar, office),
    )


def _commonly(term: Term, start: datetime, calendar: Calendar, office: Office) -> datetime | None:
    if not isinstance(term, WorkingDays) or term.common_first_day is None:
        return None
    return due(term.model_copy(update={"first_day": term.common_first_day}), start, calendar, office)


def decisive_days(term: Term, at: datetime, due_at: datetime) -> Iterator[date]:
    """The days whose being worked decides when a term ends."""
    match term:
        case Minutes():
            return iter(())
        case WorkingDays():
            return through(local_day(at), local_day(due_at))
        case Months():
            return through(add_months(local_day(at), term.months), local_day(due_at))


def through(first: date, last: date) -> Iterator[date]:
    """Every day from the first to the last one, both included."""
    day = first
    while day <= last:
        yield day
        day += _ONE_DAY


def _shares(
    term: Term, start: datetime, due_at: datetime, calendar: Calendar, office: Office
) -> Callable[[int], datetime]:
    """How a share of the term is found: in its working days, or on the wall."""
    if not isinstance(term, WorkingDays):
        return lambda percent: start + (due_at - start) * percent / _WHOLE
    first = local_day(start) + (_ONE_DAY if term.first_day == "next" else timedelta())
    worked = [day for day in through(first, local_day(due_at)) if calendar.is_working(day)]

    def in_working_days(percent: int) -> datetime:
        # Whole days end at the close of business; a part of a day lies within its hours.
        days, rest = divmod(term.working_days * percent, _WHOLE)
        if rest == 0:
            return max(start, on_the_wall(worked[days - 1], office.weekdays.closes))
        opens = on_the_wall(worked[days], office.weekdays.opens)
        closes = on_the_wall(worked[days], office.weekdays.closes)
        return max(start, opens + (closes - opens) * rest / _WHOLE)

    return in_working_days
