"""What a process can die in: every command, and every fact that the process or a clock writes by itself."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from adapters.faults import REGISTRATION, name_of
from adapters.host_clock import host_today
from demo.examples import signed_again
from demo.visit import HEAD, INTAKE, SPECIALIST, Visit
from desk.beginnings import submit, take_ticket
from desk.identity import recall_id, submission_id, ticket_id
from desk.officer import Officer
from desk.recalling import give_command, request_recall
from desk.time_travel import skip
from models.calendar_change import CalendarChange, change_between
from models.calendar_entries import CalendarEntry, Correction, DayKind
from models.errors import RefusedError
from models.journal import FactName
from models.lifecycle import Channel, Command
from models.messages import APPLICANT, MESSAGES, Answer, Submit, Ticket
from models.outbound import NoticeKind
from models.regulation import ClockKind

SC, PROVIDER, PORTAL = Channel.STATE_CORPORATION, Channel.PROVIDER, Channel.PORTAL
CLERK = INTAKE[SC]

Step = Callable[[Visit], Awaitable[Any]]
Said = tuple[Any, ...]
"""What a command answered, its facts included; or the codes with which it was refused."""


@dataclass(frozen=True)
class Scene:
    """The life up to an instant, and the command or the passing of time that leads to the fact."""

    name: str
    what: str
    channel: Channel
    before: tuple[Step, ...] = ()
    command: Command | None = None
    by: str = CLERK
    clock: ClockKind | None = None
    in_recall: bool = False
    """The fact is one of the application's first recall."""
    signed_by_another: bool = False


@dataclass
class Case:
    """A scene that is played once: its application, its key, and the words of its command."""

    scene: Scene
    key: str
    visit: Visit
    message: dict[str, Any] = field(default_factory=dict)
    heard: list[Answer] = field(default_factory=list)
    """What the process answered, before anybody waits for the record."""

    def __post_init__(self) -> None:
        """Where it will happen is known beforehand: ids are derived from keys."""
        desk, opens = self.visit.desk, submission_id if self.scene.channel is PORTAL else ticket_id
        self.visit.application = opens(desk.ring, desk.prefix, self.opening_key)

    @property
    def opening_key(self) -> str:
        return f"{self.key}/opening"

    @property
    def execution(self) -> str:
        """Where the fact of the scene is written."""
        application = self.visit.application
        return recall_id(application, 1) if self.scene.in_recall else application

    async def prepare(self) -> None:
        """Live up to the instant."""
        opening = (Command.TAKE_TICKET, Command.SUBMIT)
        if self.scene.command not in opening:
            await self._open(self.visit.example(Command.SUBMIT) if self.scene.channel is PORTAL else {})
        for step in self.scene.before:
            await step(self.visit)
        if self.scene.command is Command.FOLLOW_CALENDAR:
            self.message = _other_calendar(self.visit).model_dump()
        elif self.scene.command is not None:
            self.message = self.visit.example(self.scene.command)
            if self.scene.signed_by_another:
                self.message = signed_again(self.message, self.message["children"][0]["iin"])

    async def act(self) -> Said:
        """Give the command with its key, or let the time pass; what was said to it."""
        try:
            return await self._act()
        except RefusedError as refused:
            return tuple(refusal.code for refusal in refused.refusals)

    async def _act(self) -> Said:
        desk, name, by = self.visit.desk, self.scene.command, Officer(self.scene.by)
        if name is None:
            return await self._let_time_pass()
        if name in (Command.TAKE_TICKET, Command.SUBMIT):
            return await self._open(self.message)
        if name is Command.RECALL:
            return await request_recall(desk, self.visit.application, by, self.key)
        parsed = MESSAGES.get(name, CalendarChange).model_validate(self.message)
        if self.scene.before and self.scene.before[-1] is _kept_at_provider:
            return await give_command(desk, self.visit.application, name, by, parsed, self.key)
        answer = await desk.give(self.visit.application, name, by, parsed, self.key)
        self.heard.append(answer)
        return answer, await desk.facts(answer.application, answer.last_fact)

    async def _open(self, message: dict[str, Any]) -> Said:
        desk = self.visit.desk
        if self.scene.channel is PORTAL:
            return await submit(desk, Submit.model_validate(message), self.opening_key)
        return await take_ticket(desk, Ticket(channel=self.scene.channel), self.opening_key)  # type: ignore[arg-type]

    async def _let_time_pass(self) -> Said:
        """Only once: time that has passed need not pass again."""
        if self.clock_has_run_out():
            return ()
        clock = self.scene.clock
        if clock is None:
            await skip(self.visit.desk, self.visit.application, timedelta(days=380))
        else:
            await self.visit.skip_past(clock)
        return ()

    def clock_has_run_out(self) -> bool:
        return any(name_of(fact) == self.scene.what for fact in self.visit.desk.reader.facts(self.execution))


