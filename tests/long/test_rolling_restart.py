"""Worker processes that are replaced one after the other while people work: nothing is lost, nothing doubled."""

import asyncio
import os
import re
import signal
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest

from adapters.child import Child
from adapters.temporal.server import free_port
from cli.engine import start_worker, until_working
from models.library import Library
from tests.faults.premises import Premises, premises
from tests.faults.traffic import Traffic

_DRIVERS = 4
"""So many officers of a kind at once; each carries one application after the other through its whole life."""
_MANY = 3 * _DRIVERS
"""So many applications have begun before it is over."""
_PAUSE = 5
_BETWEEN = 0.2


async def _work(traffic: Traffic, driver: int, over: asyncio.Event) -> None:
    """Applications on every channel in turn, until it is over; the last one is carried to its end."""
    for number in range(1000):
        for journey in traffic.some(f"driver-{driver}-{number}", each=1):
            if over.is_set():
                return
            await journey.go_on()
            await asyncio.sleep(_BETWEEN)


class TestRollingRestart:
    """Two workers under load, none of which is there all the time."""

    @pytest.mark.timeout(420)
    async def test_one_after_the_other(
        self, tmp_path: Path, library: Library, database: str, address: str
    ) -> None:
        """Each is stopped as a deployment does it and started anew, then one is killed: every command is answered
        once and stands on record once, and every history agrees with the record."""
        async with premises(tmp_path, library, address) as here:
            first, second = await here.start_worker(), await here.start_worker()
            traffic, over = Traffic(here, here.desk(wait=10)), asyncio.Event()
            began = time.monotonic()
            async with asyncio.TaskGroup() as drivers:
                for driver in range(_DRIVERS):
                    drivers.create_task(_work(traffic, driver, over))
                await asyncio.sleep(_PAUSE)
                first = await _replace(here, first, signal.SIGTERM, 0)
                await asyncio.sleep(_PAUSE)
                second = await _replace(here, second, signal.SIGTERM, 0)
                await asyncio.sleep(_PAUSE)
                await _replace(here, first, signal.SIGKILL, -signal.SIGKILL)
                await asyncio.sleep(_PAUSE)
                await _until_many_began(traffic)
                over.set()
            took = time.monotonic() - began
            assert took > 4 * _PAUSE
            await _is_all_well(traffic, f"{took:.0f} s on {database}")


async def _replace(here: Premises, worker: Child, how: signal.Signals, code: int) -> Child:
    """End a worker in some way, and start another in its place; it has ended as it should."""
    worker.process.send_signal(how)
    assert await asyncio.to_thread(worker.process.wait, 40) == code
    here.workers.remove(worker)
    return await here.start_worker()


async def _until_many_began(traffic: Traffic) -> None:
    """What the killed process had in hand is given to another one only after its time-out, and that is all of it
    where every driver was at its first step."""
    async with asyncio.timeout(120):
        while sum(one.begun is not None for one in traffic.journeys) < _MANY:  # noqa: ASYNC110 - other programs
            await asyncio.sleep(0.1)


async def _is_all_well(traffic: Traffic, what: str) -> None:
    begun = [one for one in traffic.journeys if one.begun]
    traffic.journeys[:] = begun
    answered = sum(len(one.given) for one in begun)
    assert len(begun) >= _MANY
    assert await traffic.problems() == []
    print(f"{what}: {len(begun)} applications, {answered} commands answered, none lost, none doubled")  # noqa: T201


class TestSupervised:
    """The same by `worker.py --processes 2`."""

    @pytest.mark.timeout(420)
    async def test_a_process_is_killed(
        self, tmp_path: Path, library: Library, database: str, address: str
    ) -> None:
        """It is started again by itself, which is counted; the other works on, and all end together with 0."""
        port = free_port()
        async with premises(tmp_path, library, address, health_port=port) as here:
            worker = start_worker(here.settings, here.server, processes=2)
            here.workers.append(worker)
            await until_working(worker)
            traffic, over = Traffic(here, here.desk(wait=10)), asyncio.Event()
            async with asyncio.TaskGroup() as drivers:
                for driver in range(_DRIVERS):
                    drivers.create_task(_work(traffic, driver, over))
                await _until_ready(port, port + 1)
                os.kill(_pids(worker)[1], signal.SIGKILL)
                await _until_restarted(port + 1)
                await _until_many_began(traffic)
                over.set()
            assert await _restarts(port) == 0
            await _is_all_well(traffic, f"two processes on {database}")
            assert await worker.stop() == 0
            assert not any(_is_there(pid) for pid in _pids(worker).values())
            assert Counter(re.findall(r"process \d ended with (\w+)", worker.words())) == {"SIGKILL": 1}


def _pids(worker: Child) -> dict[int, int]:
    """The newest process of each number, as the supervisor tells it."""
    return {int(n): int(pid) for n, pid in re.findall(r"process (\d+) started: pid (\d+)", worker.words())}


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def _until_ready(*ports: int) -> None:
    async with asyncio.timeout(60), httpx.AsyncClient() as client:
        for port in ports:
            while not await _is_ready(client, port):  # noqa: ASYNC110 - another program
                await asyncio.sleep(0.1)


async def _is_ready(client: httpx.AsyncClient, port: int) -> bool:
    try:
        return (await client.get(f"http://127.0.0.1:{port}/ready")).status_code == 200
    except httpx.TransportError:
        return False


async def _until_restarted(port: int) -> None:
    async with asyncio.timeout(60):
        while True:
            await _until_ready(port)
            if await _restarts(port) == 1:
                return
            await asyncio.sleep(0.1)


async def _restarts(port: int) -> float:
    async with httpx.AsyncClient() as client:
        text = (await client.get(f"http://127.0.0.1:{port}/metrics")).text
    [count] = re.findall(r"^tirek_worker_restarts_total (\S+)$", text, re.MULTILINE)
    return float(count)
