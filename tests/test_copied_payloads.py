"""What Temporal holds opens in its own execution alone: a stranger there can only repeat what he cannot read."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from temporalio.api.common.v1 import Payload, Payloads, WorkflowExecution, WorkflowType
from temporalio.api.enums.v1 import UpdateWorkflowExecutionLifecycleStage
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.update.v1 import Input, Meta, Outcome, Request, WaitPolicy
from temporalio.api.workflowservice.v1 import (
    PollActivityTaskQueueRequest,
    RespondActivityTaskCompletedRequest,
    StartWorkflowExecutionRequest,
    UpdateWorkflowExecutionRequest,
)
from temporalio.client import Client
from temporalio.converter import WorkflowSerializationContext

from demo.stories import REFUSAL
from demo.visit import HEAD, SPECIALIST, Visit
from desk.officer import Officer
from models.checks import Check, CheckOutcome
from models.lifecycle import Channel, Command, Stage
from models.messages import Nothing
from models.registers import Register
from tests.conftest import House, strangers
from tests.outside import reviver_of

HASHED = f"cmd-{'0' * 20}"


@pytest_asyncio.fixture
async def visit(house: House) -> AsyncIterator[Visit]:
    visit = await Visit.open(house.desk, Channel.PROVIDER, strangers())
    await visit.do(Command.CALL, visit.clerk)
    yield visit


async def told(client: Client, execution: str) -> tuple[list[Payload], list[Payload]]:
    """What an execution was begun with, and what its first update brought, as the server keeps them."""
    history = await client.get_workflow_handle(execution).fetch_history()
    began = history.events[0].workflow_execution_started_event_attributes.input.payloads
    accepted = next(e for e in history.events if e.HasField("workflow_execution_update_accepted_event_attributes"))
    brought = accepted.workflow_execution_update_accepted_event_attributes.accepted_request.input.args.payloads
    return list(began), list(brought)


async def prepared(client: Client, execution: str) -> tuple[str, list[Payload]]:
    """The id of the update that drafted the decision, and what it brought."""
    async for event in client.get_workflow_handle(execution).fetch_history_events():
        request = event.workflow_execution_update_accepted_event_attributes.accepted_request
        if request.input.name == "prepare_decision":
            return request.meta.update_id, list(request.input.args.payloads)
    raise AssertionError("nobody has drafted a decision")


async def repeat(
    client: Client, execution: str, payloads: Sequence[Payload], *, update: str = HASHED, name: str = "call"
) -> Outcome:
    """Send somebody's order to an execution, under an id that looks like one of the desk's."""
    answer = await client.workflow_service.update_workflow_execution(
        UpdateWorkflowExecutionRequest(
            namespace=client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=execution),
            wait_policy=WaitPolicy(
                lifecycle_stage=UpdateWorkflowExecutionLifecycleStage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED
            ),
            request=Request(meta=Meta(update_id=update), input=Input(name=name, args=Payloads(payloads=payloads))),
        ),
        retry=True,
    )
    return answer.outcome


class TestCopies:
    """A stranger copies what he cannot read."""

    async def test_an_order_under_another_id(self, house: House, visit: Visit) -> None:
        """An order that was carried out once is not carried out again because somebody sends a copy of it."""
        client = house.engine.client
        _, brought = await told(client, visit.application)
        outcome = await repeat(client, visit.application, brought)
        assert outcome.failure.application_failure_info.type == "strange-update-id"

    async def test_an_order_to_another_application(self, house: House, visit: Visit) -> None:
        """What an officer said of one application is said of no other."""
        client = house.engine.client
        other = await Visit.open(house.desk, Channel.PROVIDER, strangers())
        _, brought = await told(client, visit.application)
        outcome = await asyncio.wait_for(repeat(client, other.application, brought), 10)
        assert outcome.HasField("failure")
        assert other.stage() is Stage.QUEUED
        await other.do(Command.CALL, other.clerk)
        assert other.stage() is Stage.AT_COUNTER

    async def test_an_order_under_another_name(self, house: House, visit: Visit) -> None:
        """What an officer calls one thing is not done as another, though both need no words."""
        client, handle = house.engine.client, house.engine.client.get_workflow_handle(visit.application)
        order = house.desk.order(Command.CALL, Officer(visit.clerk), Nothing(), None)
        travelling = order.model_copy(update={"update": HASHED, "command": Command.CALL})
        place = WorkflowSerializationContext(client.namespace, handle.id)
        brought = await client.data_converter.with_context(place).encode([travelling])
        outcome = await repeat(client, visit.application, brought, name="leave")
        assert outcome.failure.application_failure_info.type == "strange-update-id"
        assert visit.stage() is Stage.AT_COUNTER

    async def test_an_order_to_a_later_run(self, house: House) -> None:
        """What was done before an application was started again is not done once more under its own id."""
        client, visit = house.engine.client, await Visit.open(house.desk, Channel.PROVIDER, strangers())
        await visit.be_accepted()
        for name, by, message in (
            (Command.TAKE, SPECIALIST, None),
            (Command.PREPARE_DECISION, SPECIALIST, REFUSAL),
            (Command.RETURN_DRAFT, HEAD, {"reason": "not yet"}),
        ):
            answer = await visit.do(name, by, message)
        assert await house.desk.until(lambda: house.reader.last_fact(visit.application) == answer.last_fact)
        update, brought = await prepared(client, visit.application)
        await client.get_workflow_handle(visit.application).terminate("a stranger")
        await reviver_of(house.desk, house.record).revive(visit.application)
        outcome = await repeat(client, visit.application, brought, update=update, name="prepare_decision")
        assert outcome.failure.application_failure_info.type == "strange-update-id"
        assert visit.stage() is Stage.UNDER_REVIEW

    async def test_a_twin(self, house: House, visit: Visit) -> None:
        """No second execution begins with an application's input, and nothing of one comes into the record."""
        client, twin = house.engine.client, f"{visit.application}-twin"
        began, _ = await told(client, visit.application)
        await client.workflow_service.start_workflow_execution(
            StartWorkflowExecutionRequest(
                namespace=client.namespace,
                workflow_id=twin,
                workflow_type=WorkflowType(name="ApplicationWorkflow"),
                task_queue=TaskQueue(name=house.desk.delivery.task_queue),
                input=Payloads(payloads=began),
                request_id=twin,
            ),
            retry=True,
        )
        handle = client.get_workflow_handle(twin)
        try:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(handle.query("facts"), 3)
        finally:
            await handle.terminate("a stranger's")
        events = [event async for event in handle.fetch_history_events()]
        assert any(event.HasField("workflow_task_failed_event_attributes") for event in events)
        assert house.reader.facts(twin) == []


