"""What is said to a proceeding: the message of each command, what opens it, and what it answers."""

import re
from datetime import date
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import ConfigDict, Field, StringConstraints, field_validator, model_validator

from models.clocks import Clock
from models.data import ChildNumber, Code, Data, Instant, Line, Note, is_nothing
from models.decision import Tenge, Verdict
from models.evidence import Attach
from models.lifecycle import Channel, Chart, Command, Stage
from models.refusals import Refusal
from models.registers import Register
from models.request import Request

P = TypeVar("P", bound=Data)

UPDATE_ID = re.compile(r"cmd-[0-9a-f]{20}")
"""How the desk names a command: `cmd-` and a keyed hash, never a caller's own words."""

APPLICANT = "applicant"
PROCESS = "process"
COUNTER = "counter"
CLOCK = "clock"


Cms = Annotated[str, StringConstraints(min_length=1, max_length=100_000)]
"""A digital signature as it travels: CMS in base64."""


class Ticket(Data):
    """A queue ticket at a counter (R7)."""

    channel: Literal[Channel.STATE_CORPORATION, Channel.PROVIDER]
    office: Code | None = None
    """None: the channel's first office."""


class Nothing(Data):
    """A command that needs no words."""


class LookUp(Request):
    """Who is asked for at the registers while the applicant is at the counter (R17).

    A request as it stands; a file for `accept` serves as well.
    """

    model_config = ConfigDict(extra="ignore")


class HandedIn(Request):
    """A package as handed in at a counter; the originals were shown and are back with the applicant (R14)."""

    originals_compared: bool
    originals_returned: bool


class Accept(HandedIn):
    """Accept a complete package; `handed_in_at` where the handing in was before this message (R5)."""

    handed_in_at: Instant | None = None


class RefuseIntake(HandedIn):
    """Refuse an incomplete package (R19)."""


class Submit(Request):
    """A signed request through the portal (R15)."""

    channel: Channel = Channel.PORTAL
    signature: Cms | None = None

    @field_validator("channel")
    @classmethod
    def _is_the_portal(cls, value: Channel) -> Channel:
        if value is not Channel.PORTAL:
            raise ValueError("a request through the portal says portal")
        return value


class Period(Data):
    """From the first to the last day of the payment, both included."""

    starts_on: date
    ends_on: date

    @model_validator(mode="after")
    def _in_order(self) -> "Period":
        if self.ends_on < self.starts_on:
            raise ValueError("ends_on: it is before starts_on")
        return self


class ChildTerms(Data):
    """What differs for one child; another amount than the policy's needs a reason."""

    child: ChildNumber
    monthly_amount: Tenge | None = None
    period: Period | None = None
    reason: Note | None = None

    @model_validator(mode="after")
    def _explained(self) -> "ChildTerms":
        if self.monthly_amount is not None and self.reason is None:
            raise ValueError("reason: another amount than the policy's needs one")
        return self


class AskAgain(Data):
    """The registers once more: all of them, or those named."""

    registers: tuple[Register, ...] = Field(default=(), max_length=len(Register))
    even_failed: bool = False
    """Of the process: also what an operator had to mend; it has to be mended now. An officer asks that anyway."""

    @property
    def meant(self) -> tuple[Register, ...]:
        return self.registers or tuple(Register)


class PrepareDecision(Data):
    """Draft a decision: grant (period, amounts by policy or given) or refuse (grounds)."""

    verdict: Verdict
    period: Period | None = None
    children: tuple[ChildTerms, ...] = Field(default=(), max_length=20)
    grounds: tuple[Code, ...] = ()

    @model_validator(mode="after")
    def _belongs_together(self) -> "PrepareDecision":
        if self.verdict is Verdict.GRANT and (self.period is None or self.grounds):
            raise ValueError("period: a grant needs one, and has no grounds")
        if self.verdict is Verdict.REFUSE and (not self.grounds or self.period or self.children):
            raise ValueError("grounds: a refusal needs them, and has neither period nor children")
        if len({terms.child for terms in self.children}) != len(self.children):
            raise ValueError("children: each child once")
        return self


class Approve(Data):
    """Approve the draft as it stands; `signature`: the head's own over the decision's text (R20)."""

    signature: Cms | None = Field(default=None, exclude_if=is_nothing)


class ReturnDraft(Data):
    """Back to the specialist; the reason is personal remarks and stays out of the journal."""

    reason: Note


class Reassign(Data):
    """Give the file to another officer."""

    to: Code


class IdentityDocument(Data):
    """A document that somebody shows to identify themselves."""

    kind: Code
    number: Line


