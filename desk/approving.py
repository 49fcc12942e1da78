"""The text of a decision as its head signs it, from the record (R20)."""

from adapters.database.reader import RecordReader
from desk.officer import Officer
from models.approval import decision_text
from models.errors import RefusedError, UnknownApplicationError
from models.library import Library
from models.lifecycle import Stage
from models.refusals import Refusal


def text_of_draft(reader: RecordReader, library: Library, reference: str, officer: Officer) -> str:
    """The draft that awaits its approval, as canonical text; the look at it is on record.

    UnknownApplicationError; RefusedError for who is no officer, and where nothing awaits an approval, or its
    personal data is erased.
    """
    row = reader.find(reference)
    if row is None:
        raise UnknownApplicationError(f"there is no application {reference}; see `starter.py list`")
    if library.regulation(row.regulation).officer(officer.code) is None:
        reader.note_access(officer.on_record(library), row.id, "decision-text", "unknown-officer")
        reason = f"there is no officer {officer.code}; see `starter.py officers`"
        raise RefusedError([Refusal(code="unknown-officer", reason=reason)])
    entry = reader.entry(row.id) if row.stage == Stage.AWAITING_APPROVAL else None
    is_there = entry is not None and entry.request is not None and bool(entry.state.drafts)
    reader.note_access(officer.on_record(library), row.id, "decision-text", "read" if is_there else "no-draft")
    if entry is None or entry.request is None or not entry.state.drafts:
        reason = f"there is no draft to be approved: the application is {row.stage}"
        raise RefusedError([Refusal(code="no-draft", reason=reason, requirement="R20")])
    return decision_text(entry.state.registration_number, entry.state.drafts[-1], entry.request)
