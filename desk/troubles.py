"""The ways in which an application can be stuck, and how one that is stuck is told."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from adapters.database.reader import RecordReader
from models.data import local_iso


class Trouble(StrEnum):
    """Why something does not go on; docs/operations.md says what to do for each."""

    TASK_FAILS = "task-fails"
    NOBODY_WORKS = "nobody-works"
    ACTIVITY_WAITS = "activity-waits"
    REGISTER_FAILED = "register-failed"
    ENDED = "ended-from-outside"
    RESET = "reset"
    PAUSED = "paused"
    MISSING = "missing"
    RECORD_BEHIND = "record-behind"


@dataclass(frozen=True)
class Stuck:
    """One execution that does not go on. `since`: as well as anybody knows; `run`: which run of it, if it matters.

    `reason` and `to_do` hold codes, counts and the types of errors, never what an error says.
    """

    trouble: Trouble
    execution: str
    since: datetime | None
    reason: str
    to_do: str
    run: str = ""

    def __str__(self) -> str:
        return f"{self.execution}: {self.trouble}: {self.reason}; {self.to_do}"


def stuck_views(reader: RecordReader, stuck: Iterable[Stuck]) -> list[dict[str, Any]]:
    """Each with its number and its stage, as the record has them; both are None of what is not on record."""
    views: list[dict[str, Any]] = []
    for one in stuck:
        row = reader.find(one.execution)
        views.append(
            {
                "application": one.execution,
                "registration_number": row.registration_number if row else None,
                "stage": row.stage if row else None,
                "trouble": one.trouble,
                "since": local_iso(one.since) if one.since else None,
                "reason": one.reason,
                "to_do": one.to_do,
            }
        )
    return views
