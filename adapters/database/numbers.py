"""Registration numbers: counted on by the year, each given once and for ever."""

import re
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from adapters.database import tables as t
from adapters.database.dialect import insert_or_ignore
from models.data import local_day
from models.errors import JournalConflictError
from models.state import State

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
    year, counted = _parsed(number, pattern)
    counter = t.registration_counter
    insert_or_ignore(connection, counter, [{"year": year, "last": 0}])
    of_the_year = update(counter).where(counter.c.year == year, counter.c.last < counted)
    connection.execute(of_the_year.values(last=counted))


def _parsed(number: str, pattern: str) -> tuple[int, int]:
    """The year and the count of a number, as the regulation file writes one."""
    found = re.fullmatch(_FIELD.sub(r"(?P<\1>\\d+)", re.escape(pattern)), number)
    if found is None:
        raise JournalConflictError(f"{number} is no number of {pattern}")
    return int(found["year"]), int(found["number"])
