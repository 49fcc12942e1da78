"""What can go wrong, as business facts; each class carries the exit code of the command line.

TirekError
├── MalformedError           2  the input cannot be read; every field is named
├── RefusedError             3  the rules refuse it; each refusal has a code and a reason
├── RegisterFailedError      6  a state register was asked and did not answer
├── UnavailableError         4  no server, no worker or no record answers in time
├── UnknownApplicationError  5  there is no such application
├── UnknownContentError      5  there is no such file, or no such document of ours
├── UnknownRulesError        2  the rules an application was opened under are not loaded (models/library.py)
├── UnreadableError          2  the key ring cannot read what was encrypted (adapters/keys.py)
├── WrongKeysError           2  the key ring is not that of the record (adapters/database/ring_check.py)
├── BadAnchorError           1  a file of anchors is not what was written (adapters/anchor_files.py)
├── CodeTakenError           1  another document has the short code (adapters/database/printouts.py)
├── ErasedError              1  personal data came for what was erased (adapters/database/personal.py)
├── ReprintDiffersError      1  the bytes of a printed document are lost for good (desk/printing/printing.py)
└── JournalConflictError     1  another content stands under a fact's number: an alarm
"""

from collections.abc import Sequence
from typing import ClassVar

from models.refusals import Refusal


class TirekError(Exception):
    """The root. `code` names the business fact, `exit_code` what a program ends with."""

    code: ClassVar[str] = "failed"
    exit_code: ClassVar[int] = 1


class MalformedError(TirekError):
    """The input is malformed or cannot be read; `fields` says where and why."""

    code = "malformed"
    exit_code = 2

    def __init__(self, message: str, fields: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(message)
        self.fields = tuple(fields)


class RefusedError(TirekError):
    """The rules refuse the command; nothing was changed."""

    code = "refused"
    exit_code = 3

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__("; ".join(refusal.reason for refusal in refusals))
        self.refusals = tuple(refusals)


class UnavailableError(TirekError):
    """Nobody answered in time. `pending`: the command was delivered and may still be carried out."""

    code = "unavailable"
    exit_code = 4

    def __init__(self, message: str, *, pending: bool = False) -> None:
        super().__init__(message)
        self.pending = pending


class RegisterFailedError(TirekError):
    """A register was asked and gave no answer. `failure`: the gateway's code, or ours; `permanent`: asking again
    does not help, an operator has to look."""

    code = "register-failed"
    exit_code = 6

    def __init__(self, failure: str, *, permanent: bool) -> None:
        hint = "an operator has to look" if permanent else "ask again later"
        super().__init__(f"the register did not answer ({failure}): {hint}")
        self.failure = failure
        self.permanent = permanent


class UnknownApplicationError(TirekError):
    """There is no application of that id or registration number."""

    code = "unknown-application"
    exit_code = 5


class UnknownContentError(TirekError):
    """The store has no file of that hash, or no document of ours has that number or code."""

    code = "unknown-content"
    exit_code = 5


class JournalConflictError(TirekError):
    """A fact's number is taken by another content: history and record have parted."""

    code = "journal-conflict"
