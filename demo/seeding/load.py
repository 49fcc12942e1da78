"""Loads a seeded history into a record: all of it in one transaction, or nothing."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from random import Random

from sqlalchemy import Engine, select

from adapters.calendars import build_calendar
from adapters.database import tables as t
from adapters.database.bulk import BulkLoad, bulk_load
from demo.seeding.days import Days
from demo.seeding.journal import Row
from demo.seeding.life import Telling
from demo.seeding.lives import ID, Numbers, Town, lives
from desk.keeping import Keeping
from models.data import local_day
from models.errors import RefusedError
from models.library import Library, Rules
from models.refusals import Refusal

Say = Callable[[int], None]

_BATCH = 5_000
_MONTHS = 12
_TABLES = (t.application, t.registration, t.clock, t.fact, t.holding, t.decision)


@dataclass(frozen=True)
class Wanted:
    """So many applications in so many years up to an instant; the same seed, the same history."""

    applications: int
    years: int
    seed: int
    until: datetime


def seed(engine: Engine, library: Library, wanted: Wanted, say: Say) -> int:
    """Write a history into an empty record, or nothing; returns how many rows. RefusedError.

    `say` is told how many applications are written.
    """
    _need_empty(engine)
    keys = library.current(local_day(wanted.until))
    town = _town(library, wanted)
    numbers = Numbers()
    openings = town.days.openings(wanted.applications, town.random)
    telling = (Telling(life, wanted.until, town.rules.calendar) for life in lives(town, openings, numbers))
    begun = (one.rows(*keys) for one in telling if one.has_begun)
    written = 0
    with bulk_load(engine, [*_TABLES, t.registration_counter]) as load:
        for number, batch in enumerate(_batches(begun), start=1):
            written += _write(load, batch)
            say(min(number * _BATCH, wanted.applications))
        load.write(t.registration_counter, [{"year": year, "last": last} for year, last in numbers.items()])
    keeping = Keeping(engine, library)
    while keeping.keep(_MONTHS):
        say(wanted.applications)
    return written


def _need_empty(engine: Engine) -> None:
    """A seeded history must never stand beside real applications, nor twice in one record."""
    with engine.connect() as connection:
        found = connection.execute(select(t.application.c.id).limit(1)).scalar()
    if found is None:
        return
    what = "is seeded already" if found.startswith(f"{ID}-") else "holds real applications"
    reason = f"the record {what}; give an empty one, by TIREK_DATABASE_URL or TIREK_DATA"
    raise RefusedError([Refusal(code="record-not-empty", reason=reason)])


def _town(library: Library, wanted: Wanted) -> Town:
    rules = library.rules(*library.current(local_day(wanted.until)))
    last = local_day(wanted.until)
    first = _years_before(last, wanted.years)
    if first.year < rules.calendar.first_year:  # nothing was ever counted by it there: the package's days do
        rules = Rules(rules.regulation, build_calendar(first.year))
    return Town(rules, Days(rules.calendar, first, last), Random(wanted.seed))  # noqa: S311 - no secret


def _years_before(day: date, years: int) -> date:
    return date(day.year - years, day.month, 1) + timedelta(days=day.day - 1)


def _batches(told: Iterator[dict[str, list[Row]]]) -> Iterator[dict[str, list[Row]]]:
    """The rows of many applications, by table."""
    while several := list(islice(told, _BATCH)):
        merged: dict[str, list[Row]] = defaultdict(list)
        for rows in several:
            for table, of_it in rows.items():
                merged[table].extend(of_it)
        yield merged


def _write(load: BulkLoad, batch: dict[str, list[Row]]) -> int:
    for table in _TABLES:
        load.write(table, batch[table.name])
    return sum(len(rows) for rows in batch.values())
