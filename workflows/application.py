"""One application as an execution: commands come as updates, clocks are durable timers.

`run` reads as the passport does. The chart judges each move (`models/rules.py` asks it), every change
goes through `_carry_out`, and history has each fact before the record does.
"""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.records import NumberWanted, RecordActivities
    from models.application import Application
    from models.checks import Check
    from models.handling import Act, carry_out
    from models.journal import Fact
    from models.library import find_rules
    from models.lifecycle import Channel, Command, Stage
    from models.messages import (
        CLOCK,
        COUNTER,
        PROCESS,
        UPDATE_ID,
        Answer,
        Closing,
        Opening,
        Order,
    )
    from models.refusals import Refusal
    from models.regulation import ClockKind
    from models.rules import refusals
    from models.state import Entry, State
    from workflows import options
    from workflows.asking import ask_registers
    from workflows.commands import command
    from workflows.recorder import Recorder
    from workflows.service_clock import runs_out

INTAKE = frozenset({Stage.QUEUED, Stage.AT_COUNTER})
DECIDING = frozenset({Stage.UNDER_REVIEW, Stage.AWAITING_APPROVAL})


@workflow.defn
class ApplicationWorkflow:
    """The life of one application, from the queue ticket to its end."""

    @workflow.init
    def __init__(self, opening: Opening) -> None:
        self._application = Application(opening, find_rules(opening.regulation, opening.calendar))
        self._recorder = Recorder(self._application)
        self._lock = asyncio.Lock()
        self._background: asyncio.TaskGroup | None = None
        self._watched: list[ClockKind] = []
        # The ticket was taken when the execution was started, however late a worker saw it (R7).
        taken_at = workflow.info().workflow_start_time
        carry_out(self._application, Act(command=Command.TAKE_TICKET, by=COUNTER, at=taken_at, cause="start"))

    @workflow.run
    async def run(self, opening: Opening) -> Closing:
        """The passport, from top to bottom; each part ends when the chart has moved on."""
        del opening  # __init__ has it
        # A recorder or a clock that breaks fails the workflow task, in sight of operators, never in silence.
        async with asyncio.TaskGroup() as self._background:
            self._background.create_task(self._recorder.run())
            self._watch_new_clocks()
            await self._intake()
            await self._verification()
            await self._decision()
            await self._delivery()
            await self._keeping()
            await self._end()
        return self._application.closing()

    async def _intake(self) -> None:
        """R7, R8: people call, accept or refuse, while the clocks of waiting and service run."""
        await workflow.wait_condition(lambda: self._stage not in INTAKE)

    async def _verification(self) -> None:
        """R17: ask the registers what they have not answered, then go on to review, whatever they said."""
        if self._stage is not Stage.ACCEPTED:
            return
        patience = self._application.rules.regulation.registers.patience_after_acceptance
        questions = self._application.open_questions()
        asking = asyncio.create_task(ask_registers(questions, timedelta(seconds=patience)))
        await workflow.wait_condition(lambda: asking.done() or self._stage is not Stage.ACCEPTED)
        if self._stage is not Stage.ACCEPTED:
            asking.cancel()
            with suppress(asyncio.CancelledError, ActivityError):
                await asking
            return
        checks = await asking
        async with self._lock:
            if self._stage is Stage.ACCEPTED:
                self._do(Command.VERIFY, by=PROCESS, at=workflow.now(), cause="registers", checks=checks)

    async def _decision(self) -> None:
        """R20: a specialist drafts; the head approves or sends the draft back."""
        await workflow.wait_condition(lambda: self._stage not in DECIDING)

    async def _delivery(self) -> None:
        """R5: at SC the result travels until an officer delivers it; at the provider it is there at once."""
        if self._stage is Stage.DECIDED and self._application.opening.channel is Channel.PROVIDER:
            async with self._lock:
                self._do(Command.DELIVER, by=PROCESS, at=workflow.now(), cause="decision")
        await workflow.wait_condition(lambda: self._stage is not Stage.DECIDED)

    async def _keeping(self) -> None:
        """R9: SC keeps the result for its month, then people hand it over; at the provider it stays."""
        if self._stage is Stage.READY and self._application.opening.channel is Channel.PROVIDER:
            await self._keep_at_provider()
        await workflow.wait_condition(lambda: self._application.has_ended)

    async def _keep_at_provider(self) -> None:
        """How long this execution waits for an uncollected result is the office's own data."""
        due_at = self._application.kept_until(workflow.now())
        if due_at is None:
            return
        if await runs_out(due_at, lambda: self._stage is not Stage.READY, "keeping"):
            async with self._lock:
                if self._stage is Stage.READY:
                    self._do(Command.KEEP, by=CLOCK, at=due_at, cause="timer:keeping")

    async def _end(self) -> None:
        """Every command is answered before the recorder may finish; the group then waits for the record."""
        await workflow.wait_condition(workflow.all_handlers_finished)
        self._recorder.finish()

    # Commands of people.

    call = command(Command.CALL, "Call the applicant to the counter: waiting ends, service begins (R7, R8)")
    leave = command(Command.LEAVE, "The applicant has left the queue without being served")
    look_up = command(Command.LOOK_UP, "Ask the registers while the applicant is at the counter (R17)")
    accept = command(
        Command.ACCEPT, "Accept a complete package: the ten working days begin (R5, R6, R11-R14, R18)"
    )
    refuse_intake = command(
        Command.REFUSE_INTAKE, "Refuse an incomplete package, with a receipt of what is missing (R19)"
    )
    take = command(Command.TAKE, "Take the file in hand")
    release = command(Command.RELEASE, "Put the file down")
    reassign = command(Command.REASSIGN, "Give the file to another officer")
    ask_again = command(Command.ASK_AGAIN, "Ask the registers once more what they have not confirmed (R17)")
    prepare_decision = command(Command.PREPARE_DECISION, "Draft the decision: grant or refuse (R20)")
    return_draft = command(Command.RETURN_DRAFT, "Send the draft back to its specialist, with a reason")
    approve = command(Command.APPROVE, "Approve the decision; not by the person who prepared it (R20)")
    deliver = command(Command.DELIVER, "The result has reached SC: processing ends, its month begins (R5, R9)")
    collect = command(Command.COLLECT, "Hand the result out, on receipt and identity document (R21)")
    hand_over = command(Command.HAND_OVER, "Hand an uncollected result over to the provider, on a list (R9)")
    withdraw = command(Command.WITHDRAW, "The applicant takes the application back")

    # What people may ask.

    @workflow.query(description="How the application stands, as the read model will show it")
    def state(self) -> State:
        return self._application.state()

    @workflow.query(description="The journal")
    def facts(self) -> list[Fact]:
        return self._application.facts

    def entry(self) -> Entry:
        """Everything there is to record, from the first fact on: what a reconciliation derives."""
        return self._application.entry(after=0)

    # What everything above stands on.

    @property
    def _stage(self) -> Stage:
        return self._application.stage

    async def obey(self, name: Command, order: Order[Any]) -> Answer:
        """Carry a command out, alone, at the instant it came; judged again, as the world may have moved."""
        came_at = workflow.now()
        checks = await self._ask_for(name, order)
        async with self._lock:
            self.judge(name, order)
            number = await self._registration_number(came_at) if name is Command.ACCEPT else None
            update = workflow.current_update_info()
            act = Act(
                command=name,
                by=order.by,
                at=workflow.now() if checks else came_at,
                cause=f"update:{update.id}" if update else "update",
                message=order.message,
                registration_number=number,
                checks=checks,
            )
            self._carry_out(act)
            return self._application.answer(name, order.by, order.digest)

    async def _ask_for(self, name: Command, order: Order[Any]) -> tuple[Check, ...]:
        """What the registers say, for the two commands that ask them; nobody else waits meanwhile."""
        if name is Command.LOOK_UP:
            questions = list(self._application.questions(order.message).values())
        elif name is Command.ASK_AGAIN:
            questions = self._application.unconfirmed_questions()
        else:
            return ()
        patience = self._application.rules.regulation.registers.patience_at_counter
        return await ask_registers(questions, timedelta(seconds=patience))

    def judge(self, name: Command, order: Order[Any]) -> None:
        """Refuse what may not be done; in a validator nothing of it reaches history."""
        found = [*_strange_update(), *refusals(self._application, name, order, workflow.now())]
        if found:
            details = [refusal.model_dump(mode="json") for refusal in found]
            raise ApplicationError(found[0].reason, *details, type=found[0].code, non_retryable=True)

    async def _registration_number(self, at: datetime) -> str:
        wanted = NumberWanted(
            application=self._application.opening.application,
            at=at,
            pattern=self._application.rules.regulation.registration_number,
        )
        return await workflow.execute_activity_method(
            RecordActivities.assign_registration_number,
            wanted,
            **options.write_record("registration number"),
        )

    def _do(self, name: Command, *, by: str, at: datetime, cause: str, checks: tuple[Check, ...] = ()) -> None:
        self._carry_out(Act(command=name, by=by, at=at, cause=cause, checks=checks))

    def _carry_out(self, act: Act) -> None:
        """The one writer of state, without a pause between judging and doing."""
        carry_out(self._application, act)
        self._watch_new_clocks()

    def _watch_new_clocks(self) -> None:
        if self._background is None:  # a command that came with the first task is handled before `run`
            return
        for kind in self._application.clocks:
            if kind not in self._watched:
                self._watched.append(kind)
                self._background.create_task(self._watch(kind))

    async def _watch(self, kind: ClockKind) -> None:
        """Passing a limit is written at its instant and ends nothing (C2); a month's end makes storage due."""
        clock = self._application.clocks[kind]
        if not await runs_out(clock.due_at, lambda: not self._application.clocks[kind].is_running, kind):
            return
        async with self._lock:
            if not self._application.clocks[kind].is_running:
                return
            if kind is ClockKind.RETENTION:
                self._do(Command.RETENTION_ENDS, by=CLOCK, at=clock.due_at, cause=f"timer:{kind}")
            else:
                self._application.pass_limit(kind, cause=f"timer:{kind}")


def _strange_update() -> list[Refusal]:
    """Update ids stand in history and journal in the clear, so only the desk's hashed ones may come in."""
    update = workflow.current_update_info()
    if update is not None and not UPDATE_ID.fullmatch(update.id):
        return [Refusal(code="strange-update-id", reason="give commands through the desk: its ids are hashes")]
    return []
