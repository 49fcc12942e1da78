"""A due instant that explains itself: each day from the start to the due day, counted or not, and why (R5-R10)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from models import reasons
from models.calendar import Calendar, add_months
from models.data import ALMATY, Code, Data, Instant, Text, local_day
from models.lifecycle import Channel
from models.plan import plan, through
from models.regulation import ClockKind, Minutes, Months, Office, Regulation, Term, WorkingDays

_ONE_DAY = timedelta(days=1)
_ANSWERED_BY_PROVIDER = frozenset({ClockKind.PROCESSING, ClockKind.RECALL})
"""R5, R10: it is the provider's working days and close of business that end these clocks."""


class ExplainedDay(Data):
    """One day of a term; `number` is its place among those that count."""

    date: date
    counts: bool
    number: int | None
    reason: Text


class Deadline(Data):
    """When a clock is due, and why. `started_at`: what it was asked of; `counts_from`: from where it counts.

    `provisional`: a day on the way is not sure yet, and the due instant may move when it is.
    """

    clock: ClockKind
    channel: Channel
    office: Code
    started_at: Instant
    counts_from: Instant
    due_at: Instant
    due_on: date
    provisional: bool
    days: tuple[ExplainedDay, ...]


def answerable(regulation: Regulation, kind: ClockKind, office: Office) -> Office:
    """The office whose hours a clock goes by: the provider's, or that of the counter itself."""
    if kind not in _ANSWERED_BY_PROVIDER:
        return office
    return next(one for one in regulation.offices if one.code == office.decided_by)


def explain(
    regulation: Regulation, calendar: Calendar, kind: ClockKind, office: Office, at: datetime
) -> Deadline | None:
    """The deadline of a clock that starts then; None where it does not run. UnknownYearError past the calendar."""
    term, hours = regulation.term(kind, office.channel), answerable(regulation, kind, office)
    planned = plan(regulation, calendar, kind, office.channel, hours, at)
    if term is None or planned is None:
        return None
    start, due_at = planned.started_at, planned.due_at
    return Deadline(
        clock=kind,
        channel=office.channel,
        office=hours.code,
        started_at=at,
        counts_from=start,
        due_at=due_at,
        due_on=local_day(due_at),
        provisional=planned.is_provisional,
        days=tuple(_days(term, at, start, due_at, calendar)),
    )


def _days(
    term: Term, at: datetime, start: datetime, due_at: datetime, calendar: Calendar
) -> Iterator[ExplainedDay]:
    match term:
        case Minutes():
            return _of_minutes(term, at, due_at)
        case WorkingDays():
            return _of_working_days(term, at, start, due_at, calendar)
        case Months():
            return _of_months(term, at, due_at, calendar)


def _of_minutes(term: Minutes, at: datetime, due_at: datetime) -> Iterator[ExplainedDay]:
    told = reasons.minutes(term.minutes, _hour(at), _hour(due_at))
    for day in through(local_day(at), local_day(due_at)):
        yield ExplainedDay(date=day, counts=True, number=None, reason=told)


def _of_working_days(
    term: WorkingDays, at: datetime, start: datetime, due_at: datetime, calendar: Calendar
) -> Iterator[ExplainedDay]:
    number, first = 0, local_day(start)
    for date_ in through(local_day(at), local_day(due_at)):
        day = calendar.day(date_)
        if not day.is_worked:
            yield ExplainedDay(date=date_, counts=False, number=None, reason=reasons.day_off(date_, day))
        elif date_ < first:
            yield ExplainedDay(date=date_, counts=False, number=None, reason=reasons.AFTER_HOURS)
        elif date_ == first and term.first_day == "next":
            yield ExplainedDay(date=date_, counts=False, number=None, reason=reasons.START_NOT_COUNTED)
        else:
            number += 1
            told = reasons.counted(day, number, term.working_days)
            yield ExplainedDay(date=date_, counts=True, number=number, reason=told)


def _of_months(term: Months, at: datetime, due_at: datetime, calendar: Calendar) -> Iterator[ExplainedDay]:
    first, ends, last = local_day(at), add_months(local_day(at), term.months), local_day(due_at)
    yield ExplainedDay(date=first, counts=False, number=None, reason=reasons.MONTH_STARTED)
    for day in through(first + _ONE_DAY, ends):
        number = (day - first).days
        yield ExplainedDay(date=day, counts=True, number=number, reason=reasons.of_the_month(number))
    for day in through(ends + _ONE_DAY, last):
        is_last = day == last
        told = reasons.MONTH_ENDED if is_last else reasons.day_off(day, calendar.day(day))
        yield ExplainedDay(date=day, counts=False, number=None, reason=told)


def _hour(at: datetime) -> str:
    return f"{at.astimezone(ALMATY):%H:%M}"