def _other_calendar(visit: Visit) -> CalendarChange:
    """An order that gives a day of the next week off."""
    calendars = visit.desk.calendars
    now = calendars.find(calendars.in_force(host_today()).calendar)
    day = now.roll_forward(host_today() + timedelta(days=7))
    entry = CalendarEntry(date=day, kind=DayKind.MOVED_DAY_OFF)
    return change_between(now, now.corrected(Correction(entries=(entry,))))


def _do(command: Command, by: str = CLERK, **more: Any) -> Step:
    async def step(visit: Visit) -> None:
        await visit.do(command, by, **more)

    return step


async def _accepted(visit: Visit) -> None:
    if visit.channel is PORTAL:
        await visit.desk.until(lambda: visit.desk.reader.last_fact(visit.application) > 2)
    else:
        await visit.be_accepted()


async def _unconfirmed(visit: Visit) -> None:
    await visit.be_accepted(behaviour="unknown")


async def _drafted(visit: Visit) -> None:
    await visit.do(Command.PREPARE_DECISION, SPECIALIST, visit.grant())


async def _decided(visit: Visit) -> None:
    await visit.be_decided()


async def _delivered(visit: Visit) -> None:
    await visit.be_delivered()


async def _kept_long(visit: Visit) -> None:
    await visit.skip_past(ClockKind.RETENTION)


async def _kept_at_provider(visit: Visit) -> None:
    await visit.skip(days=380)


async def _recalled(visit: Visit) -> None:
    await visit.be_recalled()


_CALLED = (_do(Command.CALL),)
_READY = (_accepted, _decided, _delivered)
_STORED = (*_READY, _kept_long, _do(Command.HAND_OVER))
_SENT = _do(Command.SEND_BACK, INTAKE[PROVIDER])
_BACK = (_SENT, _delivered)
_WAITING, _SERVICE = ClockKind.WAITING, ClockKind.SERVICE
_PROCESSING, _RETENTION, _RECALL = ClockKind.PROCESSING, ClockKind.RETENTION, ClockKind.RECALL


def _limit(clock: ClockKind, *before: Step, channel: Channel = SC, in_recall: bool = False) -> Scene:
    what = f"{FactName.LIMIT_PASSED}/{clock}"
    return Scene(f"limit passed: {clock}", what, channel, before, clock=clock, in_recall=in_recall)


def _warning(clock: ClockKind, *before: Step, in_recall: bool = False) -> Scene:
    what = f"{FactName.WARNING_REACHED}/{clock}/50"
    return Scene(f"warning: {clock}", what, SC, before, clock=clock, in_recall=in_recall)


def _of_recall(name: str, what: FactName, command: Command, *back: Step) -> Scene:
    return Scene(f"{name}, of a recall", what, SC, (*_STORED, _recalled, *back), command, in_recall=True)


