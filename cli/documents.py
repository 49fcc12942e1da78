"""The commands about files: a file for an application, and the keys that the store is encrypted with."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter, ValidationError

from adapters.host_clock import host_today
from cli.app import Application, Json, Key, OfficerOption, context, officer_or, output
from cli.default_officer import default_officer
from models.data import Code
from models.errors import MalformedError
from models.lifecycle import Command

UNREADABLE = 2

documents = typer.Typer(help="Operators: the store of documents.", no_args_is_help=True)


def attach(
    application: Application,
    kind: Annotated[
        str, typer.Argument(help="Which paper it is: a kind of the package, as in `show` or `check`.")
    ],
    file: Annotated[Path, typer.Argument(help="A PDF, JPEG, PNG or TIFF; its name is not kept.")],
    child: Annotated[int | None, typer.Option(min=1, max=50, help="Of which child, counted from 1.")] = None,
    officer: OfficerOption = None,
    key: Key = None,
    json: Json = False,
) -> None:
    """Give a file to an application, as a copy of one paper of its package (R11-R15)."""
    del json
    from adapters.documents.uploading import read_upload
    from desk.attaching import HandedFile, attach_file

    row = context.find(application)
    most = context.library.regulation(str(row.regulation)).evidence.most_bytes
    handed = HandedFile(read_upload(file, most), _kind(kind), child)
    by = officer_or(officer, lambda: default_officer(context.reader, context.library, row, Command.ATTACH))

    async def give() -> dict[str, Any]:
        async with context.desk() as desk:
            return await attach_file(desk, context.documents, application, handed, by, key)

    told = asyncio.run(give())
    if output.as_json:
        output.document(told)
    else:
        output.say(f"{told['document']}  {told['media_type']}, {told['size']} bytes, sha256 {told['sha256']}")


def upload(
    file: Annotated[Path, typer.Argument(help="A PDF, JPEG, PNG or TIFF; its name is not kept.")],
    json: Json = False,
) -> None:
    """Put a copy into the store for a request that is not sent yet: print what the request says of it, as `file`
    of a document, so that its signature covers the copy (R15)."""
    del json
    from adapters.documents.uploading import read_upload
    from desk.attaching import store_file

    rules = context.library.in_force(host_today()).evidence
    stored = store_file(context.documents, read_upload(file, rules.most_bytes), rules)
    output.document(stored.model_dump(mode="json"))


@documents.command()
def rekey(json: Json = False) -> None:
    """Encrypt with the active key whatever lies under another one; broken off, it is run once more."""
    del json
    done = context.documents.rekey()
    figures = {"objects": done.objects, "rewritten": done.rewritten, "unreadable": done.unreadable}
    if output.as_json:
        output.document(figures)
    else:
        output.say(
            f"{done.objects} documents: {done.rewritten} encrypted anew, "
            f"{done.unreadable} that no key of the ring opens"
        )
    if done.unreadable:
        raise typer.Exit(UNREADABLE)


def _kind(text: str) -> Code:
    try:
        return TypeAdapter(Code).validate_python(text)
    except ValidationError as error:
        reason = "no code of a paper (lower-case letters, digits, hyphens)"
        raise MalformedError(f"KIND: {reason}", [("KIND", reason)]) from error
