"""Each kind of work has a queue of its own, and processes of its own where somebody wants them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from temporalio.client import Client

import worker as program
from adapters.database.records import SqlApplicationRecords
from adapters.registers.stand_in import StandInRegisters
from demo.visit import Visit
from desk.beginnings import submit
from desk.identity import submission_id
from models.lifecycle import Channel, Command, Stage
from models.messages import Submit
from operations.queues import Kind
from tests.command_line import start_program
from tests.conftest import House, make_desk, strangers
from tests.signing import verifier


async def queues_of(client: Client, application: str) -> dict[str, str]:
    """Where each activity of an application was asked for."""
    found: dict[str, str] = {}
    async for event in client.get_workflow_handle(application).fetch_history_events():
        scheduled = event.activity_task_scheduled_event_attributes
        if scheduled.activity_type.name:
            found[scheduled.activity_type.name] = scheduled.task_queue.name
    return found


@asynccontextmanager
async def working_on(house: House, queue: str, *kinds: Kind) -> AsyncGenerator[None]:
    """A worker program that does these kinds of work only."""
    environment = {**house.environment, "TIREK_TASK_QUEUE": queue}
    process = await start_program("--queues", ",".join(kinds), environment=environment, program="worker.py")
    assert process.stderr is not None
    said = b""
    try:
        while b"working on task queue" not in said:
            line = await process.stderr.readline()
            assert line, said.decode()
            said += line
        yield
    finally:
        process.terminate()
        await process.communicate()
    assert process.returncode == 0


class TestKinds:
    """Processes that share the work."""

    async def test_each_by_its_own(self, house: House) -> None:
        """A request waits for whoever checks signatures, and goes on when there is somebody."""
        queue = f"split-{house.settings.task_queue}"
        client, settings = house.engine.client, house.settings.model_copy(update={"task_queue": queue})
        desk = make_desk(settings, house.ring, client, house.desk.library, house.record)
        visit = Visit(desk, Channel.PORTAL, submission_id(house.ring, desk.prefix, "split"), strangers())
        begins = Submit.model_validate(visit.example(Command.SUBMIT))
        async with working_on(house, queue, Kind.PROCESS, Kind.REGISTERS):
            asking = asyncio.create_task(submit(desk, begins, "split"))
            assert await desk.until(lambda: visit.stage() is Stage.SUBMITTED)
            await asyncio.sleep(1)
            assert visit.stage() is Stage.SUBMITTED
            async with working_on(house, queue, Kind.DOCUMENTS):
                await asking
                assert await desk.until(lambda: visit.stage() is Stage.UNDER_REVIEW)
                asked = await queues_of(client, visit.application)
                await visit.withdraw()
        assert asked == {
            "record": queue,
            "register_application": queue,
            "verify_signature": f"{queue}-documents",
            "ask_registers": f"{queue}-registers",
        }

    def test_what_an_older_version_asked_for(self, house: House) -> None:
        """It asked for the check on the process queue: whoever polls there can still do it."""
        client, settings = house.engine.client, house.settings
        records = SqlApplicationRecords(house.record, house.ring)
        there = program.make_worker(client, settings, records, verifier()).config(active_config=True)
        here = program.make_checker(client, settings, verifier()).config(active_config=True)
        asker = program.make_asker(client, settings, StandInRegisters(house.reader.exchanges))
        assert "verify_signature" in {one.__name__ for one in there["activities"]}
        assert {one.__name__ for one in here["activities"]} == {"verify_signature"}
        assert "workflows" not in here or not here["workflows"]
        assert asker.config(active_config=True)["task_queue"] == f"{settings.task_queue}-registers"
