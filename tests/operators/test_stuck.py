"""`starter.py stuck` on a real server: each way of not going on is found, with its reason and what to do."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio
from sqlalchemy import Engine, delete, insert, select, update
from temporalio import workflow
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import (
    DeleteWorkflowExecutionRequest,
    PauseActivityRequest,
    PauseWorkflowExecutionRequest,
    ResetWorkflowExecutionRequest,
    UnpauseActivityRequest,
)
from temporalio.client import Client
from temporalio.worker import Worker

from adapters.database import tables as t
from adapters.database.engine import writing
from adapters.database.reader import RecordReader
from adapters.database.records import SqlApplicationRecords
from adapters.host_clock import host_now
from adapters.keys import KeyRing
from adapters.temporal.plugin import data_converter
from adapters.temporal.server import Place, free_port, running_server
from demo.visit import Visit
from desk.desk import Desk
from desk.officer import Officer
from desk.recalling import give_command
from desk.stuck import Finder
from desk.troubles import Stuck, Trouble
from models.library import Library
from models.lifecycle import Channel, Command, Stage
from models.messages import Nothing
from tests.command_line import run_program
from tests.conftest import House, strangers
from tests.outside import reviver_of
from tests.proceedings import AT_COUNTER, life
from tests.test_process import impatient
from tests.unknown_rules import start_under_unknown_rules
from workflows import operators

SC = Channel.STATE_CORPORATION
AT_ONCE = timedelta(seconds=1)


@pytest_asyncio.fixture
async def visit(house: House) -> AsyncIterator[Visit]:
    yield await Visit.open(house.desk, SC, strangers())


async def troubles(house: House, execution: str, older_than: timedelta = timedelta(hours=1)) -> list[Stuck]:
    """What is stuck of one execution."""
    found = await Finder(house.desk).find(older_than)
    return [one for one in found.stuck if one.execution == execution]


async def at_last(house: House, execution: str, is_so: Callable[[list[Stuck]], bool] = bool) -> list[Stuck]:
    """The same as soon as it is so; what the server lists is some moments behind."""
    async with asyncio.timeout(40):
        while not is_so(found := await troubles(house, execution, AT_ONCE)):  # noqa: ASYNC110 - a server sends none
            await asyncio.sleep(0.3)
    return found


async def at_last_at_once(house: House, execution: str) -> list[Stuck]:
    """What the server itself reports, without a look at every execution."""
    finder = Finder(house.desk)
    async with asyncio.timeout(40):
        while True:
            found = await finder.find_at_once()
            if mine := [one for one in found if one.execution == execution]:
                return mine
            await asyncio.sleep(0.3)


async def reset(house: House, execution: str, which: int) -> None:
    """What the UI's Reset does: back to a completed workflow task, the updates after it are given once more."""
    client = house.engine.client
    handle = client.get_workflow_handle(execution)
    events = (await handle.fetch_history()).events
    done = [one.event_id for one in events if one.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED]
    await client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=execution),
            reason="by mistake",
            workflow_task_finish_event_id=done[which],
            request_id=f"reset-{execution}",
        )
    )


async def pause(house: House, execution: str, kind: str, *, goes_on: bool = False) -> None:
    """What the UI's Pause of a pending activity does, and its Unpause."""
    client = house.engine.client
    names: dict[str, Any] = {"namespace": client.namespace, "type": kind, "identity": "somebody"}
    whose = WorkflowExecution(workflow_id=execution)
    if goes_on:
        await client.workflow_service.unpause_activity(UnpauseActivityRequest(execution=whose, **names))
    else:
        await client.workflow_service.pause_activity(PauseActivityRequest(execution=whose, **names))


async def elsewhere(house: House, execution: str, queue: str) -> list[Stuck]:
    """What is stuck of an execution on another task queue."""
    house.desk.delivery.task_queue = queue
    try:
        return await at_last(house, execution)
    finally:
        house.desk.delivery.task_queue = house.settings.task_queue


@workflow.defn(name="ApplicationWorkflow", sandboxed=False)
class HalfAWorkflow:
    """One of our name, with an activity that waits for a worker of another queue."""

    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity(
            "verify_signature", task_queue="half-documents", start_to_close_timeout=timedelta(seconds=20)
        )


