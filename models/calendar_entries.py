"""Dated entries of a calendar, and what they make of the days: holidays move, religious days do not."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from pydantic import Field, field_validator, model_validator

from models.data import Data, Line, Text

Date = date
"""The type, where a field is called as it."""

SATURDAY = 5
_ONE_DAY = timedelta(days=1)


class DayKind(StrEnum):
    """What an entry says of its date."""

    HOLIDAY = "holiday"
    """A public holiday; one that falls on a weekend gives the next working day off (Law on Holidays, art. 5)."""
    RELIGIOUS = "religious"
    """7 January and the first day of Kurban Ait: days off that are never made up for (the same article)."""
    MOVED_DAY_OFF = "moved-day-off"
    """A weekday that is off because another day is worked for it (Labour Code, art. 85)."""
    MOVED_WORKING_DAY = "moved-working-day"
    """A day that is worked though its weekday or a holiday says otherwise."""
    REST = "rest"
    """In calendars before kz-2026-12: off, for whatever reason."""
    WORKING = "working"
    """In calendars before kz-2026-12: worked."""


WORKED = frozenset({DayKind.MOVED_WORKING_DAY, DayKind.WORKING})


class CalendarEntry(Data):
    """One dated entry; `basis` is the document it rests on, `known_from` the day from which it was known.

    `estimated`: the day is not sure before somebody in charge has named it (feasts that follow the moon).
    """

    date: Date
    kind: DayKind
    name: Text | Line | None = None
    basis: Line | None = None
    known_from: Date | None = None
    estimated: bool = False

    @field_validator("kind", mode="before")
    @classmethod
    def _as_people_write_it(cls, value: object) -> object:
        """`moved day off` is the same as `moved-day-off`."""
        return value.strip().replace(" ", "-").replace("_", "-") if isinstance(value, str) else value

    @property
    def is_worked(self) -> bool:
        return self.kind in WORKED


class Correction(Data):
    """Entries that are added to a calendar, in a file of their own: an order that moved days, a feast now named.

    `settled_through`: the last year whose orders are all out by now, if the file says so.
    """

    basis: Line | None = None
    settled_through: int | None = Field(default=None, ge=2000, le=2100)
    entries: tuple[CalendarEntry, ...]

    @model_validator(mode="after")
    def _each_date_once(self) -> "Correction":
        found = "; ".join(_twice(self.entries))
        if found:
            raise ValueError(found)
        return self


def _twice(entries: Iterable[CalendarEntry]) -> Iterator[str]:
    for day, times in Counter(entry.date for entry in entries).items():
        if times > 1:
            yield f"{day} stands twice"


class Why(StrEnum):
    """Why a day counts or does not."""

    WORKING_DAY = "working-day"
    WEEKEND = "weekend"
    ENTRY = "entry"
    MADE_UP_FOR = "made-up-for"
    """Off for a holiday that fell on a weekend."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the state: worked or not, why, and by which entry."""

    is_worked: bool
    why: Why
    entry: CalendarEntry | None = None


WORKING_DAY = Day(is_worked=True, why=Why.WORKING_DAY)
WEEKEND = Day(is_worked=False, why=Why.WEEKEND)


def is_weekend(day: date) -> bool:
    return day.weekday() >= SATURDAY


def days_of(entries: Iterable[CalendarEntry]) -> Mapping[date, Day]:
    """Every day that is not what its weekday says, with its reason."""
    by_date = {entry.date: entry for entry in entries}
    days = {day: Day(entry.is_worked, Why.ENTRY, entry) for day, entry in by_date.items()}
    for entry in sorted(by_date.values(), key=lambda one: one.date):
        if entry.kind is DayKind.HOLIDAY and is_weekend(entry.date):
            made_up_for = _next_working(entry.date, days)
            days[made_up_for] = Day(is_worked=False, why=Why.MADE_UP_FOR, entry=entry)
    return days


def _next_working(after: date, days: Mapping[date, Day]) -> date:
    """The next day that would be worked by its weekday; a day declared working stays one."""
    day = after + _ONE_DAY
    while is_weekend(day) or day in days:
        day += _ONE_DAY
    return day


_MOON = timedelta(days=3)
"""How far from its estimate a feast that follows the moon may fall, by far."""


def replaced(entries: Iterable[CalendarEntry], news: Iterable[CalendarEntry]) -> list[CalendarEntry]:
    """The entries with others in place of what stood on their dates, in order.

    An announced feast drops its estimate, wherever that stood; a weekend day that was declared worked is an
    ordinary one again when it is declared off.
    """
    kept = {entry.date: entry for entry in entries}
    for entry in news:
        before = kept.pop(entry.date, None)
        if entry.kind is DayKind.RELIGIOUS and not entry.estimated:
            for day in [one.date for one in kept.values() if one.estimated]:
                if abs(day - entry.date) <= _MOON:
                    del kept[day]
        is_restored = before is not None and before.is_worked and is_weekend(entry.date)
        if not (is_restored and entry.kind is DayKind.MOVED_DAY_OFF):
            kept[entry.date] = entry
    return sorted(kept.values(), key=lambda entry: entry.date)


def contradictions(entries: Sequence[CalendarEntry], first_year: int, last_year: int) -> Iterator[str]:
    """What cannot be meant: a date twice, one outside of the years, an entry that its weekday says already."""
    yield from _twice(entries)
    for entry in entries:
        if not first_year <= entry.date.year <= last_year:
            yield f"{entry.date} is outside {first_year}-{last_year}"
        if _says_nothing(entry):
            yield f"{entry.date}: a {entry.kind} day says nothing on that weekday"


def _says_nothing(entry: CalendarEntry) -> bool:
    match entry.kind:
        case DayKind.MOVED_DAY_OFF | DayKind.REST:
            return is_weekend(entry.date)
        case DayKind.WORKING:
            return not is_weekend(entry.date)
        case _:
            return False
