"""The commands about terms: when something is due, and why."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any, Literal

import typer
from pydantic import ValidationError

from adapters.regulations import read_correction
from cli.app import Json, context, output
from cli.reading import read_instant, read_text
from models.calendar import Calendar, UnknownYearError
from models.data import local_day, local_iso
from models.deadline import Deadline, ExplainedDay, explain
from models.errors import MalformedError
from models.lifecycle import Channel
from models.regulation import ClockKind, Office, Regulation

Language = Literal["kk", "ru", "en"]


def deadline(
    clock: Annotated[ClockKind, typer.Option(help="Which clock.")],
    channel: Annotated[Channel, typer.Option(help="On which channel.")],
    at: Annotated[str, typer.Option(help="When it starts: 2026-03-06T10:00:00+05:00; without +05:00, in Almaty.")],
    office: Annotated[str | None, typer.Option(help="At which office; default: the channel's first.")] = None,
    calendar: Annotated[str | None, typer.Option(help="A file of entries that correct our calendar.")] = None,
    lang: Annotated[Language, typer.Option(help="The language of the reasons.")] = "en",
    json: Json = False,
) -> None:
    """Say when a clock that starts then is due, day by day; needs no server and no record."""
    del json
    start = read_instant(at, "--at")
    regulation, days = _law(start, calendar)
    try:
        found = explain(regulation, days, clock, _office(regulation, channel, office), start)
    except UnknownYearError as error:
        raise MalformedError(f"--at: {error}", [("--at", str(error))]) from error
    if found is None:
        runs_on = ", ".join(regulation.clocks[clock].terms)
        reason = f"the clock {clock} does not run on the channel {channel}, but on: {runs_on}"
        raise MalformedError(f"--clock: {reason}", [("--clock", reason)])
    view = deadline_view(found, lang)
    if output.as_json:
        output.document(view)
        return
    sure = ", provisional: a day on the way is not sure yet" if view["provisional"] else ""
    output.say(f"{view['clock']} · {view['channel']} · {view['office']}")
    output.say(f"started {view['started_at']}, due {view['due_at']}{sure}")
    output.table(view["days"], ("date", "counts", "number", "reason"))


def deadline_view(found: Deadline, lang: Language) -> dict[str, Any]:
    """A deadline as a document; the reasons in one language."""
    return {
        "clock": found.clock,
        "channel": found.channel,
        "office": found.office,
        "started_at": local_iso(found.started_at),
        "counts_from": local_iso(found.counts_from),
        "due_at": local_iso(found.due_at),
        "due_on": found.due_on.isoformat(),
        "provisional": found.provisional,
        "days": [_day_view(day, lang) for day in found.days],
    }


def _day_view(day: ExplainedDay, lang: Language) -> dict[str, Any]:
    told = {"date": day.date.isoformat(), "counts": day.counts, "number": day.number}
    return told | {"reason": getattr(day.reason, lang)}


def _law(start: datetime, calendar: str | None) -> tuple[Regulation, Calendar]:
    """The regulation in force at the start, and the newest calendar with the entries of a file."""
    rules = context.library.rules(*context.library.current(local_day(start)))
    if calendar is None:
        return rules.regulation, rules.calendar
    correction = read_correction(read_text(calendar), calendar)
    with contradictions_of("--calendar", calendar):
        return rules.regulation, rules.calendar.corrected(correction)


@contextmanager
def contradictions_of(field: str, source: str) -> Generator[None]:
    """MalformedError, with the file's name, for entries that cannot be meant."""
    try:
        yield
    except ValueError as error:
        reason = f"{source}: {_reasons(error)}"
        raise MalformedError(f"{field}: {reason}", [(field, reason)]) from error


def _reasons(error: ValueError) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(problem["msg"].removeprefix("Value error, ") for problem in error.errors())
    return str(error)


def _office(regulation: Regulation, channel: Channel, code: str | None) -> Office:
    offices = {office.code: office for office in regulation.offices_of(channel)}
    if code is None:
        return next(iter(offices.values()))
    if code not in offices:
        reason = f"{code} is no office of the channel {channel}; there is: {', '.join(offices) or 'none'}"
        raise MalformedError(f"--office: {reason}", [("--office", reason)])
    return offices[code]
