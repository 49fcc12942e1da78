"""When things happen in a seeded history: working days with their seasons, and the hours of an office."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from random import Random

from models.calendar import Calendar
from models.data import ALMATY
from models.plan import through
from models.regulation import Office

_BY_MONTH = (0.9, 1.0, 0.95, 1.0, 0.9, 1.05, 0.85, 1.25, 1.35, 1.1, 1.0, 0.75)
"""How many apply in a month against the mean: guardians come before school, few at the turn of the year."""
_BY_WEEKDAY = (1.3, 1.1, 1.0, 0.95, 0.8, 0.5, 0.5)
_GROWTH = 0.06
"""How many more apply each year."""


class Days:
    """The working days of a calendar from one day to another, and some more for what ends later."""

    def __init__(self, calendar: Calendar, first: date, last: date) -> None:
        beyond = min(last + timedelta(days=450), date(calendar.last_year, 12, 31))
        self.worked = [day for day in through(first, beyond) if calendar.is_working(day)]
        self._openings = [day for day in self.worked if day <= last]
        self._weights = list(accumulate(_weight(day, first) for day in self._openings))

    def openings(self, count: int, random: Random) -> list[date]:
        """On which days so many applications come in, in order."""
        return sorted(random.choices(self._openings, cum_weights=self._weights, k=count))

    def after(self, day: date, number: int) -> date:
        """The working day so many after a day; number 0: the day itself, or the next working day."""
        return self.worked[min(bisect_left(self.worked, day) + number, len(self.worked) - 1)]


def _weight(day: date, first: date) -> float:
    years = (day - first).days / 365.25
    return _BY_MONTH[day.month - 1] * _BY_WEEKDAY[day.weekday()] * (1 + _GROWTH) ** years


def within_hours(day: date, office: Office, random: Random) -> datetime:
    """A moment of an office's day, in whole seconds; more in the morning, nobody at lunch."""
    opens, closes, lunch = _hours(office)
    while True:
        at = day_at(day, opens + int((closes - opens) * random.triangular(0.0, 0.98, 0.3)))
        if lunch is None or not lunch[0] <= at.timetz().replace(tzinfo=None) < lunch[1]:
            return at


def any_hour(day: date, random: Random) -> datetime:
    """A moment at which somebody may sit at home before the portal."""
    return day_at(day, int(random.triangular(7 * 3600, 23.5 * 3600, 19 * 3600)))


def day_at(day: date, second: int) -> datetime:
    return datetime.combine(day, time(second // 3600, second // 60 % 60, second % 60), tzinfo=ALMATY)


def _hours(office: Office) -> tuple[int, int, Sequence[time] | None]:
    hours = office.weekdays
    return _seconds(hours.opens), _seconds(hours.closes), hours.lunch


def _seconds(at: time) -> int:
    return at.hour * 3600 + at.minute * 60 + at.second
