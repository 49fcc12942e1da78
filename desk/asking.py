"""Reads what a supervisor asks, from the words of a command line or of an address: one reading for all of them."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from models.calendar import Calendar, UnknownYearError
from models.data import ALMATY, local_day, local_midnight
from models.errors import MalformedError
from models.library import Library
from models.lifecycle import Channel
from models.regulation import Unit
from models.supervision import LIMITS, Sought, Standing

E = TypeVar("E", bound=StrEnum)
D = TypeVar("D", bound=date)

FILTERS = ("clock", "channel", "office", "officer", "from", "to", "state", "as-of")
"""What every question may be narrowed by; `from` and `to` mean the due date."""

_ONE_DAY = timedelta(days=1)
_DAYS = 30
_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_LONGEST = timedelta(days=3660)
_WITHIN = re.compile(r"^([1-9][0-9]{0,2})([dhm])$")
_HOURS = {"h": timedelta(hours=1), "m": timedelta(minutes=1), "d": _ONE_DAY}


def read_sought(words: Mapping[str, str | None], library: Library, now: datetime) -> Sought:
    """What is asked about. MalformedError names the filter and the values that there are."""
    given = {name: value for name, value in words.items() if name in FILTERS and value not in (None, "")}
    as_of = _as_of(given.get("as-of"), now)
    offices = [office.code for one in library.regulations.values() for office in one.offices]
    officers = [officer.code for one in library.regulations.values() for officer in one.officers]
    sought = Sought(
        as_of=as_of,
        clock=_one_of("clock", given.get("clock"), LIMITS),
        channel=_one_of("channel", given.get("channel"), tuple(Channel)),
        office=_code("office", given.get("office"), offices),
        officer=_code("officer", given.get("officer"), officers),
        due_from=_beginning(given.get("from")),
        due_before=_end(given.get("to")),
        state=_one_of("state", given.get("state"), tuple(Standing)) or Standing.ALL,
    )
    if sought.due_from and sought.due_before and sought.due_from >= sought.due_before:
        raise _malformed("from", "lies after --to")
    _need_running(sought, library)
    return sought


def _need_running(sought: Sought, library: Library) -> None:
    """A clock that runs on no such channel can have passed nowhere: whoever asks means something else."""
    if sought.clock is None or sought.channel is None:
        return
    channels = {channel for one in library.regulations.values() for channel in one.clocks[sought.clock].terms}
    if sought.channel not in channels:
        there = ", ".join(sorted(channels))
        raise _malformed(
            "clock", f"{sought.clock} does not run on the channel {sought.channel}; it runs on {there}"
        )


def one_of(name: str, value: str, allowed: Iterable[E]) -> E:
    """The value of this name. MalformedError names those that there are."""
    for one in allowed:
        if one == value:
            return one
    raise _malformed(name, f"there is no {value!r}; there is {', '.join(allowed)}")


def _one_of(name: str, value: str | None, allowed: tuple[E, ...]) -> E | None:
    return None if value is None else one_of(name, value, allowed)


def _code(name: str, value: str | None, allowed: Iterable[str]) -> str | None:
    known = sorted(set(allowed))
    if value is not None and value not in known:
        raise _malformed(name, f"there is no {value!r}; there is {', '.join(known)}")
    return value


def read_within(value: str, as_of: datetime, calendar: Calendar) -> dict[Unit, datetime]:
    """Until when something is due `within` 2d, 4h or 30m, by the unit of its clock.

    Days are working days for a clock in working days, and end with the last of them; for any other 24 hours.
    """
    found = _WITHIN.match(value)
    if found is None:
        raise _malformed("within", "is a number of days, hours or minutes, as in 2d, 4h, 30m")
    number, unit = int(found[1]), found[2]
    on_the_wall = as_of + number * _HOURS[unit]
    if unit != "d":
        return dict.fromkeys((Unit.MINUTES, Unit.WORKING_DAYS), on_the_wall)
    try:
        last = calendar.working_day(number, local_day(as_of), start_counts=False)
    except UnknownYearError as error:
        raise _malformed("within", str(error)) from error
    return {Unit.MINUTES: on_the_wall, Unit.WORKING_DAYS: local_midnight(last + _ONE_DAY)}


def read_near(within: str | None, sought: Sought, calendar: Calendar) -> dict[Unit, datetime]:
    """Until when something is due that is about to pass: `within`, or else the due instants asked for."""
    if within:
        return read_within(within, sought.as_of, calendar)
    if sought.due_from is None and sought.due_before is None:
        raise _malformed("within", "is missing; give it, as in 2d, 4h, 30m, or say by from and to when it is due")
    end = sought.due_before or local_midnight(date(_LAST_YEAR, 1, 1))
    return dict.fromkeys((Unit.MINUTES, Unit.WORKING_DAYS), end)


def read_limit(value: str | None, most: int) -> int | None:
    """How many rows at the most, from 1 to `most`; None where nobody says."""
    if value is None or value == "":
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= len(str(most)) and 1 <= int(value) <= most):
        raise _malformed("limit", f"is a whole number from 1 to {most}")
    return int(value)


def read_days(since: str | None, until: str | None, as_of: datetime) -> tuple[date, date]:
    """The first and the last day of a history; by default the last thirty days up to `as_of`."""
    today = local_day(as_of)
    last = min(read_day("to", until), today) if until else today
    first = read_day("from", since) if since else last - timedelta(days=_DAYS - 1)
    if first > last:
        raise _malformed("from", "lies after the last day")
    if last - first > _LONGEST:
        raise _malformed("from", f"lies more than {_LONGEST.days} days before the last day; ask for a part of it")
    return first, last


def read_day(name: str, value: str) -> date:
    try:
        return _in_our_time(name, date.fromisoformat(value))
    except ValueError:
        raise _malformed(name, "is a date, as in 2026-03-06") from None


def _in_our_time(name: str, day: D) -> D:
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise _malformed(name, f"lies outside {_FIRST_YEAR}-{_LAST_YEAR}")
    return day


def _beginning(value: str | None) -> datetime | None:
    if value is None:
        return None
    return local_midnight(read_day("from", value)) if _is_day(value) else _instant("from", value)


def _end(value: str | None) -> datetime | None:
    """The last day is included; of an instant everything before it is."""
    if value is None:
        return None
    return local_midnight(read_day("to", value) + _ONE_DAY) if _is_day(value) else _instant("to", value)


def _as_of(value: str | None, now: datetime) -> datetime:
    """An instant, or a day as it stood at its end; of today, as it stands now."""
    if value is None:
        return now
    at = local_midnight(read_day("as-of", value)) if _is_day(value) else _instant("as-of", value)
    if at > now:
        raise _malformed("as-of", "lies ahead; nobody knows yet how things stand then")
    return min(at + _ONE_DAY, now) if _is_day(value) else at


def _is_day(value: str) -> bool:
    return len(value) <= len("2026-03-06")


def _instant(name: str, value: str) -> datetime:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise _malformed(name, "is a date or a time, as in 2026-03-06 or 2026-03-06T10:00:00+05:00") from None
    return _in_our_time(name, at if at.tzinfo else at.replace(tzinfo=ALMATY))


def _malformed(name: str, reason: str) -> MalformedError:
    return MalformedError(f"--{name}: {reason}", [(name, reason)])
