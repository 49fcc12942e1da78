"""How long a command takes, from call to answer, beside a bare update on the same server in the same run."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from temporalio.client import Client, WorkflowHandle

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

    def add(self, answered: float, readable: float) -> None:
        self.answered.append(answered)
        self.readable.append(readable)


async def time_commands(desk: Desk, address: str, folder: Path) -> tuple[dict[Command, Times], list[float]]:
    """Seconds by command, over whole lives at SC, 200 in all after a warm-up; and of as many bare updates.

    Each command is followed by a bare update: whatever else the machine does meanwhile, it does to both.
    """
    times: dict[Command, Times] = {}
    bare: list[float] = []
    async with _bare_worker(address, folder) as client:
        for number in range(-_WARM_LIVES, SAMPLES // _STEPS):
            if number == 0:
                times.clear()
                bare.clear()
            visit = await Visit.open(desk, Channel.STATE_CORPORATION, Random(number))  # noqa: S311 - no secret
            handle = await client.start_workflow(BareWorkflow.run, id=f"bare-{number}", task_queue=QUEUE)
            for command, by, message in _steps(visit):
                times.setdefault(command, Times()).add(*await _timed(visit, command, by, message))
                bare.append(await _timed_bare(handle, is_last=command is Command.COLLECT))
            await handle.result()
            if visit.stage() is not Stage.COLLECTED:
                raise RuntimeError(f"the measured life ended {visit.stage()}")
    return times, bare


def _steps(visit: Visit) -> Iterator[tuple[Command, str, Any]]:
    package = visit.example(Command.ACCEPT)
    yield Command.CALL, visit.clerk, None
    yield Command.LOOK_UP, visit.clerk, package
    yield Command.ACCEPT, visit.clerk, package
    yield Command.TAKE, SPECIALIST, None
    yield Command.PREPARE_DECISION, SPECIALIST, None
    yield Command.APPROVE, HEAD, None
    yield Command.DELIVER, visit.clerk, None
    yield Command.COLLECT, visit.clerk, None


async def _timed(visit: Visit, command: Command, by: str, message: Any) -> tuple[float, float]:
    """Until the process has answered, and until what it did can be read."""
    content = MESSAGES[command].model_validate(message or visit.example(command))
    await asyncio.sleep(_PAUSE)
    began = time.perf_counter()
    answer = await visit.desk.give(visit.application, command, Officer(by), content)
    answered = time.perf_counter()
    await visit.desk.facts(answer.application, answer.last_fact)
    readable = time.perf_counter()
    await visit.desk.until(lambda: visit.stage() is not Stage.ACCEPTED)
    return answered - began, readable - began


async def _timed_bare(handle: WorkflowHandle[Any, Any], *, is_last: bool) -> float:
    await asyncio.sleep(_PAUSE)
    began = time.perf_counter()
    await handle.execute_update(BareWorkflow.touch, is_last)
    return time.perf_counter() - began


@asynccontextmanager
async def _bare_worker(address: str, folder: Path) -> AsyncGenerator[Client]:
    command = [sys.executable, str(ROOT / "measure" / "bare.py"), address]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    worker = start_child(command, log=folder / "bare.log", environment=environment)
    try:
        yield await Client.connect(address)
    finally:
        await worker.stop()
