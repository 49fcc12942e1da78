"""The record is away for a minute: people are answered meanwhile, and nothing they were told is lost."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from models.library import Library
from models.lifecycle import Command
from tests.faults.figures import Figures
from tests.faults.postgresql import OwnPostgreSQL, own_postgresql
from tests.faults.premises import Premises, premises
from tests.faults.traffic import Traffic, all_of

_AWAY_SECONDS = 60

Outage = Callable[[], AbstractContextManager[None]]


class TestRecordAway:
    """The process needs no record to answer, and the record catches up by itself."""

    @pytest.mark.timeout(420)
    async def test_for_a_minute(self, tmp_path: Path, library: Library, database: str, figures: Figures) -> None:
        """A PostgreSQL that is cut off, or a SQLite that somebody has locked, gets every fact of that minute."""
        with _own(database, tmp_path / "record.sqlite") as (address, outage):
            async with premises(tmp_path, library, address) as here:
                assert await _live_through(here, outage, database, figures) == []


@contextmanager
def _own(database: str, file: Path) -> Iterator[tuple[str, Outage]]:
    """Where the record is, and how it goes away."""
    if database == "sqlite":
        yield f"sqlite:///{file}", lambda: _locked(file)
        return
    with own_postgresql() as server:
        yield server.address, lambda: _cut_off(server)


async def _live_through(here: Premises, outage: Outage, database: str, figures: Figures) -> list[str]:
    """What was lost, doubled or told otherwise; none if all is well."""
    worker = await here.start_worker()
    traffic = Traffic(here, here.desk(wait=5))
    early, newcomers = traffic.some("before"), traffic.some("during", each=1)
    await all_of(one.reach_review() for one in early)
    async with asyncio.TaskGroup() as coming:
        with outage():
            over = asyncio.create_task(asyncio.sleep(_AWAY_SECONDS))
            for one in newcomers:
                coming.create_task(one.begin())
            await all_of(one.go_on(Command.APPROVE) for one in early)
            assert not over.done(), "nobody was answered before the record was back"
            await over
        took = await traffic.until_on_record()
    traffic.some("after", each=1)
    problems = await traffic.problems()
    assert not worker.has_ended()
    figures.note(
        f"the record away for {_AWAY_SECONDS} s",
        database,
        len(traffic.journeys),
        f"everything on record {took:.1f} s after its return",
    )
    return problems


@contextmanager
def _cut_off(server: OwnPostgreSQL) -> Iterator[None]:
    server.cut_off()
    yield
    server.start()


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    yield
    holder.execute("ROLLBACK")
    holder.close()
