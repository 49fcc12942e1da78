"""One command being carried out: what every effect is given, and how it leaves its fact."""

from typing import Any

from models.checks import Check, Said
from models.data import Data, Instant, local_iso
from models.journal import Detail, FactName
from models.lifecycle import Command
from models.proceeding import Proceeding
from models.refusals import Refusal


class Act(Data):
    """One command being carried out: by whom, when, through which update, and what the world answered."""

    command: Command
    by: str
    at: Instant
    cause: str
    message: Any = None
    registration_number: str | None = None
    checks: tuple[Check, ...] = ()
    said: tuple[Said, ...] = ()
    """What the registers answered to those checks."""
    noticed_at: Instant | None = None
    """Of what a clock does: when it was written. It is dated to the instant it fell due."""
    edition: int = 0
    """Of the order that it carries out (models/messages.py)."""
    refusals: tuple[Refusal, ...] = ()
    """Why the process itself refuses a submission."""


def did(proceeding: Proceeding, act: Act, fact: FactName, details: dict[str, Detail] | None = None) -> None:
    """Make the move of the act, and write that it was made."""
    if act.noticed_at is not None:
        details = {**(details or {}), "noticed_at": local_iso(act.noticed_at)}
    proceeding.move(act.command, fact, by=act.by, at=act.at, cause=act.cause, details=details)
