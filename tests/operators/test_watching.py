"""The watcher of the worker: what is ended from outside is told at once, once for each run, and counted."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import delete, select

from adapters.database import tables as t
from adapters.database.duties import SqlDuties
from adapters.database.engine import writing
from demo.visit import Visit
from desk.troubles import Trouble
from desk.watching import OUTSIDE, Watcher, watch_until
from models.lifecycle import Channel, Command
from tests.command_line import run_program
from tests.conftest import House, strangers
from tests.operators.test_stuck import at_last, reset


@pytest_asyncio.fixture
async def watcher(house: House) -> AsyncIterator[Watcher]:
    """One that has taken the duty away from the worker of the house."""
    taken = Watcher(house.desk, SqlDuties(house.record))
    while taken.stuck_counts() == {}:
        with writing(house.record) as connection:
            connection.execute(delete(t.duty).where(t.duty.c.name == "watching"))
        await taken.look()
    yield taken
    taken.give_back()


@pytest_asyncio.fixture
async def visit(house: House, watcher: Watcher) -> AsyncIterator[Visit]:
    yield await Visit.open(house.desk, Channel.STATE_CORPORATION, strangers())


def told(caplog: pytest.LogCaptureFixture, visit: Visit) -> list[logging.LogRecord]:
    """What was logged of an application; the id is a field of its own beside the words."""
    mine = [one for one in caplog.records if getattr(one, "application", None) == visit.application]
    return [one for one in mine if one.levelno == logging.ERROR]


class TestTelling:
    """In the log, in `access`, and in the counts."""

    async def test_once_for_each_run(
        self, house: House, watcher: Watcher, visit: Visit, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A terminated run is told once, though workers begin anew; the next run of it is told again."""
        handle = house.engine.client.get_workflow_handle(visit.application)
        runs: list[str] = []
        for _ in range(2):
            await handle.terminate("by mistake")
            [stuck] = await at_last(house, visit.application)
            runs.append(stuck.run)
            await watcher.look()
            assert watcher.stuck_counts()[Trouble.ENDED] >= 1
            watcher.give_back()
            watcher = Watcher(house.desk, SqlDuties(house.record))  # as another worker
            await watcher.look()
            ran = await run_program("revive", visit.application, environment=house.environment)
            assert ran.code == 0, ran.err
            await at_last(house, visit.application, lambda found: not found)
        lines = [one.getMessage() for one in told(caplog, visit)]
        assert len(lines) == 2
        assert "its execution was terminated from outside; `starter.py revive" in lines[0]
        noted = [
            (who, run) for who, what, run in house.reader.accesses(visit.application) if what == Trouble.ENDED
        ]
        assert noted == [(OUTSIDE, run) for run in runs]
        watcher.give_back()

    async def test_reset(
        self, house: House, watcher: Watcher, visit: Visit, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A reset that parts from the record is told like an end."""
        await visit.do(Command.CALL, visit.clerk)
        await reset(house, visit.application, 0)
        await at_last(house, visit.application)
        await watcher.look()
        assert {one.trouble for one in told(caplog, visit)} == {"reset"}  # type: ignore[attr-defined]

    async def test_mended(
        self, house: House, watcher: Watcher, visit: Visit, caplog: pytest.LogCaptureFixture
    ) -> None:
        """What goes on again is said once, and counts no more."""
        caplog.set_level(logging.INFO, "tirek.watching")
        handle = house.engine.client.get_workflow_handle(visit.application)
        await handle.terminate("by mistake")
        await at_last(house, visit.application)
        await watcher.look()
        before = watcher.stuck_counts()[Trouble.ENDED]
        await run_program("revive", visit.application, environment=house.environment)
        await at_last(house, visit.application, lambda found: not found)
        await watcher.look()
        assert watcher.stuck_counts()[Trouble.ENDED] == before - 1
        assert f"{visit.application} is not stuck any more" in caplog.messages


class TestDuty:
    """Of several workers one watches at a time."""

    async def test_one_at_a_time(self, house: House, watcher: Watcher) -> None:
        """While one has the duty, another one looks at nothing and counts nothing; given back, it is free."""
        other = Watcher(house.desk, SqlDuties(house.record))
        await other.look()
        assert other.stuck_counts() == {}
        watcher.give_back()
        await other.look()
        assert set(other.stuck_counts()) == set(Trouble)
        other.give_back()

    async def test_gives_back_at_the_end(self, house: House, watcher: Watcher) -> None:
        """A worker that stops leaves the duty to the next one at once."""
        watcher.give_back()
        stop = asyncio.Event()
        watching = asyncio.create_task(watch_until(stop, Watcher(house.desk, SqlDuties(house.record))))
        held = select(t.duty.c.holder).where(t.duty.c.name == "watching")
        async with asyncio.timeout(10):
            while not _holders(house, held):  # noqa: ASYNC110 - the record is a database, it sends no events
                await asyncio.sleep(0.05)
        stop.set()
        await watching
        other = Watcher(house.desk, SqlDuties(house.record))
        await other.look()
        assert other.stuck_counts() != {}
        other.give_back()


def _holders(house: House, held: object) -> list[str]:
    with house.record.connect() as connection:
        return list(connection.execute(held).scalars())  # type: ignore[call-overload]
