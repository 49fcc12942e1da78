"""What the tests run on: a real Temporal server of their own, and for each database a real worker and a record."""

import os
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from random import Random

import coverage
import pytest
import pytest_asyncio
from sqlalchemy import Engine as Record
from temporalio.client import Client

from adapters.database.engine import connect
from adapters.database.reader import RecordReader
from adapters.keys import KeyRing, load_key_ring
from adapters.process import leave
from adapters.regulations import load_library
from adapters.settings import ROOT, Settings
from adapters.temporal.connection import connect as connect_server
from adapters.temporal.plugin import tirek_plugin
from adapters.temporal.server import Place, Server, free_port, running_server
from cli.engine import Engine, working
from desk.desk import Desk
from models.library import Library, install
from tests.signing import HOME, leave_home, share_authority
from workflows import operators

pytest_plugins = ["pytester", "tests.both_databases", "tests.databases"]

# Tests never run on somebody's server or settings.
for name in [name for name in os.environ if name.startswith(("TEMPORAL_", "TIREK_"))]:
    del os.environ[name]
os.environ["TIREK_DATA"] = str(HOME)

_exit_status = 0


@dataclass(frozen=True)
class House:
    """A whole engine for tests: server, worker, record and a desk."""

    settings: Settings
    ring: KeyRing
    engine: Engine
    record: Record
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
            "TIREK_DATABASE_URL": self.settings.database_url or "",
            "TIREK_TASK_QUEUE": self.settings.task_queue,
        }


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--exits", type=int, default=4, help="how many short worker starts to try, on each database")
    parser.addoption("--rounds", type=int, default=12, help="how many races for one child, on each database")


@pytest.fixture(scope="session")
def library() -> Library:
    shipped = load_library(ROOT / "regulations")
    install(shipped)
    return shipped


@pytest_asyncio.fixture(scope="session")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Server]:
    """One Temporal server for the whole run; each house has its own task queue and keys."""
    data = tmp_path_factory.mktemp("temporal")
    place = Place(data / "temporal.sqlite", data / "temporal.log", free_port(), None, operators.flags())
    async with running_server(place, print) as running:
        yield running


@pytest_asyncio.fixture(scope="session")
async def house_on_sqlite(
    tmp_path_factory: pytest.TempPathFactory, server: Server, library: Library
) -> AsyncGenerator[House]:
    settings = Settings(data=tmp_path_factory.mktemp("house"), task_queue="on-sqlite", sandbox=True)
    async with house_of(settings, server, library) as one:
        yield one


@pytest_asyncio.fixture(scope="session")
async def house_on_postgresql(
    tmp_path_factory: pytest.TempPathFactory, server: Server, library: Library, lasting: str
) -> AsyncGenerator[House]:
    data = tmp_path_factory.mktemp("house")
    settings = Settings(data=data, database_url=lasting, task_queue="on-postgresql", sandbox=True)
    async with house_of(settings, server, library) as one:
        yield one


@pytest.fixture
def house(database: str, request: pytest.FixtureRequest) -> House:
    """The engine of a whole run, on either database: tests come in any order, and neither is built twice."""
    return request.getfixturevalue(f"house_on_{database}")


@asynccontextmanager
async def house_of(settings: Settings, server: Server, library: Library) -> AsyncGenerator[House]:
    """Worker, record and desk over a server; with `sandbox`, the strict one, which proves determinism."""
    ring = load_key_ring(settings.key_file, may_create=True)
    share_authority(settings)
    client = await connect_server(tirek_plugin(ring), settings, own_server=server.address)
    async with working(server, client, settings) as engine:
        record = connect(settings.record_url)
        try:
            yield House(settings, ring, engine, record, make_desk(settings, ring, client, library, record))
        finally:
            record.dispose()


def make_desk(settings: Settings, ring: KeyRing, client: Client, library: Library, record: Record) -> Desk:
    reader = RecordReader(record, ring)
    return Desk(client, reader, library, ring, task_queue=settings.task_queue, wait_seconds=40)


_seeds = count(10_000)


def strangers() -> Random:
    """People whom no other test has met: a child has one open application only."""
    return Random(next(_seeds))


@pytest.fixture
def key_ring(tmp_path: Path) -> KeyRing:
    return load_key_ring(tmp_path / "keys.json", may_create=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    global _exit_status  # noqa: PLW0603 - pytest gives the status here and ends elsewhere
    _exit_status = int(session.exitstatus)  # what other plugins have made of it by now


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> Iterator[None] | None:
    """This process may have run a worker or a replayer: it leaves as every such program of ours does."""
    measuring = coverage.Coverage.current()
    if measuring is not None:
        measuring.stop()
        measuring.save()
    leave_home()
    leave(_exit_status)
