"""`make measure-board`: the board under fifty users at once, over a seeded record, in a process of its own.

The record is that of TIREK_DATA or TIREK_DATABASE_URL if one is named, and otherwise seeded in a temporary folder.
"""

import asyncio
import os
import platform
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from itertools import cycle
from pathlib import Path

import httpx

from adapters.child import Child, start_child
from adapters.host_clock import host_now
from adapters.process import run_program
from adapters.settings import ROOT
from cli.context import Context
from demo.seeding.load import Wanted, seed
from models.errors import UnavailableError

USERS = 50
_SECONDS = 20
_PAUSE_SECONDS = 1.0
_HERDS = 10
_MOST_MILLISECONDS = 150
_APPLICATIONS, _YEARS = 50_000, 3
_START_SECONDS = 60
_LANGUAGES = ("kk", "ru", "en")
_FILTERS = ("", "clock=processing", "office=education-karaganda", "channel=portal")
PAGES = tuple(f"/?lang={language}&{words}".rstrip("&") for words in _FILTERS for language in _LANGUAGES)
"""What the users look at: four filters, in three languages each."""


async def measure(data: Path) -> bool:
    """Print the figures; whether the bound was kept."""
    async with _board(data) as address:
        _say(f"{_machine()}; {USERS} users at once, each with a connection of its own; load and board share it")
        for page in PAGES:  # what is worked out once after a start
            await _timed_once(address, page)
        alone = [await _after_a_second(address) for _ in range(20)]
        _say(f"one user alone, never the same second twice: {_told(alone)}")
        paced = await _all(address, PAGES[:1], _PAUSE_SECONDS)
        _say(f"one address, a second's pause after each page: {_told(paced)}")
        mixed = await _all(address, PAGES, _PAUSE_SECONDS)
        _say(f"{len(PAGES)} addresses, a second's pause after each page: {_told(mixed)}")
        herd = [took for _ in range(_HERDS) for took in await _herd(address)]
        _say(f"one address, all at one instant: {_told(herd)}")
        flat_out = await _all(address, PAGES[:1], 0)
        _say(f"one address, without a pause: {_told(flat_out)}; {len(flat_out) / _SECONDS:.0f} a second")
    _say(f"p95 of 50 users at one address to that of one user alone: {_p(paced, 95) / _p(alone, 95):.2f}")
    return _p(paced, 95) <= _MOST_MILLISECONDS


@asynccontextmanager
async def _board(data: Path) -> AsyncGenerator[str]:
    environment = dict(os.environ) | {"TIREK_DATA": str(data)}
    command = [sys.executable, str(ROOT / "starter.py"), "board", "--port", "0"]
    child = start_child(command, log=data / "board.log", environment=environment)
    try:
        yield await _address(child)
    finally:
        await child.stop()


async def _address(child: Child) -> str:
    """Where it listens, as soon as it answers."""
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and not child.has_ended():
        if "board: " in child.words():
            address = child.words().split("board: ")[1].split()[0]
            await asyncio.sleep(1)
            return address
        await asyncio.sleep(0.1)
    raise UnavailableError(f"the board does not begin: {child.last_words()}")


async def _all(address: str, pages: tuple[str, ...], pause: float) -> list[float]:
    """Milliseconds of every page that the users load."""
    until = time.monotonic() + _SECONDS
    each = await asyncio.gather(*(_user(address, pages, until, pause, number) for number in range(USERS)))
    return [took for times in each for took in times]


async def _user(address: str, pages: tuple[str, ...], until: float, pause: float, number: int) -> list[float]:
    """Somebody who looks at one page after the other; they begin one after the other, each with another page."""
    times: list[float] = []
    first = number % len(pages)
    async with httpx.AsyncClient(base_url=address, timeout=30) as client:
        await asyncio.sleep(pause * number / USERS)
        for page in cycle(pages[first:] + pages[:first]):
            if time.monotonic() > until:
                break
            times.append(await _timed(client, page))
            await asyncio.sleep(pause)
    return times


async def _herd(address: str) -> list[float]:
    """Everybody loads the same page at the same instant, after a pause in which nobody did."""
    clients = [httpx.AsyncClient(base_url=address, timeout=30) for _ in range(USERS)]
    try:
        await asyncio.gather(*(client.get("/static/icon.svg") for client in clients))  # they are connected already
        await asyncio.sleep(1.2)
        return list(await asyncio.gather(*(_timed(client, PAGES[0]) for client in clients)))
    finally:
        for client in clients:
            await client.aclose()


async def _after_a_second(address: str) -> float:
    await asyncio.sleep(1.1)
    return await _timed_once(address, PAGES[0])


async def _timed_once(address: str, page: str) -> float:
    async with httpx.AsyncClient(base_url=address, timeout=30) as client:
        await client.get("/static/icon.svg")
        return await _timed(client, page)


async def _timed(client: httpx.AsyncClient, page: str) -> float:
    began = time.perf_counter()
    answer = await client.get(page)
    took = (time.perf_counter() - began) * 1000
    answer.raise_for_status()
    return took


def _told(times: list[float]) -> str:
    ranks = ", ".join(f"p{percent} {_p(times, percent):.0f}" for percent in (50, 95, 99))
    return f"{ranks}, the longest {max(times):.0f} ms of {len(times)} pages"


def _p(times: list[float], percent: int) -> float:
    """The smallest time that so many of 100 do not exceed (nearest rank)."""
    return sorted(times)[-(-percent * len(times) // 100) - 1]


def _machine() -> str:
    load = os.getloadavg()[0]
    machine = f"{os.cpu_count()} cores ({platform.machine()}), CPython {platform.python_version()}"
    return f"{machine}, load before {load:.1f}"


def _seed() -> None:
    context = Context()
    wanted = Wanted(_APPLICATIONS, _YEARS, 1, host_now().replace(microsecond=0))
    seed(context.engine, context.library, wanted, lambda done: _say(f"seeded: {done} of {_APPLICATIONS}"))
    context.engine.dispose()


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a program's words


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        if not {"TIREK_DATA", "TIREK_DATABASE_URL"} & os.environ.keys():
            os.environ["TIREK_DATA"] = folder
            _seed()
        data = Path(os.environ.get("TIREK_DATA", folder))
        is_kept = asyncio.run(measure(data))
    if not is_kept:
        _say(f"missed: 95 of 100 pages within {_MOST_MILLISECONDS} ms")
    return 0 if is_kept else 1


if __name__ == "__main__":
    run_program(main)
