"""`starter.py revive` where one side was restored from a copy, and where two people do it at once."""

import asyncio

import pytest
from sqlalchemy import update
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import ResetReapplyType
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest

from adapters.database import tables as t
from adapters.database.engine import writing
from demo.visit import HEAD, SC, Visit
from desk.ends import Ends
from desk.executions import described
from desk.officer import Officer
from desk.troubles import Trouble
from models.errors import RefusedError
from models.inputs import ApplicationInput
from models.lifecycle import Command, Stage
from models.messages import MESSAGES
from models.resumption import Resumption
from tests.conftest import House, strangers
from tests.lost_rows import put_back, rows_of
from tests.operators.test_reviving import (
    at_the_counter,
    drafted,
    equal,
    impatient,
    recorded,
    reset,
    reviver,
    terminate,
)
from workflows.application import ApplicationWorkflow


class TestOlderCopies:
    """One side was restored from a copy, and the other went on."""

    async def test_child_that_somebody_else_has(self, house: House) -> None:
        """What the record cannot take of a history is said, and nothing goes on without it."""
        visits = [await Visit.open(house.desk, SC, strangers()) for _ in range(2)]
        lost, other = visits
        family = lost.example(Command.ACCEPT)
        await lost.do(Command.CALL, lost.clerk)
        then = rows_of(house.record, lost.application)
        await lost.accept(family)
        await terminate(house, lost.application)
        put_back(house.record, lost.application, then)
        await other.do(Command.CALL, other.clerk)
        await other.accept(family)
        with pytest.raises(RefusedError, match="another application by now"):
            await reviver(house).revive(lost.application)
        await other.withdraw()
        await house.desk.until(lambda: other.stage() is Stage.WITHDRAWN)
        revived = await reviver(house).revive(lost.application)
        assert revived.stage is Stage.UNDER_REVIEW
        await equal(house, lost.application)

    async def test_calendar_that_is_not_applied_yet(self, house: House) -> None:
        """Nothing is started that goes by an order which the restored record lacks: no worker could begin it."""
        visit = await Visit.open(house.desk, SC, strangers())
        client, execution = house.engine.client, WorkflowExecution(workflow_id=visit.application)
        request = DeleteWorkflowExecutionRequest(namespace=client.namespace, workflow_execution=execution)
        await client.workflow_service.delete_workflow_execution(request)
        while await described(client, visit.application) is not None:  # noqa: ASYNC110 - a server sends no events
            await asyncio.sleep(0.1)
        with writing(house.record) as connection:
            of_it = update(t.application).where(t.application.c.id == visit.application)
            connection.execute(of_it.values(calendar_now="f" * 64))
        with pytest.raises(RefusedError, match="calendar apply"):
            await reviver(house).revive(visit.application)
        assert await described(client, visit.application) is None

    async def test_run_of_what_has_ended(self, house: House) -> None:
        """A server's older copy runs what has ended since: it is told, and ended; no command can reach it."""
        visit = await Visit.open(house.desk, SC, strangers())
        older = recorded(house, visit.application)
        await visit.do(Command.CALL, visit.clerk)
        await visit.do(Command.LEAVE, visit.clerk)
        await house.engine.client.get_workflow_handle(visit.application).result()
        before = recorded(house, visit.application)
        begins = ApplicationInput(opening=older.state.opening, resumes=Resumption(entry=older))
        assert await house.desk.delivery.start_again(ApplicationWorkflow.run, begins, older.state)
        [stuck] = await Ends(house.desk).of_each({visit.application})
        assert (stuck.trouble, stuck.reason.split(",")[0]) == (Trouble.RESET, "it has ended as left")
        with pytest.raises(RefusedError, match="left"):
            await visit.do(Command.CALL, visit.clerk)
        revived = await reviver(house).revive(visit.application)
        assert (revived.stage, revived.goes_on) == (Stage.LEFT, False)
        assert await Ends(house.desk).of_each({visit.application}) == []
        assert recorded(house, visit.application) == before
        await equal(house, visit.application)


class TestGivenUp:
    """What a run that was put back leaves behind."""

    async def test_twice_at_once(self, house: House) -> None:
        """Of two operators one ends the run that was put back; the other leaves the new one alone."""
        visit = await Visit.open(house.desk, SC, strangers())
        await drafted(visit)
        await reset(house, visit.application)
        two = [reviver(house).revive(visit.application) for _ in range(2)]
        results = await asyncio.gather(*two, return_exceptions=True)
        assert [type(result) for result in results].count(RefusedError) == 1
        await visit.do(Command.APPROVE, HEAD)
        await equal(house, visit.application)

    async def test_child_of_what_is_given_up(self, house: House) -> None:
        """Accepted after the reset with another child: once that is given up, nobody has that child any more."""
        visit = await Visit.open(house.desk, SC, strangers())
        await at_the_counter(visit)
        await visit.accept()
        before = house.reader.registration(visit.application)
        await reset(house, visit.application, ResetReapplyType.RESET_REAPPLY_TYPE_NONE)
        for name, desk in ((Command.CALL, impatient(house)), (Command.ACCEPT, impatient(house))):
            message = MESSAGES[name].model_validate(visit.example(name))
            await desk.give(visit.application, name, Officer(visit.clerk), message)
        assert house.reader.registration(visit.application) != before
        await reviver(house).revive(visit.application, discard=True)
        assert house.reader.registration(visit.application) == before
        await equal(house, visit.application)