class TestNothing:
    """What goes on is not told."""

    async def test_open_application(self, house: House, visit: Visit) -> None:
        """An application that waits for people is not stuck, and is counted."""
        found = await Finder(house.desk).find()
        assert [one for one in found.stuck if one.execution == visit.application] == []
        assert found.running > 0
        assert found.open > 0


class TestWaiting:
    """What runs, and waits in vain."""

    async def test_activity_that_cannot_be_done(self, house: House, visit: Visit) -> None:
        """The record cannot be written: the pending activity is told with its attempts, not while it is young."""
        with writing(house.record) as connection:
            of_it = select(t.application).where(t.application.c.id == visit.application)
            connection.execute(of_it.with_for_update())
            await give_command(impatient(house), visit.application, Command.CALL, Officer(visit.clerk), Nothing())
            [stuck] = await at_last(house, visit.application)
            assert await troubles(house, visit.application) == []
            await pause(house, visit.application, "record")
            [paused] = await at_last(house, visit.application, lambda found: "paused" in found[0].reason)
            # While it still waits: an attempt that is under way ends with the lock, and leaves nothing to unpause.
            await pause(house, visit.application, "record", goes_on=True)
        assert stuck.trouble is paused.trouble is Trouble.ACTIVITY_WAITS
        assert stuck.reason.startswith("record has been tried ")
        assert "look at the record's database" in stuck.to_do
        assert "`temporal activity unpause`" in paused.to_do
        await at_last(house, visit.application, lambda found: not found)

    async def test_journal_that_conflicts(self, house: House, visit: Visit) -> None:
        """A record that says something else: the error's type is told, and that the record has to be mended."""
        name = visit.application
        with writing(house.record) as connection:
            [known] = connection.execute(select(t.fact).where(t.fact.c.application == name)).mappings()
            strange = {**known, "number": 2, "hash": "f" * 64}
            connection.execute(insert(t.fact).values(strange))
            row = t.application.c.id == name
            connection.execute(update(t.application).where(row).values(last_fact=2))
        await give_command(impatient(house), name, Command.CALL, Officer(visit.clerk), Nothing())
        [stuck] = await at_last(house, name)
        assert stuck.reason.endswith("failed at last with JournalConflictError")
        assert "`starter.py reconcile`" in stuck.to_do
        with writing(house.record) as connection:
            connection.execute(delete(t.fact).where(t.fact.c.application == name, t.fact.c.number == 2))
            connection.execute(update(t.application).where(t.application.c.id == name).values(last_fact=1))
        await at_last(house, name, lambda found: not found)

    async def test_workflow_task_that_fails(self, house: House) -> None:
        """Code that raises: told by the server's own attribute, with the error's type and no more of it."""
        name = f"app-unknown-rules-{house.settings.task_queue}"
        handle = await start_under_unknown_rules(house, name)
        [stuck] = await at_last_at_once(house, name)
        assert stuck.trouble is Trouble.TASK_FAILS
        assert stuck.reason.endswith("one after the other: workflow worker unhandled failure (UnknownRulesError)")
        assert "put the regulation or calendar file back" in stuck.to_do
        assert [one.trouble for one in await troubles(house, name)] == [Trouble.TASK_FAILS]
        await handle.terminate("the test is over")

    async def test_nobody_takes_its_tasks(self, house: House) -> None:
        """No worker polls the queue: the workflow task that nobody takes is told."""
        handle = await house.engine.client.start_workflow(
            "ApplicationWorkflow", id="app-nobody", task_queue="nobody-is-here"
        )
        [stuck] = await elsewhere(house, "app-nobody", "nobody-is-here")
        assert (stuck.trouble, stuck.reason) == (Trouble.NOBODY_WORKS, "no worker takes its workflow task")
        await handle.terminate("the test is over")

    async def test_nobody_takes_its_activity(self, house: House) -> None:
        """Workers are there, but none for documents: the queue that waits for one is named."""
        client = house.engine.client
        async with Worker(client, task_queue="half", workflows=[HalfAWorkflow]):
            handle = await client.start_workflow(HalfAWorkflow.run, id="app-half", task_queue="half")
            [stuck] = await elsewhere(house, "app-half", "half")
            await handle.terminate("the test is over")
        assert stuck.trouble is Trouble.NOBODY_WORKS
        assert stuck.reason == "no worker of half-documents takes verify_signature"

    async def test_register_that_gives_no_answer(self, house: House, visit: Visit) -> None:
        """A question that was refused, and one whose patience is over, are told, each with what mends it."""
        await visit.be_accepted()
        name, v = visit.application, t.verification.c
        asked_at = host_now() - timedelta(minutes=5)
        silent = (
            update(t.verification).where(v.application == name).values(outcome="unanswered", asked_at=asked_at)
        )
        with writing(house.record) as connection:
            connection.execute(silent)
            refused = update(t.verification).where(v.application == name, v.register == "person")
            connection.execute(refused.values(failure="signature-refused", asked_at=host_now()))
        found = {one.reason: one.to_do for one in await troubles(house, name, timedelta(minutes=1))}
        assert set(found) == {
            "the register has not answered birth-1",
            "the register refused person (signature-refused): asking again does not mend that",
        }
        assert "it is asked again by itself" in found["the register has not answered birth-1"]
        with writing(house.record) as connection:
            mended = update(t.verification).where(v.application == name)
            connection.execute(mended.values(outcome="confirmed", failure=None))


