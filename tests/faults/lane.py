"""Plays scenes one after another on one server, killing the worker in each, and judges all of them at the end.

Each worker is armed for one application: it goes on with what the ones before have left, and dies itself. So
whatever has to come round again has the time of all later deaths for it.
"""

import asyncio
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

from adapters.child import Child
from adapters.faults import Fault, Point, name_of
from demo.visit import Visit
from desk.reconcile import differences
from models.errors import TirekError
from models.journal import FactName
from tests.faults.notices import notice_differences
from tests.faults.premises import Premises, has_died, pid_of
from tests.faults.scenes import NOTICES, SCENES, Case, Said, Scene

POINTS = (Point.BEFORE_ANSWER, Point.BEFORE_RECORD, Point.INSIDE_RECORD, Point.AFTER_RECORD)
POINTS_OF_A_NOTICE = (Point.BEFORE_SEND, Point.AFTER_SEND)
_DEATH_SECONDS = 40
_HEALING_SECONDS = 120
_LAST_WORDS = 0.3
_AT_ONCE = 8


@dataclass
class Cell:
    """One death: a scene, a point, and whether the server died too; `problems` empty: nothing was lost."""

    scene: Scene
    point: Point
    with_server: bool
    case: Case | None = None
    first: Said | None = None
    problems: list[str] = field(default_factory=list)
    was_reached: bool = False


def deaths(*, with_server: bool) -> list[Cell]:
    """Every scene at every point; neighbours are of different scenes."""
    commands = [Cell(scene, point, with_server) for point in POINTS for scene in SCENES]
    return commands + [Cell(scene, point, with_server) for point in POINTS_OF_A_NOTICE for scene in NOTICES]


async def play(here: Premises, cells: Sequence[Cell], seed: int) -> None:
    """Let every cell die in its turn, then start everything again and look at what is left."""
    for number, cell in enumerate(cells):
        desk = here.desk()
        key = f"{seed}-{number}"
        cell.case = Case(cell.scene, key, Visit(desk, cell.scene.channel, "", Random(key)))
        try:
            await _die(here, cell, cell.case)
        except (TirekError, TimeoutError, AssertionError) as error:
            cell.problems.append(f"{type(error).__name__}: {error}")
        await here.stop_workers()
    await here.start_worker()
    turns = asyncio.Semaphore(_AT_ONCE)
    await asyncio.gather(*(_judge(here, cell, cell.case, turns) for cell in cells if cell.case is not None))


async def _die(here: Premises, cell: Cell, case: Case) -> None:
    pid = pid_of(here.server) if cell.with_server else None
    fault = Fault(cell.point, cell.scene.what, case.execution, pid)
    worker = await here.start_worker(fault=str(fault))
    try:
        await case.prepare()
        acting = asyncio.create_task(case.act())
        cell.was_reached = await _dies(worker) and f"fault reached: {fault}" in worker.words()
        cell.first = await _said(acting)
    finally:
        if cell.with_server and has_died(worker):
            await here.start_server()


async def _dies(worker: Child) -> bool:
    with suppress(subprocess.TimeoutExpired):
        await asyncio.to_thread(worker.process.wait, _DEATH_SECONDS)
    return has_died(worker)


async def _said(acting: asyncio.Task[Said]) -> Said | None:
    """What a caller was told; None for one who hears nothing and goes away."""
    done, _ = await asyncio.wait([acting], timeout=_LAST_WORDS)
    if done and acting.exception() is None:
        return acting.result()
    acting.cancel()
    with suppress(asyncio.CancelledError, TirekError):
        await acting
    return None


async def _judge(here: Premises, cell: Cell, case: Case, turns: asyncio.Semaphore) -> None:
    async with turns:
        try:
            async with asyncio.timeout(_HEALING_SECONDS):
                await _repeat(cell, case)
                await _settled(here, cell, case)
        except (TirekError, TimeoutError) as error:
            cell.problems.append(f"{type(error).__name__}: {error}")


async def _repeat(cell: Cell, case: Case) -> None:
    """The same key again, twice: it is done once, and whoever heard an answer hears the same."""
    second = await case.act()
    facts = case.visit.desk.reader.facts(case.execution)
    third = await case.act()
    if second != third or cell.first not in (None, second) or any(one != case.heard[0] for one in case.heard):
        cell.problems.append("the repeated --id is answered otherwise")
    written = [fact for fact in facts if name_of(fact) == cell.scene.what]
    wanted = 1 if cell.scene.what.partition("/")[0] in list(FactName) else 0  # a claim and a notice are no facts
    if len(written) != wanted:
        cell.problems.append(f"{cell.scene.what} is on record {len(written)} times")


async def _settled(here: Premises, cell: Cell, case: Case) -> None:
    """History, fact table and read model are equal, and exactly the notices of the history have left."""
    for execution in dict.fromkeys((case.visit.application, case.execution)):
        cell.problems.append(f"{execution} does not settle")
        while lines := await _what_differs(here, execution):
            cell.problems[-1] = "; ".join(lines)
            await asyncio.sleep(1)
        cell.problems.pop()


async def _what_differs(here: Premises, execution: str) -> list[str]:
    found = await differences(here.client, here.reader, here.ring, execution)
    return [*map(str, found), *await notice_differences(here, execution)]
