"""All parts of production on this machine, started in order and stopped in the reverse one."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.child import Child
from adapters.settings import ROOT, Settings
from adapters.temporal.server import Say, Server
from cli.codec import LISTENS as CODEC_LISTENS
from cli.engine import GatewaySide, beside_a_gateway, start_site, start_worker, until_working
from models.errors import UnavailableError
from production.postgresql import Postgresql, running_postgresql
from production.programs import Temporal, find_postgresql, temporal_programs
from production.secret_files import KEY_RING, SecretFiles
from production.temporal_server import (
    INTERNAL_PORTS,
    INTERNAL_PORTS_ABOVE,
    RunningTemporal,
    running_temporal,
    running_ui,
)

PROCESSES = 2
POSTGRESQL_ABOVE, _UI_ABOVE, _HEALTH_ABOVE = 500, 1000, 3000
_STORES_ABOVE = (0, *range(INTERNAL_PORTS_ABOVE, INTERNAL_PORTS_ABOVE + INTERNAL_PORTS), POSTGRESQL_ABOVE)


@dataclass(frozen=True)
class Stores:
    """Both databases and Temporal, which answer, and the settings that lead there."""

    settings: Settings
    postgresql: Postgresql
    temporal: RunningTemporal


@dataclass(frozen=True)
class Sites:
    """Where a browser goes; `codec` only where somebody may sign in there."""

    ui: str
    board: str
    codec: str | None


@dataclass(frozen=True)
class Production:
    """Everything that runs."""

    stores: Stores
    settings: Settings
    worker: Child
    gateway: GatewaySide
    sites: Sites
    children: tuple[Child, ...]

    @property
    def environment(self) -> dict[str, str]:
        """For the command line, so that it reaches these parts."""
        return environment_of(self.settings, self.stores.temporal.environment)


@asynccontextmanager
async def running_stores(settings: Settings, say: Say) -> AsyncGenerator[Stores]:
    """PostgreSQL and Temporal on it, with the namespace and the record's schema. UnavailableError."""
    folder, port = settings.data, settings.temporal_port
    for above in _STORES_ABOVE:
        _need_free_port(port + above)
    postgresql, programs = find_postgresql(), await temporal_programs(say)
    secrets = SecretFiles(folder.absolute() / "secrets")
    made = secrets.make()
    if made:
        say(f"secrets:         made {len(made)} files in {secrets.folder}")
    async with (
        running_postgresql(postgresql, folder / "postgresql", secrets, port + POSTGRESQL_ABOVE) as database,
        running_temporal(programs, database, folder / "temporal.log", port) as temporal,
    ):
        led = _led_to(settings, database, secrets)
        with in_environment(temporal.environment):
            await _set_up(led, temporal)
            yield Stores(led, database, temporal)


@asynccontextmanager
async def running_production(
    settings: Settings, say: Say, *, processes: int = PROCESSES
) -> AsyncGenerator[Production]:
    """Stores, gateway, workers, the page of Temporal and the board. UnavailableError if one does not begin."""
    health = settings.health_port or settings.temporal_port + _HEALTH_ABOVE
    for port in (settings.temporal_port + _UI_ABOVE, *range(health, health + processes)):
        _need_free_port(port)
    async with running_stores(settings, say) as stores:
        programs = await temporal_programs(say)
        server = Server(stores.temporal.address, None, None)
        async with (
            beside_a_gateway(stores.settings) as gateway,
            _working(gateway.settings, server, processes) as worker,
            _page(programs, stores, settings) as (ui, page),
            _serving(seen := _with_page(gateway.settings, ui), server, "board", "board: ") as (board, address),
            _decoding(seen, server) as codec,
        ):
            children = (stores.postgresql.child, stores.temporal.child, gateway.child, worker, page, board)
            alive = tuple(child for child in (*children, codec and codec[0]) if child is not None)
            sites = Sites(ui, address, codec and codec[1])
            yield Production(stores, gateway.settings, worker, gateway, sites, alive)