class TestEnded:
    """What was ended from outside, or lost, though the record says that it is open."""

    async def test_terminated(self, house: House, visit: Visit) -> None:
        """A terminated execution is told with its run and the command that starts it again."""
        handle = house.engine.client.get_workflow_handle(visit.application)
        await handle.terminate("900101300811 by mistake")
        [stuck] = await at_last(house, visit.application)
        described = await handle.describe()
        assert (stuck.trouble, stuck.run) == (Trouble.ENDED, described.run_id)
        assert stuck.since == described.close_time
        assert stuck.reason == "its execution was terminated from outside"
        assert f"`starter.py revive {visit.application}`" in stuck.to_do

    async def test_revived(self, house: House, visit: Visit) -> None:
        """What is stuck goes on by the command that is told for it, and is told no more."""
        await house.engine.client.get_workflow_handle(visit.application).terminate("by mistake")
        [stuck] = await at_last(house, visit.application)
        arguments = stuck.to_do.split("`")[1].split()[1:]
        ran = await run_program(*arguments, environment=house.environment)
        assert ran.code == 0, ran.err
        await at_last(house, visit.application, lambda found: not found)

    async def test_reset(self, house: House, visit: Visit) -> None:
        """A reset gives commands once more, at other instants: that it parts from the record is told."""
        await visit.do(Command.CALL, visit.clerk)
        await reset(house, visit.application, 0)
        found = await at_last(house, visit.application)
        stuck = next(one for one in found if one.trouble is Trouble.RESET)
        assert stuck.reason == "it was reset, and goes another way than the record by now"
        assert f"`starter.py revive {visit.application}`" in stuck.to_do

    async def test_reset_after_its_end(self, house: House, visit: Visit) -> None:
        """What had ended and is begun once more by a reset has to be ended again."""
        await visit.do(Command.CALL, visit.clerk)
        await visit.do(Command.LEAVE, visit.clerk)
        await house.engine.client.get_workflow_handle(visit.application).result()
        await reset(house, visit.application, 0)
        found = await at_last(house, visit.application)
        stuck = next(one for one in found if one.trouble is Trouble.RESET)
        assert stuck.reason == "it has ended as left, and runs all the same: by a reset, or from an older copy"
        assert f"revive {visit.application}` ends it" in stuck.to_do
        revived = await reviver_of(house.desk, house.record).revive(visit.application)
        assert (revived.stage, revived.goes_on) == (Stage.LEFT, False)
        await at_last(house, visit.application, lambda found: not found)

    async def test_lost(self, house: House, visit: Visit) -> None:
        """The server has no such execution any more."""
        client = house.engine.client
        await client.workflow_service.delete_workflow_execution(
            DeleteWorkflowExecutionRequest(
                namespace=client.namespace, workflow_execution=WorkflowExecution(workflow_id=visit.application)
            )
        )
        [stuck] = await at_last(house, visit.application)
        assert stuck.trouble is Trouble.MISSING
        assert "revive --all" in stuck.to_do

    async def test_record_that_is_behind(self, house: House, visit: Visit) -> None:
        """The execution has ended as it should, the record was restored from before that."""
        await visit.do(Command.LEAVE, visit.clerk)
        await house.engine.client.get_workflow_handle(visit.application).result()
        row = t.application.c.id == visit.application
        with writing(house.record) as connection:
            connection.execute(update(t.application).where(row).values(stage=Stage.QUEUED))
        [stuck] = await at_last(house, visit.application)
        assert stuck.trouble is Trouble.RECORD_BEHIND
        assert "reconcile --repair" in stuck.to_do
        with writing(house.record) as connection:
            connection.execute(update(t.application).where(row).values(stage=Stage.LEFT))

    async def test_nothing_on_record(self, house: House) -> None:
        """Terminated before a worker saw it: there is nothing to start again from, and that is said."""
        handle = await house.engine.client.start_workflow(
            "ApplicationWorkflow", id="app-unseen", task_queue="nobody-saw-it"
        )
        await handle.terminate("too early")
        [stuck] = await elsewhere(house, "app-unseen", "nobody-saw-it")
        assert stuck.reason.endswith("and nothing of it is on record")
        assert "temporal workflow delete" in stuck.to_do


