"""Writes the calendar file of Kazakhstan's working days from the `holidays` package.

`make calendar` runs it. The result is committed: a newer package changes nothing until somebody has
looked at the difference and committed it under a new code.
"""

import sys
from datetime import date, timedelta
from importlib.metadata import version

import holidays
import yaml

from models.calendar import Calendar, CalendarEntry, DayKind

_SATURDAY = 5
CODE = "kz-2026-11"
FIRST_YEAR, LAST_YEAR = 2023, 2035


def build_calendar() -> Calendar:
    """Every day of the covered years on which the state does not do what the weekday says."""
    # The language is always given: without it the names depend on the process's locale.
    days = holidays.country_holidays("KZ", years=range(FIRST_YEAR, LAST_YEAR + 1), language="kk")
    entries: list[CalendarEntry] = []
    day = date(FIRST_YEAR, 1, 1)
    while day.year <= LAST_YEAR:
        is_weekend = day.weekday() >= _SATURDAY
        if days.is_working_day(day) == is_weekend:
            kind = DayKind.WORKING if is_weekend else DayKind.REST
            name = days.get(day) or ("Жұмыс күні" if is_weekend else "Демалыс күні")
            entries.append(CalendarEntry(date=day, kind=kind, name=name))
        day += timedelta(days=1)
    return Calendar(
        code=CODE,
        first_year=FIRST_YEAR,
        last_year=LAST_YEAR,
        basis=f"holidays {version('holidays')}, country KZ",
        entries=tuple(entries),
    )


def main() -> None:
    data = build_calendar().model_dump(mode="json")
    yaml.safe_dump(data, sys.stdout, allow_unicode=True, sort_keys=False)


if __name__ == "__main__":
    main()
