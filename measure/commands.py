"""How long a command takes, from call to answer, beside a bare update on the same server in the same run."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from temporalio.client import Client

from adapters.child import start_child
from adapters.settings import ROOT
from demo.visit import HEAD, SPECIALIST, Visit
from desk.desk import Desk
from desk.officer import Officer
from measure.bare import QUEUE, BareWorkflow
from models.lifecycle import Channel, Command, Stage
from models.messages import MESSAGES

SAMPLES = 200
_STEPS = 8
_WARM_LIVES = 2
_PAUSE = 0.05
"""People do not act within milliseconds of an answer: everything is quiet before each command, ours or bare."""


@dataclass
class Times:
    """Seconds from the call: until the answer, and until what was done can be read from the record."""

    answered: list[float] = field(default_factory=list)
    readable: list[float] = field(default_factory=list)


async def time_commands(desk: Desk) -> dict[Command, Times]:
    """By command, over whole lives at SC, one after the other: 200 in all, after a warm-up."""
    times: dict[Command, Times] = {}
    for number in range(-_WARM_LIVES, SAMPLES // _STEPS):
        visit = await Visit.open(desk, Channel.STATE_CORPORATION, Random(number))  # noqa: S311 - no secret
        await _live(visit, times)
        if number < 0:
            times.clear()
        if visit.stage() is not Stage.COLLECTED:
            raise RuntimeError(f"the measured life ended {visit.stage()}")
    return times


async def _live(visit: Visit, times: dict[Command, Times]) -> None:
    package = visit.example(Command.ACCEPT)
    steps = (
        (Command.CALL, visit.clerk, None),
        (Command.LOOK_UP, visit.clerk, package),
        (Command.ACCEPT, visit.clerk, package),
        (Command.TAKE, SPECIALIST, None),
        (Command.PREPARE_DECISION, SPECIALIST, None),
        (Command.APPROVE, HEAD, None),
        (Command.DELIVER, visit.clerk, None),
        (Command.COLLECT, visit.clerk, None),
    )
    for command, by, message in steps:
        content = MESSAGES[command].model_validate(message or visit.example(command))
        await asyncio.sleep(_PAUSE)
        began = time.perf_counter()
        answer = await visit.desk.give(visit.application, command, Officer(by), content)
        answered = time.perf_counter()
        await visit.desk.facts(answer.application, answer.last_fact)
        readable = time.perf_counter()
        of = times.setdefault(command, Times())
        of.answered.append(answered - began)
        of.readable.append(readable - began)
        await visit.desk.until(lambda: visit.stage() is not Stage.ACCEPTED)


async def time_bare_updates(address: str, folder: Path) -> list[float]:
    """Seconds of each of as many updates, spread over as many workflows, on a worker process of their own."""
    times: list[float] = []
    async with _bare_worker(address, folder) as client:
        for number in range(-_WARM_LIVES, SAMPLES // _STEPS):
            handle = await client.start_workflow(BareWorkflow.run, id=f"bare-{number}", task_queue=QUEUE)
            for place in range(_STEPS):
                await asyncio.sleep(_PAUSE)
                began = time.perf_counter()
                await handle.execute_update(BareWorkflow.touch, place == _STEPS - 1)
                times.append(time.perf_counter() - began)
            await handle.result()
    return times[_WARM_LIVES * _STEPS :]


@asynccontextmanager
async def _bare_worker(address: str, folder: Path) -> AsyncGenerator[Client]:
    command = [sys.executable, str(ROOT / "measure" / "bare.py"), address]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    worker = start_child(command, log=folder / "bare.log", environment=environment)
    try:
        yield await Client.connect(address)
    finally:
        await worker.stop()
