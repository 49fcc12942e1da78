"""Which documents an application has to be printed, why it has not another one, and how long each is in force.

Everything is read off the facts and notices on record, so a document is the same one for ever: its number follows
from what it is. Nothing here needs personal data.
"""

from collections.abc import Iterator
from datetime import datetime

from models.data import Data, Instant
from models.decision import Decision
from models.journal import Fact, FactName
from models.lifecycle import FINAL, Channel, Stage
from models.messages import APPLICANT
from models.outbound import Form, Notice
from models.recall import stage_of_story
from models.refusals import Refusal
from models.state import Entry


class Part(Data):
    """One execution on record, without personal data: the application itself, or one of its recalls."""

    application: str
    channel: Channel
    stage: Stage
    registration_number: str | None
    facts: tuple[Fact, ...]
    notices: tuple[Notice, ...] = ()
    decision: Decision | None = None


class OnRecord(Data):
    """An application with its recalls, in order."""

    application: Part
    recalls: tuple[Part, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        return (self.application, *self.recalls)

    @property
    def last_at(self) -> datetime:
        """When its last fact was."""
        return max(fact.at for part in self.parts for fact in part.facts)

    @property
    def stage(self) -> Stage:
        """Where the whole story stands."""
        return stage_of_story(self.application.stage, self.recalls[-1].stage if self.recalls else None)


class Issued(Data):
    """A document: the fact of which execution gave it. `number` names it in every language, for ever."""

    application: str
    fact: int
    form: Form
    at: Instant
    number: str


_LETTERS = {
    Form.APPLICATION: "A",
    Form.ACCEPTANCE_RECEIPT: "R",
    Form.REFUSAL_RECEIPT: "X",
    Form.REFUSAL_NOTE: "X",
    Form.STORAGE_LIST: "L",
    Form.NOTICE: "N",
}
_ENDS_THE_INTAKE = frozenset({FactName.APPLICATION_ACCEPTED, FactName.INTAKE_REFUSED, FactName.SUBMISSION_REFUSED})
REFUSALS = frozenset({Form.REFUSAL_RECEIPT, Form.REFUSAL_NOTE})
"""R19: asked for by one name; what the provider gives is the note."""


def part_of(entry: Entry) -> Part:
    """An execution on record, without what is personal in it."""
    state = entry.state
    return Part(
        application=state.opening.application,
        channel=state.opening.channel,
        stage=state.stage,
        registration_number=state.registration_number,
        facts=entry.facts,
        notices=entry.notices,
        decision=state.decision,
    )


def issued(record: OnRecord) -> list[Issued]:
    """Every document that there is, in the order in which they came to be."""
    numbered: dict[str, int] = {}
    documents: list[Issued] = []
    for part, fact, form in _given(record):
        number = _decision_number(fact) if form is Form.DECISION else None
        if number is None:
            letter = _LETTERS[form]
            numbered[letter] = numbered.get(letter, 0) + 1
            number = f"{_name(record.application)}-{letter}{numbered[letter]}"
        document = Issued(application=part.application, fact=fact.number, form=form, at=fact.at, number=number)
        documents.append(document)
    return documents


def _given(record: OnRecord) -> Iterator[tuple[Part, Fact, Form]]:
    for part in record.parts:
        told = {notice.fact for notice in part.notices if notice.recipient == APPLICANT}
        for fact in part.facts:
            for form in _forms(part, fact):
                yield part, fact, form
            if fact.number in told:
                yield part, fact, Form.NOTICE


def _forms(part: Part, fact: Fact) -> Iterator[Form]:
    """What a fact gives beside a notice."""
    if fact.fact in _ENDS_THE_INTAKE:
        yield Form.APPLICATION
    match fact.fact:
        case FactName.APPLICATION_ACCEPTED if part.channel is not Channel.PORTAL:
            yield Form.ACCEPTANCE_RECEIPT
        case FactName.INTAKE_REFUSED:
            yield Form.REFUSAL_NOTE if part.channel is Channel.PROVIDER else Form.REFUSAL_RECEIPT
        case FactName.DECISION_APPROVED:
            yield Form.DECISION
        case FactName.RESULT_HANDED_OVER:
            yield Form.STORAGE_LIST
        case _:
            return


def _decision_number(fact: Fact) -> str | None:
    number = fact.details.get("decision")
    return number if isinstance(number, str) else None


def _name(application: Part) -> str:
    """The registration number; what was never registered goes by its id."""
    return application.registration_number or application.application


def choose(record: OnRecord, form: Form, fact: int | None = None, *, of: str | None = None) -> Issued | Refusal:
    """The newest document of a form, or the one that a fact gave; else why there is none.

    `of`: the execution whose fact it is; None: the application's.
    """
    wanted = REFUSALS if form in REFUSALS else {form}
    found = [one for one in issued(record) if one.form in wanted]
    if fact is None:
        return found[-1] if found else why_not(record, form)
    execution = of or record.application.application
    there = {one.fact: one for one in found if one.application == execution}
    if fact in there:
        return there[fact]
    there_is = ", ".join(map(str, there)) or "none"
    return Refusal(code="no-such-document", reason=f"fact {fact} gave no {form}; there is {there_is}")


_YET: dict[Form, tuple[str, str | None]] = {
    Form.APPLICATION: ("no application is accepted or refused", "R11"),
    Form.ACCEPTANCE_RECEIPT: ("no documents are accepted", "R18"),
    Form.REFUSAL_RECEIPT: ("nothing is refused", "R19"),
    Form.REFUSAL_NOTE: ("nothing is refused", "R19"),
    Form.DECISION: ("the decision is not approved", "R20"),
    Form.STORAGE_LIST: ("the result is not handed over to storage", "R9"),
    Form.NOTICE: ("nothing is told to the cabinet", "R22"),
}


def why_not(record: OnRecord, form: Form) -> Refusal:
    """Why there is no document of a form: not yet, or not in this application at all."""
    words, requirement = _YET[form]
    elsewhere = _of_another_channel(record.application.channel, form)
    if elsewhere is not None:
        return Refusal(code="no-such-document", reason=elsewhere, requirement=requirement)
    was_accepted = any(fact.fact is FactName.APPLICATION_ACCEPTED for fact in record.application.facts)
    if record.stage in FINAL or (was_accepted and form in REFUSALS):
        reason = f"{words}, and will not be: stage {record.stage}"
        return Refusal(code="no-such-document", reason=reason, requirement=requirement)
    return Refusal(
        code="no-such-document-yet", reason=f"{words} yet: stage {record.stage}", requirement=requirement
    )


def _of_another_channel(channel: Channel, form: Form) -> str | None:
    on_the_portal = channel is Channel.PORTAL
    if on_the_portal and (form is Form.ACCEPTANCE_RECEIPT or form in REFUSALS):
        return "the portal gives no receipts: the cabinet is told by a notice"
    if not on_the_portal and form is Form.NOTICE:
        return "notices go to the cabinet of the portal: at a counter there are receipts"
    if channel is not Channel.STATE_CORPORATION and form is Form.STORAGE_LIST:
        return "only the State Corporation hands results over: elsewhere nothing has to travel"
    return None
