"""Which due instants each column of the bucket grid stands for: so a cell leads to exactly what it counts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from desk.sla_views import BUCKET_BOUNDS, BUCKET_NAMES
from models.calendar import Calendar
from models.data import local_day, local_midnight

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """The due instants of a column: from one, included, to another, not included; None: no end on that side."""

    name: str
    has_passed: bool
    since: datetime | None
    until: datetime | None


def bucket_spans(as_of: datetime, calendar: Calendar) -> list[Span]:
    """In the order of the columns. What has passed lies before `as_of`, whatever day it is due on."""
    edges = [None, *_edges(as_of, calendar), None]
    return [
        Span(name, bound < 0, since, until)
        for name, bound, since, until in zip(
            BUCKET_NAMES, (*BUCKET_BOUNDS, BUCKET_BOUNDS[-1] + 1), edges, edges[1:], strict=False
        )
    ]


def _edges(as_of: datetime, calendar: Calendar) -> Iterator[datetime]:
    """Where each column but the last one ends."""
    today = local_day(as_of)
    for bound in BUCKET_BOUNDS:
        if bound == -1:
            yield as_of
        else:
            yield local_midnight(_first_day(bound + 1, today, calendar))


def _first_day(days_left: int, today: date, calendar: Calendar) -> date:
    """The first day on which something is due that has at least so many working days left."""
    if days_left > 0:
        return calendar.working_day(days_left, today, start_counts=False)
    day, behind = today, int(calendar.is_working(today))
    while behind <= -days_left and day > date(calendar.first_year, 1, 1):  # nothing on record is older
        day -= _ONE_DAY
        behind += calendar.is_working(day)
    return day
