"""What every execution of ours does: it obeys commands one at a time, keeps its clocks, and records its facts.

The chart judges each move (`models/rules.py` asks it), every change goes through `_carry_out`, and history
has each fact before the record does.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from models.act import Act
    from models.calendar_change import CalendarChange
    from models.data import shown
    from models.handling import carry_out
    from models.journal import Fact
    from models.lifecycle import Command, Stage
    from models.messages import CLOCK, UPDATE_ID, Answer, Declined, Order
    from models.proceeding import Proceeding
    from models.refusals import Refusal
    from models.regulation import ClockKind
    from models.rules import refusals
    from models.state import Entry, State
    from workflows.commands import command
    from workflows.recorder import Recorder
    from workflows.service_clock import runs_out


class ProceedingWorkflow:
    """The part that an application and a recall share; each says in its `run` what the passport says of it."""

    def __init__(self, proceeding: Proceeding) -> None:
        self._proceeding = proceeding
        self._recorder = Recorder(proceeding)
        self._lock = asyncio.Lock()
        self._background: asyncio.TaskGroup | None = None
        self._watched: list[ClockKind] = []

    # What people may ask.

    @workflow.query(description="How the proceeding stands, as the read model will show it")
    def state(self) -> State:
        return self._proceeding.state()

    @workflow.query(description="The journal")
    def facts(self) -> list[Fact]:
        return self._proceeding.facts

    def entry(self) -> Entry:
        """Everything there is to record, from the first fact on: what a reconciliation derives."""
        return self._proceeding.entry(after=0)

    follow_calendar = command(
        Command.FOLLOW_CALENDAR, "The state's calendar has changed: clocks are planned anew (R6)", CalendarChange
    )

    # What `run` and the commands stand on.

    @property
    def _stage(self) -> Stage:
        return self._proceeding.stage

    @asynccontextmanager
    async def _working(self) -> AsyncGenerator[None]:
        """Record and keep clocks meanwhile; at the end every command is answered and every fact on record.

        A recorder or a clock that breaks fails the workflow task, in sight of operators, never in silence.
        """
        async with asyncio.TaskGroup() as self._background:
            self._background.create_task(self._recorder.show())
            self._background.create_task(self._recorder.write())
            self._watch_new_clocks()
            yield
            await workflow.wait_condition(workflow.all_handlers_finished)
            self._recorder.finish()

    def refuse_cancellation(self, reason: str) -> None:
        """Say to whoever cancelled the execution why it goes on; the memo is a command of this very task."""
        workflow.logger.warning("a cancellation from outside was refused")
        workflow.upsert_memo({"CancellationRefused": f"{shown(workflow.now())}: {reason}"})

    async def obey(self, name: Command, order: Order[Any]) -> Answer:
        """Carry a command out, alone, at the instant it came; judged again, as the world may have moved."""
        came_at = workflow.now()
        async with self._lock:
            self.judge(name, order)
            return self._done(
                Act(
                    command=name,
                    by=order.by,
                    at=came_at,
                    cause=cause(),
                    message=order.message,
                    edition=order.edition,
                ),
                order,
            )

    def judge(self, name: Command, order: Order[Any]) -> None:
        """Refuse what may not be done; in a validator nothing of it reaches history."""
        found = [*self._unbegun(), *_strange_update(name, order)]
        if self.said_before() is None:
            found += [*self._done_before(), *refusals(self._proceeding, name, order, workflow.now())]
        refuse(found, name, order)

    @workflow.update(dynamic=True, description="A command that this chart does not know: it is an illegal move")
    async def strange_command(self, name: str, arguments: Sequence[RawValue]) -> Answer:
        return self.said_before() or await self.obey(Command(name), _order(arguments))

    @strange_command.validator
    def _judge_strange(self, name: str, arguments: Sequence[RawValue]) -> None:
        self.judge(Command(name), _order(arguments))

    def _unbegun(self) -> list[Refusal]:
        """Before its first fact nothing can be done to a proceeding: a recall may have to wait for its time."""
        if self._stage is Stage.NEW:
            return [Refusal(code="not-begun", reason="it has not begun yet; try again")]
        return []

    def _done_before(self) -> list[Refusal]:
        """The server keeps a run from doing an update twice; of the runs before it the journal knows alone."""
        if any(fact.cause == cause() for fact in self._proceeding.facts):
            return [Refusal(code="strange-update-id", reason="this was done before, under the same id")]
        return []

    def said_before(self) -> Answer | None:
        """What a run before this one answered to this very update, if its caller can repeat it: a record that is
        behind, or away, cannot tell him."""
        by_this = (fact.answer for fact in self._proceeding.facts if fact.cause == cause())
        return next((answer for answer in by_this if answer is not None), None)

    def _done(self, act: Act, order: Order[Any]) -> Answer:
        """Carry out what an order says, and answer it."""
        self._carry_out(act)
        return self._answer(act.command, order.by, order.digest, is_kept=order.is_keyed)

    def _answer(self, command: Command, by: str, digest: str, *, is_kept: bool) -> Answer:
        """How it stands right after a command; kept beside its fact if the caller can repeat the command."""
        answer = self._proceeding.answer(command, by, digest)
        if is_kept:
            self._proceeding.keep(answer)
        return answer

    def _do(self, command: Command, *, by: str, at: datetime, cause: str, **more: Any) -> None:
        self._carry_out(Act(command=command, by=by, at=at, cause=cause, **more))

    def _carry_out(self, act: Act) -> None:
        """The one writer of state, without a pause between judging and doing."""
        carry_out(self._proceeding, act)
        self._watch_new_clocks()

    def _watch_new_clocks(self) -> None:
        if self._background is None:  # a command that came with the first task is handled before `run`
            return
        for kind in self._proceeding.clocks:
            if kind not in self._watched:
                self._watched.append(kind)
                self._background.create_task(self._watch(kind))

    async def _watch(self, kind: ClockKind) -> None:
        """Write what falls due at its instant: warnings, then the limit, whose passing ends nothing (C2).

        What has passed is watched on: a change of the calendar can put its due instant ahead again.
        """
        proceeding = self._proceeding
        while proceeding.clocks[kind].is_running and not proceeding.has_ended:
            next_at = proceeding.falls_due_at(kind)

            def is_over() -> bool:
                return proceeding.falls_due_at(kind) != next_at or not proceeding.clocks[kind].is_running  # noqa: B023

            if next_at is None:
                await workflow.wait_condition(lambda: is_over() or proceeding.has_ended)
            elif await runs_out(next_at, is_over, kind):
                async with self._lock:
                    self._fall_due(kind)

    def _fall_due(self, kind: ClockKind) -> None:
        """A month's end makes the storage due (R9); anything else is told and changes no stage."""
        clock, now, by_timer = self._proceeding.clocks[kind], workflow.now(), f"timer:{kind}"
        self._proceeding.fall_due(kind, noticed_at=now, cause=by_timer)
        if kind is ClockKind.RETENTION and clock.is_running and clock.due_at <= now:
            self._do(Command.RETENTION_ENDS, by=CLOCK, at=clock.due_at, cause=by_timer, noticed_at=now)


