"""`starter.py revive`: what was ended from outside goes on from the record, where it stood (C4)."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Any

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, ResetReapplyType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import WorkflowExecutionStatus

from adapters.database.records import SqlApplicationRecords
from adapters.host_clock import host_now, host_today
from demo.stories import REFUSAL
from demo.visit import HEAD, INTAKE, SPECIALIST, Visit
from desk.desk import Desk
from desk.identity import submission_id
from desk.officer import Officer
from desk.reconcile import differences
from desk.reviving import Reviver
from models.act import Act
from models.application import Application
from models.clocks import Outcome
from models.errors import RefusedError
from models.handling import carry_out
from models.journal import Fact, FactName
from models.lifecycle import Channel, Command, Stage
from models.messages import APPLICANT, Nothing, Opening, Submit
from models.regulation import ClockKind
from models.state import Entry
from tests.command_line import run_program
from tests.conftest import House, strangers
from tests.outside import repairer_of, reviver_of

SC, PROVIDER, PORTAL = Channel


def reviver(house: House) -> Reviver:
    return reviver_of(house.desk, house.record)


async def terminate(house: House, execution: str) -> None:
    await house.engine.client.get_workflow_handle(execution).terminate("by mistake")


def recorded(house: House, execution: str) -> Entry:
    entry = house.reader.entry(execution)
    assert entry is not None
    return entry


async def equal(house: House, execution: str) -> None:
    """History and record say the same, be it a moment later."""
    for _ in range(50):
        found = await differences(house.engine.client, house.reader, house.ring, execution)
        if not found:
            return
        await asyncio.sleep(0.1)
    assert found == []


async def lost_and_revived(house: House, execution: str) -> None:
    """End an execution from outside and start it again: nothing about it has changed."""
    before = recorded(house, execution)
    await terminate(house, execution)
    revived = await reviver(house).revive(execution)
    assert (revived.stage, revived.facts, revived.given_up) == (before.state.stage, len(before.facts), ())
    await equal(house, execution)
    assert recorded(house, execution) == before


async def queued(_visit: Visit) -> None:
    return


async def at_the_counter(visit: Visit) -> None:
    await visit.do(Command.CALL, visit.clerk)
    await visit.do(Command.LOOK_UP, visit.clerk, visit.example(Command.ACCEPT))


async def under_review(visit: Visit) -> None:
    await visit.be_accepted()
    await visit.do(Command.TAKE, SPECIALIST)


async def drafted(visit: Visit) -> None:
    await under_review(visit)
    await visit.do(Command.PREPARE_DECISION, SPECIALIST, REFUSAL)


async def ready(visit: Visit) -> None:
    await visit.be_accepted()
    await visit.be_decided()
    await visit.be_delivered()


Goes = Callable[[Visit], Awaitable[None]]


class TestWhereItStood:
    """Every stage in which an application can wait for somebody."""

    @pytest.mark.parametrize("so_far", [queued, at_the_counter, under_review, drafted, ready])
    @pytest.mark.parametrize("channel", [SC, PROVIDER])
    async def test_goes_on_to_its_end(self, house: House, channel: Channel, so_far: Goes) -> None:
        """The record is as it was, and every further step of the passport can be taken."""
        visit = await Visit.open(house.desk, channel, strangers())
        await so_far(visit)
        await lost_and_revived(house, visit.application)
        await finish(visit)
        facts = house.reader.facts(visit.application)
        assert visit.stage() is Stage.COLLECTED
        assert [fact.number for fact in facts] == list(range(1, len(facts) + 1))
        assert all(one.previous == before.hash for before, one in pairwise(facts))
        await equal(house, visit.application)

    async def test_on_the_portal(self, house: House) -> None:
        """A signed request that is under review goes on, and is published into the cabinet."""
        visit = Visit(house.desk, PORTAL, "", strangers(), house.settings.signature_stand_in)
        await visit.submit()
        await lost_and_revived(house, visit.application)
        await visit.be_decided()
        assert await house.desk.until(lambda: visit.stage() is Stage.PUBLISHED)
        await equal(house, visit.application)

    async def test_while_a_register_is_silent(self, house: House) -> None:
        """What was accepted and not checked yet asks the registers anew, and nobody is held up (R17)."""
        visit = await Visit.open(house.desk, SC, strangers())
        await visit.be_accepted(behaviour="silent")
        await lost_and_revived(house, visit.application)
        await visit.skip(hours=5)
        assert await house.desk.until(lambda: visit.stage() is Stage.UNDER_REVIEW)
        await equal(house, visit.application)

    async def test_submitted_and_not_judged_yet(self, house: House) -> None:
        """A request that was on record with its arrival only, when the server lost everything."""
        visit = Visit(house.desk, PORTAL, submission_id(house.ring, "app", secrets.token_hex(8)), strangers())
        visit.signatures = house.settings.signature_stand_in
        sent = Submit.model_validate(visit.example(Command.SUBMIT))
        rules = house.desk.calendars.in_force(host_today())
        opening = Opening(
            application=visit.application,
            channel=PORTAL,
            office="education-karaganda",
            regulation=rules.regulation,
            calendar=rules.calendar,
        )
        arrived = Application(opening, house.desk.calendars.rules(rules.regulation, rules.calendar))
        carry_out(
            arrived,
            Act(command=Command.SUBMIT, by=APPLICANT, at=host_now(), cause="start", message=sent),
        )
        SqlApplicationRecords(house.record, house.ring).record(arrived.entry(after=0))
        await reviver(house).revive(visit.application)
        assert await house.desk.until(lambda: visit.stage() is Stage.UNDER_REVIEW)
        await equal(house, visit.application)
        assert recorded(house, visit.application).signature == sent.signature

    async def test_recall(self, house: House) -> None:
        """A recall goes on as an application does; its story stays one chain."""
        visit = await Visit.open(house.desk, SC, strangers())
        await ready(visit)
        await visit.skip_past(ClockKind.RETENTION)
        await visit.do(Command.HAND_OVER, visit.clerk)
        await visit.be_recalled()
        recall = visit.executions()[-1]
        await lost_and_revived(house, recall)
        await visit.do(Command.SEND_BACK, INTAKE[PROVIDER])
        await lost_and_revived(house, recall)
        await visit.do(Command.DELIVER, visit.clerk)
        await visit.collect()
        assert visit.stage() is Stage.COLLECTED
        await equal(house, recall)

    async def test_again_and_again(self, house: House) -> None:
        """What was started again can be lost again."""
        visit = await Visit.open(house.desk, SC, strangers())
        for _ in range(3):
            await lost_and_revived(house, visit.application)
        await visit.do(Command.LEAVE, visit.clerk)
        await equal(house, visit.application)
        assert visit.stage() is Stage.LEFT


async def finish(visit: Visit) -> None:
    """From wherever it stands to the collection."""
    if visit.stage() is Stage.QUEUED:
        await visit.do(Command.CALL, visit.clerk)
    if visit.stage() is Stage.AT_COUNTER:
        await visit.accept()
    if visit.stage() is Stage.UNDER_REVIEW:
        await visit.do(Command.PREPARE_DECISION, SPECIALIST, visit.grant())
    if visit.stage() is Stage.AWAITING_APPROVAL:
        await visit.do(Command.APPROVE, HEAD)
    await visit.desk.until(lambda: visit.stage() is not Stage.DECIDED or visit.channel is SC)
    if visit.stage() is Stage.DECIDED:
        await visit.be_delivered()
    await visit.collect()


class TestClocks:
    """The clocks run on: none starts anew, none is moved."""

    async def test_limit_passes_when_it_was_due(self, house: House) -> None:
        """A limit that had been started before passes at its own instant, and its supervisor is told once."""
        visit = await Visit.open(house.desk, SC, strangers())
        await visit.be_accepted()
        await visit.skip(days=1)
        before = {clock.clock: clock.due_at for clock in visit.clocks()}
        await lost_and_revived(house, visit.application)
        await visit.skip_past(ClockKind.PROCESSING)
        clocks = {clock.clock: clock for clock in visit.clocks()}
        assert {kind: clock.due_at for kind, clock in clocks.items()} == before
        assert clocks[ClockKind.PROCESSING].outcome is Outcome.PASSED
        passed = [f for f in house.reader.facts(visit.application) if f.fact is FactName.LIMIT_PASSED]
        assert [fact.at for fact in passed] == [before[ClockKind.PROCESSING]]

    async def test_warned_before_is_not_warned_again(self, house: House) -> None:
        """A warning that was given stays given."""
        visit = await Visit.open(house.desk, SC, strangers())
        await visit.skip(minutes=14)
        warned = sum(fact.fact is FactName.WARNING_REACHED for fact in house.reader.facts(visit.application))
        await lost_and_revived(house, visit.application)
        await visit.skip(minutes=3)
        facts = house.reader.facts(visit.application)
        assert sum(fact.fact is FactName.WARNING_REACHED for fact in facts) == warned > 0
        assert sum(fact.fact is FactName.LIMIT_PASSED for fact in facts) == 1

    async def test_month_of_storage(self, house: House) -> None:
        """The month of R9 ends when it would have ended."""
        visit = await Visit.open(house.desk, SC, strangers())
        await ready(visit)
        due_at = {clock.clock: clock.due_at for clock in visit.clocks()}[ClockKind.RETENTION]
        await lost_and_revived(house, visit.application)
        await visit.skip_past(ClockKind.RETENTION)
        ended = house.reader.facts(visit.application)[-1]
        assert (ended.fact, ended.at) == (FactName.RETENTION_ENDED, due_at)

    async def test_kept_at_the_provider(self, house: House) -> None:
        """The provider's own keeping is counted from the day on which the result was there."""
        visit = await Visit.open(house.desk, PROVIDER, strangers())
        await ready(visit)
        delivered = house.reader.facts(visit.application)[-1]
        await lost_and_revived(house, visit.application)
        await visit.skip(days=380)
        assert await house.desk.until(lambda: visit.stage() is Stage.STORED)
        opening = recorded(house, visit.application).state.opening
        rules = house.desk.calendars.rules(opening.regulation, opening.calendar)
        until = Application(opening, rules).kept_until(delivered.at)
        assert house.reader.facts(visit.application)[-1].at == until
        await equal(house, visit.application)


