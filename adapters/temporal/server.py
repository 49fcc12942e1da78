"""Finds a Temporal server program, starts it and proves that it can skip time.

Looked for in this order, and the choice is printed: a program downloaded or built before, `temporal`
on PATH, the official download through the SDK, and last our own devserver/, built with Go.
"""

import asyncio
import hashlib
import os
import shutil
import socket
import subprocess
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from temporalio.api.workflowservice.v1 import GetSystemInfoRequest
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.testing import TimeSkipper, WorkflowEnvironment

from adapters.child import Child, start_child
from models.errors import UnavailableError

_SOURCES = Path(__file__).resolve().parents[2] / "devserver"
_START_SECONDS = 60
_DOWNLOAD_SECONDS = 180
_DYNAMIC_CONFIG = {
    # The one name or the other, by version: an unknown one is ignored.
    "frontend.WorkflowTimeSkippingEnabled": "true",
    "system.workflowTimeSkippingEnabled": "true",
    # A server reads each of its task queues at most 20 times a second and shard, and a development server has one
    # shard: somebody who acts without a pause then waits 30 ms for every step (docs/decisions/0012).
    "history.transferProcessorMaxPollRPS": "1000",
    "history.timerProcessorMaxPollRPS": "1000",
    "history.visibilityProcessorMaxPollRPS": "1000",
    # Two workflow tasks that fail one after the other are reported (`TemporalReportedProblems`): the first fails
    # at once, the second times out after ten seconds. With the usual five it takes a minute.
    "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute": "2",
    # It looks a second ahead for timers, and every skip of time waits for that (docs/decisions/0023).
    "history.timerProcessorMaxTimeShift": '"50ms"',
}

Say = Callable[[str], None]


