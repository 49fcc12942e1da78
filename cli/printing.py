"""`starter.py print` and `starter.py verify-document`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from adapters.host_clock import host_today
from cli.app import Application, Json, context, output
from cli.out_file import check_out, write_out
from cli.reading import read_officer
from models.data import shown
from models.document_code import read_code
from models.errors import MalformedError
from models.outbound import Form

if TYPE_CHECKING:
    from desk.officer import Officer
    from desk.printing.checking import Checking, Finding
    from desk.printing.printing import Printed, Printing

NOT_GOOD, NOT_OURS = 3, 5

Wanted = Literal["application", "acceptance-receipt", "refusal-receipt", "decision", "storage-list", "notice"]


def print_document(
    application: Application,
    form: Annotated[Wanted, typer.Argument(help="Which document.")],
    out: Annotated[str, typer.Option(help="The file to write, or - for standard output.")],
    lang: Annotated[Literal["kk", "ru"] | None, typer.Option(help="Default: the request's language.")] = None,
    fact: Annotated[
        int | None,
        typer.Option(min=1, help="Of several documents the one that this fact gave; default: the newest."),
    ] = None,
    officer: Annotated[
        str | None,
        typer.Option("--as", help="Who prints it, for the record of looks. Default: TIREK_OFFICER, else nobody."),
    ] = None,
    json: Json = False,
) -> None:
    """Print a document of an application as PDF/A; printed again it is the same file, byte by byte."""
    del json
    check_out(out, as_json=output.as_json)
    from desk.printing.printing import Wanted as Order

    order = Order(application, Form(form), language=lang, fact=fact, by=_who_prints(officer))
    printed = _printing().print(order)
    write_out(out, printed.content)
    _tell_printed(printed, out)


def verify_document(
    document: Annotated[str, typer.Argument(metavar="FILE|CODE", help="A file, or the code on a document.")],
    json: Json = False,
) -> None:
    """Say whether a document is ours, unaltered and still in force (exit 0); 3: not any more; 5: not ours."""
    del json
    finding = _look_at(document)
    from desk.printing.checking import finding_view

    if output.as_json:
        output.document(finding_view(finding))
    else:
        _tell_finding(finding)
    if finding.printout is None:
        raise typer.Exit(NOT_OURS)
    if not finding.is_good:
        raise typer.Exit(NOT_GOOD)


def _who_prints(named: str | None) -> "Officer | None":
    from desk.officer import Officer

    if named is not None:
        return Officer(read_officer(named, "--as"))
    if context.settings.officer is not None:
        return Officer(read_officer(context.settings.officer, "TIREK_OFFICER"))
    return None


def _printing() -> "Printing":
    from desk.printing.opening import printing_of

    return printing_of(context.settings, context.reader, context.library, context.ring)


def _checking() -> "Checking":
    from desk.printing.checking import Checking

    return Checking(context.reader, host_today)


def _look_at(document: str) -> "Finding":
    """A file, if there is one of that name; else what looks like a code."""
    path = Path(document)
    if _exists(path):
        return _look_at_file(path)
    code = read_code(document)
    if code is None:
        reason = "is neither a file that is there nor a code, like 3F7K-9Q2M-XT5A"
        raise MalformedError(f"FILE|CODE: it {reason}", [("document", reason)])
    return _checking().by_code(code)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _look_at_file(path: Path) -> "Finding":
    from adapters.pdf_codes import LARGEST, codes_in
    from desk.printing.checking import Finding

    try:
        if not path.is_file():  # a pipe would wait for ever
            reason = "is no file that has a content"
            raise MalformedError(f"{path}: it {reason}", [("document", reason)])
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise MalformedError(f"{path}: {reason}", [("document", reason)]) from error
    if len(content) > LARGEST:
        return Finding(None)
    return _checking().by_content(content, codes_in)


def _tell_printed(printed: "Printed", out: str) -> None:
    printout = printed.printout
    if output.as_json:
        told = printout.model_dump(include={"form", "language", "number", "code", "sha256", "size"})
        output.document({"application": printed.application} | told | {"out": out})
        return
    say = output.note if out == "-" else output.say
    say(f"{printout.form} {printout.number} ({printout.language}): {out}, {printout.size} bytes")
    say(f"code {printout.code}")
    say(f"sha256 {printout.sha256}")


def _tell_finding(finding: "Finding") -> None:
    printout = finding.printout
    if printout is not None and finding.standing is not None:
        output.say(f"It is ours: {printout.form} {printout.number} ({printout.language}), code {printout.code}.")
        if finding.given_at is not None:
            said = f", and its verdict is: {finding.verdict}" if finding.verdict else ""
            output.say(f"It was given on {shown(finding.given_at)}{said}.")
        if finding.unaltered:
            output.say("It is unaltered.")
        if finding.standing.in_force:
            output.say("What we gave is in force.")
    for one in finding.reasons:
        output.say(f"{one['reason'][0].upper()}{one['reason'][1:]}.")
