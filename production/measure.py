"""`make measure-production`: what an application costs on the parts of production, and how many go through.

Prints Markdown; docs/scale.md says what follows from it. A data folder of its own, which is taken away afterwards.
"""

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.database.engine import connect as connect_record
from adapters.database.reader import RecordReader
from adapters.keys import load_key_ring
from adapters.process import run_program
from adapters.regulations import load_library
from adapters.settings import Settings
from adapters.temporal.connection import connect, log_through_python
from adapters.temporal.plugin import tirek_plugin
from adapters.temporal.server import Server
from cli.engine import beside_a_gateway, start_worker, until_working
from desk.desk import Desk
from models.errors import TirekError
from models.library import install
from production.load import COMMANDS, Done, live_for, live_some
from production.measured_page import Cost, Rush, page
from production.parts import Stores, running_stores
from production.processor import since, used
from production.sizes import Sizes, measure_sizes

_LIVES, _LIVES_AT_ONCE, _WARM = 200, 4, 8
_RUSH_SECONDS = 30.0
_DRIVERS = (1, 8, 32)
_PROCESSES = (1, 2)
_PORT = 17233
_UNLIMITED = 1000.0
"""The pace at which registers may be asked is no property of the machine: here it holds nobody up."""


@dataclass(frozen=True)
class Parts:
    """What is measured: a desk over it, and the first process of each part."""

    stores: Stores
    settings: Settings
    desk: Desk
    processes: Mapping[str, int]

    @property
    def signatures(self) -> Path:
        return self.settings.signature_stand_in


async def measure(folder: Path, lives: int, seconds: float) -> tuple[Cost, list[Rush]]:
    """The cost of one application, and what goes through with one worker process and with two."""
    settings = Settings(data=folder, temporal_port=_PORT, registers_per_second=_UNLIMITED).in_silence()
    async with running_stores(settings, _say) as stores, beside_a_gateway(stores.settings) as gateway:
        gateway_process = gateway.child.process.pid if gateway.child else os.getpid()
        rushes: list[Rush] = []
        cost: Cost | None = None
        for processes in _PROCESSES:
            async with _at_work(stores, gateway.settings, processes, gateway_process) as parts:
                await live_some(parts.desk, parts.signatures, _WARM, drivers=_WARM)
                if processes == max(_PROCESSES):
                    _say(f"{lives} applications, {_LIVES_AT_ONCE} at once")
                    cost = await _cost(parts, lives)
                for drivers in _DRIVERS:
                    _say(f"{drivers} drivers, {processes} worker processes")
                    rushes.append(await _rush(parts, processes, drivers, seconds))
        if cost is None:
            raise RuntimeError("nothing was measured")
        return cost, rushes


@asynccontextmanager
async def _at_work(stores: Stores, settings: Settings, processes: int, gateway: int) -> AsyncGenerator[Parts]:
    worker = start_worker(settings, Server(stores.temporal.address, None, None), processes=processes)
    ring, library = load_key_ring(settings.key_file, may_create=False), load_library(settings.regulations)
    install(library)
    record = connect_record(settings.record_url)
    try:
        await until_working(worker)
        client = await connect(tirek_plugin(ring), settings)
        reader = RecordReader(record, ring)
        desk = Desk(client, reader, library, ring, task_queue=settings.task_queue, wait_seconds=60)
        processes_of = {
            "Temporal server": stores.temporal.child.process.pid,
            "PostgreSQL": stores.postgresql.child.process.pid,
            "workers": worker.process.pid,
            "gateway stand-in": gateway,
            "drivers": os.getpid(),
        }
        yield Parts(stores, settings, desk, processes_of)
    finally:
        record.dispose()
        await worker.stop()


async def _cost(parts: Parts, lives: int) -> Cost:
    sizes_before = await asyncio.to_thread(_sizes, parts)
    before = _used(parts.processes)
    done = await live_some(parts.desk, parts.signatures, lives, drivers=_LIVES_AT_ONCE)
    processor = since(before, _used(parts.processes))
    await asyncio.sleep(5)  # Temporal tidies up behind what has ended
    sizes_after = await asyncio.to_thread(_sizes, parts)
    events, history = await _histories(parts.desk, done.applications[:20])
    return Cost(lives, done.seconds, processor, sizes_before, sizes_after, events, history)


async def _rush(parts: Parts, processes: int, drivers: int, seconds: float) -> Rush:
    before = _used(parts.processes)
    done: Done = await live_for(parts.desk, parts.signatures, seconds, drivers=drivers)
    return Rush(processes, drivers, COMMANDS, done, since(before, _used(parts.processes)))


def _used(processes: Mapping[str, int]) -> dict[str, float]:
    """By part; the drivers are this process, which started all the others."""
    found = used(processes)
    own = os.times()
    return found | {"drivers": own.user + own.system}


def _sizes(parts: Parts) -> Sizes:
    return measure_sizes(parts.stores.postgresql.address("postgres", "postgres"), parts.stores.postgresql.secrets)


async def _histories(desk: Desk, applications: Sequence[str]) -> tuple[float, float]:
    """Events and bytes of one history, on the average of these."""
    events = size = 0
    for application in applications:
        told = (await desk.client.get_workflow_handle(application).describe()).raw_description
        events += told.workflow_execution_info.history_length
        size += told.workflow_execution_info.history_size_bytes
    return events / len(applications), size / len(applications)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m production.measure", description=__doc__)
    parser.add_argument(
        "--lives", type=int, default=_LIVES, help="how many applications the cost is the average of"
    )
    parser.add_argument("--seconds", type=float, default=_RUSH_SECONDS, help="how long each load lasts")
    given = parser.parse_args()
    log_through_python()
    folder = Path(tempfile.mkdtemp(prefix="tirek-measure-"))
    folder.chmod(0o755)  # PostgreSQL runs as another user than root
    load = os.getloadavg()
    try:
        cost, rushes = asyncio.run(measure(folder / "data", given.lives, given.seconds))
    except TirekError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write(page(cost, rushes, load[0]))
    return 0


if __name__ == "__main__":
    run_program(main)
