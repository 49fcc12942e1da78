"""`starter.py erase`: the personal data of a finished application, once the office's term is over."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.host_clock import host_now
from cli.app import Json, OfficerOption, context, officer_or, output
from models.errors import MalformedError

if TYPE_CHECKING:
    from desk.erasing import Eraser

_LONGEST = 200

Which = Annotated[str | None, typer.Argument(help="The application's id or registration number.")]
Reason = Annotated[str | None, typer.Option("--reason", help="Why, in a line that names nobody; it is kept.")]
IsDue = Annotated[bool, typer.Option("--due", help="Only list the applications whose term is over.")]


def erase(
    application: Which = None,
    by: OfficerOption = None,
    reason: Reason = None,
    is_due: IsDue = False,
    json: Json = False,
) -> None:
    """Erase the personal data of an application that has ended, for good; that it was done stays on record."""
    del json
    if is_due is (application is not None):
        raise MalformedError("name an application, or say --due", [("application", "an application, or --due")])
    if application is None:
        _list(_eraser())
        return
    why = _reason(reason)
    if by is None and context.settings.officer is None:
        needed = "say who erases (or set TIREK_OFFICER); see `starter.py officers`"
        raise MalformedError(f"--as: {needed}", [("--as", needed)])
    officer = officer_or(by, str)
    eraser = _eraser()

    async def go() -> Any:
        async with context.desk() as desk:
            return await eraser.erase(desk.client, application, officer, why)

    _tell(asyncio.run(go()))


def _eraser() -> "Eraser":
    from desk.erasing import Eraser

    return Eraser(context.reader, context.library, context.documents, host_now)


def _reason(given: str | None) -> str:
    text = " ".join((given or "").split())
    if not 0 < len(text) <= _LONGEST:
        needed = f"say why, in up to {_LONGEST} characters that name nobody"
        raise MalformedError(f"--reason: {needed}", [("--reason", needed)])
    return text


def _list(eraser: "Eraser") -> None:
    rows = [{**vars(one), "due_on": one.due_on.isoformat()} for one in eraser.due()]
    if output.as_json:
        output.document(rows)
        return
    output.table(rows, ("application", "registration_number", "stage", "due_on"))
    output.say(f"{len(rows)} applications whose personal data may be erased")


def _tell(done: Any) -> None:
    rows = [one.model_dump(mode="json") for one in done.erasures]
    if output.as_json:
        output.document({"erased": rows, "files": done.files, "is_new": done.is_new})
        return
    output.table(rows, ("application", "at", "by", "reason", "due_on", "what"))
    word = "erased" if done.is_new else "had been erased before"
    output.say(f"{word}: {len(rows)} with its recalls; {done.files} files went now")
