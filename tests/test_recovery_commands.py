"""The commands of the day after: `reconcile --repair` and `revive --all`, over a record and a queue of their own."""

import asyncio
import secrets
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest

from adapters.settings import Settings
from adapters.temporal.server import Server
from demo.visit import Visit
from desk.reconcile import history_of
from models.library import Library
from models.lifecycle import Channel, Command, Stage
from models.state import Entry
from tests.command_line import Ran, run_program
from tests.conftest import House, house_of, strangers
from tests.lost_rows import put_back, rows_of

SC, PROVIDER = Channel.STATE_CORPORATION, Channel.PROVIDER


@pytest.fixture
async def alone(server: Server, library: Library, address: str, tmp_path: Path) -> AsyncGenerator[House]:
    """A house that shares neither its record nor its queue."""
    settings = Settings(data=tmp_path, database_url=address, task_queue=f"alone-{secrets.token_hex(4)}")
    async with house_of(settings, server, library) as house:
        yield house


async def some(house: House) -> list[Visit]:
    """One that waits, one under review, one that has ended."""
    visits = [await Visit.open(house.desk, channel, strangers()) for channel in (SC, PROVIDER, SC)]
    await visits[1].be_accepted()
    await visits[2].do(Command.LEAVE, visits[2].clerk)
    await house.desk.until(lambda: visits[2].stage() is Stage.LEFT)
    return visits


async def run(house: House, *arguments: str) -> Ran:
    return await run_program(*arguments, "--json", environment=house.environment)


def told(house: House, visits: list[Visit]) -> list[Entry | None]:
    return [house.reader.entry(visit.application) for visit in visits]


async def lose(house: House, execution: str) -> None:
    """What is left of an execution when the server's database is lost: nothing."""
    client = house.engine.client
    await client.workflow_service.delete_workflow_execution(
        DeleteWorkflowExecutionRequest(
            namespace=client.namespace, workflow_execution=WorkflowExecution(workflow_id=execution)
        ),
        retry=True,
    )
    async with asyncio.timeout(20):
        while await history_of(client, execution) is not None:
            await asyncio.sleep(0.1)


class TestRepair:
    """`reconcile --repair`."""

    async def test_record_of_yesterday(self, alone: House) -> None:
        """1 while it differs, 0 once repaired with what was done, and 0 with nothing to do."""
        visits = await some(alone)
        before = told(alone, visits)
        then = rows_of(alone.record, visits[0].application)
        for visit in visits[1:]:
            put_back(alone.record, visit.application, [])
        put_back(alone.record, visits[0].application, then)
        plain, repaired, again = [
            await run(alone, *command)
            for command in (("reconcile",), ("reconcile", "--repair"), ("reconcile", "--repair"))
        ]
        assert (plain.code, repaired.code, again.code) == (1, 0, 0)
        assert {one["execution"] for one in repaired.json["repaired"]} == {v.application for v in visits[1:]}
        assert repaired.json["differences"] == again.json["repaired"] == []
        assert told(alone, visits) == before


class TestReviveAll:
    """`revive --all`."""

    async def test_server_that_lost_everything(self, alone: House) -> None:
        """Whatever is open on record goes on, the rest is left alone; the second time nothing is to be done."""
        visits = await some(alone)
        before = told(alone, visits)
        for visit in visits:
            await lose(alone, visit.application)
        done, again = await run(alone, "revive", "--all"), await run(alone, "revive", "--all")
        assert (done.code, again.code) == (0, 0)
        revived = {one["execution"]: one["stage"] for one in done.json["revived"]}
        assert revived == {visits[0].application: "queued", visits[1].application: "under_review"}
        assert again.json == {"revived": [], "failed": []}
        assert told(alone, visits) == before
        await visits[0].do(Command.CALL, visits[0].clerk)
        await visits[1].be_decided()
        assert visits[1].stage() is Stage.READY

    async def test_without_a_server(self, alone: House) -> None:
        """4, and nothing is half done."""
        environment = {**alone.environment, "TEMPORAL_ADDRESS": "127.0.0.1:1", "TIREK_WAIT_SECONDS": "1"}
        ran = await run_program("revive", "--all", "--json", environment=environment)
        assert (ran.code, ran.json["error"]["code"]) == (4, "unavailable")
