"""A repeated --id when Temporal has forgotten: what was done is answered from the record, and not done again."""

import asyncio
import secrets
from collections.abc import Awaitable
from dataclasses import dataclass

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.service import RPCError, RPCStatusCode

from demo.visit import INTAKE, Visit
from desk.desk import Told
from desk.officer import Officer
from desk.recalling import give_command, request_recall
from desk.reconcile import differences
from models.errors import RefusedError, UnavailableError
from models.inputs import RecallInput
from models.lifecycle import Channel, Command, Stage
from models.messages import MESSAGES, Answer
from models.regulation import ClockKind
from tests.conftest import House, strangers
from workflows.application import ApplicationWorkflow

SC, PROVIDER = Channel.STATE_CORPORATION, Channel.PROVIDER
CLERK = Officer(INTAKE[SC])


async def uncollected(house: House) -> Visit:
    """An application whose result nobody has collected within its month."""
    visit = await Visit.open(house.desk, SC, strangers())
    await visit.be_accepted()
    await visit.be_decided()
    await visit.be_delivered()
    await visit.skip_past(ClockKind.RETENTION)
    return visit


@pytest.fixture
async def due(house: House) -> Visit:
    return await uncollected(house)


async def give(visit: Visit, name: Command, key: str, by: Officer | None = None) -> Told:
    """A command with a key; the words are the same each time."""
    message = MESSAGES[name].model_validate(visit.example(name, seed=7))
    return await give_command(visit.desk, visit.application, name, by or Officer(visit.clerk), message, key)


async def code_of(attempt: Awaitable[object]) -> str:
    with pytest.raises(RefusedError) as caught:
        await attempt
    return caught.value.refusals[0].code


async def forget(house: House, execution: str) -> None:
    """What retention does to an execution that has ended, at once."""
    client = house.engine.client
    handle = client.get_workflow_handle(execution)
    await handle.result()
    which = WorkflowExecution(workflow_id=execution)
    request = DeleteWorkflowExecutionRequest(namespace=client.namespace, workflow_execution=which)
    await client.workflow_service.delete_workflow_execution(request)
    async with asyncio.timeout(60):
        while await _is_kept(house, execution):  # noqa: ASYNC110 - a server sends no events of this
            await asyncio.sleep(0.05)


async def _is_kept(house: House, execution: str) -> bool:
    try:
        await house.engine.client.get_workflow_handle(execution).describe()
    except RPCError as error:
        return error.status is not RPCStatusCode.NOT_FOUND
    return True


STEPS = {
    Command.HAND_OVER: CLERK,
    Command.RECALL: CLERK,
    Command.SEND_BACK: Officer(INTAKE[PROVIDER]),
    Command.DELIVER: CLERK,
}
"""What happens to a stored result, each step with its own name as the caller's key."""


async def step(visit: Visit, name: Command) -> Told:
    if name is Command.RECALL:
        return await request_recall(visit.desk, visit.application, STEPS[name], name)
    return await give(visit, name, name, STEPS[name])


@dataclass
class Forgotten:
    """Three stories whose histories the server has deleted, and what was answered when they were there."""

    stored_again: Visit
    """With its first recall; nothing of it is open."""
    waiting: Visit
    """Its recall is open, and due to be handed over."""
    left: Visit
    first: dict[str, list[Told]]


@pytest.fixture(scope="session")
async def forgotten_on_sqlite(house_on_sqlite: House) -> Forgotten:
    return await forget_all(house_on_sqlite)


@pytest.fixture(scope="session")
async def forgotten_on_postgresql(house_on_postgresql: House) -> Forgotten:
    return await forget_all(house_on_postgresql)


@pytest.fixture
def forgotten(database: str, request: pytest.FixtureRequest) -> Forgotten:
    """Once for each database."""
    return request.getfixturevalue(f"forgotten_on_{database}")


async def forget_all(house: House) -> Forgotten:
    """All at once, as the server takes half a minute to delete."""
    stored_again, waiting = await uncollected(house), await uncollected(house)
    left = await Visit.open(house.desk, PROVIDER, strangers())
    first = {one.application: [await step(one, name) for name in STEPS] for one in (stored_again, waiting)}
    for one in (stored_again, waiting):
        await one.skip_past(ClockKind.RETENTION)
    await stored_again.do(Command.HAND_OVER, CLERK.code)
    first[left.application] = [await give(left, Command.LEAVE, "gone")]
    [recall] = house.reader.recalls(stored_again.application)
    ended = [stored_again.application, recall.id, waiting.application, left.application]
    for execution in ended:
        assert await differences(house.engine.client, house.reader, house.ring, execution) == []
    await asyncio.gather(*(forget(house, execution) for execution in ended))
    return Forgotten(stored_again, waiting, left, first)


