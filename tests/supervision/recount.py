"""The plain recount: every question answered by walking over a world, without the code under test."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from models.clocks import Clock
from models.data import ALMATY
from models.regulation import ClockKind
from models.supervision import Grouping, Sought, Standing
from tests.supervision.world import UNITS, File


@dataclass(frozen=True)
class Stood:
    """A limit as it stood at an instant."""

    file: File
    clock: Clock
    due_at: datetime
    stopped_at: datetime | None
    officer: str | None
    stage: Any
    as_of: datetime

    @property
    def is_open(self) -> bool:
        return self.stopped_at is None

    @property
    def has_passed(self) -> bool:
        return self.due_at < (self.stopped_at or self.as_of)

    @property
    def late_by(self) -> timedelta:
        return (self.stopped_at or self.as_of) - self.due_at


def stood(world: list[File], sought: Sought) -> Iterator[Stood]:
    """Every limit that is asked about, as it stood then."""
    for file in world:
        for clock in file.clocks:
            one = _at(file, clock, sought.as_of)
            if one is not None and _is_asked(one, sought):
                yield one


def _at(file: File, clock: Clock, as_of: datetime) -> Stood | None:
    if clock.clock is ClockKind.RETENTION or (clock.triggered_at or clock.started_at) > as_of:
        return None
    due = next((former.due_at for former in clock.former if as_of < former.until), clock.due_at)
    stopped = clock.stopped_at if clock.stopped_at and clock.stopped_at <= as_of else None
    moment = min(instant for instant in (due if due < as_of else None, stopped, as_of) if instant)
    return Stood(file, clock, due, stopped, file.holder_at(moment), file.stage_at(moment), as_of)


def _is_asked(one: Stood, sought: Sought) -> bool:
    is_of = {Standing.OPEN: one.is_open, Standing.CLOSED: not one.is_open, Standing.ALL: True}
    return (
        is_of[sought.state]
        and sought.clock in (None, one.clock.clock)
        and sought.channel in (None, one.file.channel)
        and sought.office in (None, one.clock.office)
        and sought.officer in (None, one.officer)
        and (sought.due_from is None or one.due_at >= sought.due_from)
        and (sought.due_before is None or one.due_at < sought.due_before)
    )


def grouped(world: list[File], sought: Sought, by: Grouping) -> dict[tuple[str | None, str], list[Stood]]:
    groups: defaultdict[tuple[str | None, str], list[Stood]] = defaultdict(list)
    for one in stood(world, sought):
        groups[_group(one, by), UNITS[one.clock.clock]].append(one)
    return groups


def _group(one: Stood, by: Grouping) -> str | None:
    due = one.due_at.astimezone(ALMATY)
    return {
        Grouping.CLOCK: one.clock.clock,
        Grouping.CHANNEL: one.file.channel,
        Grouping.OFFICE: one.clock.office,
        Grouping.OFFICER: one.officer,
        Grouping.STAGE: one.stage,
        Grouping.DAY: f"{due:%Y-%m-%d}",
        Grouping.WEEK: f"{due:%G-W%V}",
        Grouping.MONTH: f"{due:%Y-%m}",
        Grouping.HOUR: f"{due:%H}",
    }[by]


def nearest_rank(values: list[int], percent: int) -> int:
    """The smallest value that at least so many per cent of all values do not exceed."""
    ordered = sorted(values)
    return next(value for n, value in enumerate(ordered, start=1) if n * 100 >= percent * len(ordered))


def per_day(world: list[File], sought: Sought, day: date) -> tuple[int, int, int, int]:
    """Accepted, finished and passed on a day, and the backlog at its end; holders as they were settled."""
    accepted = finished = passed = backlog = 0
    end = datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=ALMATY)
    for one in stood(world, sought):
        begun, stop = one.clock.triggered_at or one.clock.started_at, one.stopped_at
        accepted += begun.astimezone(ALMATY).date() == day
        finished += stop is not None and stop.astimezone(ALMATY).date() == day
        passed += one.has_passed and one.due_at.astimezone(ALMATY).date() == day
        backlog += begun < end and (stop is None or stop >= end)
    return accepted, finished, passed, backlog
