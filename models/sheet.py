"""What stands on one printed document: plain values; words, layout and language are the printer's.

Names of the regulation file come in the language of the sheet. Amounts are in KZT; times are instants.
"""

from datetime import date
from decimal import Decimal
from typing import Literal

from models.data import Data, Instant
from models.outbound import Form, NoticeKind
from models.request import Relation

Language = Literal["kk", "ru"]


class SignatureLine(Data):
    """Who signed electronically, in which name and when."""

    signer: str
    signed_at: Instant


class PaperLine(Data):
    """One paper that was handed in; `child` is the name of whom it is about, None: of all or of nobody."""

    name: str
    number: str | None = None
    issued_on: date | None = None
    issued_by: str | None = None
    child: str | None = None
    copy_kept: bool | None = None
    """At a counter, where each paper was recorded (R14); its original is back with the applicant."""


class PersonLine(Data):
    """Somebody with full name (surname, name, patronymic), IIN and birth date."""

    name: str
    iin: str
    birth_date: date


class ApplicantLine(PersonLine):
    address: str
    phone: str | None = None


class ApplicationSheet(Data):
    """Annex 2: the application of the custodian or guardian (R11, R15)."""

    body: str
    """The provider it is addressed to."""
    registration_number: str | None
    handed_in_at: Instant
    applicant: ApplicantLine
    identity_document: PaperLine | None
    children: tuple[PersonLine, ...]
    appointments: tuple[PaperLine, ...]
    """The decisions that appoint the custodian or guardian."""
    iban: str | None
    bank: str | None
    papers: tuple[PaperLine, ...]
    signature: SignatureLine | None
    is_electronic: bool = False
    """It came through the portal: nobody signs it by hand."""


class AcceptanceReceiptSheet(Data):
    """The receipt that the documents were accepted (R18)."""

    registration_number: str
    accepted_at: Instant
    due_at: Instant
    provisional: bool
    """The term may still move with the calendar of a coming year."""
    office: str
    issued_at: str
    """Where the result is issued."""
    officer: str
    applicant: str
    phone: str | None
    papers: tuple[PaperLine, ...]
    gaps: tuple["MissingLine", ...]


class MissingLine(Data):
    """One document that is missing: its name, of which child and parent, and why it is needed."""

    name: str
    child: str | None = None
    parent: Relation | None = None
    because: str | None = None


class RefusalSheet(Data):
    """Annex 3 at SC, the note at the provider: what is missing (R19). Printed in two copies."""

    refused_at: Instant
    office: str
    officer: str
    applicant: str
    address: str
    phone: str | None
    missing: tuple[MissingLine, ...]


class DecidedChild(Data):
    """One child in a decision; the amount is KZT a month, None where the allowance is refused."""

    child: PersonLine
    birth_record: PaperLine | None
    monthly_amount: Decimal | None
    starts_on: date | None
    ends_on: date | None


class DecisionSheet(Data):
    """Annex 1: the decision (R20); without grounds it grants, with them it refuses."""

    decision: str
    """Its number."""
    decided_at: Instant
    body: str
    registration_number: str
    applicant: str
    applied_at: Instant
    appointments: tuple[PaperLine, ...]
    children: tuple[DecidedChild, ...]
    grounds: tuple[str, ...]
    head: str
    """The post of whoever approved it."""
    signature: SignatureLine | None


class StoredResult(Data):
    """One result on the list."""

    registration_number: str
    decision: str
    applicant: str
    ready_at: Instant


class StorageListSheet(Data):
    """The list on which SC hands uncollected results over to the provider (R9)."""

    list_number: str
    handed_over_at: Instant
    from_office: str
    to_office: str
    handed_over_by: str
    received_by: str
    results: tuple[StoredResult, ...]


class NoticeSheet(Data):
    """What the cabinet was told (R16, R22): accepted, with when the result will be; published, with when it was;
    refused, with why; or that the due instant moved."""

    kind: NoticeKind
    registration_number: str | None
    applicant: str
    told_at: Instant
    due_at: Instant | None
    published_at: Instant | None
    provisional: bool = False
    decision: str | None = None
    reasons: tuple[str, ...] = ()
    """Why a request was refused."""
    office: str | None = None
    """Who tells it, for the head of the paper."""


Content = ApplicationSheet | AcceptanceReceiptSheet | RefusalSheet | DecisionSheet | StorageListSheet | NoticeSheet


class Sheet(Data):
    """A document to be printed. `number` and `code` name it for ever; `link` leads to its check (the QR code)."""

    form: Form
    language: Language
    title: str
    """The service's title, verbatim (R1)."""
    number: str
    code: str
    link: str
    content: Content
