"""The demo's closing tables: how each application ended, and every limit that was passed."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import Row

from adapters.database.reader import RecordReader
from demo.run import Lived
from models.clocks import Clock, Outcome
from models.data import shown
from models.journal import FactName
from models.lifecycle import Stage
from models.recall import stage_of_story
from models.regulation import ClockKind

_MARKS = {Outcome.RUNNING: "…", Outcome.MET: "met", Outcome.PASSED: "PASSED", Outcome.ENDED: "ended"}
_CLOCKS = tuple(ClockKind)


def print_endings(reader: RecordReader, lived: Sequence[Lived], console: Console) -> None:
    table = Table(title="How each application ended", box=None, title_justify="left")
    for column in ("number", "channel", "story", *_CLOCKS, "stage", "facts"):
        table.add_column(column, overflow="fold")
    for one in lived:
        for application in (one.application, *one.others):
            row = reader.find(application) if application else None
            if row is not None:
                table.add_row(*_ending(reader, row, one.story.title))
    console.print(table)


def _ending(reader: RecordReader, row: Row[Any], title: str) -> list[str]:
    """A line of the table: the application and its recalls as one story."""
    recalls = reader.recalls(row.id)
    files = [row, *recalls]
    clocks = {clock.clock: clock for file in files for clock in reader.clocks(file.id)}
    stage = stage_of_story(Stage(row.stage), Stage(recalls[-1].stage) if recalls else None)
    marks = [_mark(clocks.get(kind)) for kind in _CLOCKS]
    facts = sum(file.last_fact for file in files)
    return [row.registration_number or "–", row.channel, title, *marks, stage, str(facts)]


def _mark(clock: Clock | None) -> str:
    return "–" if clock is None else _MARKS[clock.outcome]


def print_breaches(reader: RecordReader, lived: Sequence[Lived], console: Console) -> None:
    table = Table(title="Limits passed", box=None, title_justify="left")
    for column in ("application", "limit", "due and passed at", "stopped at", "supervisor told"):
        table.add_column(column)
    for application in [execution for one in lived for execution in one.executions]:
        clocks = {clock.clock: clock for clock in reader.clocks(application)}
        notices = reader.rows(application)["notice"]
        for fact in reader.facts(application):
            if fact.fact is FactName.LIMIT_PASSED:
                clock = clocks[ClockKind(str(fact.details["clock"]))]
                told = ", ".join(notice["recipient"] for notice in notices if notice["fact"] == fact.number)
                stopped = shown(clock.stopped_at) if clock.stopped_at else "–"
                table.add_row(application, clock.clock, shown(fact.at), stopped, told)
    console.print(table)
