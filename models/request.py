"""What an applicant asks for and hands in: the persons, the account and the papers of a request."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from models.data import ChildNumber, Code, Data, Line, is_nothing
from models.evidence import StoredFile
from models.identifiers import Iban, Iin, iin_birth_date
from models.lifecycle import Channel

Income = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2)]
"""KZT."""


class Relation(StrEnum):
    """Which parent of a child."""

    MOTHER = "mother"
    FATHER = "father"


class Person(Data):
    """Somebody with an IIN; its first seven digits agree with the birth date."""

    iin: Iin
    surname: Line
    name: Line
    patronymic: Line | None = None
    birth_date: date

    @model_validator(mode="after")
    def _iin_agrees(self) -> "Person":
        if iin_birth_date(self.iin) != self.birth_date:
            raise ValueError("birth_date: it and the date in the IIN differ")
        return self


class Applicant(Person):
    """The guardian (of a child under 14) or custodian (14 to 18)."""

    address: Line
    phone: Line | None = None


class Child(Person):
    """The child the allowance is for; `parents` are those that the application names (R13)."""

    birth_place: Literal["kz", "abroad"]
    parents: tuple[Relation, ...] = Field(max_length=2)

    @model_validator(mode="after")
    def _each_parent_once(self) -> "Child":
        if len(set(self.parents)) != len(self.parents):
            raise ValueError("parents: each parent once")
        return self


class Account(Data):
    """The personal account of the guardian or custodian (R11, item 6)."""

    iban: Iban
    bank: Line


class Original(Data):
    """What became of one paper at the counter: shown in the original, a copy kept, given back (R14)."""

    shown: bool
    copy_kept: bool
    returned: bool


class Document(Data):
    """One paper: its kind (a code of the regulation file), the child it is about and whom it covers.

    What the first requests did not know stands in no text where it is not told: a signature over one of
    theirs still holds.
    """

    kind: Code
    child: ChildNumber | None = None
    parents: tuple[Relation, ...] = ()
    number: Line | None = None
    issued_on: date | None = None
    issued_by: Line | None = None
    monthly_income: Income | None = Field(default=None, exclude_if=is_nothing)
    """Of a paper on the child's income: KZT a month."""
    original: Original | None = Field(default=None, exclude_if=is_nothing)
    """At a counter; None: what is said of all papers together holds."""
    file: StoredFile | None = Field(default=None, exclude_if=is_nothing)
    """The electronic copy (R15), by the hash of its content; so the signature of a request covers it too."""


class Request(Data):
    """An application's content: the same on paper and on the portal (R2: several children)."""

    channel: Channel = Channel.STATE_CORPORATION
    language: Literal["kk", "ru"] = "kk"
    applicant: Applicant
    children: tuple[Child, ...] = Field(min_length=1, max_length=20)
    account: Account | None = None
    documents: tuple[Document, ...] = Field(default=(), max_length=500)

    @model_validator(mode="after")
    def _holds_together(self) -> "Request":
        problems = [*_persons(self), *_documents(self)]
        if problems:
            raise ValueError("; ".join(problems))
        return self


def _persons(request: Request) -> Iterable[str]:
    iins = [child.iin for child in request.children]
    if len(set(iins)) != len(iins):
        yield "children: the same child stands twice"
    if request.applicant.iin in iins:
        yield "children: the applicant is one of the children"


def _documents(request: Request) -> Iterable[str]:
    for place, document in enumerate(request.documents):
        if document.child is not None and document.child > len(request.children):
            yield f"documents.{place}.child: there is no child {document.child}"
        named = {
            relation
            for number, child in enumerate(request.children, start=1)
            if document.child in (None, number)
            for relation in child.parents
        }
        if not named.issuperset(document.parents):
            yield f"documents.{place}.parents: a parent that the application does not name"