@dataclass(frozen=True)
class Place:
    """Where a server listens and keeps its data; `database` None: in memory.

    `search_attributes` (name to type) are there from the first moment of a new namespace; ones that are
    added later are known to the server only after some seconds. `dynamic_config` stands beside ours.
    """

    database: Path | None
    log: Path
    port: int
    ui_port: int | None
    search_attributes: Mapping[str, str] = field(default_factory=dict)
    dynamic_config: Mapping[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"


@dataclass(frozen=True)
class Server:
    """A server that answers."""

    address: str
    ui: str | None
    child: Child | None


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def skips_time(client: Client) -> bool:
    """Whether this server knows time skipping v2: asked with an execution that no worker ever sees.

    A server without it either refuses the start or ignores the wish in silence, so it is asked back.
    """
    skipper = TimeSkipper(client)
    try:
        handle = await skipper.client.start_workflow(
            "TirekProbe", id=f"tirek-probe-{os.urandom(8).hex()}", task_queue="tirek-probe"
        )
    except RPCError:
        return False
    try:
        return await skipper.get_time_skipping_info(handle) is not None
    finally:
        await handle.terminate("only a probe")


@asynccontextmanager
async def running_server(place: Place, say: Say) -> AsyncGenerator[Server]:
    """The first candidate that starts and can skip time; it is stopped at the end."""
    for name, find in _candidates(say):
        try:
            program = await find()
            child = await _start(program, place)
        except (
            OSError,
            RuntimeError,
            TimeoutError,
            UnavailableError,
            subprocess.CalledProcessError,
        ) as error:
            say(f"Temporal server: not {name} ({_in_a_line(error)})")
            continue
        try:
            if not await _probe(place):
                say(f"Temporal server: not {name} (it has no time skipping v2)")
                continue
            say(f"Temporal server: {name} on {place.address}")
            yield Server(place.address, f"http://127.0.0.1:{place.ui_port}" if place.ui_port else None, child)
        finally:
            await child.stop()
        return
    raise UnavailableError(
        "no Temporal server could be had: install Go (it builds devserver/), put `temporal` on PATH, "
        "or set TEMPORAL_ADDRESS"
    )


def _in_a_line(error: BaseException) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__


def cache_folder() -> Path:
    """Where programs stay between clones: a build takes minutes."""
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "tirek"


def _candidates(say: Say) -> Iterable[tuple[str, Callable[[], Awaitable[Path]]]]:
    cache = cache_folder()
    built = cache / f"devserver-{_source_hash()}"
    if built.exists():
        yield "the devserver built before", _here(built)
    for program in _downloaded(cache):
        yield "the official server downloaded before", _here(program)
    on_path = shutil.which("temporal")
    if on_path:
        yield f"the temporal on PATH ({on_path})", _here(Path(on_path))
    yield "the official download", lambda: _download(cache)
    if not built.exists():
        yield "our own devserver/", lambda: _build(built, say)


def _downloaded(cache: Path) -> list[Path]:
    programs = sorted(cache.glob("temporal-sdk-python-*"))
    return [program for program in programs if program.is_file() and os.access(program, os.X_OK)]


def _here(program: Path) -> Callable[[], Awaitable[Path]]:
    async def find() -> Path:
        return program

    return find


async def _download(cache: Path) -> Path:
    """Through the SDK, which knows where; it starts the server once, and we keep the program."""
    await asyncio.to_thread(cache.mkdir, parents=True, exist_ok=True)
    async with asyncio.timeout(_DOWNLOAD_SECONDS):
        environment = await WorkflowEnvironment.start_local(download_dest_dir=str(cache))
    await environment.shutdown()
    found = _downloaded(cache)
    if not found:
        raise OSError("the SDK kept no program")
    return found[-1]


def _source_hash() -> str:
    """A build belongs to its sources: changed ones are built anew."""
    digest = hashlib.sha256()
    for path in sorted([*_SOURCES.glob("*.go"), _SOURCES / "go.mod", _SOURCES / "go.sum"]):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


async def _build(target: Path, say: Say) -> Path:
    go = shutil.which("go")
    if go is None:
        raise OSError("go is not on PATH")
    say("Temporal server: building devserver/ with Go; the first time takes 4 to 9 minutes on two cores")
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f"{target.name}.{os.getpid()}")
    command = [go, "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", str(draft), "."]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=_SOURCES, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        output, _ = await process.communicate()
    except asyncio.CancelledError:
        process.terminate()
        raise
    if process.returncode:
        raise OSError(f"go build failed: {output.decode(errors='replace')[-500:]}")
    draft.replace(target)
    return target


async def _start(program: Path, place: Place) -> Child:
    arguments = ["server", "start-dev", "--ip", "127.0.0.1", "--port", str(place.port), "--log-level", "warn"]
    if place.database is not None:
        place.database.parent.mkdir(parents=True, exist_ok=True)
        arguments += ["--db-filename", str(place.database)]
    arguments += ["--headless"] if place.ui_port is None else ["--ui-port", str(place.ui_port)]
    for name, kind in place.search_attributes.items():
        arguments += ["--search-attribute", f"{name}={kind}"]
    for setting, value in {**_DYNAMIC_CONFIG, **place.dynamic_config}.items():
        arguments += ["--dynamic-config-value", f"{setting}={value}"]
    child = start_child([str(program), *arguments], log=place.log)
    try:
        await _until_it_answers(place, child)
    except BaseException:
        await child.stop()
        raise
    return child


async def _until_it_answers(place: Place, child: Child) -> None:
    async with asyncio.timeout(_START_SECONDS):
        while True:
            if child.has_ended():
                raise OSError(f"it ended at once; its log is {place.log}: {child.last_words()}")
            try:
                client = await Client.connect(place.address)
                await client.workflow_service.get_system_info(GetSystemInfoRequest())
                await client.count_workflows()
            except (RPCError, RuntimeError):
                await asyncio.sleep(0.1)
            else:
                return


async def _probe(place: Place) -> bool:
    client = await Client.connect(place.address)
    return await skips_time(client)
