"""People who work without a pause: drivers that carry applications from ticket to collection, and time it."""

import asyncio
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from demo.visit import HEAD, SPECIALIST, Visit
from desk.desk import Desk
from desk.officer import Officer
from desk.recalling import give_command
from models.lifecycle import Channel, Command, Stage
from models.messages import MESSAGES

COMMANDS = 8
"""Of one life, after the ticket."""
_numbers = itertools.count(int(time.time()) % 10**7 * 1000)


@dataclass
class Done:
    """What came of a load: seconds of each command until its result could be read, and of each whole life."""

    commands: list[float] = field(default_factory=list)
    lives: list[float] = field(default_factory=list)
    applications: list[str] = field(default_factory=list)
    seconds: float = 0.0


async def live_some(desk: Desk, signatures: Path, lives: int, *, drivers: int) -> Done:
    """So many lives, by so many drivers at once."""
    left = iter(range(lives))

    def goes_on() -> bool:
        return next(left, None) is not None

    return await _drive(desk, signatures, drivers, goes_on)


async def live_for(desk: Desk, signatures: Path, seconds: float, *, drivers: int) -> Done:
    """As many lives as drivers begin within so many seconds; what has begun then is ended too."""
    until = time.monotonic() + seconds
    return await _drive(desk, signatures, drivers, lambda: time.monotonic() < until)


async def _drive(desk: Desk, signatures: Path, drivers: int, goes_on: Any) -> Done:
    done = Done()
    began = time.monotonic()

    async def driver() -> None:
        while goes_on():
            await _live(desk, signatures, done)

    await asyncio.gather(*(driver() for _ in range(drivers)))
    done.seconds = time.monotonic() - began
    return done


async def _live(desk: Desk, signatures: Path, done: Done) -> None:
    random = Random(next(_numbers))  # noqa: S311 - synthetic people are no secret
    began = time.monotonic()
    visit = await Visit.open(desk, Channel.STATE_CORPORATION, random, signatures)
    for name, by, content in _steps(visit):
        message = MESSAGES[name].model_validate(content or visit.example(name))
        asked = time.monotonic()
        await give_command(desk, visit.application, name, Officer(by), message)
        done.commands.append(time.monotonic() - asked)
        if name is Command.ACCEPT:
            await desk.until(lambda: visit.stage() is not Stage.ACCEPTED)
    if visit.stage() is not Stage.COLLECTED:
        raise RuntimeError(f"a measured life ended {visit.stage()}")
    done.lives.append(time.monotonic() - began)
    done.applications.append(visit.application)


def _steps(visit: Visit) -> Iterator[tuple[Command, str, Any]]:
    """Eight commands, as most lives have them: from the call at the counter to the collected result."""
    package = visit.example(Command.ACCEPT)
    yield Command.CALL, visit.clerk, None
    yield Command.LOOK_UP, visit.clerk, package
    yield Command.ACCEPT, visit.clerk, package
    yield Command.TAKE, SPECIALIST, None
    yield Command.PREPARE_DECISION, SPECIALIST, visit.grant()
    yield Command.APPROVE, HEAD, None
    yield Command.DELIVER, visit.clerk, None
    yield Command.COLLECT, visit.clerk, None
