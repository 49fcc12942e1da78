"""No fact is made in a task without a command: the SDK may merge such a task with the next one in a replay.

The fact would then get another instant than the record has (docs/decisions/0020-no-fact-in-an-empty-task.md).
"""

import asyncio
import threading
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import pytest
import pytest_asyncio

import worker as program
from adapters.database.records import SqlApplicationRecords
from demo.visit import Visit
from desk.desk import Desk
from desk.officer import Officer
from desk.reconcile import differences
from models.lifecycle import Channel, Command
from models.messages import MESSAGES
from models.state import Entry
from tests.conftest import House, strangers
from tests.empty_tasks import made_in_empty_tasks
from workflows.application import ApplicationWorkflow

ACCEPTED, VERIFIED = 3, 4
"""The numbers of two facts at a counter."""


class HeldRecords(SqlApplicationRecords):
    """Writes that an application is accepted when it is let go."""

    go: threading.Event

    def record(self, entry: Entry) -> int:
        if entry.state.last_fact == ACCEPTED:
            assert self.go.wait(60)
        return super().record(entry)


@dataclass(frozen=True)
class Held:
    """A desk whose worker has a record that waits for us."""

    desk: Desk
    records: HeldRecords


@pytest_asyncio.fixture
async def held(house: House) -> AsyncGenerator[Held]:
    client, queue = house.engine.client, f"held-{house.settings.task_queue}"
    records = HeldRecords(house.record, house.ring)
    records.go = threading.Event()
    desk = Desk(client, house.reader, house.desk.library, house.ring, task_queue=queue, wait_seconds=20)
    async with program.make_worker(client, house.settings.model_copy(update={"task_queue": queue}), records):
        yield Held(desk, records)
        records.go.set()


class TestSlowRecord:
    """The process goes on by itself while the record is still busy with what it did before."""

    @pytest.mark.parametrize("channel", [Channel.STATE_CORPORATION, Channel.PROVIDER])
    async def test_verified_meanwhile(self, house: House, held: Held, channel: Channel) -> None:
        """The task that verifies brings a command, though there is nobody yet to write its fact."""
        visit = await Visit.open(held.desk, channel, strangers())
        await visit.do(Command.CALL, visit.clerk)
        package = MESSAGES[Command.ACCEPT].model_validate(visit.example(Command.ACCEPT))
        await held.desk.give(visit.application, Command.ACCEPT, Officer(visit.clerk), package)
        handle = house.engine.client.get_workflow_handle(visit.application)
        async with asyncio.timeout(20):
            while len(facts := await handle.query(ApplicationWorkflow.facts)) < VERIFIED:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        assert house.reader.last_fact(visit.application) < ACCEPTED, "the record was not held; nothing was tried"
        assert made_in_empty_tasks(await handle.fetch_history(), facts) == []
        held.records.go.set()
        assert await held.desk.until(lambda: house.reader.last_fact(visit.application) == VERIFIED)
        assert await differences(house.engine.client, house.reader, house.ring, visit.application) == []
        await visit.withdraw()
