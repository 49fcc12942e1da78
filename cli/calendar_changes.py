"""The commands about a calendar that changes while applications run."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.host_clock import host_today
from adapters.regulations import read_correction
from cli.app import Json, OfficerOption, context, officer_or, output
from cli.default_officer import with_role
from cli.legal_clock import Language, contradictions_of
from cli.reading import read_text
from models import reasons
from models.calendar_entries import Correction
from models.data import local_iso
from models.lifecycle import Command

if TYPE_CHECKING:
    from desk.replanning import Move, Replanning

File = Annotated[str, typer.Argument(help="Entries to add to the calendar in force, a file or - for stdin.")]
Words = Annotated[Language, typer.Option("--lang", help="The language of the reasons.")]
_ROW = ("application", "registration_number", "clock", "from", "to", "why")

calendar = typer.Typer(
    help="The state's calendar changes while applications run: see whose due date would move, and move it.",
    no_args_is_help=True,
)


@calendar.command()
def preview(file: File, lang: Words = "en", json: Json = False) -> None:
    """List the running applications whose due date would move: from, to and why. Changes nothing."""
    del json
    from desk.calendars import Calendars
    from desk.replanning import preview as look

    correction = _read(file)
    calendars = Calendars(context.library, context.reader.calendars)
    with contradictions_of("FILE", file):
        found = look(calendars, correction)
    _print(found, lang, "would follow")


@calendar.command()
def apply(file: File, officer: OfficerOption = None, lang: Words = "en", json: Json = False) -> None:
    """Put the entries into force and have every open application follow; a repeated command goes on."""
    del json
    regulation = context.library.in_force(host_today())
    by = officer_or(officer, lambda: with_role(regulation, Command.FOLLOW_CALENDAR))
    correction = _read(file)

    async def work() -> "Replanning":
        from desk.replanning import apply as put_into_force

        async with context.desk() as desk:
            with contradictions_of("FILE", file):
                return await put_into_force(desk, correction, by)

    _print(asyncio.run(work()), lang, "follow")


def _read(file: str) -> Correction:
    return read_correction(read_text(file), file)


def _print(found: "Replanning", lang: Language, verb: str) -> None:
    view = replanning_view(found, lang)
    if output.as_json:
        output.document(view)
        return
    output.table([{**row, "why": "; ".join(row["why"])} for row in view["applications"]], _ROW)
    for row in view["uncounted"]:
        output.say(f"{row['application']}: {row['clock']} cannot be counted, the calendar ends before it is due")
    count = view["open"] if verb == "would follow" else view["told"]
    output.say(f"calendar {view['calendar']}: {len(view['applications'])} due dates move, {count} open {verb} it")


def replanning_view(found: "Replanning", lang: Language) -> dict[str, Any]:
    """What moves, as a document; `open`: what went by another calendar, `told`: what was told to follow."""
    return {
        "calendar": found.calendar.code,
        "open": len(found.behind),
        "told": found.told,
        "applications": [_move_view(move, lang) for move in found.moves],
        "uncounted": [{"application": row.application, "clock": row.clock} for row in found.uncounted],
    }


def _move_view(move: "Move", lang: Language) -> dict[str, Any]:
    row = move.clock
    return {
        "application": row.application,
        "registration_number": row.registration_number,
        "clock": row.clock,
        "channel": row.channel,
        "office": row.office,
        "from": local_iso(row.due_at),
        "to": local_iso(move.plan.due_at),
        "provisional": move.plan.is_provisional,
        "why": [
            f"{day.date}: {getattr(reasons.of_day(day.date, day.after), lang)}"
            f" ({getattr(reasons.OF_OLD, lang)}: {getattr(reasons.of_day(day.date, day.before), lang)})"
            for day in move.days
        ],
    }
