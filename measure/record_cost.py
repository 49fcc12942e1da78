"""What supervisors' questions add to `record`: the same lives with their indexes and without them."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Engine, inspect, text

from adapters.database import tables as t
from adapters.database.engine import writing
from adapters.database.records import SqlApplicationRecords
from adapters.database.supervised import clock_row
from adapters.host_clock import host_now
from adapters.keys import KeyRing
from models.act import Act
from models.application import Application
from models.data import local_day
from models.handling import carry_out
from models.library import Library
from models.lifecycle import Channel, Command
from models.messages import Opening
from models.regulation import ClockKind
from models.state import Entry

_LIVES = 250
_WARM = 25
_MINUTE = timedelta(minutes=1)
_STEPS = (Command.TAKE_TICKET, Command.CALL, Command.LEAVE)
_OF_SUPERVISORS = (
    "ix_clock_begun_on",
    "ix_clock_stopped_on",
    "ix_clock_running",
    "ix_clock_long",
    "ix_clock_late",
)


@dataclass
class Cost:
    """Seconds of each `record` with what supervisors need and without its indexes, and of making its columns."""

    whole: list[float] = field(default_factory=list)
    without: list[float] = field(default_factory=list)
    columns: list[float] = field(default_factory=list)


def time_record(whole: Engine, without: Engine, ring: KeyRing, library: Library) -> Cost:
    """Record the same lives into two empty records by turns, step by step."""
    _drop_indexes(without)
    cost = Cost()
    for number in range(_LIVES):
        for entry in _entries(number, library):
            is_warm = number >= _WARM
            for engine, seconds in ((whole, cost.whole), (without, cost.without)):
                records = SqlApplicationRecords(engine, ring)
                began = time.perf_counter()
                records.record(entry)
                if is_warm:
                    seconds.append(time.perf_counter() - began)
            if is_warm:
                cost.columns.append(_columns(entry))
    return cost


def _columns(entry: Entry) -> float:
    """How much longer the rows of supervisors take to make than those of the clocks alone."""
    began = time.perf_counter()
    for clock in entry.state.clocks:
        clock.model_dump()
    between = time.perf_counter()
    for clock in entry.state.clocks:
        clock_row(clock, entry.state)
    return (time.perf_counter() - between) - (between - began)


def _drop_indexes(engine: Engine) -> None:
    names = [str(index["name"]) for index in inspect(engine).get_indexes(t.clock.name)]
    with writing(engine) as connection:
        for name in names:
            if name.startswith(_OF_SUPERVISORS):
                connection.execute(text(f'DROP INDEX "{name}"'))


def _entries(number: int, library: Library) -> Iterator[Entry]:
    """Somebody comes, is called and leaves while ten days run: four clocks, and nothing of a person."""
    now = host_now()
    regulation, calendar = library.current(local_day(now))
    opening = Opening(
        application=f"cost-{number:05}",
        channel=Channel.STATE_CORPORATION,
        office="sc-karaganda",
        regulation=regulation,
        calendar=calendar,
    )
    application, after = Application(opening, library.rules(regulation, calendar)), 0
    for minute, command in enumerate(_STEPS):
        _carry_out(application, command, now - (20 - minute) * _MINUTE)
        if command is Command.TAKE_TICKET:
            application.start(ClockKind.PROCESSING, now - 20 * _MINUTE, application.provider)
        yield application.entry(after)
        after = application.facts[-1].number


def _carry_out(application: Application, command: Command, at: datetime) -> None:
    carry_out(application, Act(command=command, by="counter", at=at, cause=f"measure:{command}"))
