"""What a supervisor is told of a clock: a warning on its way, or that its limit has passed.

Every field is named here, and each is an id, a code, a number or an instant: whatever else a notice may hold one
day stays in the house. None of them can hold a line break, so none can forge a header.
"""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from models.data import ALMATY, Code, Data, Instant
from models.outbound import Notice, NoticeKind
from models.regulation import ClockKind, Percent
from models.timed import ESCALATED

ESCALATIONS = frozenset(ESCALATED.values())
"""The kinds of notices that go to a supervisor; the others are for the applicant's cabinet."""


class Escalation(Data):
    """`percent`: how much of the term is used up; None where the limit has passed. `at`: when it fell due."""

    kind: NoticeKind
    application: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,80}$")]
    fact: Annotated[int, Field(ge=1)]
    clock: ClockKind
    office: Code
    recipient: Code
    at: Instant
    due_at: Instant
    percent: Percent | None

    @classmethod
    def of(cls, application: str, notice: Notice) -> Self:
        """ValueError for a notice that tells no such thing."""
        if notice.kind not in ESCALATIONS:
            raise ValueError(f"{notice.kind} is not for a supervisor")
        has_passed = notice.kind is NoticeKind.LIMIT_PASSED
        details = notice.details
        return cls.model_validate(
            {
                "kind": notice.kind,
                "application": application,
                "fact": notice.fact,
                "clock": details.get("clock"),
                "office": details.get("office"),
                "recipient": notice.recipient,
                "at": notice.at,
                "due_at": notice.at if has_passed else details.get("due_at"),
                "percent": None if has_passed else details.get("percent"),
            }
        )


def on_the_wall(at: datetime) -> str:
    """An instant as people in Karaganda read it."""
    return f"{at.astimezone(ALMATY):%d.%m.%Y %H:%M}"
