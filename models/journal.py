"""The journal of a proceeding: facts in the past tense, numbered and chained by hash.

Facts hold no personal data: ids, codes, times and numbers only.
"""

import hashlib
from collections.abc import Iterable
from enum import StrEnum

from pydantic import Field

from models.data import Data, Instant, canonical
from models.lifecycle import Stage
from models.messages import Answer

Detail = str | int | bool | list[str] | list[int] | None


class FactName(StrEnum):
    """What can have happened."""

    TICKET_TAKEN = "TicketTaken"
    APPLICANT_CALLED = "ApplicantCalled"
    APPLICANT_LEFT = "ApplicantLeft"
    REGISTERS_LOOKED_UP = "RegistersLookedUp"
    APPLICATION_SUBMITTED = "ApplicationSubmitted"
    SUBMISSION_REFUSED = "SubmissionRefused"
    APPLICATION_ACCEPTED = "ApplicationAccepted"
    INTAKE_REFUSED = "IntakeRefused"
    APPLICATION_VERIFIED = "ApplicationVerified"
    REGISTERS_ASKED_AGAIN = "RegistersAskedAgain"
    DOCUMENT_ATTACHED = "DocumentAttached"
    FILE_TAKEN = "FileTaken"
    FILE_RELEASED = "FileReleased"
    FILE_REASSIGNED = "FileReassigned"
    DECISION_PREPARED = "DecisionPrepared"
    DRAFT_RETURNED = "DraftReturned"
    DECISION_APPROVED = "DecisionApproved"
    RESULT_DELIVERED = "ResultDelivered"
    RETENTION_ENDED = "RetentionEnded"
    RESULT_COLLECTED = "ResultCollected"
    RESULT_HANDED_OVER = "ResultHandedOver"
    RESULT_KEPT = "ResultKept"
    RESULT_PUBLISHED = "ResultPublished"
    APPLICATION_WITHDRAWN = "ApplicationWithdrawn"
    RECALL_REQUESTED = "RecallRequested"
    RESULT_SENT_BACK = "ResultSentBack"
    CALENDAR_CHANGED = "CalendarChanged"
    WARNING_REACHED = "WarningReached"
    LIMIT_PASSED = "LimitPassed"


FALLING_DUE = frozenset({FactName.WARNING_REACHED, FactName.LIMIT_PASSED})
"""What a clock writes on its way without a move of the chart."""

_BRINGS_CHECKS = frozenset(
    {FactName.REGISTERS_LOOKED_UP, FactName.APPLICATION_VERIFIED, FactName.REGISTERS_ASKED_AGAIN}
)


class Fact(Data):
    """One row of the journal. `cause` names the update or the timer that brought it about."""

    number: int = Field(ge=1)
    at: Instant
    fact: FactName
    by: str
    cause: str
    stage: Stage
    details: dict[str, Detail] = Field(default_factory=dict)
    previous: str
    hash: str
    answer: Answer | None = None
    """What the command was answered whose last fact this is, if its caller can repeat it.

    Outside of the hash: the chain is about what has happened, and older facts have none.
    """

    def is_intact(self) -> bool:
        """Whether the fact still has the hash it was written with."""
        return self.hash == seal(self)


def seal(fact: Fact) -> str:
    """SHA-256 over the fact without hash and answer, as canonical JSON; `previous` chains it to the one before."""
    content = fact.model_dump(mode="json", exclude={"hash", "answer"})
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def sealed(fact: Fact) -> Fact:
    return fact.model_copy(update={"hash": seal(fact)})


def brings_checks(facts: Iterable[Fact]) -> bool:
    """Whether one of these facts says what came of questions to the registers (R17)."""
    return any(fact.fact in _BRINGS_CHECKS for fact in facts)
