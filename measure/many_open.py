"""How long an update takes with ten applications open, and with ten thousand, on the same server and record."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import yaml

from adapters.database.engine import connect
from adapters.database.reader import RecordReader
from adapters.database.schema import ensure_schema
from adapters.keys import KeyRing
from adapters.regulations import load_library
from adapters.settings import ROOT, Settings
from adapters.temporal.server import Place, free_port
from cli.engine import running_engine
from demo.visit import SPECIALIST, Visit
from desk.beginnings import take_ticket
from desk.desk import Desk
from desk.officer import Officer
from measure.clock import OPEN
from models.library import install
from models.lifecycle import Channel, Command
from models.messages import Nothing, Ticket
from workflows import operators

FEW = 10
_SAMPLES = 300
_WARM = 20
_PAUSE = 0.03
_QUIET = 10
_AT_ONCE = 24
_LONG_WAIT = 1200
"""Minutes that everybody waits here: no warning falls due while it is measured."""


@dataclass(frozen=True)
class ManyOpen:
    """Seconds of an update with few applications open, and with many; how long it took to open these."""

    few: list[float]
    many: list[float]
    opening: float


async def time_many_open(data: Path, ring: KeyRing, say: Any) -> ManyOpen:
    """Takes and releases of one file, before and after ten thousand people have taken a ticket."""
    folder = _patient(data / "regulations")
    settings = Settings(data=data / "many", regulations=folder, keys_file=data / "keys.json").in_silence()
    library = load_library(folder)
    install(library)
    record = connect(settings.record_url)
    ensure_schema(record)
    place = Place(data / "many.sqlite", data / "many.log", free_port(), None, operators.flags())
    async with running_engine(settings, ring, place, say) as engine:
        reader, queue = RecordReader(record, ring), settings.task_queue
        desk = Desk(engine.client, reader, library, ring, task_queue=queue, wait_seconds=60)
        await _open(desk, FEW - 1)
        few = await _updates(desk, 1)
        began = time.perf_counter()
        await _open(desk, OPEN - FEW)
        took = time.perf_counter() - began
        await asyncio.sleep(_QUIET)
        return ManyOpen(few, await _updates(desk, 2), took)


async def _open(desk: Desk, count: int) -> None:
    turns = asyncio.Semaphore(_AT_ONCE)

    async def one() -> None:
        async with turns:
            await take_ticket(desk, Ticket(channel=Channel.PROVIDER))

    await asyncio.gather(*(one() for _ in range(count)))


async def _updates(desk: Desk, seed: int) -> list[float]:
    """Of an application of its own, the first ones left out: both histories are as long."""
    visit = await Visit.open(desk, Channel.STATE_CORPORATION, Random(seed))  # noqa: S311 - no secret
    await visit.be_accepted()
    times: list[float] = []
    for number in range(_WARM + _SAMPLES):
        name = Command.RELEASE if number % 2 else Command.TAKE
        await asyncio.sleep(_PAUSE)
        began = time.perf_counter()
        await visit.desk.give(visit.application, name, Officer(SPECIALIST), Nothing())
        times.append(time.perf_counter() - began)
    return times[_WARM:]


def _patient(folder: Path) -> Path:
    """The shipped files, but nobody waits too long."""
    (folder / "calendars").mkdir(parents=True)
    for path in (ROOT / "regulations").rglob("*.yaml"):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        if path.parent.name == "regulations":
            for term in content["clocks"]["waiting"]["terms"].values():
                term["minutes"] = _LONG_WAIT
        target = folder / path.relative_to(ROOT / "regulations")
        target.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return folder
