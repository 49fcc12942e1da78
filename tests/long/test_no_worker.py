"""What falls due while no worker is there."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from pathlib import Path

import pytest_asyncio

from adapters.host_clock import host_now
from adapters.regulations import load_library
from adapters.settings import Settings
from adapters.temporal.server import Server
from cli.engine import start_worker, until_working
from desk.beginnings import take_ticket
from desk.reconcile import differences
from models.library import Library, install
from models.lifecycle import Channel
from models.messages import Ticket
from tests.conftest import House, house_of
from tests.faults.short_terms import closing_in, write_regulations

AHEAD = 20
"""Seconds: half of it has to be enough for a worker to begin and, where nobody is to be there, to end again."""


@pytest_asyncio.fixture
async def hall(
    tmp_path: Path, server: Server, library: Library, address: str
) -> AsyncGenerator[tuple[House, datetime]]:
    """A provider that opens now and closes in a few seconds: whoever waits there waits until it closes."""
    try:
        opens, closes = closing_in(0), closing_in(AHEAD)
    except ValueError:  # midnight is near: after it there is a whole day
        await asyncio.sleep(AHEAD + 1)
        opens, closes = closing_in(0), closing_in(AHEAD)
    rules = load_library(write_regulations(tmp_path / "regulations", closes, opens=opens))
    install(rules)
    settings = Settings(
        data=tmp_path / "hall",
        database_url=address,
        task_queue=f"hall-{tmp_path.name}",
        regulations=tmp_path / "regulations",
    )
    async with house_of(settings, server, rules) as one:
        yield one, closes
    install(library)


class TestNoWorker:
    """Nobody was there when it fell due."""

    async def test_told_when_a_worker_is_back(self, hall: tuple[House, datetime]) -> None:
        """Each at the instant it fell due, all noticed when the worker came back; the supervisor hears of each."""
        house, closes = hall
        answer, _ = await take_ticket(house.desk, Ticket(channel=Channel.PROVIDER))
        house.engine.worker.process.kill()
        await house.engine.worker.stop()
        assert house.reader.last_fact(answer.application) == 1, "the worker was stopped too late"
        await asyncio.sleep((closes - host_now()).total_seconds() + 1)
        back_at = host_now()
        worker = start_worker(house.settings, house.engine.server)
        try:
            await until_working(worker)
            assert await house.desk.until(lambda: house.reader.last_fact(answer.application) == 5)
        finally:
            await worker.stop()
        [clock] = answer.clocks
        facts = house.reader.facts(answer.application)[1:]
        opened = closes - timedelta(seconds=AHEAD)
        assert [fact.details.get("percent") for fact in facts] == [50, 75, 90, None]
        assert [fact.at for fact in facts] == [
            *(opened + timedelta(seconds=AHEAD) * percent / 100 for percent in (50, 75, 90)),
            clock.due_at,
        ]
        for fact in facts:
            assert datetime.fromisoformat(str(fact.details["noticed_at"])) > back_at
        notices = house.reader.rows(answer.application)["notice"]
        assert [(notice["at"], notice["recipient"]) for notice in notices] == [
            (fact.at, "education-supervisor") for fact in facts
        ]
        found = await differences(house.engine.client, house.reader, house.ring, answer.application)
        assert found == []
