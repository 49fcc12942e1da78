"""A server and a worker of a test's own, as processes that can be killed and started again on the same data."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine
from temporalio.client import Client

from adapters.child import Child
from adapters.database.engine import connect
from adapters.database.reader import RecordReader
from adapters.database.schema import ensure_schema
from adapters.keys import KeyRing, load_key_ring
from adapters.settings import Settings
from adapters.temporal.connection import connect as connect_server
from adapters.temporal.plugin import tirek_plugin
from adapters.temporal.server import Place, Server, free_port, running_server
from cli.engine import start_worker, until_working
from desk.desk import Desk
from models.library import Library
from tests.signing import share_authority
from workflows import operators

PATIENCE = 60


@dataclass
class Premises:
    """What can be killed here, and a desk that stands outside of it."""

    settings: Settings
    record: Engine
    ring: KeyRing
    library: Library
    place: Place
    server: Server
    client: Client
    reader: RecordReader
    running: AsyncExitStack
    workers: list[Child] = field(default_factory=list)

    def desk(self, wait: float = PATIENCE) -> Desk:
        queue = self.settings.task_queue
        return Desk(self.client, self.reader, self.library, self.ring, task_queue=queue, wait_seconds=wait)

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to work here."""
        return {
            "TEMPORAL_ADDRESS": self.server.address,
            "TIREK_DATA": str(self.settings.data),
            "TIREK_DATABASE_URL": self.settings.record_url,
        }

    async def start_worker(self, environment: Mapping[str, str] | None = None, **more: object) -> Child:
        """A worker that works; `environment` and `more`, settings, are its own."""
        worker = start_worker(self.settings.model_copy(update=more), self.server, environment or {})
        self.workers.append(worker)
        await until_working(worker)
        return worker

    async def stop_workers(self) -> None:
        await asyncio.gather(*(worker.stop() for worker in self.workers))
        self.workers.clear()

    @property
    def server_is_down(self) -> bool:
        return self.server.child is None or self.server.child.has_ended()

    async def kill_server(self) -> None:
        assert self.server.child is not None
        self.server.child.process.kill()
        await asyncio.to_thread(self.server.child.process.wait)

    async def stop_server(self) -> None:
        """As an operator does, with SIGTERM."""
        assert self.server.child is not None
        await self.server.child.stop()

    async def start_server(self) -> None:
        """The server again, on the same port and the same data; the client finds it by itself."""
        assert self.server.child is not None
        await asyncio.to_thread(self.server.child.process.wait)
        await self.running.aclose()
        self.server = await self.running.enter_async_context(running_server(self.place, _say_nothing))


def _say_nothing(_text: str) -> None:
    """Which server it is has been said at the beginning of the run."""


@asynccontextmanager
async def premises(
    data: Path, library: Library, database: str | None = None, server_data: Path | None = None, **more: object
) -> AsyncGenerator[Premises]:
    """A server that runs and no worker yet; `database` is the record's address, SQLite by default.

    `server_data` is where the server keeps its file, beside the record by default; `more` are settings.
    """
    settings = Settings(data=data, database_url=database).model_copy(update=more)
    ring = load_key_ring(settings.key_file, may_create=True)
    share_authority(settings)
    record = connect(settings.record_url)
    ensure_schema(record)
    file = (server_data or data) / "temporal.sqlite"
    place = Place(file, data / "temporal.log", free_port(), None, operators.flags())
    async with AsyncExitStack() as running:
        server = await running.enter_async_context(running_server(place, _say_nothing))
        client = await connect_server(tirek_plugin(ring), settings, own_server=server.address)
        reader = RecordReader(record, ring)
        here = Premises(settings, record, ring, library, place, server, client, reader, running)
        try:
            yield here
        finally:
            await here.stop_workers()
            record.dispose()


def pid_of(server: Server) -> int:
    assert server.child is not None
    return server.child.process.pid


def has_died(child: Child) -> bool:
    return child.process.poll() == -9