class TestRefused:
    """What needs no help gets none, and what would lose something is asked about first."""

    async def test_one_that_runs(self, house: House) -> None:
        visit = await Visit.open(house.desk, SC, strangers())
        with pytest.raises(RefusedError, match="runs as it should"):
            await reviver(house).revive(visit.application)

    async def test_one_that_has_ended(self, house: House) -> None:
        visit = await Visit.open(house.desk, SC, strangers())
        await visit.do(Command.LEAVE, visit.clerk)
        await equal(house, visit.application)
        with pytest.raises(RefusedError, match="has ended as left"):
            await reviver(house).revive(visit.application)

    async def test_twice_at_once(self, house: House) -> None:
        """Of two operators who start it again, one does."""
        visit = await Visit.open(house.desk, SC, strangers())
        await terminate(house, visit.application)
        two = [reviver(house).revive(visit.application) for _ in range(2)]
        results = await asyncio.gather(*two, return_exceptions=True)
        assert [type(result) for result in results].count(RefusedError) == 1
        await equal(house, visit.application)


class TestReset:
    """Somebody puts an execution back to an earlier task, as the UI offers it."""

    async def test_put_back(self, house: House) -> None:
        """The record knows more than the run that was put back: it goes on from the record."""
        visit = await Visit.open(house.desk, SC, strangers())
        await drafted(visit)
        before = recorded(house, visit.application)
        await reset(house, visit.application)
        revived = await reviver(house).revive(visit.application)
        assert revived.given_up == ()
        await equal(house, visit.application)
        assert recorded(house, visit.application) == before
        await visit.do(Command.APPROVE, HEAD)

    async def test_put_back_and_gone_on(self, house: House) -> None:
        """What was done after the reset cannot be recorded: it is named, and given up only if that is said."""
        visit = await Visit.open(house.desk, SC, strangers())
        await drafted(visit)
        before = recorded(house, visit.application)
        await reset(house, visit.application, ResetReapplyType.RESET_REAPPLY_TYPE_NONE)
        desk = impatient(house)
        await desk.give(visit.application, Command.LEAVE, Officer(visit.clerk), Nothing())
        assert not await desk.until(lambda: recorded(house, visit.application) != before)
        with pytest.raises(RefusedError, match="--discard"):
            await reviver(house).revive(visit.application)
        revived = await reviver(house).revive(visit.application, discard=True)
        assert [fact.fact for fact in revived.given_up] == [FactName.APPLICANT_LEFT]
        await equal(house, visit.application)
        assert recorded(house, visit.application) == before

    async def test_put_back_and_two_at_once(self, house: House) -> None:
        """Of two operators who start it again, one does: the other ends nothing that was begun meanwhile."""
        visit = await Visit.open(house.desk, SC, strangers())
        await drafted(visit)
        await reset(house, visit.application)

        class Second(Reviver):
            async def _agree(self, *judged: Any, **how: Any) -> tuple[Fact, ...]:
                agreed = await super()._agree(*judged, **how)
                await reviver(house).revive(visit.application)
                await visit.do(Command.APPROVE, HEAD)
                return agreed

        with pytest.raises(RefusedError, match="runs as it should"):
            await Second(house.desk, repairer_of(house.desk, house.record)).revive(visit.application)
        await equal(house, visit.application)
        assert recorded(house, visit.application).state.decision is not None