class PowerOfAttorney(Data):
    """A representative's power; only a notarised one counts (R21)."""

    number: Line
    issued_on: date
    notarised: bool


class Collect(Data):
    """Hand the result out on the acceptance receipt and an identity document (R21)."""

    receipt_shown: bool
    collected_by: Literal["applicant", "representative"]
    identity_document: IdentityDocument | None = None
    power_of_attorney: PowerOfAttorney | None = None


class HandOver(Data):
    """Hand an uncollected result over to the provider, on a list (R9)."""

    list_number: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9./-]{0,39}$")]
    """It stands in the journal, so nothing that looks like an IIN (twelve digits in a row) may be it."""
    received_by: Code

    @model_validator(mode="after")
    def _is_nobodys_number(self) -> "HandOver":
        if re.search(r"\d{12}", self.list_number):
            raise ValueError("list_number: twelve digits in a row look like a personal number")
        return self


class Withdraw(Data):
    """The applicant takes the application back (a rule of ours)."""

    reason: Note | None = None


MESSAGES: dict[Command, type[Data]] = {
    Command.TAKE_TICKET: Ticket,
    Command.SUBMIT: Submit,
    Command.CALL: Nothing,
    Command.LEAVE: Nothing,
    Command.LOOK_UP: LookUp,
    Command.ACCEPT: Accept,
    Command.REFUSE_INTAKE: RefuseIntake,
    Command.ATTACH: Attach,
    Command.TAKE: Nothing,
    Command.RELEASE: Nothing,
    Command.REASSIGN: Reassign,
    Command.ASK_AGAIN: AskAgain,
    Command.PREPARE_DECISION: PrepareDecision,
    Command.RETURN_DRAFT: ReturnDraft,
    Command.APPROVE: Approve,
    Command.DELIVER: Nothing,
    Command.COLLECT: Collect,
    Command.HAND_OVER: HandOver,
    Command.WITHDRAW: Withdraw,
    Command.RECALL: Nothing,
    Command.SEND_BACK: Nothing,
}
"""The message of every command that people give; the process's own moves have none."""

OPENING = frozenset({Command.TAKE_TICKET, Command.SUBMIT, Command.RECALL})
"""The commands that begin an execution; every other one is given to an execution that is there."""


def spelt(command: Command) -> str:
    """A command as people type it: with hyphens."""
    return command.replace("_", "-")


def is_for_people(channel: Channel, command: Command) -> bool:
    """Whether people give this command; anything else the process and its clocks do by themselves."""
    at_once = command is Command.DELIVER and channel is Channel.PROVIDER
    return command in MESSAGES and not at_once


def open_to_people(chart: Chart) -> list[Command]:
    """The commands that people may give now."""
    return [command for command in chart.enabled() if is_for_people(chart.channel, command)]


EDITION = 1
"""Of the orders that are given now. Since 1: who collects, on which document, is kept."""


class Order(Data, Generic[P]):
    """A command as it travels: who gives it, and its message. `by` is a claim until signing in proves it.

    `digest` is a hash of command and message: the same id with another digest is another command.
    """

    by: Code
    digest: str
    message: P
    is_keyed: bool = False
    """Whether the caller can repeat it: then the record keeps its answer. The first orders said nothing of it."""
    edition: int = 0
    """Which edition of this text gave it: what an older order made is told for ever as it was told then."""
    update: str | None = Field(default=None, exclude_if=lambda value: value is None)
    """The id of the one update that brings it: nobody can bring a copy of it once more under another id."""
    command: Command | None = Field(default=None, exclude_if=lambda value: value is None)
    """What is commanded: the update's name travels beside it in the clear, and nobody can put another there."""


class Opening(Data):
    """What an execution is about; the rules are named by the hash of their content."""

    application: str
    channel: Channel
    office: Code
    regulation: str
    calendar: str
    recall_of: str | None = None
    """Of a recall: the application whose result it brings out of storage."""


class Reply(Data):
    """What an order got, with what tells the order from another one under the same id."""

    command: Command
    by: str
    digest: str


class Declined(Reply):
    """The process refuses the order; Temporal keeps that under the order's id as it keeps an answer."""

    refusals: tuple[Refusal, ...] = Field(min_length=1)


class Answer(Reply):
    """What a command answers: how the proceeding stands after it, and the number of its last fact."""

    application: str
    recall_of: str | None = None
    channel: Channel
    office: Code
    registration_number: str | None
    stage: Stage
    holder: Code | None
    allowed: tuple[Command, ...]
    clocks: tuple[Clock, ...]
    last_fact: int


class Closing(Data):
    """How a proceeding ended."""

    stage: Stage
    registration_number: str | None
    facts: int
    limits_passed: tuple[str, ...]