def _with_page(settings: Settings, ui: str) -> Settings:
    return settings.model_copy(update={"temporal_ui": ui})


def environment_of(settings: Settings, temporal: Mapping[str, str]) -> dict[str, str]:
    """TIREK_* of what leads to these parts, and TEMPORAL_*; no secret stands in it, only names of files."""
    named = (
        *("data", "database_url", "database_password_file", "keys_file", "gateway_file", "signatures_file"),
        *("documents_url", "anchors_url", "regulations", "task_queue", "temporal_port"),
    )
    given = {f"TIREK_{name.upper()}": getattr(settings, name) for name in named}
    return {name: str(value) for name, value in given.items() if value is not None} | dict(temporal)


@contextmanager
def in_environment(more: Mapping[str, str]) -> Generator[None]:
    """Our environment with these, for what reads it: Temporal's client, and the programs that we start."""
    before = {name: value for name, value in os.environ.items() if name.startswith("TEMPORAL_") or name in more}
    _set_temporal(more)
    try:
        yield
    finally:
        for name in more:
            os.environ.pop(name, None)
        _set_temporal(before)


def _need_free_port(port: int) -> None:
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise UnavailableError(
                f"somebody listens on port {port} already (another `make production`?); stop it, or take other "
                "ports (TIREK_TEMPORAL_PORT)"
            )


def _set_temporal(wanted: Mapping[str, str]) -> None:
    for name in [name for name in os.environ if name.startswith("TEMPORAL_")]:
        del os.environ[name]
    os.environ.update(wanted)


def _led_to(settings: Settings, database: Postgresql, secrets: SecretFiles) -> Settings:
    """The settings with what was made here, wherever nothing else was set."""
    return settings.model_copy(
        update={
            "data": settings.data.absolute(),
            "database_url": database.record,
            "database_password_file": secrets.path("record_database_password"),
            "keys_file": settings.keys_file or secrets.path(KEY_RING),
            "session_secret_file": settings.session_secret_file or secrets.path("session_secret"),
            "health_port": settings.health_port or settings.temporal_port + _HEALTH_ABOVE,
        }
    )


async def _set_up(settings: Settings, temporal: RunningTemporal) -> None:
    """`starter.py setup`, as containers do it: the namespace and the record's schema."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TIREK_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / "starter.py"),
        "setup",
        env=environment | environment_of(settings, temporal.environment),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    if process.returncode:
        raise UnavailableError(f"starter.py setup: {said.decode(errors='replace')[-400:]}")


@asynccontextmanager
async def _working(settings: Settings, server: Server, processes: int) -> AsyncGenerator[Child]:
    worker = start_worker(settings, server, processes=processes)
    try:
        await until_working(worker)
        yield worker
    finally:
        await worker.stop()


@asynccontextmanager
async def _page(programs: Temporal, stores: Stores, settings: Settings) -> AsyncGenerator[tuple[str, Child]]:
    folder: Path = stores.settings.data / "temporal-ui"
    port = settings.temporal_port + _UI_ABOVE
    codec = f"http://{settings.codec_host}:{settings.codec_listens_on}" if settings.operators_file else None
    async with running_ui(programs, stores.temporal, folder, port, codec) as page:
        yield page


@asynccontextmanager
async def _serving(settings: Settings, server: Server, name: str, words: str) -> AsyncGenerator[tuple[Child, str]]:
    site, address = await start_site(settings, server, name, words)
    try:
        yield site, address
    finally:
        await site.stop()


@asynccontextmanager
async def _decoding(settings: Settings, server: Server) -> AsyncGenerator[tuple[Child, str] | None]:
    """The codec server, where somebody may sign in to it."""
    if settings.operators_file is None:
        yield None
        return
    async with _serving(settings, server, "codec", CODEC_LISTENS) as site:
        yield site
