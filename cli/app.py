"""The commands of `starter.py`. Exit codes: 0 done, 2 malformed, 3 refused, 4 nobody answers, 5 unknown."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from datetime import date, datetime, timedelta
from random import Random
from typing import Annotated, Any, Literal, cast

import typer
from rich.console import Console

from adapters.host_clock import host_today
from cli.context import Context
from cli.default_officer import default_officer
from cli.output import Output
from cli.reading import (
    input_name,
    read_command,
    read_duration,
    read_key,
    read_message,
    read_officer,
    read_request,
)
from demo.examples import Wish, make_example
from desk.officer import Officer
from desk.views import answer_view, list_view, record_view, report_view
from models.data import Data
from models.errors import MalformedError, RefusedError
from models.lifecycle import Channel, Command, Stage
from models.messages import MESSAGES, OPENING, Submit, Ticket
from models.package import examine, unknown_kinds
from models.plausibility import dates_ahead
from models.regulation import Regulation, Role

EPILOG = (
    "Exit codes: 0 done; 1 `reconcile` found a difference, `stuck` something, or `replay` a broken history; 2 the "
    "input is malformed or cannot be read; 3 the rules refuse it; 4 no server or no worker answers in time; 5 "
    "there is no such application, document or entry in a register; 6 a register was asked and failed."
)

app = typer.Typer(
    help="Tirek: the allowance for guardians and custodians, from the queue ticket to the archive.",
    epilog=EPILOG,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
output = Output()
context = Context()


Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, nothing else there.")]
Key = Annotated[
    str | None,
    typer.Option(
        "--id",
        callback=read_key,
        help="Your key: the same command with the same key is done once, and answers the same.",
    ),
]
Application = Annotated[str, typer.Argument(help="The application's id or registration number.")]
OfficerOption = Annotated[
    str | None,
    typer.Option(
        "--as",
        help="Who does it. A claim, not a proof: proving it comes with signing in. "
        "Default: TIREK_OFFICER, else the first officer whose post allows it.",
    ),
]
Counter = Literal["state-corporation", "provider"]


@app.callback()
def _main(json: Json = False) -> None:
    del json


@app.command()
def schema(
    name: Annotated[str | None, typer.Argument(help="ticket, submit or a command.")] = None,
    json: Json = False,
) -> None:
    """Print the JSON Schema of an input, or of all of them by name."""
    del json
    if name is None:
        output.document({input_name(command): kind.model_json_schema() for command, kind in MESSAGES.items()})
        return
    output.document(MESSAGES[_input(name)].model_json_schema())


@app.command()
def example(
    name: Annotated[str, typer.Argument(help="ticket, submit or a command.")],
    channel: Annotated[Channel, typer.Option(help="The channel it is for.")] = Channel.STATE_CORPORATION,
    children: Annotated[int | None, typer.Option(help="How many children.")] = None,
    born: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="When the children were born.")
    ] = None,
    place: Annotated[Literal["kz", "abroad"], typer.Option(help="Where they were born.")] = "kz",
    missing: Annotated[list[str] | None, typer.Option(help="A document to leave out (repeatable).")] = None,
    seed: Annotated[int | None, typer.Option(help="The same number, the same people.")] = None,
    register: Annotated[
        Literal["unknown", "differs", "silent", "slow"] | None,
        typer.Option(help="How the stand-in registers answer for the children."),
    ] = None,
    json: Json = False,
) -> None:
    """Print a valid input with synthetic people; wrong only by what --missing takes out."""
    del json
    wish = Wish(
        channel=channel,
        children=children,
        born=_birthday(born),
        place=place,
        missing=tuple(missing or ()),
        behaviour=register,
        signatures=context.settings.signature_stand_in,
        today=host_today(),
        random=Random(seed),  # noqa: S311 - synthetic people are no secret
    )
    output.document(make_example(_input(name), wish, _regulation()))


@app.command()
def officers(
    role: Annotated[Role | None, typer.Option(help="Only those with this role.")] = None, json: Json = False
) -> None:
    """List the officers' posts: code, office, roles."""
    del json
    chosen = [o for o in _regulation().officers if role is None or role in o.roles]
    rows: list[dict[str, Any]] = [
        {"officer": o.code, "office": o.office, "roles": list(o.roles), "post": o.post.model_dump()}
        for o in chosen
    ]
    if output.as_json:
        output.document(rows)
        return
    output.table(
        [{**row, "post": o.post.kk} for row, o in zip(rows, chosen, strict=True)],
        ("officer", "office", "roles", "post"),
    )


