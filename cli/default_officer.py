"""Who acts where nobody was named: for trials, where every officer is the same person at a keyboard."""

from typing import Any

from sqlalchemy import Row

from adapters.database.reader import RecordReader
from adapters.host_clock import host_today
from models.authority import AUTHORITY, may_command
from models.library import Library
from models.lifecycle import Command
from models.messages import APPLICANT
from models.regulation import Regulation


def default_officer(reader: RecordReader, library: Library, row: Row[Any] | None, name: Command) -> str:
    """The applicant where it is theirs; else whoever has the file, or the first whose post allows it.

    Where no post of the right office does, or nothing is on record, the first with the right role: the rules
    then say what is wrong, and never that an applicant did what only officers do.
    """
    if name is Command.WITHDRAW:
        return APPLICANT
    if row is None:
        return with_role(library.in_force(host_today()), name)
    regulation = library.regulation(row.regulation)
    able = [o.code for o in regulation.officers if may_command(regulation, row.office, name, o)]
    drafts = reader.rows(row.id)["decision"]
    if name is Command.APPROVE and drafts:
        able = [code for code in able if code != drafts[-1]["prepared_by"]]
    if row.holder in able:
        return str(row.holder)
    return able[0] if able else with_role(regulation, name)


def with_role(regulation: Regulation, name: Command) -> str:
    """The first officer with a role that gives the command, of whatever office."""
    roles = AUTHORITY.get(name, frozenset())
    return next((o.code for o in regulation.officers if roles.intersection(o.roles)), APPLICANT)
