"""The commands about the head's signature: what is to be signed."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.app import Application, OfficerOption, context, officer_or, output
from cli.default_officer import default_officer
from models.errors import MalformedError
from models.lifecycle import Command


def decision_text(
    application: Application,
    out: Annotated[str, typer.Option(help="The file to write, or - for stdout.")] = "-",
    officer: OfficerOption = None,
) -> None:
    """Write the text of a drafted decision, byte by byte as its head signs it (R20); looking is on record."""
    from desk.approving import text_of_draft

    reader, library = context.reader, context.library
    by = officer_or(officer, lambda: default_officer(reader, library, reader.find(application), Command.APPROVE))
    text = text_of_draft(reader, library, application, by).encode()
    if out == "-":
        sys.stdout.buffer.write(text)
        return
    try:
        Path(out).write_bytes(text)
    except OSError as error:
        reason = error.strerror or "cannot be written"
        raise MalformedError(f"--out: {out}: {reason}", [("--out", reason)]) from error
    output.say(f"{len(text)} bytes in {out}; sign them, then `do {application} approve --with FILE`")
