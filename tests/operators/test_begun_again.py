"""Whoever may write into Temporal can end an execution and begin it again; operators are told of it at once."""

import asyncio
from collections.abc import Sequence

import pytest
from temporalio.api.common.v1 import Payload, Payloads, WorkflowType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import StartWorkflowExecutionRequest

from demo.visit import SPECIALIST, Visit
from desk.ends import Ends
from desk.executions import described
from desk.troubles import Stuck, Trouble
from models.lifecycle import Channel, Command
from tests.conftest import House, strangers
from tests.outside import reviver_of


async def input_of(house: House, execution: str) -> list[Payload]:
    history = await house.engine.client.get_workflow_handle(execution).fetch_history()
    return list(history.events[0].workflow_execution_started_event_attributes.input.payloads)


async def begin_again(house: House, execution: str, payloads: Sequence[Payload], queue: str | None = None) -> None:
    """End it, and start it with a copy of what it once began with."""
    client = house.engine.client
    await client.get_workflow_handle(execution).terminate("a stranger")
    await client.workflow_service.start_workflow_execution(
        StartWorkflowExecutionRequest(
            namespace=client.namespace,
            workflow_id=execution,
            workflow_type=WorkflowType(name="ApplicationWorkflow"),
            task_queue=TaskQueue(name=queue or house.desk.delivery.task_queue),
            input=Payloads(payloads=payloads),
            request_id=f"again-{execution}",
        ),
        retry=True,
    )


async def until_begun(house: House, execution: str) -> None:
    async with asyncio.timeout(30):
        while True:
            found = await described(house.engine.client, execution)
            if found is not None and found.workflow_execution_info.history_length > 3:
                return
            await asyncio.sleep(0.1)


async def until_listed(ends: Ends, execution: str) -> None:
    """Visibility is some moments behind."""
    async with asyncio.timeout(30):
        while execution not in await ends.ended():  # noqa: ASYNC110 - a server sends no events of it
            await asyncio.sleep(0.1)


async def told(ends: Ends, execution: str) -> list[Stuck]:
    await until_listed(ends, execution)
    return await ends.of_each({execution})


class TestBegunAgain:
    """Another run under the id of an application that is open."""

    @pytest.mark.parametrize("was_revived", [False, True])
    async def test_from_where_it_once_stood(self, house: House, was_revived: bool) -> None:
        """It goes another way than the record, and that is said before anybody gives it a command."""
        visit = await Visit.open(house.desk, Channel.PROVIDER, strangers())
        await visit.be_accepted()
        if was_revived:
            await house.engine.client.get_workflow_handle(visit.application).terminate("by mistake")
            await reviver_of(house.desk, house.record).revive(visit.application)
        began = await input_of(house, visit.application)
        answer = await visit.do(Command.TAKE, SPECIALIST)
        assert await house.desk.until(lambda: house.reader.last_fact(visit.application) == answer.last_fact)
        await begin_again(house, visit.application, began)
        await until_begun(house, visit.application)
        [one] = await told(Ends(house.desk), visit.application)
        assert one.trouble is Trouble.RESET
        assert "started again by somebody" in one.reason
        await reviver_of(house.desk, house.record).revive(visit.application)
        await until_begun(house, visit.application)
        assert await told(Ends(house.desk), visit.application) == []

    async def test_revived(self, house: House) -> None:
        """What `revive` has started goes where the record stands: it is looked at once, and nothing is said."""
        visit = await Visit.open(house.desk, Channel.PROVIDER, strangers())
        await visit.be_accepted()
        await house.engine.client.get_workflow_handle(visit.application).terminate("by mistake")
        await reviver_of(house.desk, house.record).revive(visit.application)
        await until_begun(house, visit.application)
        ends = Ends(house.desk)
        assert await told(ends, visit.application) == []
        assert visit.application not in await ends.ended()

    async def test_no_worker_has_begun_it(self, house: House) -> None:
        """Nobody knows yet where it goes: nothing is said, and it is looked at again."""
        visit = await Visit.open(house.desk, Channel.PROVIDER, strangers())
        began = await input_of(house, visit.application)
        await begin_again(house, visit.application, began, queue="nobody")
        ends = Ends(house.desk)
        assert await told(ends, visit.application) == []
        assert visit.application in await ends.ended()
        await reviver_of(house.desk, house.record).revive(visit.application)
