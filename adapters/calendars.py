"""Writes the calendar file of Kazakhstan's days off from the `holidays` package.

`make calendar` runs it. The result is committed: a newer package changes nothing until somebody has
looked at the difference and committed it under a new code.
"""

import sys
from collections.abc import Iterator
from datetime import date, timedelta
from importlib.metadata import version

import holidays
import yaml

from models.calendar import Calendar
from models.calendar_entries import CalendarEntry, DayKind
from models.data import Text

CODE = "kz-2026-12"
FIRST_YEAR, LAST_YEAR = 2023, 2035
SETTLED_THROUGH = 2026
"""The last year whose orders on moved days are out."""

_BASIS = f"holidays {version('holidays')}"
_MOVED = Text(kk="Ауыстырылған күн", ru="Перенесённый день", en="Moved day")
_RELIGIOUS = frozenset({"Orthodox Christmas", "Eid al-Adha"})
_RUSSIAN = {
    # The package has no Russian; names as the Law on Holidays has them.
    "New Year's Day": "Новый год",
    "Orthodox Christmas": "Православное Рождество",
    "International Women's Day": "Международный женский день",
    "Nowruz Holiday": "Наурыз мейрамы",
    "Kazakhstan's People Solidarity Holiday": "Праздник единства народа Казахстана",
    "Defender of the Fatherland Day": "День защитника Отечества",
    "Victory Day": "День Победы",
    "Eid al-Adha": "Курбан-айт",
    "Capital Day": "День Столицы",
    "Constitution Day": "День Конституции Республики Казахстан",
    "Republic Day": "День Республики",
    "Independence Day": "День Независимости",
}


def build_calendar(first_year: int = FIRST_YEAR) -> Calendar:
    """Every holiday of the years from the first, and every day that an order has moved."""
    return Calendar(
        code=CODE,
        first_year=first_year,
        last_year=LAST_YEAR,
        basis=f"{_BASIS}, country KZ",
        settled_through=SETTLED_THROUGH,
        entries=tuple(sorted([*_holidays(first_year), *_moved(first_year)], key=lambda entry: entry.date)),
    )


def reaching_back(calendar: Calendar, first_year: int) -> Calendar:
    """The calendar, and before its own years the package's days: for counting what is long over, never a term."""
    if first_year >= calendar.first_year:
        return calendar
    earlier = [entry for entry in build_calendar(first_year).entries if entry.date.year < calendar.first_year]
    told = calendar.model_dump() | {"first_year": first_year, "entries": (*earlier, *calendar.entries)}
    return Calendar.model_validate(told)


def _package(language: str, first_year: int, *, observed: bool) -> holidays.HolidayBase:
    # The language is always given: without it the names depend on the process's locale.
    years = range(first_year, LAST_YEAR + 1)
    return holidays.country_holidays("KZ", years=years, language=language, observed=observed)


def _holidays(first_year: int) -> Iterator[CalendarEntry]:
    """The holidays on their own dates; what a weekend makes of them follows from the kind."""
    english, kazakh = (_package(language, first_year, observed=False) for language in ("en_US", "kk"))
    for day in english:
        # Two may meet on one day: that which is made up for comes first, it decides what a weekend does.
        name = min(english.get_list(day), key=lambda one: _plain(one) in _RELIGIOUS)
        if _plain(name) not in _RUSSIAN:  # a day that was moved: the package counts it among them
            continue
        in_kazakh = next(one for one in kazakh.get_list(day) if _is_religious(one) == (_plain(name) in _RELIGIOUS))
        words = Text(kk=_plain(in_kazakh), ru=_RUSSIAN[_plain(name)], en=_plain(name))
        kind = DayKind.RELIGIOUS if _plain(name) in _RELIGIOUS else DayKind.HOLIDAY
        entry = CalendarEntry(date=day, kind=kind, name=words)
        is_open = name != _plain(name) and day.year > SETTLED_THROUGH
        yield entry.model_copy(update={"estimated": True}) if is_open else entry


def _plain(name: str) -> str:
    """A name without the package's mark of an estimate."""
    return name.removesuffix(" (estimated)").removesuffix(" (бағаланған)")


def _is_religious(in_kazakh: str) -> bool:
    return _plain(in_kazakh) in {"Құрбан айт", "Православиелік Рождество"}


def _moved(first_year: int) -> Iterator[CalendarEntry]:
    """The days on which the package knows it otherwise than the holidays and weekends alone would have it."""
    entries = tuple(_holidays(first_year))
    by_rule = Calendar(code=CODE, first_year=first_year, last_year=LAST_YEAR, basis=_BASIS, entries=entries)
    package = _package("kk", first_year, observed=True)
    day = date(first_year, 1, 1)
    while day.year <= LAST_YEAR:
        works = package.is_working_day(day)
        if works != by_rule.is_working(day):
            kind = DayKind.MOVED_WORKING_DAY if works else DayKind.MOVED_DAY_OFF
            yield CalendarEntry(date=day, kind=kind, name=_MOVED, basis=_BASIS)
        day += timedelta(days=1)


def main() -> None:
    data = build_calendar().model_dump(mode="json", exclude_unset=True)
    yaml.safe_dump(data, sys.stdout, allow_unicode=True, sort_keys=False)


if __name__ == "__main__":
    main()