class TestAnswers:
    """A stranger takes tasks out of a queue, and answers them with what another question was answered."""

    async def test_of_another_question(self, house: House) -> None:
        """A copied answer is silence: nobody is confirmed whom the registers do not know; they are asked again."""
        visit = await Visit.open(house.desk, Channel.PROVIDER, strangers())
        await visit.do(Command.CALL, visit.clerk)
        await visit.do(Command.LOOK_UP, visit.clerk, visit.example(Command.ACCEPT))
        assert {check.outcome for check in checks(house, visit)} == {CheckOutcome.CONFIRMED}
        answered = await an_answer(house.engine.client, visit.application)
        stranger = Stranger(house, answered)
        stranger.polls = [asyncio.create_task(stranger.poll()) for _ in range(20)]
        unknown = visit.example(Command.ACCEPT, behaviour="unknown")
        for _ in range(20):
            await visit.do(Command.LOOK_UP, visit.clerk, unknown)
            if stranger.answered:
                break
        assert stranger.answered == ["ask_registers"]
        births = [check.outcome for check in checks(house, visit) if check.register_name is Register.BIRTH]
        assert births == [CheckOutcome.NOT_FOUND]


def checks(house: House, visit: Visit) -> Sequence[Check]:
    entry = house.reader.entry(visit.application)
    assert entry is not None
    return entry.state.checks


async def an_answer(client: Client, execution: str) -> Payloads:
    """What an execution was answered by the registers, as the server keeps it."""
    events = (await client.get_workflow_handle(execution).fetch_history()).events
    asked = {
        event.event_id
        for event in events
        if event.activity_task_scheduled_event_attributes.activity_type.name == "ask_registers"
    }
    return next(
        event.activity_task_completed_event_attributes.result
        for event in events
        if event.activity_task_completed_event_attributes.scheduled_event_id in asked
    )


@dataclass
class Stranger:
    """Somebody who may poll, and holds no key."""

    house: House
    answer: Payloads
    answered: list[str] = field(default_factory=list)
    polls: list[asyncio.Task[None]] = field(default_factory=list)

    async def poll(self) -> None:
        client, queue = self.house.engine.client, f"{self.house.desk.delivery.task_queue}-registers"
        service = client.workflow_service
        asked = PollActivityTaskQueueRequest(
            namespace=client.namespace, identity="stranger", task_queue=TaskQueue(name=queue)
        )
        task = await service.poll_activity_task_queue(asked, retry=True)
        for other in self.polls:
            if other is not asyncio.current_task():
                other.cancel()  # one task is enough: the question that follows is for the registers
        self.answered.append(task.activity_type.name)
        told = RespondActivityTaskCompletedRequest(
            namespace=client.namespace, identity="stranger", task_token=task.task_token, result=self.answer
        )
        await service.respond_activity_task_completed(told, retry=True)