def impatient(house: House) -> Desk:
    """A desk that does not wait long for the record."""
    client, queue = house.engine.client, house.settings.task_queue
    return Desk(client, house.reader, house.desk.library, house.ring, task_queue=queue, wait_seconds=3)


async def reset(
    house: House,
    execution: str,
    again: ResetReapplyType.ValueType = ResetReapplyType.RESET_REAPPLY_TYPE_ALL_ELIGIBLE,
) -> None:
    """Back to the second workflow task; `again`: whether the commands after it are given again."""
    client = house.engine.client
    handle = client.get_workflow_handle(execution)
    history = await handle.fetch_history()
    tasks = [e for e in history.events if e.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED]
    await client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=execution, run_id=(await handle.describe()).run_id),
            reason="by mistake",
            workflow_task_finish_event_id=tasks[1].event_id,
            request_id=execution,
            reset_reapply_type=again,
        ),
        retry=True,
    )


class TestCancelled:
    """A cancellation from outside is refused with a reason, and changes nothing."""

    @pytest.mark.parametrize("so_far", [queued, drafted, ready])
    async def test_goes_on(self, house: House, so_far: Goes) -> None:
        visit = await Visit.open(house.desk, SC, strangers())
        await so_far(visit)
        handle = house.engine.client.get_workflow_handle(visit.application)
        await handle.cancel()
        for _ in range(50):
            described = await handle.describe()
            memo = await described.memo()
            if "CancellationRefused" in memo:
                break
            await asyncio.sleep(0.1)
        assert "refused: an application ends as the passport says" in memo["CancellationRefused"]
        await finish(visit)
        await equal(house, visit.application)
        assert (await handle.describe()).status is WorkflowExecutionStatus.COMPLETED


class TestCommand:
    """The command line."""

    async def test_by_number(self, house: House) -> None:
        """Exit 0 and what goes on; the second time 3 and why not; an unknown one 5."""
        visit = await Visit.open(house.desk, SC, strangers())
        await visit.be_accepted()
        await terminate(house, visit.application)
        number = recorded(house, visit.application).state.registration_number or ""
        done = await run_program("revive", number, "--as", "head", "--json", environment=house.environment)
        again = await run_program("revive", number, "--as", "head", "--json", environment=house.environment)
        assert (done.code, again.code) == (0, 3)
        assert ("head", "revive", "revived") in house.reader.accesses(visit.application)
        await visit.do(Command.WITHDRAW, APPLICANT)

    async def test_neither_one_nor_all(self, house: House) -> None:
        nothing = await run_program("revive", "--json", environment=house.environment)
        assert nothing.code == 2
