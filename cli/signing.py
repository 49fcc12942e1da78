"""The commands about signatures: for trials who signs, and what a head has to sign."""

from typing import Annotated

import typer

from cli.app import Application, Json, OfficerOption, context, officer_or, output
from cli.default_officer import default_officer
from cli.out_file import check_out, write_out
from cli.reading import read_iin, read_request
from demo.examples import signed
from desk.officer import Officer
from models.lifecycle import Command


def sign(
    file: Annotated[str, typer.Argument(help="A request, a file or - for stdin.")],
    by: Annotated[str | None, typer.Option("--as", help="The signer's IIN; default: the applicant's.")] = None,
    json: Json = False,
) -> None:
    """Sign a request in the name of anybody, by the stand-in authority of the data folder, for trials: print it,
    ready to submit."""
    del json
    context.for_trials_only("the stand-in authority")
    request, signer = read_request(file), read_iin(by, "--as")
    if context.settings.signatures_file is not None:
        output.note("TIREK_SIGNATURES_FILE is set: no worker believes what the stand-in authority signs")
    output.document(signed(request, signer, signatures=context.settings.signature_stand_in))


def decision_text(
    application: Application,
    out: Annotated[str, typer.Option(help="The file to write, or - for stdout.")] = "-",
    officer: OfficerOption = None,
) -> None:
    """Write the text of a drafted decision, byte by byte as its head signs it (R20); looking is on record."""
    check_out(out, as_json=output.as_json)
    text = _text(application, _approver(application, officer)).encode()
    write_out(out, text)
    if out != "-":
        output.say(f"{len(text)} bytes in {out}; sign them, then `do {application} approve --with FILE`")


def sign_decision(application: Application, officer: OfficerOption = None, json: Json = False) -> None:
    """Sign a drafted decision in the name of an officer, by the stand-in authority of the data folder, for trials:
    print it, ready for `do APPLICATION approve --with FILE`."""
    del json
    from adapters.signatures.stand_in.authority import StandInAuthority
    from adapters.signatures.stand_in.officers import officer_of

    context.for_trials_only("the stand-in authority")
    by = _approver(application, officer)
    text = _text(application, by)
    if context.settings.signatures_file is not None:
        output.note("TIREK_SIGNATURES_FILE is set: no worker believes what the stand-in authority signs")
    authority = StandInAuthority.of(context.settings.signature_stand_in)
    output.document({"signature": authority.sign(text, officer_of(by.code), employed=True)})


def _approver(application: str, named: str | None) -> Officer:
    """Whoever was named; else the first who may approve it."""
    reader, library = context.reader, context.library
    return officer_or(named, lambda: default_officer(reader, library, reader.find(application), Command.APPROVE))


def _text(application: str, by: Officer) -> str:
    from desk.approving import text_of_draft

    return text_of_draft(context.reader, context.library, application, by)