def cause() -> str:
    """Which update is being handled, as its fact will name it."""
    update = workflow.current_update_info()
    return f"update:{update.id}" if update else "update"


def refuse(found: list[Refusal], name: Command, order: Order[Any]) -> None:
    """Answer an update with its refusals, if there are any: business results, not failures of a task."""
    if found:
        declined = Declined(command=name, by=order.by, digest=order.digest, refusals=tuple(found))
        details = declined.model_dump(mode="json")
        raise ApplicationError(found[0].reason, details, type=found[0].code, non_retryable=True)


def _order(arguments: Sequence[RawValue]) -> Order[Any]:
    """The order of a command whose message nobody here knows."""
    return workflow.payload_converter().from_payload(arguments[0].payload, Order[Any])


def _strange_update(name: Command, order: Order[Any]) -> list[Refusal]:
    """Update ids stand in history and journal in the clear, so only the desk's hashed ones may come in.

    An order says by which update it comes, and what it commands: a copy of it under another id or another name is
    not the desk's.
    """
    update = workflow.current_update_info()
    if update is None:
        return []
    if UPDATE_ID.fullmatch(update.id) and order.update in (None, update.id) and order.command in (None, name):
        return []
    return [Refusal(code="strange-update-id", reason="give commands through the desk: its ids are hashes")]