@app.command()
def ticket(
    channel: Annotated[Counter, typer.Option(help="The counter.")],
    office: Annotated[str | None, typer.Option(help="The office's code; default: the channel's first.")] = None,
    key: Key = None,
    json: Json = False,
) -> None:
    """Take a queue ticket: an application begins, and the 15 minutes of waiting (R7)."""
    del json
    wanted = Ticket.model_validate({"channel": channel, "office": _office(office, Channel(channel))})

    async def take() -> dict[str, Any]:
        from desk.beginnings import take_ticket

        async with context.desk() as desk:
            return answer_view(*await take_ticket(desk, wanted, key))

    output.application(_run(take))


@app.command()
def submit(
    file: Annotated[str, typer.Argument(help="A signed request, a file or - for stdin.")],
    key: Key = None,
    json: Json = False,
) -> None:
    """Send a request through the portal: it is accepted, with the date of its result, or refused (R15, R22)."""
    del json
    message = read_message(Command.SUBMIT, file)
    _need_stored(message)

    async def send() -> dict[str, Any]:
        from desk.beginnings import submit as submit_request

        async with context.desk() as desk:
            return answer_view(*await submit_request(desk, cast(Submit, message), key))

    output.application(_run(send))


@app.command()
def recall(
    application: Application,
    officer: OfficerOption = None,
    later: Annotated[
        str | None,
        typer.Option(help="As if asked so long after the last fact: 31d (servers with time skipping)."),
    ] = None,
    key: Key = None,
    json: Json = False,
) -> None:
    """Ask the provider for a stored result; it has one working day to send it (R10)."""
    del json
    distance = read_duration(later) if later else timedelta()
    by = _officer(officer, application, Command.RECALL)

    async def ask() -> dict[str, Any]:
        from desk.recalling import request_recall

        async with context.desk() as desk:
            return answer_view(*await request_recall(desk, application, by, key, later=distance))

    output.application(_run(ask))


@app.command()
def do(
    application: Application,
    command: Annotated[str, typer.Argument(help="A command of docs/lifecycle.md, with hyphens.")],
    officer: OfficerOption = None,
    file: Annotated[str | None, typer.Option("--with", help="The command's input, a file or - for stdin.")] = None,
    key: Key = None,
    json: Json = False,
) -> None:
    """Give a command to an application."""
    del json
    name = read_command(command, among=_GIVEN)
    message = read_message(name, file)
    _need_stored(message)
    by = _officer(officer, application, name)

    async def give() -> dict[str, Any]:
        from desk.recalling import give_command

        async with context.desk() as desk:
            return answer_view(*await give_command(desk, application, name, by, message, key))

    output.application(_run(give))


@app.command()
def show(application: Application, json: Json = False) -> None:
    """Show an application: stage, holder, what is allowed, clocks, package, checks, facts."""
    del json
    output.application(record_view(context.reader, context.find(application), context.library))


@app.command(name="list")
def list_applications(
    stage: Annotated[Stage | None, typer.Option(help="Only those in this stage.")] = None,
    channel: Annotated[Channel | None, typer.Option(help="Only those of this channel.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at the most.")] = 50,
    json: Json = False,
) -> None:
    """List applications, the newest first."""
    del json
    rows = list_view(context.reader.applications(stage, channel, limit))
    if output.as_json:
        output.document(rows)
        return
    output.table(rows, ("application", "registration_number", "stage", "recall", "channel", "holder", "opened_at"))


