"""The working days of the state, as dated entries: a pure function of the file, never of a library.

`adapters/calendars.py` writes the file from the `holidays` package; an application keeps the version
(by content hash) that it was opened under, so no newer library can change a due date in silence.
"""

from calendar import monthrange
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property

from pydantic import Field, model_validator

from models.data import Data, Line

_SATURDAY = 5
_ONE_DAY = timedelta(days=1)


class UnknownYearError(ValueError):
    """The calendar does not cover this year: nobody may guess its rest days."""


class DayKind(StrEnum):
    """Why a date is not what its weekday says."""

    REST = "rest"
    WORKING = "working"


class CalendarEntry(Data):
    """One date that differs from its weekday: a rest day Monday to Friday, or a working weekend day."""

    date: date
    kind: DayKind
    name: Line


class Calendar(Data):
    """Every exception from Monday-to-Friday in the years it covers."""

    code: Line
    first_year: int = Field(ge=2000, le=2100)
    last_year: int = Field(ge=2000, le=2100)
    basis: Line
    entries: tuple[CalendarEntry, ...]

    @model_validator(mode="after")
    def _no_contradiction(self) -> "Calendar":
        if self.first_year > self.last_year:
            raise ValueError("first_year is after last_year")
        seen: set[date] = set()
        for entry in self.entries:
            if entry.date in seen:
                raise ValueError(f"{entry.date} stands twice")
            if not self.first_year <= entry.date.year <= self.last_year:
                raise ValueError(f"{entry.date} is outside {self.first_year}-{self.last_year}")
            if (entry.date.weekday() >= _SATURDAY) != (entry.kind is DayKind.WORKING):
                raise ValueError(f"{entry.date}: a {entry.kind} day says nothing on that weekday")
            seen.add(entry.date)
        return self

    @cached_property
    def _exceptions(self) -> frozenset[date]:
        return frozenset(entry.date for entry in self.entries)

    def is_working(self, day: date) -> bool:
        """Whether the state works on that day; UnknownYearError for a year not covered."""
        if not self.first_year <= day.year <= self.last_year:
            raise UnknownYearError(f"calendar {self.code} knows {self.first_year}-{self.last_year}, not {day}")
        return (day.weekday() < _SATURDAY) != (day in self._exceptions)

    def roll_forward(self, day: date) -> date:
        """The day itself if it is a working day, else the next working day."""
        while not self.is_working(day):
            day += _ONE_DAY
        return day

    def working_day(self, number: int, start: date, *, start_counts: bool) -> date:
        """The number-th working day from `start`; the start is day one only if it counts and is one."""
        day = self.roll_forward(start if start_counts else start + _ONE_DAY)
        for _ in range(number - 1):
            day = self.roll_forward(day + _ONE_DAY)
        return day


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day where it has no such day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))