class TestPaused:
    """A server may let people pause: of an execution, where it is switched on; of an activity, everywhere."""

    async def test_execution(
        self, engine: Engine, records: SqlApplicationRecords, key_ring: KeyRing, library: Library, tmp_path: Path
    ) -> None:
        """A paused execution neither runs nor has ended; that nothing is done is told, and what lets it go on."""
        one, switched_on = life(*AT_COUNTER), {"frontend.WorkflowPauseEnabled": "true"}
        records.record(one.entry())
        place = Place(None, tmp_path / "log", free_port(), None, operators.flags(), switched_on)
        async with running_server(place, print) as server:
            client = await Client.connect(server.address, data_converter=data_converter(key_ring))
            desk = Desk(
                client, RecordReader(engine, key_ring), library, key_ring, task_queue="paused", wait_seconds=5
            )
            await client.start_workflow("ApplicationWorkflow", id=one.id, task_queue="paused")
            assert [each.trouble for each in (await Finder(desk).find()).stuck] == []
            wanted = PauseWorkflowExecutionRequest(
                namespace="default", workflow_id=one.id, identity="somebody", reason="by mistake", request_id="1"
            )
            await client.workflow_service.pause_workflow_execution(wanted)
            async with asyncio.timeout(20):
                while not (found := (await Finder(desk).find()).stuck):  # noqa: ASYNC110 - a server sends none
                    await asyncio.sleep(0.2)
        [stuck] = found
        assert stuck.trouble is Trouble.PAUSED
        assert stuck.since is not None
        assert stuck.to_do == f"`temporal workflow unpause --workflow-id {one.id}`"


class TestCommandLine:
    """`starter.py stuck` ends with 1 if something is stuck."""

    async def test_both_forms(self, house: House, visit: Visit) -> None:
        """Id, number, stage, since when, reason and what to do; for people and as one document."""
        await visit.be_accepted()
        await house.engine.client.get_workflow_handle(visit.application).terminate("by mistake")
        [stuck] = await at_last(house, visit.application)
        ran = await run_program("stuck", "--json", environment=house.environment)
        assert ran.code == 1
        [told] = [one for one in ran.json["stuck"] if one["application"] == visit.application]
        row = house.reader.find(visit.application)
        assert row is not None
        assert (told["registration_number"], told["stage"]) == (row.registration_number, "under_review")
        assert (told["trouble"], told["reason"], told["to_do"]) == (stuck.trouble, stuck.reason, stuck.to_do)
        ran = await run_program("stuck", "--older-than", "2h", environment=house.environment)
        assert ran.code == 1
        assert f"{visit.application}  {row.registration_number}  under_review  since " in ran.out
        assert f"  do: {stuck.to_do}" in ran.out

    async def test_nothing_is_stuck(self, house: House) -> None:
        """On a task queue that nobody uses, with a record that is new: 0, and how many were looked at."""
        other = {
            "TIREK_TASK_QUEUE": "of-nobody",
            "TIREK_DATABASE_URL": f"sqlite:///{house.settings.data}/new.sqlite",
        }
        ran = await run_program("stuck", "--json", environment=house.environment | other)
        assert (ran.code, ran.json) == (0, {"running": 0, "open_on_record": 0, "stuck": []})

    async def test_malformed_duration(self, house: House) -> None:
        """What is no duration is refused before anybody is asked."""
        ran = await run_program("stuck", "--older-than", "soon", environment=house.environment)
        assert ran.code == 2
        assert "is no duration" in ran.err
