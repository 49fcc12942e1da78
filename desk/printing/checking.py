"""Says of a document, by its bytes or by its short code, whether it is ours, unaltered and still in force.

Nothing personal is read or told.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row

from adapters.database.reader import RecordReader
from desk.printing.on_record import read_record
from models.data import local_day, local_iso
from models.decision import Verdict
from models.errors import JournalConflictError
from models.outbound import Form
from models.papers import Issued, OnRecord, issued
from models.printout import Printout
from models.standing import Standing, standing


@dataclass(frozen=True)
class Finding:
    """What was found. `sha256`: of the file that was given, or by a code of what was printed; `unaltered`: None
    where only a code was told, which cannot say it."""

    sha256: str | None
    unaltered: bool | None = None
    printout: Printout | None = None
    standing: Standing | None = None
    registration_number: str | None = None
    given_at: datetime | None = None
    verdict: Verdict | None = None
    """Of a decision: nobody can pass a refusal off as a grant under its code."""

    @property
    def is_good(self) -> bool:
        """Ours, not known to be altered, and in force."""
        return self.standing is not None and self.standing.in_force and self.unaltered is not False

    @property
    def reasons(self) -> list[dict[str, str]]:
        """Each thing that is not as it should be, or cannot be told: its code, and words for people."""
        if self.printout is None or self.standing is None:
            return [_reason("not-ours", "no document of ours has this content or code")]
        found: list[dict[str, str]] = []
        if self.unaltered is False:
            found.append(_reason("altered", "the file is not as it was given: its content was changed"))
        if self.unaltered is None:
            found.append(_reason("by-code-alone", "a code alone cannot tell whether a copy was altered"))
        if not self.standing.in_force:
            found.append(_reason(self.standing.code, self.standing.reason))
        return found


def _reason(code: str, reason: str) -> dict[str, str]:
    return {"code": code, "reason": reason}


@dataclass(frozen=True)
class Checking:
    """Where documents are checked. `today`: the day on which they have to be in force, by the host's clock."""

    reader: RecordReader
    today: Callable[[], date]

    def by_content(self, content: bytes, codes_in: Callable[[bytes], Iterable[str]]) -> Finding:
        """A file as we gave it, or one that still names a document of ours, and so was altered.

        `codes_in`: the codes that a file has in it; asked only where its content is unknown.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        printout = self.reader.printouts.by_content(sha256)
        if printout is not None:
            return self._found(printout, sha256, unaltered=True)
        for code in codes_in(content):
            named = self.reader.printouts.by_code(code)
            if named is not None:
                return self._found(named, sha256, unaltered=False)
        return Finding(sha256)

    def by_code(self, code: str) -> Finding:
        """A document by its short code, as `models.document_code` reads it."""
        printout = self.reader.printouts.by_code(code)
        return Finding(None) if printout is None else self._found(printout, printout.sha256, unaltered=None)

    def _found(self, printout: Printout, sha256: str, *, unaltered: bool | None) -> Finding:
        row = self.reader.find(printout.application)
        if row is None:
            raise JournalConflictError(f"{printout.code} was printed of an application that is not on record")
        record = read_record(self.reader, row)
        return Finding(
            sha256=sha256,
            unaltered=unaltered,
            printout=printout,
            standing=standing_of(record, printout, self.today()),
            registration_number=record.application.registration_number,
            given_at=_document(record, printout).at,
            verdict=_verdict(record, printout),
        )


def standing_of(record: OnRecord, printout: Printout, today: date) -> Standing:
    """How a printed document stands today; in a trial's skipped time, on the day of the last fact."""
    return standing(record, _document(record, printout), max(today, local_day(record.last_at)))


def _verdict(record: OnRecord, printout: Printout) -> Verdict | None:
    decision = record.application.decision
    return decision.draft.verdict if decision and printout.form is Form.DECISION else None


def _document(record: OnRecord, printout: Printout) -> Issued:
    place = (printout.application, printout.fact, printout.form)
    for document in issued(record):
        if (document.application, document.fact, document.form) == place:
            return document
    raise JournalConflictError(f"{printout.code} was printed of a fact that gave no such document")


def finding_view(finding: Finding) -> dict[str, Any]:
    """A finding as JSON; what is not ours has no form, number or date."""
    printout = finding.printout
    return {
        "ours": printout is not None,
        "unaltered": finding.unaltered,
        "in_force": None if finding.standing is None else finding.standing.in_force,
        "reasons": finding.reasons,
        "form": printout and printout.form,
        "verdict": finding.verdict,
        "given_at": finding.given_at and local_iso(finding.given_at),
        "language": printout and printout.language,
        "number": printout and printout.number,
        "code": printout and printout.code,
        "registration_number": finding.registration_number,
        "printed_at": printout and local_iso(printout.printed_at),
        "sha256": finding.sha256,
    }


def printed_view(reader: RecordReader, row: Row[Any], today: date) -> list[dict[str, Any]]:
    """What was printed of an application with its recalls, or of a recall alone, in the order in which it was
    printed, and whether it is in force today."""
    record = read_record(reader, row)
    executions = [row.id] if row.recall_of is not None else [part.application for part in record.parts]
    return [
        {
            "form": one.form,
            "language": one.language,
            "number": one.number,
            "code": one.code,
            "printed_at": local_iso(one.printed_at),
            "in_force": standing_of(record, one, today).in_force,
        }
        for one in reader.printouts.of(executions)
    ]
