"""A town whose calendar changes while its applications run: the orders, who applies them, and who follows."""

import json
import signal
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from adapters.host_clock import host_today
from adapters.regulations import read_correction
from cli.calendar_changes import replanning_view
from cli.reading import read_text
from demo.visit import Visit
from desk import replanning
from desk.officer import Officer
from models.lifecycle import Channel
from models.regulation import ClockKind
from tests.command_line import Ran, run_program, start_program
from tests.conftest import House, strangers

PROCESSING = ClockKind.PROCESSING
SUPERVISOR = "education-supervisor"


async def accepted(town: House, channel: Channel) -> Visit:
    visit = await Visit.open(town.desk, channel, strangers())
    if channel is Channel.PORTAL:
        await visit.submit()
    else:
        await visit.be_accepted()
    return visit


def due_of(visit: Visit, kind: ClockKind = PROCESSING) -> datetime:
    return next(clock.due_at for clock in visit.clocks() if clock.clock is kind)


def days_within(town: House, count: int) -> list[date]:
    """The next working days but for tomorrow's: each of them lies within every term of ten."""
    calendar = town.desk.calendars.find(town.desk.calendars.in_force(host_today()).calendar)
    days, day = [], host_today() + timedelta(days=1)
    while len(days) < count:
        day = calendar.roll_forward(day + timedelta(days=1))
        days.append(day)
    return days


def order(folder: Path, *days: date, kind: str = "moved day off", **more: Any) -> str:
    """A file that gives days off."""
    entries = [{"date": day.isoformat(), "kind": kind, "basis": "an order"} for day in days]
    path = folder / f"order-{len(list(folder.iterdir()))}.yaml"
    path.write_text(json.dumps({"entries": entries, **more}), encoding="utf-8")
    return str(path)


async def calendar(town: House, *arguments: str) -> Ran:
    return await run_program("calendar", *arguments, "--json", environment=town.environment)


async def applied(town: House, file: str) -> Any:
    """What the command tells, without the start of a program and without its last look for late tickets."""
    correction = read_correction(read_text(file), file)
    return replanning_view(await replanning.apply(town.desk, correction, Officer(SUPERVISOR)), "en")


def count_of(town: House) -> int:
    """How many changes are on record."""
    last = town.desk.calendars.changes.last()
    return last.number if last else 0


def followers(town: House, visits: list[Visit]) -> int:
    last = town.desk.calendars.changes.last()
    if last is None:
        return 0
    behind = {execution for execution, _ in town.desk.calendars.changes.not_following(last.change.calendar)}
    return sum(visit.application not in behind for visit in visits)


async def kill_when(town: House, file: str, is_so: Callable[[], bool]) -> None:
    """Start an apply and kill it without warning as soon as it has come so far."""
    process = await start_program("calendar", "apply", file, "--as", SUPERVISOR, environment=town.environment)
    assert await town.desk.until(is_so)
    process.send_signal(signal.SIGKILL)
    assert await process.wait() == -signal.SIGKILL
