"""What an application sends out of the house: notices, and the content of the papers it gives.

Neither holds personal data: whoever prints or sends adds it from the encrypted request.
"""

from enum import StrEnum

from models.data import Code, Data, Instant
from models.journal import Detail


class NoticeKind(StrEnum):
    """Why somebody is written to."""

    WARNING_REACHED = "warning-reached"
    LIMIT_PASSED = "limit-passed"
    SUBMISSION_ACCEPTED = "submission-accepted"
    SUBMISSION_REFUSED = "submission-refused"
    RESULT_PUBLISHED = "result-published"
    DUE_DATE_MOVED = "due-date-moved"


class Notice(Data):
    """A message to an officer's post or, as `applicant`, to the personal cabinet (R16, R22).

    (fact, kind, recipient) is its key, so it leaves once per fact.
    """

    fact: int
    kind: NoticeKind
    recipient: Code
    at: Instant
    details: dict[str, Detail]


class Form(StrEnum):
    """The papers of the service: the application (R11), receipts (R18, R19), the decision (R20), the storage
    list (R9) and what the cabinet is told (R22)."""

    APPLICATION = "application"
    NOTICE = "notice"
    ACCEPTANCE_RECEIPT = "acceptance-receipt"
    REFUSAL_RECEIPT = "refusal-receipt"
    REFUSAL_NOTE = "refusal-note"
    DECISION = "decision"
    STORAGE_LIST = "storage-list"


class Paper(Data):
    """The content of one paper, kept as data and printed later; it belongs to the fact that made it."""

    fact: int
    form: Form
    at: Instant
    details: dict[str, Detail]


class Remark(Data):
    """What a person wrote beside a fact (why a draft goes back, say); kept encrypted, never in the journal."""

    number: int
    fact: int
    text: str
