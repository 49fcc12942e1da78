"""The process on a real server: instants, rejected commands, races, what operators see."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import select
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowUpdateFailedError
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError

from adapters.database import tables as t
from adapters.database.engine import writing
from demo.visit import HEAD, SPECIALIST, Visit
from desk.desk import Desk
from desk.officer import Officer
from desk.recalling import give_command
from desk.reconcile import differences
from models.clocks import Outcome
from models.data import ALMATY
from models.errors import RefusedError, UnavailableError
from models.journal import FactName
from models.lifecycle import Channel, Command, Stage
from models.messages import Nothing, Order
from models.regulation import ClockKind
from tests.conftest import House, strangers
from tests.unknown_rules import start_under_unknown_rules
from workflows import operators
from workflows.application import ApplicationWorkflow


@pytest_asyncio.fixture
async def visit(house: House) -> AsyncIterator[Visit]:
    yield await Visit.open(house.desk, Channel.STATE_CORPORATION, strangers())


async def refused(visit: Visit, name: Command, by: str) -> str:
    """The code with which a command is refused."""
    with pytest.raises(RefusedError) as caught:
        await visit.do(name, by)
    return caught.value.refusals[0].code


class TestInstants:
    """Facts are dated to the instant they fall due, whenever a worker notices."""

    async def test_limits_pass_at_their_instant(self, house: House, visit: Visit) -> None:
        """Waiting, service and processing all pass in one application, each at its due instant (R5, R7, R8)."""
        await visit.skip(minutes=16)
        await visit.do(Command.CALL, visit.clerk)
        await visit.skip(minutes=16)
        await visit.do(Command.ACCEPT, visit.clerk)
        await visit.skip_past(ClockKind.PROCESSING)
        clocks = {clock.clock: clock for clock in house.reader.clocks(visit.application)}
        passed = [f for f in house.reader.facts(visit.application) if f.fact is FactName.LIMIT_PASSED]
        assert [fact.details["clock"] for fact in passed] == ["waiting", "service", "processing"]
        for fact in passed:
            clock = clocks[ClockKind(str(fact.details["clock"]))]
            assert fact.at == clock.due_at
            assert clock.outcome is Outcome.PASSED
        assert visit.stage() is Stage.UNDER_REVIEW

    async def test_retention_is_a_calendar_month(self, house: House, visit: Visit) -> None:
        """The month starts when the result reaches SC and ends at closing; then storage is due (R9)."""
        await visit.be_accepted()
        await visit.be_decided()
        await visit.be_delivered()
        await visit.skip_past(ClockKind.RETENTION)
        retention = house.reader.clocks(visit.application)[-1]
        started, due = (at.astimezone(ALMATY) for at in (retention.started_at, retention.due_at))
        assert retention.clock is ClockKind.RETENTION
        assert (due - started) >= timedelta(days=28)
        assert (due.hour, due.minute) == (18, 0)
        ended = house.reader.facts(visit.application)[-1]
        assert (ended.fact, ended.at) == (FactName.RETENTION_ENDED, retention.due_at)
        assert visit.stage() is Stage.DUE_FOR_STORAGE

    async def test_ticket_counts_from_its_taking(self, house: House) -> None:
        """The waiting clock starts when the ticket is taken, even if no worker is there to see it (R7)."""
        visit = await Visit.open(house.desk, Channel.PROVIDER, strangers())
        started = (await house.engine.client.get_workflow_handle(visit.application).describe()).start_time
        [waiting] = house.reader.clocks(visit.application)
        assert waiting.started_at == started
        assert waiting.due_at - waiting.started_at == timedelta(minutes=15)


class TestCommands:
    """Commands are judged before anything of them reaches history."""

    async def test_rejected_command_leaves_no_trace(self, house: House, visit: Visit) -> None:
        """A refused command adds no event to history and no fact; the attempt is in `access`."""
        handle = house.engine.client.get_workflow_handle(visit.application)
        before = len((await handle.fetch_history()).events)
        assert await refused(visit, Command.APPROVE, HEAD) == "illegal-move"
        kinds = [event.event_type for event in (await handle.fetch_history()).events[before:]]
        assert EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED not in kinds
        assert house.reader.last_fact(visit.application) == 1
        assert house.reader.accesses(visit.application) == [(HEAD, "approve", "illegal-move")]

    async def test_of_two_officers_one_accepts(self, house: House, visit: Visit) -> None:
        """Two officers accept at the same instant: one does, the other is told that it is done."""
        await visit.do(Command.CALL, visit.clerk)
        answers = await asyncio.gather(
            visit.do(Command.ACCEPT, "sc-intake-1"),
            visit.do(Command.ACCEPT, "sc-intake-2"),
            return_exceptions=True,
        )
        assert sum(isinstance(answer, RefusedError) for answer in answers) == 1
        facts = [fact.fact for fact in house.reader.facts(visit.application)]
        assert facts.count(FactName.APPLICATION_ACCEPTED) == 1

    async def test_four_eyes(self, visit: Visit) -> None:
        """Whoever prepared the decision cannot approve it, deputy head or not."""
        await visit.be_accepted()
        await visit.do(Command.PREPARE_DECISION, "deputy-head", visit.grant())
        assert await refused(visit, Command.APPROVE, "deputy-head") == "four-eyes"
        answer = await visit.do(Command.APPROVE, HEAD)
        assert answer.stage is Stage.DECIDED

    async def test_the_holder_works_alone(self, house: House, visit: Visit) -> None:
        """While one has the file, another can neither take it nor decide; the holdings keep both."""
        await visit.be_accepted()
        await visit.do(Command.TAKE, SPECIALIST)
        assert await refused(visit, Command.TAKE, "specialist-2") == "held-by-another"
        assert await refused(visit, Command.PREPARE_DECISION, "specialist-2") == "held-by-another"
        await visit.do(Command.REASSIGN, HEAD, {"to": "specialist-2"})
        await visit.do(Command.PREPARE_DECISION, "specialist-2", visit.grant())
        entry = house.reader.entry(visit.application)
        assert entry is not None
        assert [holding.officer for holding in entry.state.holdings][1:] == [SPECIALIST, "specialist-2"]
        assert all(holding.until is not None for holding in entry.state.holdings)

    async def test_registration_numbers_are_different(self, house: House) -> None:
        """Applications accepted at once get numbers of their own."""
        visits = [await Visit.open(house.desk, Channel.PROVIDER, strangers()) for n in range(4)]
        await asyncio.gather(*(visit.be_accepted() for visit in visits))
        numbers = {house.reader.find(visit.application).registration_number for visit in visits}  # type: ignore[union-attr]
        assert len(numbers) == 4


class TestMishaps:
    """What operators and strangers do to an execution does not make it forget."""

    async def test_recording_ended_by_hand_begins_again(self, house: House, visit: Visit) -> None:
        """An operator fails the pending `record`: the facts reach the record all the same, later ones too."""
        client = house.engine.client
        with writing(house.record) as connection:  # nobody else can write of it: the record is away
            of_it = select(t.application).where(t.application.c.id == visit.application)
            connection.execute(of_it.with_for_update())
            await give_command(impatient(house), visit.application, Command.CALL, Officer(visit.clerk), Nothing())
            pending = await pending_activity(house, visit, "record")
            await client.get_async_activity_handle(
                workflow_id=visit.application, run_id=None, activity_id=pending
            ).fail(RuntimeError("ended by hand"))
        await visit.skip(seconds=11)
        await visit.do(Command.ACCEPT, visit.clerk)
        assert await differences(client, house.reader, house.ring, visit.application) == []

    async def test_claim_ended_by_hand_begins_again(self, house: House, visit: Visit) -> None:
        """An operator fails the pending claim: the children are claimed all the same."""
        other = await Visit.open(house.desk, Channel.PROVIDER, strangers())
        await other.be_accepted()  # so that there is a counter of numbers, which nobody else can touch below
        await visit.do(Command.CALL, visit.clerk)
        with writing(house.record) as connection:
            connection.execute(select(t.registration_counter).with_for_update())
            accepting = asyncio.create_task(visit.accept())
            pending = await pending_activity(house, visit, "register_application")
            await house.engine.client.get_async_activity_handle(
                workflow_id=visit.application, run_id=None, activity_id=pending
            ).fail(RuntimeError("ended by hand"))
        await visit.skip(seconds=11)
        await accepting
        assert await differences(house.engine.client, house.reader, house.ring, visit.application) == []

    async def test_strange_update_id_is_refused(self, house: House, visit: Visit) -> None:
        """An update that did not come through the desk is refused: its id would stand in the clear for ever."""
        handle = house.engine.client.get_workflow_handle(visit.application)
        order = Order[Nothing](by=visit.clerk, digest="", message=Nothing())
        with pytest.raises(WorkflowUpdateFailedError) as caught:
            await handle.execute_update("call", order, id="900101300811")
        assert isinstance(caught.value.cause, ApplicationError)
        assert caught.value.cause.type == "strange-update-id"

    async def test_message_in_the_clear_is_not_taken(self, house: House, visit: Visit) -> None:
        """A client without our keys can send what it likes: nothing of it is carried out."""
        stranger = await Client.connect(house.engine.server.address, data_converter=pydantic_data_converter)
        order = {"by": visit.clerk, "digest": "", "message": {}}
        given = stranger.get_workflow_handle(visit.application).execute_update("call", order, id=f"cmd-{'0' * 20}")
        with pytest.raises(WorkflowUpdateFailedError):
            await asyncio.wait_for(given, 10)
        assert visit.stage() is Stage.QUEUED
        await visit.do(Command.CALL, visit.clerk)
        assert visit.stage() is Stage.AT_COUNTER

    async def test_ended_from_outside_is_said(self, house: House, visit: Visit) -> None:
        """A terminated execution is no ordinary end: the answer says so and tells whom to call."""
        await house.engine.client.get_workflow_handle(visit.application).terminate("by mistake")
        with pytest.raises(UnavailableError, match="ended from outside"):
            await visit.do(Command.CALL, visit.clerk)


def impatient(house: House) -> Desk:
    """A desk that does not wait for the record."""
    queue = house.settings.task_queue
    return Desk(
        house.engine.client, house.reader, house.desk.library, house.ring, task_queue=queue, wait_seconds=0.5
    )


async def pending_activity(house: House, visit: Visit, kind: str) -> str:
    """The id of the activity of this kind that waits, as soon as one does; the record may wait beside it."""
    handle = house.engine.client.get_workflow_handle(visit.application)
    async with asyncio.timeout(10):
        while True:
            for one in (await handle.describe()).raw_description.pending_activities:
                if one.activity_type.name == kind:
                    return one.activity_id
            await asyncio.sleep(0.05)


class TestOperators:
    """What operators see of an application in the Temporal UI."""

    async def test_search_attributes_follow(self, house: House, visit: Visit) -> None:
        """Stage, office, number, due instant and passed limits are search attributes; no person is."""
        await visit.skip(minutes=16)
        await visit.be_accepted()
        handle = house.engine.client.get_workflow_handle(visit.application)
        found = (await handle.describe()).typed_search_attributes
        row = house.reader.find(visit.application)
        assert row is not None
        assert found.get(operators.STAGE) == "under_review"
        assert found.get(operators.OFFICE) == "sc-karaganda"
        assert found.get(operators.REGISTRATION_NUMBER) == row.registration_number
        assert found.get(operators.LIMITS_PASSED) == ["waiting"]
        assert found.get(operators.DUE_AT) == house.reader.clocks(visit.application)[-1].due_at

    async def test_closed_executions_are_kept(self, house: House) -> None:
        """The worker sees to it that closed executions are kept for 90 days, whatever the server's habit."""
        service = house.engine.client.workflow_service
        described = await service.describe_namespace(DescribeNamespaceRequest(namespace="default"))
        assert described.config.workflow_execution_retention_ttl.ToTimedelta() >= timedelta(days=90)

    async def test_execution_closes_with_its_ending(self, house: House, visit: Visit) -> None:
        """A final stage closes the execution, with everything on record."""
        await visit.do(Command.LEAVE, visit.clerk)
        handle = house.engine.client.get_workflow_handle_for(ApplicationWorkflow.run, visit.application)
        closing = await handle.result()
        assert (closing.stage, closing.facts) == (Stage.LEFT, 2)
        assert (await handle.describe()).status is WorkflowExecutionStatus.COMPLETED

    async def test_unknown_rules_are_not_guessed(self, house: House) -> None:
        """An application under rules that no worker has loaded waits, with a clear error, and is not lost."""
        handle = await start_under_unknown_rules(house, "app-of-other-rules")
        failed = await _first_failed_task(handle)
        assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
        assert failed
        await handle.terminate("the test is over")


async def _first_failed_task(handle: object) -> bool:
    async with asyncio.timeout(20):
        while True:
            history = await handle.fetch_history()  # type: ignore[attr-defined]
            if any(e.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED for e in history.events):
                return True
            await asyncio.sleep(0.1)
