"""One application as an execution: commands come as updates, clocks are durable timers.

`run` reads as the passport does. What it shares with a recall stands in `workflows/proceeding.py`.
"""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from models.act import Act
    from models.application import Application
    from models.approval import by_approver, text_to_approve
    from models.calendar_change import rules_under
    from models.checks import Question
    from models.evidence import Attach
    from models.handling import carry_out
    from models.inputs import ApplicationInput
    from models.library import installed
    from models.lifecycle import Channel, Command, Stage
    from models.messages import APPLICANT, CLOCK, COUNTER, PROCESS, Answer, Approve, Closing, Order
    from models.signature import Flaw, SignatureFinding
    from models.submission import by_claims
    from workflows.admission import register, signature_over, submission_refusals
    from workflows.asking import Manner, ask_registers
    from workflows.commands import command
    from workflows.options import Urgency
    from workflows.proceeding import ProceedingWorkflow, cause, refuse
    from workflows.service_clock import runs_out
    from workflows.undisturbed import undisturbed

INTAKE = frozenset({Stage.QUEUED, Stage.AT_COUNTER})
DECIDING = frozenset({Stage.UNDER_REVIEW, Stage.AWAITING_APPROVAL})


@workflow.defn
class ApplicationWorkflow(ProceedingWorkflow):
    """The life of one application, from the queue ticket or the signed request to its end."""

    @workflow.init
    def __init__(self, begins: ApplicationInput) -> None:
        opening = begins.opening
        self._application = Application(opening, rules_under(installed(), opening, begins.calendar_change))
        if begins.resumes is not None:
            self._application.take_over(begins.resumes.entry, begins.resumes.rules(installed()))
        super().__init__(self._application)
        if begins.resumes is None:
            self._begin(begins)

    def _begin(self, begins: ApplicationInput) -> None:
        """The ticket was taken, or the request arrived, when the execution was started, however late a worker
        saw it (R5, R7)."""
        began_at = workflow.info().workflow_start_time
        if begins.submission is None:
            first = Act(command=Command.TAKE_TICKET, by=COUNTER, at=began_at, cause="start")
        else:
            sent = begins.submission
            first = Act(command=Command.SUBMIT, by=APPLICANT, at=began_at, cause="start", message=sent)
        carry_out(self._application, first)

    @workflow.run
    @undisturbed
    async def run(self, begins: ApplicationInput) -> Closing:
        """The passport, from top to bottom; each part ends when the chart has moved on."""
        async with self._working():
            await self._submission(begins)
            await self._intake()
            await self._verification()
            await self._decision()
            await self._delivery()
            await self._keeping()
        return self._application.closing()

    async def _submission(self, begins: ApplicationInput) -> None:
        """R15, R19: on the portal the process itself accepts what is complete, signed, for free children."""
        sent = begins.submission
        if sent is None or self._stage is not Stage.SUBMITTED:
            return
        refused, number = await submission_refusals(self._application, sent), None
        if not refused:
            registered = await register(self._application, sent)
            refused, number = list(by_claims(registered.held)), registered.number
        async with self._lock:
            if refused:
                refusals = tuple(refused)
                self._do(
                    Command.REFUSE_SUBMISSION, by=PROCESS, at=workflow.now(), cause="submission", refusals=refusals
                )
            else:
                self._do(
                    Command.ACCEPT_SUBMISSION,
                    by=PROCESS,
                    at=workflow.now(),
                    cause="submission",
                    registration_number=number,
                )

    async def _intake(self) -> None:
        """R7, R8: people call, accept or refuse, while the clocks of waiting and service run."""
        await workflow.wait_condition(lambda: self._stage not in INTAKE)

    async def _verification(self) -> None:
        """R17: ask the registers what they have not answered, then go on to review, whatever they said."""
        if self._stage is not Stage.ACCEPTED:
            return
        open_questions = self._application.open_questions()
        if open_questions:
            await self._ask_after_acceptance(open_questions)
        else:
            async with self._lock:
                self._do(Command.VERIFY, by=PROCESS, at=workflow.now(), cause="registers")

    async def _ask_after_acceptance(self, questions: list[Question]) -> None:
        registers = self._application.rules.regulation.registers
        patience = timedelta(seconds=registers.patience_after_acceptance)
        manner = Manner(PROCESS, Urgency.ACCEPTED, registers.retry, patience)
        asking = asyncio.create_task(ask_registers(questions, manner))
        await workflow.wait_condition(lambda: asking.done() or self._stage is not Stage.ACCEPTED)
        if self._stage is not Stage.ACCEPTED:
            asking.cancel()
            with suppress(asyncio.CancelledError, ActivityError):
                await asking
            return
        asked = await asking
        async with self._lock:
            if self._stage is Stage.ACCEPTED:
                self._do(Command.VERIFY, by=PROCESS, at=workflow.now(), cause="registers", **vars(asked))

    async def _decision(self) -> None:
        """R20: a specialist drafts; the head approves or sends the draft back."""
        await workflow.wait_condition(lambda: self._stage not in DECIDING)

    async def _delivery(self) -> None:
        """R5: at SC the result travels until an officer delivers it; at the provider it is there at once.

        On the portal it is published into the cabinet at once (R20, R22).
        """
        at_once = {Channel.PROVIDER: Command.DELIVER, Channel.PORTAL: Command.PUBLISH}
        by_itself = at_once.get(self._application.opening.channel)
        if self._stage is Stage.DECIDED and by_itself is not None:
            async with self._lock:
                self._do(by_itself, by=PROCESS, at=workflow.now(), cause="decision")
        await workflow.wait_condition(lambda: self._stage is not Stage.DECIDED)

    async def _keeping(self) -> None:
        """R9: SC keeps the result for its month, then people hand it over; at the provider it stays."""
        if self._stage is Stage.READY and self._application.opening.channel is Channel.PROVIDER:
            await self._keep_at_provider()
        await workflow.wait_condition(lambda: self._application.has_ended)

    async def _keep_at_provider(self) -> None:
        """How long this execution waits for an uncollected result is the office's own data."""
        keeps = self._application
        began_at = keeps.ready_since
        while self._stage is Stage.READY and (due_at := keeps.kept_until(began_at)) is not None:

            def is_over() -> bool:
                return self._stage is not Stage.READY or keeps.kept_until(began_at) != due_at

            if not await runs_out(due_at, is_over, "keeping"):
                continue
            async with self._lock:
                if self._stage is Stage.READY:
                    now = workflow.now()
                    self._do(Command.KEEP, by=CLOCK, at=due_at, cause="timer:keeping", noticed_at=now)

    # Commands of people.

    call = command(Command.CALL, "Call the applicant to the counter: waiting ends, service begins (R7, R8)")
    leave = command(Command.LEAVE, "The applicant has left without handing anything in")
    look_up = command(Command.LOOK_UP, "Ask the registers while the applicant is at the counter (R17)")
    accept = command(
        Command.ACCEPT, "Accept a complete package: the ten working days begin (R5, R6, R11-R14, R18)"
    )
    refuse_intake = command(
        Command.REFUSE_INTAKE, "Refuse an incomplete package, with a receipt of what is missing (R19)"
    )
    attach = command(Command.ATTACH, "A file of the package is in the store (R11-R15)")
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

    async def obey(self, name: Command, order: Order[Any]) -> Answer:
        """As every command; some need something of the world before they can be carried out."""
        match name:
            case Command.LOOK_UP:
                questions = list(self._application.questions(order.message).values())
                return await self._obey_with_answers(name, order, questions, self._manner(name, order.by))
            case Command.ASK_AGAIN:
                questions = self._application.questions_again(order.message, order.by)
                return await self._obey_with_answers(name, order, questions, self._manner(name, order.by))
            case Command.ACCEPT:
                return await self._obey_with_number(order)
            case Command.ATTACH:
                return await self._obey_once(order)
            case Command.APPROVE if order.message.signature is not None:
                return await self._obey_with_signature(order)
            case _:
                return await super().obey(name, order)

    def _manner(self, name: Command, by: str) -> Manner:
        """Whoever stands there waits a little; what the process does by itself is one question, without haste."""
        registers = self._application.rules.regulation.registers
        if by == PROCESS:
            return Manner(by, Urgency.LEFT_UNANSWERED, registers.retry, None)
        urgency = Urgency.AT_THE_COUNTER if name is Command.LOOK_UP else Urgency.OFFICER_WAITS
        return Manner(by, urgency, registers.retry, timedelta(seconds=registers.patience_at_counter))

    async def _obey_with_answers(
        self, name: Command, order: Order[Any], questions: list[Question], manner: Manner
    ) -> Answer:
        """Ask the registers first, so that nobody else waits meanwhile."""
        asked = await ask_registers(questions, manner)
        async with self._lock:
            self.judge(name, order)
            if order.by == PROCESS and not asked.is_news(self._application.checks):
                return self._answer(name, order.by, order.digest, is_kept=False)
            at, message = workflow.now(), order.message
            act = Act(command=name, by=order.by, at=at, cause=cause(), message=message, **vars(asked))
            return self._done(act, order)

    async def _obey_once(self, order: Order[Attach]) -> Answer:
        """Attach a file; one that is there already as that paper is answered as it stands, nothing happens."""
        came_at, message = workflow.now(), order.message
        async with self._lock:
            self.judge(Command.ATTACH, order)
            if self._application.evidence_of(message) is not None:
                return self._answer(Command.ATTACH, order.by, order.digest, is_kept=False)
            act = Act(command=Command.ATTACH, by=order.by, at=came_at, cause=cause(), message=message)
            return self._done(act, order)

    async def _obey_with_signature(self, order: Order[Approve]) -> Answer:
        """Have the head's signature checked over the draft as it stands, then approve that draft and no other."""
        text, came_at = text_to_approve(self._application), workflow.now()
        finding = await signature_over(text or "", order.message.signature or "", came_at)
        async with self._lock:
            self.judge(Command.APPROVE, order)
            if text_to_approve(self._application) != text:
                finding = SignatureFinding(valid=False, flaw=Flaw.OTHER_CONTENT)
            refuse(list(by_approver(finding, order.by)), Command.APPROVE, order)
            act = Act(command=Command.APPROVE, by=order.by, at=came_at, cause=cause(), message=order.message)
            return self._done(act, order)

    async def _obey_with_number(self, order: Order[Any]) -> Answer:
        """Accept at the instant the command came, once the children are claimed and the number is given."""
        came_at = workflow.now()
        async with self._lock:
            self.judge(Command.ACCEPT, order)
            registered = await register(self._application, order.message)
            refuse(list(by_claims(registered.held)), Command.ACCEPT, order)
            act = Act(
                command=Command.ACCEPT,
                by=order.by,
                at=came_at,
                cause=cause(),
                message=order.message,
                registration_number=registered.number,
            )
            return self._done(act, order)
