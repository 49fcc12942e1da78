"""The working days of the state, as dated entries: a pure function of the file, never of a library.

`adapters/calendars.py` writes the file from the `holidays` package; an application keeps the version
(by content hash) that it was opened under, so no newer library can change a due date in silence.
"""

import hashlib
import json
from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cached_property

from pydantic import Field, model_validator

from models.calendar_entries import (
    WEEKEND,
    WORKING_DAY,
    CalendarEntry,
    Correction,
    Day,
    DayKind,
    contradictions,
    days_of,
    is_weekend,
    replaced,
)
from models.data import Data, Line

_ONE_DAY = timedelta(days=1)


class UnknownYearError(ValueError):
    """The calendar does not cover this year: nobody may guess its rest days."""


class Calendar(Data):
    """Every exception from Monday-to-Friday in the years it covers.

    `settled_through`: the last year whose orders on moved days are out; days after it are not sure.
    """

    code: Line
    first_year: int = Field(ge=2000, le=2100)
    last_year: int = Field(ge=2000, le=2100)
    basis: Line
    settled_through: int | None = Field(default=None, ge=2000, le=2100)
    entries: tuple[CalendarEntry, ...]

    @model_validator(mode="after")
    def _no_contradiction(self) -> "Calendar":
        if self.first_year > self.last_year:
            raise ValueError("first_year is after last_year")
        found = list(contradictions(self.entries, self.first_year, self.last_year))
        if found:
            raise ValueError("; ".join(found))
        return self

    @cached_property
    def _days(self) -> Mapping[date, Day]:
        return days_of(self.entries)

    @cached_property
    def numbered_days(self) -> Mapping[date, int]:
        """Of each day, how many working days there are from the first one through to it."""
        numbers: dict[date, int] = {}
        day, number = date(self.first_year, 1, 1), 0
        while day.year <= self.last_year:
            number += self.is_working(day)
            numbers[day] = number
            day += _ONE_DAY
        return numbers

    @cached_property
    def _unsure(self) -> frozenset[date]:
        """A feast that follows the moon may come a day earlier or later than reckoned."""
        estimated = [entry.date for entry in self.entries if entry.estimated]
        return frozenset(day + _ONE_DAY * off for day in estimated for off in (-1, 0, 1))

    def day(self, day: date) -> Day:
        """What the state does on that day, and why; UnknownYearError for a year not covered."""
        if not self.first_year <= day.year <= self.last_year:
            raise UnknownYearError(f"calendar {self.code} knows {self.first_year}-{self.last_year}, not {day}")
        return self._days.get(day) or (WEEKEND if is_weekend(day) else WORKING_DAY)

    def is_working(self, day: date) -> bool:
        """Whether the state works on that day; UnknownYearError for a year not covered."""
        return self.day(day).is_worked

    def is_sure(self, day: date) -> bool:
        """Whether nobody can still change what this day is: its orders are out, and no feast is estimated."""
        is_settled = self.settled_through is None or day.year <= self.settled_through
        return is_settled and day not in self._unsure

    def working_days(self, after: date, through: date) -> int:
        """How many working days follow one day, through to another; negative if that lies before it."""
        for day in (after, through):
            self.day(day)  # says which years it knows
        return self.numbered_days[through] - self.numbered_days[after]

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

    def corrected(self, correction: Correction) -> "Calendar":
        """This calendar with more entries, each in place of what stood on its date; ValueError if they clash.

        What it says already changes nothing. A feast that is announced takes the place of its estimate.
        """
        known = self.entries
        both = zip(correction.entries, _in_full(correction), strict=True)
        news = [entry for brief, entry in both if brief not in known and entry not in known]
        for entry in news:
            if entry.kind is DayKind.MOVED_WORKING_DAY and self.is_working(entry.date):
                raise ValueError(f"{entry.date}: {entry.kind}, but it is a working day already")
        entries = replaced(self.entries, news)
        settled = correction.settled_through or self.settled_through
        if not news and settled == self.settled_through:
            return self
        told = self.model_dump(mode="json", exclude_unset=True)
        told |= {"entries": [entry.model_dump(mode="json", exclude_unset=True) for entry in entries]}
        told |= {"code": self.code.split("+")[0]} | ({"settled_through": settled} if settled else {})
        # A digest of what it says: the same corrections lead to the same calendar, in whatever steps.
        digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:8]
        return Calendar.model_validate(told | {"code": f"{told['code']}+{digest}"})


def _in_full(correction: Correction) -> list[CalendarEntry]:
    """The entries, each with the basis of the whole file where it has none of its own."""
    basis = {"basis": correction.basis} if correction.basis else {}
    return [entry if entry.basis else entry.model_copy(update=basis) for entry in correction.entries]


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day where it has no such day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))
