"""Registration numbers: counted on by the year, each given once and for ever."""

import re
from datetime import datetime

from sqlalchemy import Connection, Engine, insert, select, update

from adapters.database import tables as t
from adapters.database.dialect import insert_or_ignore
from adapters.database.engine import writing
from adapters.host_clock import host_today
from models.data import local_day
from models.errors import JournalConflictError, MalformedError
from models.state import State

_MOST_AHEAD = 10_000
_FIELD = re.compile(r"\\\{(year|number)(?::[^}]*)?\\\}")


def number_of(connection: Connection, application: str) -> str | None:
    """The number that an application has been given."""
    query = select(t.registration.c.number).where(t.registration.c.application == application)
    return connection.execute(query).scalar()


def next_number(connection: Connection, application: str, at: datetime, pattern: str) -> str:
    """Count on, one caller after the other: the counter's row is locked before anybody looks again."""
    year, counter = local_day(at).year, t.registration_counter
    insert_or_ignore(connection, counter, [{"year": year, "last": 0}])
    of_the_year = counter.c.year == year
    last = connection.execute(select(counter.c.last).where(of_the_year).with_for_update()).scalar_one() + 1
    known = number_of(connection, application)
    if known is not None:
        return known
    number = pattern.format(year=year, number=last)
    connection.execute(update(counter).where(of_the_year).values(last=last))
    connection.execute(insert(t.registration), [{"application": application, "number": number}])
    return number


def restore_number(connection: Connection, state: State, pattern: str) -> None:
    """Give an application the number again that its history says, and count on from there.

    JournalConflictError where it has another one on record, or another application has got it by now.
    """
    application, number = state.opening.application, state.registration_number
    if number is None or state.opening.recall_of is not None:
        return
    insert_or_ignore(connection, t.registration, [{"application": application, "number": number}])
    if number_of(connection, application) != number:
        raise JournalConflictError(f"{application}: its number {number} belongs to another application by now")
    found = _parsed(number, pattern)
    if found is None:
        raise JournalConflictError(f"{number} is no number of {pattern}")
    _count_on(connection, *found)


def last_numbers(engine: Engine) -> dict[int, int]:
    """The last number that was given, by year."""
    counter = t.registration_counter.c
    with engine.connect() as connection:
        rows = connection.execute(select(counter.year, counter.last).order_by(counter.year))
        return {row.year: row.last for row in rows}


def count_on_after(engine: Engine, number: str, pattern: str) -> None:
    """From now on numbers come after this one, which families may hold though the record has lost it.

    It never counts back. MalformedError for what is no number, and for one so far ahead that it must be misspelt:
    nothing takes a jump back.
    """
    found = _parsed(number, pattern)
    if found is None:
        reason = f"it is no registration number, as in {pattern.format(year=2026, number=123)}"
        raise MalformedError(f"{number}: {reason}", [("--after", reason)])
    year, counted = found
    with writing(engine) as connection:
        ahead = counted - _count_on(connection, year, 0)
        reason = _slip(year, ahead)
        if reason is not None:
            raise MalformedError(f"{number}: {reason}", [("--after", reason)])
        _count_on(connection, year, counted)


def _slip(year: int, ahead: int) -> str | None:
    """Why a number is taken for a misspelt one: its year has not come, or it is too far ahead."""
    if year > host_today().year:
        return f"nothing has been given in {year} yet"
    if ahead > _MOST_AHEAD:
        return (
            f"it is {ahead} ahead of the last number of {year}; more than {_MOST_AHEAD} is taken for a slip. "
            "If it is none, count on to a number on the way first"
        )
    return None


def _count_on(connection: Connection, year: int, counted: int) -> int:
    """Let the next number of the year come after this count, if that is ahead; the count that holds then."""
    counter = t.registration_counter
    insert_or_ignore(connection, counter, [{"year": year, "last": 0}])
    of_the_year = counter.c.year == year
    last = connection.execute(select(counter.c.last).where(of_the_year).with_for_update()).scalar_one()
    if counted > last:
        connection.execute(update(counter).where(of_the_year).values(last=counted))
    return max(counted, last)


def _parsed(number: str, pattern: str) -> tuple[int, int] | None:
    """The year and the count of a number, as the regulation file writes one."""
    found = re.fullmatch(_FIELD.sub(r"(?P<\1>[0-9]{1,9})", re.escape(pattern)), number)
    return (int(found["year"]), int(found["number"])) if found else None
