"""Questions to the state registers and what came of them (R17)."""

from collections.abc import Iterator
from enum import StrEnum

from models.comparison import (
    Appointment,
    Beside,
    FieldFinding,
    Verdict,
    account_beside,
    birth_beside,
    guardianship_beside,
    person_beside,
)
from models.data import ChildNumber, Data, Instant
from models.identifiers import Iban
from models.registers import (
    AccountEntry,
    BirthRecord,
    Guardianship,
    PersonEntry,
    Register,
    RegisterAnswer,
)
from models.regulation import Registers
from models.request import Child, Person, Request


class CheckOutcome(StrEnum):
    """How a check ended; `unanswered` is shown to the specialist, never swallowed."""

    CONFIRMED = "confirmed"
    DIFFERS = "differs"
    NOT_FOUND = "not_found"
    UNANSWERED = "unanswered"


def check_key(register: Register, child: int | None) -> str:
    """One name for a question and its answer: `person`, `birth-1`."""
    return register if child is None else f"{register}-{child}"


class Question(Data):
    """One question: does the register know this as the application gives it?

    `person` is whom it is about: the applicant, or a child of theirs, whose `guardian` the applicant is then.
    """

    register_name: Register
    child: ChildNumber | None = None
    person: Person
    guardian: Person | None = None
    appointment: Appointment | None = None
    iban: Iban | None = None

    @property
    def key(self) -> str:
        return check_key(self.register_name, self.child)


class Check(Data):
    """A question's end: when it was asked and answered, and each field that was compared.

    `failure`: of an unanswered one, the code of what asking again will not mend; an operator has to.
    """

    register_name: Register
    child: ChildNumber | None
    outcome: CheckOutcome
    fields: tuple[FieldFinding, ...] = ()
    failure: str | None = None
    asked_at: Instant
    answered_at: Instant | None

    @property
    def is_answered(self) -> bool:
        return self.answered_at is not None

    @property
    def key(self) -> str:
        return check_key(self.register_name, self.child)

    @property
    def differing(self) -> tuple[str, ...]:
        """The names of the fields that differ."""
        return tuple(finding.field for finding in self.fields if finding.verdict is Verdict.DIFFERS)

    @property
    def label(self) -> str:
        """The outcome as facts and operators have it: with the code of a failure that lasts."""
        return f"{self.outcome} ({self.failure})" if self.failure else str(self.outcome)


class Said(Data):
    """What a register answered to a check. Personal data, all of it."""

    check: str
    answer: RegisterAnswer


def compare(question: Question, answer: RegisterAnswer | None) -> tuple[CheckOutcome, tuple[FieldFinding, ...]]:
    """The application beside the register's answer: the outcome, and every field's verdict.

    ValueError for an answer of another register than was asked.
    """
    if answer is None:
        return CheckOutcome.NOT_FOUND, ()
    fields = tuple(FieldFinding(field=one.field, verdict=one.verdict) for one in beside(question, answer))
    is_other = any(finding.verdict is Verdict.DIFFERS for finding in fields)
    return (CheckOutcome.DIFFERS if is_other else CheckOutcome.CONFIRMED), fields


def beside(question: Question, answer: RegisterAnswer) -> Iterator[Beside]:
    """Every field of a question beside what the register said of it, with both values."""
    match question.register_name, answer:
        case Register.PERSON, PersonEntry():
            return person_beside(question.person, answer)
        case Register.BIRTH, BirthRecord():
            return birth_beside(question.person, question.guardian, answer)
        case Register.GUARDIANSHIP, Guardianship() if question.guardian is not None:
            return guardianship_beside(question.person, question.guardian, question.appointment, answer)
        case Register.ACCOUNT, AccountEntry() if question.iban is not None:
            return account_beside(question.iban, answer)
        case register, _:
            raise ValueError(f"this is no answer of the register {register}")


def questions(request: Request, registers: Registers) -> list[Question]:
    """What to ask about a request: the applicant's identity, the births the registry can know, and what the
    regulation file switches on.

    A child born abroad is asked for as well; no record of it is not adverse (R12, R17).
    """
    applicant = _person(request.applicant)
    asked = [Question(register_name=Register.PERSON, person=applicant)]
    for number, child in enumerate(request.children, start=1):
        asked.extend(_of_child(request, number, child, registers))
    if registers.account and request.account is not None:
        asked.append(Question(register_name=Register.ACCOUNT, person=applicant, iban=request.account.iban))
    return asked


def _of_child(request: Request, number: int, child: Child, registers: Registers) -> Iterator[Question]:
    whom, guardian = _person(child), _person(request.applicant)
    if child.birth_date > registers.births_known_after:
        yield Question(register_name=Register.BIRTH, child=number, person=whom, guardian=guardian)
    if registers.guardianship:
        yield Question(
            register_name=Register.GUARDIANSHIP,
            child=number,
            person=whom,
            guardian=guardian,
            appointment=_appointment(request, number),
        )


def _appointment(request: Request, child: int) -> Appointment | None:
    """The decision that appoints the guardian of a child, as the package has it (R11, document 3)."""
    for document in request.documents:
        if document.kind == "appointment-decision" and document.child in (None, child):
            return Appointment(number=document.number, issued_on=document.issued_on)
    return None


def _person(person: Person) -> Person:
    return Person.model_validate(person.model_dump(include=set(Person.model_fields)))
