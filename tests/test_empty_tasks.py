"""No fact is made in a task without a command: the SDK may merge such a task with the next one in a replay.

The fact would then get another instant than the record has (docs/decisions/0020-no-fact-in-an-empty-task.md).
"""

import asyncio
import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date

import pytest
import pytest_asyncio

import worker as program
from adapters.database.records import SqlApplicationRecords
from adapters.registers.stand_in import StandInRegisters
from demo.visit import Visit
from desk.desk import Desk
from desk.officer import Officer
from desk.reconcile import differences
from models.lifecycle import Channel, Command, Stage
from models.messages import MESSAGES
from models.ports import RegisterUnavailableError, StateRegisters
from models.registers import Asking, BirthRecord, PersonEntry
from models.state import Entry
from tests.conftest import House, make_desk, strangers
from tests.empty_tasks import instants_of_empty_tasks, made_in_empty_tasks
from tests.signing import verifier
from workflows.application import ApplicationWorkflow

ACCEPTED, VERIFIED = 3, 4
"""The numbers of two facts at a counter."""


class HeldRecords(SqlApplicationRecords):
    """Writes that an application is accepted when it is let go."""

    def __init__(self, house: House) -> None:
        super().__init__(house.record, house.ring)
        self.go = threading.Event()

    def record(self, entry: Entry) -> int:
        if entry.state.last_fact == ACCEPTED:
            assert self.go.wait(60)
        return super().record(entry)


class Hesitant(StandInRegisters):
    """Answers of a person when it is asked for the second time, and of a birth when it is let go."""

    asked, is_silent = 0, True

    async def find_person(self, iin: str, asking: Asking) -> PersonEntry | None:
        self.asked += 1
        if self.asked == 1:
            raise RegisterUnavailableError("silent", "not yet")
        return await super().find_person(iin, asking)

    async def find_birth(self, iin: str, asking: Asking) -> BirthRecord | None:
        if self.is_silent:
            raise RegisterUnavailableError("silent", "not yet")
        return await super().find_birth(iin, asking)


@dataclass(frozen=True)
class Held:
    """A desk whose worker has a record that waits for us."""

    desk: Desk
    records: HeldRecords


@asynccontextmanager
async def worker_of_our_own(
    house: House, records: SqlApplicationRecords, registers: StateRegisters
) -> AsyncGenerator[Desk]:
    """A worker in this process, on a queue of its own, and a desk in front of it."""
    client = house.engine.client
    settings = house.settings.model_copy(update={"task_queue": f"own-{house.settings.task_queue}"})
    async with (
        program.make_asker(client, settings, registers),
        program.make_worker(client, settings, records, verifier()),
    ):
        yield make_desk(settings, house.ring, client, house.desk.library, house.record)


@pytest_asyncio.fixture
async def held(house: House) -> AsyncGenerator[Held]:
    records = HeldRecords(house)
    async with worker_of_our_own(house, records, StandInRegisters(house.reader.exchanges)) as desk:
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


class TestSlowRegister:
    """One register answers while another one is still silent."""

    async def test_answered_meanwhile(self, house: House) -> None:
        """The instant of its answer is kept, so the task in which it came brings a command."""
        registers = Hesitant(house.reader.exchanges)
        async with worker_of_our_own(house, SqlApplicationRecords(house.record, house.ring), registers) as desk:
            visit = await Visit.open(desk, Channel.PROVIDER, strangers())
            await visit.do(Command.CALL, visit.clerk)
            await visit.do(Command.ACCEPT, visit.clerk, visit.example(Command.ACCEPT, born=date(2015, 5, 5)))
            handle = house.engine.client.get_workflow_handle(visit.application)
            async with asyncio.timeout(20):
                while "person" not in await (await handle.describe()).memo():  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
            registers.is_silent = False
            assert await desk.until(lambda: visit.stage() is Stage.UNDER_REVIEW)
            person, birth = (await handle.query(ApplicationWorkflow.state)).checks
            assert person.answered_at is not None
            assert birth.answered_at is not None
            assert person.answered_at < birth.answered_at
            assert not {person.answered_at, birth.answered_at} & instants_of_empty_tasks(
                await handle.fetch_history()
            )
            assert await differences(house.engine.client, house.reader, house.ring, visit.application) == []
            await visit.withdraw()
