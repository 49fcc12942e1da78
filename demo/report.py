"""The demo's closing tables: how each application ended, and every limit that was passed."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from adapters.database.reader import RecordReader
from demo.run import Lived
from models.clocks import Clock, Outcome
from models.data import ALMATY
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
    for one in lived:
        for fact in reader.facts(one.application) if one.application else ():
            if fact.fact is not FactName.LIMIT_PASSED:
                continue
            clock = {c.clock: c for c in reader.clocks(one.application or "")}[
                ClockKind(str(fact.details["clock"]))
            ]
            notices = reader.rows(one.application or "")["notice"]
            told = ", ".join(n["recipient"] for n in notices if n["fact"] == fact.number)
            stopped = clock.stopped_at.astimezone(ALMATY).strftime("%d.%m.%Y %H:%M") if clock.stopped_at else "–"
            passed = fact.at.astimezone(ALMATY).strftime("%d.%m.%Y %H:%M")
            table.add_row(one.application or "", clock.clock, passed, stopped, told)
    console.print(table)