class TestForgotten:
    """Temporal keeps what has ended for ninety days; a caller's key is good for longer."""

    async def test_whole_story(self, house: House, forgotten: Forgotten) -> None:
        """Every key of a story answers as it did, with no history left, and nothing happens twice."""
        story = forgotten.stored_again
        assert [await step(story, name) for name in STEPS] == forgotten.first[story.application]
        assert len(house.reader.recalls(story.application)) == 1

    async def test_hand_over_is_not_given_to_the_recall(self, house: House, forgotten: Forgotten) -> None:
        """A recall waits for its own hand-over; the repeated key of the first one does not carry it out."""
        story = forgotten.waiting
        assert await step(story, Command.HAND_OVER) == forgotten.first[story.application][0]
        assert house.reader.recalls(story.application)[-1].stage == Stage.DUE_FOR_STORAGE

    async def test_other_words_are_still_told(self, forgotten: Forgotten) -> None:
        """The record knows what the key was for: another command or officer under it is refused."""
        visit = forgotten.left
        assert [await give(visit, Command.LEAVE, "gone")] == forgotten.first[visit.application]
        assert await code_of(give(visit, Command.CALL, "gone")) == "id-reused"
        assert await code_of(give(visit, Command.LEAVE, "gone", Officer("education-intake-2"))) == "id-reused"
        assert await code_of(give(visit, Command.LEAVE, "another")) == "illegal-move"

    async def test_only_what_can_be_repeated_is_kept(self, house: House) -> None:
        """A command without a key leaves no answer in the record: nobody can ask for it."""
        visit = await Visit.open(house.desk, PROVIDER, strangers())
        await visit.do(Command.CALL, visit.clerk)
        answer, _ = await give(visit, Command.LEAVE, "gone")
        assert [fact.answer for fact in house.reader.facts(visit.application)] == [None, None, answer]


class TestOneKey:
    """In a story a key is for one thing."""

    async def test_command_and_recall(self, house: House, due: Visit) -> None:
        """The key of a command is no key for a recall, nor the other way round; both are noted."""
        await give(due, Command.HAND_OVER, "one")
        assert await code_of(request_recall(house.desk, due.application, CLERK, "one")) == "id-reused"
        assert house.reader.recalls(due.application) == []
        await request_recall(house.desk, due.application, CLERK, "two")
        assert await code_of(give(due, Command.SEND_BACK, "two", Officer(INTAKE[PROVIDER]))) == "id-reused"
        assert (CLERK.code, "recall", "id-reused") in house.reader.accesses(due.application)

    async def test_refusal_is_of_one_command(self, house: House) -> None:
        """What the process refused after asking the record sticks to its key, and to that command alone."""
        seed = 20_001
        rivals = [await Visit.open(house.desk, SC, strangers()) for _ in range(2)]
        for rival in rivals:
            await rival.do(Command.CALL, CLERK.code)
        package = rivals[0].example(Command.ACCEPT, seed=seed)
        await rivals[0].accept(package)
        late, key = rivals[1], secrets.token_hex(4)
        again = MESSAGES[Command.ACCEPT].model_validate(package)
        other = MESSAGES[Command.ACCEPT].model_validate(late.example(Command.ACCEPT))

        async def accept(message: object, by: Officer = CLERK) -> str:
            return await code_of(give_command(house.desk, late.application, Command.ACCEPT, by, message, key))

        assert await accept(again) == "child-has-open-application"
        assert await accept(again) == "child-has-open-application"
        assert await accept(other) == "id-reused"
        assert await accept(again, Officer("sc-intake-2")) == "id-reused"
        assert await code_of(give(late, Command.LEAVE, key)) == "id-reused"


class TestOtherChart:
    """A command that only the other chart knows."""

    async def test_illegal_move(self, house: House, due: Visit) -> None:
        """Refused as every illegal move, with what is possible instead, and noted."""
        assert await code_of(due.do(Command.SEND_BACK, INTAKE[PROVIDER])) == "illegal-move"
        assert (INTAKE[PROVIDER], "send_back", "illegal-move") in house.reader.accesses(due.application)
        await due.do(Command.HAND_OVER, CLERK.code)
        answer, _ = await request_recall(house.desk, due.application, CLERK)
        with pytest.raises(RefusedError, match="possible: send-back"):
            await due.withdraw()
        assert house.reader.accesses(answer.application) == [("applicant", "withdraw", "illegal-move")]


class TestStranger:
    """Somebody else has begun an execution under an id of ours."""

    async def test_is_said(self, house: House) -> None:
        """What cannot be read is no input: the desk says so, and nothing breaks."""
        visit = await Visit.open(house.desk, SC, strangers())
        for kind in (RecallInput, Answer):
            with pytest.raises(UnavailableError, match="begun by somebody else"):
                await house.desk.delivery.begun_with(visit.application, kind)
        handle = await house.engine.client.start_workflow(
            ApplicationWorkflow.run.__qualname__, id=f"app-{secrets.token_hex(4)}", task_queue="nobody"
        )
        with pytest.raises(UnavailableError, match="begun by somebody else"):
            await house.desk.delivery.begun_with(handle.id, RecallInput)
        await handle.terminate("the test is over")