SCENES = (
    # Intake at a counter.
    Scene("take-ticket", FactName.TICKET_TAKEN, SC, command=Command.TAKE_TICKET),
    Scene("call", FactName.APPLICANT_CALLED, SC, command=Command.CALL),
    Scene("leave", FactName.APPLICANT_LEFT, SC, command=Command.LEAVE),
    Scene("look-up", FactName.REGISTERS_LOOKED_UP, SC, _CALLED, Command.LOOK_UP),
    Scene("accept: claim and number", REGISTRATION, SC, _CALLED, Command.ACCEPT),
    Scene("accept", FactName.APPLICATION_ACCEPTED, SC, _CALLED, Command.ACCEPT),
    Scene("refuse-intake", FactName.INTAKE_REFUSED, SC, _CALLED, Command.REFUSE_INTAKE),
    Scene("verify (by itself)", FactName.APPLICATION_VERIFIED, SC, _CALLED, Command.ACCEPT),
    # Intake on the portal.
    Scene("submit", FactName.APPLICATION_SUBMITTED, PORTAL, command=Command.SUBMIT),
    Scene("submit: claim and number", REGISTRATION, PORTAL, command=Command.SUBMIT),
    Scene("accept-submission (by itself)", FactName.APPLICATION_ACCEPTED, PORTAL, command=Command.SUBMIT),
    Scene(
        "refuse-submission (by itself)",
        FactName.SUBMISSION_REFUSED,
        PORTAL,
        command=Command.SUBMIT,
        signed_by_another=True,
    ),
    Scene(
        "withdraw on the portal", FactName.APPLICATION_WITHDRAWN, PORTAL, (_accepted,), Command.WITHDRAW, APPLICANT
    ),
    Scene("attach at the counter", FactName.DOCUMENT_ATTACHED, SC, _CALLED, Command.ATTACH),
    Scene("attach for the cabinet", FactName.DOCUMENT_ATTACHED, PORTAL, (_accepted,), Command.ATTACH, APPLICANT),
    # Review and decision.
    Scene("take", FactName.FILE_TAKEN, SC, (_accepted,), Command.TAKE, SPECIALIST),
    Scene(
        "release",
        FactName.FILE_RELEASED,
        SC,
        (_accepted, _do(Command.TAKE, SPECIALIST)),
        Command.RELEASE,
        SPECIALIST,
    ),
    Scene("reassign", FactName.FILE_REASSIGNED, SC, (_accepted,), Command.REASSIGN, HEAD),
    Scene("ask-again", FactName.REGISTERS_ASKED_AGAIN, SC, (_unconfirmed,), Command.ASK_AGAIN, SPECIALIST),
    Scene("prepare-decision", FactName.DECISION_PREPARED, SC, (_accepted,), Command.PREPARE_DECISION, SPECIALIST),
    Scene("return-draft", FactName.DRAFT_RETURNED, SC, (_accepted, _drafted), Command.RETURN_DRAFT, HEAD),
    Scene("approve", FactName.DECISION_APPROVED, SC, (_accepted, _drafted), Command.APPROVE, HEAD),
    Scene("withdraw", FactName.APPLICATION_WITHDRAWN, SC, (_accepted,), Command.WITHDRAW, APPLICANT),
    # The way of the result.
    Scene("deliver", FactName.RESULT_DELIVERED, SC, (_accepted, _decided), Command.DELIVER),
    Scene(
        "deliver (by itself)",
        FactName.RESULT_DELIVERED,
        PROVIDER,
        (_accepted, _drafted),
        Command.APPROVE,
        HEAD,
    ),
    Scene("publish (by itself)", FactName.RESULT_PUBLISHED, PORTAL, (_accepted, _drafted), Command.APPROVE, HEAD),
    Scene("collect", FactName.RESULT_COLLECTED, SC, _READY, Command.COLLECT),
    Scene("hand-over", FactName.RESULT_HANDED_OVER, SC, (*_READY, _kept_long), Command.HAND_OVER),
    # Out of storage again.
    Scene("recall", FactName.RECALL_REQUESTED, SC, _STORED, Command.RECALL, in_recall=True),
    Scene(
        "send-back",
        FactName.RESULT_SENT_BACK,
        SC,
        (*_STORED, _recalled),
        Command.SEND_BACK,
        INTAKE[PROVIDER],
        in_recall=True,
    ),
    Scene(
        "collect where it is kept",
        FactName.RESULT_COLLECTED,
        PROVIDER,
        (_accepted, _decided, _kept_at_provider),
        Command.COLLECT,
        INTAKE[PROVIDER],
        in_recall=True,
    ),
    _of_recall("deliver", FactName.RESULT_DELIVERED, Command.DELIVER, _SENT),
    _of_recall("collect", FactName.RESULT_COLLECTED, Command.COLLECT, *_BACK),
    _of_recall("hand-over", FactName.RESULT_HANDED_OVER, Command.HAND_OVER, *_BACK, _kept_long),
    # Of whatever is open.
    Scene(
        "follow-calendar",
        FactName.CALENDAR_CHANGED,
        SC,
        (_accepted,),
        Command.FOLLOW_CALENDAR,
        "education-supervisor",
    ),
    # What a clock writes.
    _warning(_WAITING),
    _warning(_SERVICE, *_CALLED),
    _warning(_PROCESSING, _accepted),
    _warning(_RETENTION, *_READY),
    _warning(_RECALL, *_STORED, _recalled, in_recall=True),
    _limit(_WAITING),
    _limit(_SERVICE, *_CALLED),
    _limit(_PROCESSING, _accepted),
    _limit(_RECALL, *_STORED, _recalled, in_recall=True),
    Scene("retention ends", FactName.RETENTION_ENDED, SC, _READY, clock=_RETENTION),
    Scene(
        "retention ends, of a recall",
        FactName.RETENTION_ENDED,
        SC,
        (*_STORED, _recalled, *_BACK),
        clock=_RETENTION,
        in_recall=True,
    ),
    Scene("kept at the provider", FactName.RESULT_KEPT, PROVIDER, (_accepted, _decided)),
)

NOTICES = (
    Scene("notice to a supervisor: warning reached", NoticeKind.WARNING_REACHED, SC, clock=_WAITING),
    Scene("notice to a supervisor: limit passed", NoticeKind.LIMIT_PASSED, SC, clock=_WAITING),
    Scene("notice: submission accepted", NoticeKind.SUBMISSION_ACCEPTED, PORTAL, command=Command.SUBMIT),
    Scene(
        "notice: submission refused",
        NoticeKind.SUBMISSION_REFUSED,
        PORTAL,
        command=Command.SUBMIT,
        signed_by_another=True,
    ),
    Scene(
        "notice: due date moved",
        NoticeKind.DUE_DATE_MOVED,
        PORTAL,
        (_accepted,),
        Command.FOLLOW_CALENDAR,
        "education-supervisor",
    ),
    Scene(
        "notice: result published",
        NoticeKind.RESULT_PUBLISHED,
        PORTAL,
        (_accepted, _drafted),
        Command.APPROVE,
        HEAD,
    ),
)
"""What can be lost or sent twice on its way out of the house."""
