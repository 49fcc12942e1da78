"""Who acts where nobody was named: for trials, where every officer is the same person at a keyboard."""

from typing import Any

from sqlalchemy import Row

from adapters.database.reader import RecordReader
from models.library import Library
from models.lifecycle import Command
from models.messages import APPLICANT
from models.rules import may_command


def default_officer(reader: RecordReader, library: Library, row: Row[Any] | None, name: Command) -> str:
    """The applicant where it is theirs; else whoever has the file, or the first whose post allows it."""
    if name is Command.WITHDRAW or row is None:
        return APPLICANT
    regulation = library.rules(row.regulation, row.calendar).regulation
    able = [o.code for o in regulation.officers if may_command(regulation, row.office, name, o)]
    drafts = reader.rows(row.id)["decision"]
    if name is Command.APPROVE and drafts:
        able = [code for code in able if code != drafts[-1]["prepared_by"]]
    if row.holder in able:
        return str(row.holder)
    return able[0] if able else APPLICANT
