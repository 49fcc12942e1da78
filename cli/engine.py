"""A whole engine on this machine: server, UI and worker, started in order and stopped in order."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pydantic import SecretStr
from temporalio.client import Client

from adapters.child import Child, start_child
from adapters.keys import KeyRing
from adapters.settings import GATEWAY_FILE, ROOT, Settings
from adapters.temporal.connection import connect
from adapters.temporal.plugin import tirek_plugin
from adapters.temporal.server import Place, Say, Server, running_server
from cli.gateway import LISTENS
from models.errors import UnavailableError

_BEGIN_SECONDS = 30


@dataclass(frozen=True)
class Engine:
    """A server that answers, a worker that polls it, and a client to it."""

    server: Server
    worker: Child
    client: Client


@dataclass(frozen=True)
class GatewaySide:
    """Settings that name a gateway, the stand-in if it is ours, and where it is."""

    settings: Settings
    child: Child | None
    address: str


@asynccontextmanager
async def running_engine(settings: Settings, ring: KeyRing, place: Place, say: Say) -> AsyncGenerator[Engine]:
    """A worker over the server of TEMPORAL_ADDRESS, or over one of our own."""
    address = os.environ.get("TEMPORAL_ADDRESS")
    if address:
        say(f"Temporal server: the one of TEMPORAL_ADDRESS, {address}")
        client = await connect(tirek_plugin(ring), settings)
        async with working(Server(address, None, None), client, settings) as engine:
            yield engine
        return
    async with running_server(place, say) as server:
        client = await connect(tirek_plugin(ring), settings, own_server=server.address)
        async with working(server, client, settings) as engine:
            yield engine


@asynccontextmanager
async def working(server: Server, client: Client, settings: Settings) -> AsyncGenerator[Engine]:
    """A worker with these settings over a server that is there; it is stopped at the end."""
    worker = start_worker(settings, server)
    try:
        await until_working(worker)
        yield Engine(server, worker, client)
    finally:
        await worker.stop()


def start_worker(
    settings: Settings, server: Server, more: Mapping[str, str] | None = None, *, processes: int | None = None
) -> Child:
    """A worker as a process of its own, with these settings, at this server; `more` is for its environment.

    `processes`: over how many further ones it watches, which then do the work.
    """
    log = settings.data / "worker.log"
    command = [sys.executable, str(ROOT / "worker.py"), *(("--processes", str(processes)) if processes else ())]
    return start_child(command, log=log, environment=_environment(settings, server) | dict(more or {}))


@asynccontextmanager
async def beside_a_gateway(settings: Settings, *, port: int | None = None) -> AsyncGenerator[GatewaySide]:
    """The settings with a gateway file: the one that is set, or that of a stand-in in a process of its own.

    `port` 0: any that is free. UnavailableError if the stand-in does not begin.
    """
    if settings.gateway_file is not None:
        yield GatewaySide(settings, None, f"that of {settings.gateway_file}")
        return
    child = start_child(
        [sys.executable, str(ROOT / "starter.py"), "gateway", *(() if port is None else ("--port", str(port)))],
        log=settings.data / "gateway.log",
        environment=_own_environment(settings),
    )
    file = settings.gateway_stand_in.absolute() / GATEWAY_FILE
    try:
        address = await _address_said(child, LISTENS, "gateway stand-in")
        yield GatewaySide(settings.model_copy(update={"gateway_file": file}), child, f"{address}, a stand-in")
    finally:
        await child.stop()
        file.unlink(missing_ok=True)  # it takes it away itself, unless it was killed


async def start_board(settings: Settings, server: Server) -> tuple[Child, str]:
    """The supervisors' board as a process of its own, and its address. UnavailableError if it does not begin."""
    return await start_site(settings, server, "board", "board: ")


async def start_site(settings: Settings, server: Server, name: str, words: str) -> tuple[Child, str]:
    """What the command of a name serves, as a process of its own, and the address that it says behind these words.

    UnavailableError if it does not begin.
    """
    ui = {"TIREK_TEMPORAL_UI": settings.temporal_ui or server.ui or settings.temporal_ui_address}
    site = start_child(
        [sys.executable, str(ROOT / "starter.py"), name],
        log=settings.data / f"{name}.log",
        environment=_environment(settings, server) | ui,
    )
    return site, await _address_said(site, words, name)


def _own_environment(settings: Settings) -> dict[str, str]:
    """Ours, with exactly these settings."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TIREK_")}
    given = settings.model_dump(exclude_none=True)
    return inherited | {f"TIREK_{name.upper()}": _spelt(value) for name, value in given.items()}


def _environment(settings: Settings, server: Server) -> dict[str, str]:
    inherited = _own_environment(settings)
    if server.child is not None:
        # Our own server: nobody's profile, namespace or TLS is for it.
        inherited = {name: value for name, value in inherited.items() if not name.startswith("TEMPORAL_")}
        inherited |= {"TEMPORAL_ADDRESS": server.address, "TEMPORAL_CONFIG_FILE": os.devnull}
    return inherited


def _spelt(value: object) -> str:
    """A setting as its environment variable has it: a secret itself, for a program that needs it."""
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


async def until_working(worker: Child) -> None:
    """Until a worker polls; UnavailableError if it ends or does not begin."""
    await _until_said(worker, "working on task queue", "worker")


async def _address_said(child: Child, words: str, name: str) -> str:
    """Where a program listens, as it says after these words."""
    await _until_said(child, words, name)
    return child.words().split(words)[1].split()[0]


async def _until_said(child: Child, words: str, name: str) -> None:
    try:
        async with asyncio.timeout(_BEGIN_SECONDS):
            while words not in child.words():
                if child.has_ended():
                    raise UnavailableError(f"the {name} ended at once: {child.last_words()}")
                await asyncio.sleep(0.05)
    except TimeoutError as error:
        raise UnavailableError(f"the {name} does not begin; its log is {child.log}") from error
