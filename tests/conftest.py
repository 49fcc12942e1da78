"""What the tests run on: a real Temporal server of their own, a real worker, and a record in a fresh folder."""

import os
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from random import Random

import coverage
import pytest
import pytest_asyncio

from adapters.database.engine import connect
from adapters.database.reader import RecordReader
from adapters.database.schema import ensure_schema
from adapters.keys import KeyRing, load_key_ring
from adapters.process import leave
from adapters.regulations import load_library
from adapters.settings import ROOT, Settings
from adapters.temporal.server import Place, free_port
from cli.engine import Engine, running_engine
from desk.desk import Desk
from models.library import Library, install
from workflows import operators

# Tests never run on somebody's server or settings.
for name in [name for name in os.environ if name.startswith(("TEMPORAL_", "TIREK_"))]:
    del os.environ[name]

_exit_status = 0


@dataclass(frozen=True)
class House:
    """A whole engine for tests: server, worker, record and a desk."""

    settings: Settings
    ring: KeyRing
    engine: Engine
    desk: Desk

    @property
    def reader(self) -> RecordReader:
        return self.desk.reader

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to work with this engine."""
        return {
            "TEMPORAL_ADDRESS": self.engine.server.address,
            "TIREK_DATA": str(self.settings.data),
            "TIREK_TASK_QUEUE": self.settings.task_queue,
        }


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--exits", type=int, default=12, help="how many short worker starts to try")


@pytest.fixture(scope="session")
def library() -> Library:
    shipped = load_library(ROOT / "regulations")
    install(shipped)
    return shipped


@pytest_asyncio.fixture(scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory, library: Library) -> AsyncGenerator[House]:
    """One engine for the whole run; its workflows run in the strict sandbox, which proves determinism."""
    data = tmp_path_factory.mktemp("house")
    settings = Settings(data=data, sandbox=True)
    ring = load_key_ring(settings.key_file, may_create=True)
    place = Place(data / "temporal.sqlite", data / "temporal.log", free_port(), None, operators.flags())
    async with running_engine(settings, ring, place, print) as engine:
        yield House(settings, ring, engine, make_desk(settings, ring, engine, library))


_seeds = count(10_000)


def strangers() -> Random:
    """People whom no other test has met: a child has one open application only."""
    return Random(next(_seeds))


def make_desk(settings: Settings, ring: KeyRing, engine: Engine, library: Library) -> Desk:
    record = connect(settings.record_url)
    ensure_schema(record)
    reader = RecordReader(record, ring)
    return Desk(engine.client, reader, library, ring, task_queue=settings.task_queue, wait_seconds=20)


@pytest.fixture
def key_ring(tmp_path: Path) -> KeyRing:
    return load_key_ring(tmp_path / "keys.json", may_create=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    global _exit_status  # noqa: PLW0603 - pytest gives the status here and ends elsewhere
    _exit_status = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> Iterator[None] | None:
    """This process may have run a worker or a replayer: it leaves as every such program of ours does."""
    measuring = coverage.Coverage.current()
    if measuring is not None:
        measuring.stop()
        measuring.save()
    leave(_exit_status)
