"""The decision on the allowance (R20): drafted by a specialist, approved by another person."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from models.data import ChildNumber, Code, Data, Instant


class Verdict(StrEnum):
    """What a decision says."""

    GRANT = "grant"
    REFUSE = "refuse"


Tenge = Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=2)]


class Grant(Data):
    """What one child is granted: KZT a month, from the first day to the last, both included."""

    child: ChildNumber
    monthly_amount: Tenge
    starts_on: date
    ends_on: date


class Draft(Data):
    """A decision as prepared; `number` counts the drafts of one application."""

    number: int
    verdict: Verdict
    grants: tuple[Grant, ...] = ()
    grounds: tuple[Code, ...] = ()
    prepared_by: Code
    prepared_at: Instant


class Decision(Data):
    """A draft that the head has approved."""

    number: str
    draft: Draft
    approved_by: Code
    approved_at: Instant
