"""The demo's closing tables: how each application ended, and every limit that was passed."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from adapters.database.reader import RecordReader
from demo.run import Lived
from models.clocks import Clock, Outcome
from models.data import shown
from models.journal import FactName
from models.regulation import ClockKind

_MARKS = {Outcome.RUNNING: "…", Outcome.MET: "met", Outcome.PASSED: "PASSED", Outcome.ENDED: "ended"}
_CLOCKS = (ClockKind.WAITING, ClockKind.SERVICE, ClockKind.PROCESSING, ClockKind.RETENTION)


def print_endings(reader: RecordReader, lived: Sequence[Lived], console: Console) -> None:
    table = Table(title="How each application ended", box=None, title_justify="left")
    for column in ("number", "channel", "story", *_CLOCKS, "stage", "facts"):
        table.add_column(column, overflow="fold")
    for one in lived:
        row = reader.find(one.application) if one.application else None
        if row is None:
            continue
        clocks = {clock.clock: clock for clock in reader.clocks(row.id)}
        marks = [_mark(clocks.get(kind)) for kind in _CLOCKS]
        number = row.registration_number or "–"
        table.add_row(number, row.channel, one.story.title, *marks, row.stage, str(row.last_fact))
    console.print(table)


def _mark(clock: Clock | None) -> str:
    return "–" if clock is None else _MARKS[clock.outcome]


def print_breaches(reader: RecordReader, lived: Sequence[Lived], console: Console) -> None:
    table = Table(title="Limits passed", box=None, title_justify="left")
    for column in ("application", "limit", "due and passed at", "stopped at", "supervisor told"):
        table.add_column(column)
    for application in [one.application for one in lived if one.application]:
        clocks = {clock.clock: clock for clock in reader.clocks(application)}
        notices = reader.rows(application)["notice"]
        for fact in reader.facts(application):
            if fact.fact is FactName.LIMIT_PASSED:
                clock = clocks[ClockKind(str(fact.details["clock"]))]
                told = ", ".join(notice["recipient"] for notice in notices if notice["fact"] == fact.number)
                stopped = shown(clock.stopped_at) if clock.stopped_at else "–"
                table.add_row(application, clock.clock, shown(fact.at), stopped, told)
    console.print(table)