@app.command()
def check(
    file: Annotated[str, typer.Argument(help="A request, a file or - for stdin.")], json: Json = False
) -> None:
    """Apply the package rules alone: complete (exit 0), or what is missing, for whom and why (exit 3)."""
    del json
    request = read_request(file)
    regulation = _regulation()
    unknown = unknown_kinds(request, regulation)
    if unknown:
        raise MalformedError("; ".join(unknown), [(line.split(":")[0], line) for line in unknown])
    out_of_time = list(dates_ahead(request, host_today()))
    if out_of_time:
        raise RefusedError(out_of_time)
    report = examine(request, request.channel, regulation)
    if output.as_json:
        output.document({"channel": request.channel, **report_view(report)})
    else:
        output.say("complete" if report.complete else "not complete")
        output.missing(report_view(report)["missing"])
    if not report.complete:
        raise typer.Exit(3)


@app.command()
def skip(
    application: Application,
    duration: Annotated[str, typer.Argument(help="3d, 15m, 1d12h")],
    json: Json = False,
) -> None:
    """Move this application's clock ahead (servers with time skipping)."""
    del json
    distance = read_duration(duration)

    async def move() -> None:
        from desk.time_travel import skip as skip_time

        async with context.desk() as desk:
            await skip_time(desk, application, distance)

    _run(move)
    output.application(record_view(context.reader, context.find(application), context.library))


@app.command()
def demo() -> None:
    """Live through whole applications on a server of its own, and hold every history against the record."""
    from cli.trial import run_demo

    console = Console(width=None if sys.stdout.isatty() else 180)
    raise typer.Exit(asyncio.run(run_demo(context.for_trials_only("`demo`"), console)))


@app.command()
def up() -> None:
    """Run server, UI, worker and the supervisors' board until Ctrl-C; the data stays."""
    from cli.up import stay_up

    asyncio.run(stay_up(context.for_trials_only("`up`"), context.ring, output.say))


_GIVEN = [command for command in MESSAGES if command not in OPENING]


def _need_stored(message: Data) -> None:
    """The copies that a request names are in the store."""
    from desk.attaching import need_stored

    need_stored(lambda: context.documents, message)


def _run(work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    return asyncio.run(work())


def _regulation() -> Regulation:
    return context.library.in_force(host_today())


def _input(name: str) -> Command:
    return read_command(name, among=list(MESSAGES))


def _birthday(born: datetime | None) -> date | None:
    if born is not None and not date(1900, 1, 1) <= born.date() <= host_today():
        reason = "from 1900-01-01 to today"
        raise MalformedError(f"--born: {reason}", [("born", reason)])
    return born.date() if born else None


def _office(code: str | None, channel: Channel) -> str | None:
    codes = [office.code for office in _regulation().offices_of(channel)]
    if code is not None and code not in codes:
        reason = f"{code} is no office of channel {channel}; there is {', '.join(codes)}"
        raise MalformedError(f"--office: {reason}", [("office", reason)])
    return code


def _officer(named: str | None, application: str, name: Command) -> Officer:
    """Whoever was named by --as or TIREK_OFFICER; else the first whose post allows it."""
    return officer_or(
        named, lambda: default_officer(context.reader, context.library, context.reader.find(application), name)
    )


def officer_or(named: str | None, default: Callable[[], str]) -> Officer:
    """Whoever was named by --as or TIREK_OFFICER; else the default, and it is said who that is."""
    if named is not None:
        return Officer(read_officer(named, "--as"))
    if context.settings.officer is not None:
        return Officer(read_officer(context.settings.officer, "TIREK_OFFICER"))
    by = default()
    output.note(f"as {by} (no --as was given)")
    return Officer(by, is_named=False)
