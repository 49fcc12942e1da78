"""What came of comparing, repairing and starting again, and how it is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from desk.comparing import Difference, Report
from models.journal import Fact
from models.lifecycle import Stage


@dataclass(frozen=True)
class Repaired:
    """What was written for one execution."""

    execution: str
    what: str


@dataclass(frozen=True)
class Revived:
    """An execution that goes on: from which stage, after how many facts, and what was given up for it.

    `goes_on` False: it has ended on record, and a run that went on all the same was ended.
    """

    execution: str
    stage: Stage
    facts: int
    given_up: tuple[Fact, ...] = ()
    goes_on: bool = True


@dataclass(frozen=True)
class NotRevived:
    """An execution that could not be started again, and why."""

    execution: str
    code: str
    reason: str


def reconciliation_view(
    report: Report, repaired: Sequence[Repaired] = (), anchored: Sequence[Difference] = ()
) -> dict[str, Any]:
    """What a reconciliation compared, what was repaired, and every difference with the side that is ahead.

    `anchored`: what the anchors say differently, be its execution compared or too old for the server to keep.
    """
    return {
        "repaired": [{"execution": one.execution, "what": one.what} for one in repaired],
        "compared": report.compared,
        "equal": report.compared - report.different,
        "beyond_retention": report.beyond_retention,
        "erased": report.erased,
        "differences": [_told(one) for one in report.differences],
        "anchors": [_told(one) for one in anchored],
    }


def _told(one: Difference) -> dict[str, Any]:
    return {"execution": one.execution, "ahead": one.ahead, "what": one.what}


def revival_view(revived: Sequence[Revived], failed: Sequence[NotRevived]) -> dict[str, Any]:
    """What goes on again and from where, what had to be given up for it, and what could not be started."""
    return {
        "revived": [
            {
                "execution": one.execution,
                "stage": one.stage,
                "facts": one.facts,
                "goes_on": one.goes_on,
                "given_up": [{"number": fact.number, "fact": fact.fact, "by": fact.by} for fact in one.given_up],
            }
            for one in revived
        ],
        "failed": [{"execution": one.execution, "code": one.code, "reason": one.reason} for one in failed],
    }
