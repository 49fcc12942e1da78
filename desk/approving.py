"""The text of a decision as its head signs it, from the record (R20)."""

from adapters.database.reader import RecordReader
from desk.officer import Officer
from models.approval import decision_text
from models.authority import may_command
from models.errors import RefusedError, UnknownApplicationError
from models.library import Library
from models.lifecycle import Command, Stage
from models.refusals import Refusal
from models.regulation import Regulation


def text_of_draft(reader: RecordReader, library: Library, reference: str, officer: Officer) -> str:
    """The draft that awaits its approval, as canonical text; the look at it is on record.

    UnknownApplicationError; RefusedError for whoever does not decide the application, and where nothing awaits an
    approval, or its personal data is erased.
    """
    row = reader.find(reference)
    if row is None:
        raise UnknownApplicationError(f"there is no application {reference}; see `starter.py list`")
    refusal = _refusal(library.regulation(row.regulation), row.office, officer)
    entry = reader.entry(row.id) if refusal is None and row.stage == Stage.AWAITING_APPROVAL else None
    draft = entry.state.drafts[-1] if entry and entry.state.drafts else None
    if refusal is None and (entry is None or entry.request is None or draft is None):
        reason = f"there is no draft to be approved: the application is {row.stage}"
        refusal = Refusal(code="no-draft", reason=reason, requirement="R20")
    reader.note_access(officer.on_record(library), row.id, "decision-text", refusal.code if refusal else "read")
    if refusal is not None or entry is None or entry.request is None or draft is None:
        raise RefusedError([refusal] if refusal else [])
    return decision_text(entry.state.registration_number, draft, entry.request)


def _refusal(regulation: Regulation, office: str, officer: Officer) -> Refusal | None:
    post = regulation.officer(officer.code)
    if post is None:
        reason = f"there is no officer {officer.code}; see `starter.py officers`"
        return Refusal(code="unknown-officer", reason=reason)
    if not may_command(regulation, office, Command.TAKE, post):
        reason = "only who decides this application may read what is decided of it"
        return Refusal(code="not-authorised", reason=reason, requirement="R20")
    return None
