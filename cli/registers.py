"""The commands about the state registers: an officer's own question, and what the registers said."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import typer

from cli.app import Application, Json, OfficerOption, context, officer_or, output
from cli.reading import read_iin
from desk.officer import Officer
from models.errors import MalformedError
from models.registers import BirthRecord, PersonEntry

NOT_FOUND = 5

Iin = Annotated[str, typer.Argument(help="The IIN of a person of the application.")]
For = Annotated[str, typer.Option("--for", help="The application that it is for: its id or registration number.")]

register = typer.Typer(
    help="Ask a state register about a person of an application, in the application's interest (R17). Every "
    "question is on record.",
    epilog="Exit codes: 0 found, 5 not found, 6 the gateway failed, 2 the IIN is malformed, 3 this officer may "
    "not ask, or the IIN is not part of that application.",
    no_args_is_help=True,
)


@register.command()
def person(iin: Iin, application: For, officer: OfficerOption = None, json: Json = False) -> None:
    """Ask the register of persons about the applicant or a child."""
    del json
    from desk.registers import ask_person

    found = _ask(ask_person, iin, application, officer)
    _print(iin, found, _person(found))


@register.command()
def birth(iin: Iin, application: For, officer: OfficerOption = None, json: Json = False) -> None:
    """Ask the civil registry for the record of a child's birth."""
    del json
    from desk.registers import ask_birth

    found = _ask(ask_birth, iin, application, officer)
    _print(iin, found, _birth(found))


def checks(application: Application, officer: OfficerOption = None, json: Json = False) -> None:
    """Show the application and what the registers said of it, side by side; looking is on record."""
    del json
    from desk.registers import Files, checks_beside

    by = _who_asks(officer)
    rows = checks_beside(Files(context.reader, context.library), application, by)
    if output.as_json:
        output.document(rows)
        return
    for row in rows:
        failure = f" ({row['failure']})" if row["failure"] else ""
        output.say(f"{row['check']}: {row['outcome']}{failure}, asked {row['attempts']} times")
        output.table(row["fields"], ("field", "application", "register", "verdict"))


def _ask(ask: Callable[..., Coroutine[Any, Any, Any]], iin: str, application: str, officer: str | None) -> Any:
    """What the register says; nothing is sent for an IIN that cannot be one."""
    from adapters.registers.opening import open_registers, what_stands_in
    from desk.registers import Files

    number = read_iin(iin.strip() or "-", "IIN") or ""
    by = _who_asks(officer)
    stands_in = what_stands_in(context.settings)
    if stands_in is not None:
        output.note(stands_in)

    async def go() -> Any:
        files = Files(context.reader, context.library)
        async with open_registers(context.settings, context.reader.exchanges) as registers:
            return await ask(files, registers, application, by, number)

    return asyncio.run(go())


def _who_asks(named: str | None) -> Officer:
    """Whoever was named: what is on record about a look at somebody's data must not be a guess."""
    if named is None and context.settings.officer is None:
        reason = "say who asks (or set TIREK_OFFICER); see `starter.py officers`"
        raise MalformedError(f"--as: {reason}", [("--as", reason)])
    return officer_or(named, str)


def _person(entry: PersonEntry | None) -> dict[str, Any]:
    return (entry or PersonEntry()).model_dump(mode="json")


def _birth(record: BirthRecord | None) -> dict[str, Any]:
    if record is None:
        return dict.fromkeys(("act_number", "act_date", "child", "parents"))
    parents = (("mother", record.mother), ("father", record.father))
    return {
        "act_number": record.act_number,
        "act_date": record.act_date.isoformat(),
        "child": _known(record.child),
        "parents": [{"parent": name} | _known(parent) for name, parent in parents if parent is not None],
    }


def _known(entry: PersonEntry) -> dict[str, Any]:
    """A person as a civil act has them: it says nothing of who lives."""
    return entry.model_dump(mode="json", exclude={"life_status"})


def _print(iin: str, answer: object | None, view: dict[str, Any]) -> None:
    """The answer, or that there is none: the same keys in either case."""
    found = answer is not None
    document = {"found": found} | view | {"iin": iin.strip()}
    if output.as_json:
        output.document(document)
    elif found:
        output.table(_lines(document), ("field", "register"))
    else:
        output.say("the register has no such record")
    if not found:
        raise typer.Exit(NOT_FOUND)


def _lines(document: dict[str, Any]) -> list[dict[str, Any]]:
    """A document as a table of fields; what is inside of others is told with where it stands."""
    lines: list[dict[str, Any]] = []
    for field, value in document.items():
        if isinstance(value, dict):
            lines += [{**line, "field": f"{field} {line['field']}"} for line in _lines(value)]
        elif isinstance(value, list):
            lines += [line for one in value for line in _lines({one.pop("parent"): one})]
        else:
            lines.append({"field": field, "register": value})
    return lines
