"""Questions to the state registers and what came of them (R17)."""

from datetime import date
from enum import StrEnum

from models.data import ChildNumber, Data, Instant
from models.identifiers import Iin
from models.request import Person, Request


class Register(StrEnum):
    """The registers behind the gateway: of natural persons, and the civil registry's births."""

    PERSON = "person"
    BIRTH = "birth"


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
    """One question: does the register know this person as the application gives them?"""

    register_name: Register
    child: ChildNumber | None = None
    person: Person

    @property
    def key(self) -> str:
        return check_key(self.register_name, self.child)


class RegisterEntry(Data):
    """What a register says of a person."""

    iin: Iin
    surname: str
    name: str
    patronymic: str | None
    birth_date: date


class Check(Data):
    """A question's end: when it was asked and answered, and which fields differ."""

    register_name: Register
    child: ChildNumber | None
    outcome: CheckOutcome
    differing: tuple[str, ...] = ()
    asked_at: Instant
    answered_at: Instant | None

    @property
    def is_answered(self) -> bool:
        return self.answered_at is not None

    @property
    def key(self) -> str:
        return check_key(self.register_name, self.child)


COMPARED = ("surname", "name", "patronymic", "birth_date")


def compare(person: Person, entry: RegisterEntry | None) -> tuple[CheckOutcome, tuple[str, ...]]:
    """The application beside the register's entry: the outcome and the names of the fields that differ."""
    if entry is None:
        return CheckOutcome.NOT_FOUND, ()
    differing = tuple(
        field for field in COMPARED if _plain(getattr(person, field)) != _plain(getattr(entry, field))
    )
    return (CheckOutcome.DIFFERS if differing else CheckOutcome.CONFIRMED), differing


def _plain(value: object) -> str:
    return "" if value is None else str(value).strip().casefold()


def questions(request: Request, births_known_after: date) -> list[Question]:
    """What to ask about a request: the applicant's identity, and the births the registry can know.

    A child born abroad is asked for as well; no record of it is not adverse (R12, R17).
    """
    births = [
        Question(register_name=Register.BIRTH, child=number, person=_person(child))
        for number, child in enumerate(request.children, start=1)
        if child.birth_date > births_known_after
    ]
    return [Question(register_name=Register.PERSON, person=_person(request.applicant)), *births]


def _person(person: Person) -> Person:
    return Person.model_validate(person.model_dump(include=set(Person.model_fields)))
