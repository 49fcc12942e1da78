"""The parts of production as processes of a test's own, started and stopped as people do it."""

import asyncio
import os
import re
import shlex
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import yaml
from temporalio.client import Client

from adapters.child import start_child
from adapters.database.engine import connect as connect_record
from adapters.database.reader import RecordReader
from adapters.keys import load_key_ring
from adapters.regulations import load_library
from adapters.settings import ROOT, Settings
from adapters.temporal.connection import connect
from adapters.temporal.plugin import tirek_plugin
from desk.desk import Desk
from models.library import install
from production.parts import in_environment
from production.up import ENVIRONMENT

_FIRST, _LAST = 20_000, 28_000
_ABOVE = (0, *range(100, 107), 500, 1000, 1500, 2000, 2500, 3000, 3001)
_START_SECONDS = 900  # the first time, Go builds the server
_STOP_SECONDS = 60
RETENTION_MINUTES = 1


@dataclass
class Stack:
    """Everything that `make production` started, and a desk over it."""

    data: Path
    said: str
    seconds: float
    settings: Settings
    client: Client
    desk: Desk

    def told(self, name: str) -> str:
        """What stands behind a name in what it said."""
        found = re.search(rf"^{name}: +(.*)$", self.said, re.MULTILINE)
        assert found, self.said
        return found[1]


@contextmanager
def place() -> Generator[dict[str, str]]:
    """TIREK_* of a stack with a folder and ports of its own; a result waits a minute for its family, no month."""
    folder = Path(tempfile.mkdtemp(prefix="tirek-production-"))
    folder.chmod(0o755)  # PostgreSQL runs as another user than root
    regulations = _impatient(folder / "regulations")
    try:
        yield {
            "TIREK_DATA": str(folder / "data"),
            "TIREK_REGULATIONS": str(regulations),
            "TIREK_TEMPORAL_PORT": str(_free_ports()),
        }
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def running(given: dict[str, str]) -> AsyncGenerator[Stack]:
    """Start all parts, and stop them by Ctrl-C; it then has to end with 0."""
    data = Path(given["TIREK_DATA"])
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("TIREK_", "TEMPORAL_"))}
    began = time.monotonic()
    child = start_child(
        [sys.executable, "-m", "production.up"], log=data.parent / "up.log", environment=inherited | given
    )
    try:
        while "up after" not in child.words():
            assert not child.has_ended(), child.words()
            assert time.monotonic() - began < _START_SECONDS, child.words()
            await asyncio.sleep(0.1)
        with in_environment(environment := _environment(data)):
            async with _at(data, child.words(), time.monotonic() - began, environment | given) as stack:
                yield stack
    finally:
        child.process.send_signal(signal.SIGINT)
        code = await asyncio.to_thread(child.process.wait, _STOP_SECONDS)
    assert code == 0, child.words()


@asynccontextmanager
async def _at(data: Path, said: str, seconds: float, environment: dict[str, str]) -> AsyncGenerator[Stack]:
    given = {
        name.removeprefix("TIREK_").lower(): value
        for name, value in environment.items()
        if name.startswith("TIREK_")
    }
    settings = Settings.model_validate(given)
    ring = load_key_ring(settings.key_file, may_create=False)
    library = load_library(settings.regulations)
    install(library)
    client = await connect(tirek_plugin(ring), settings)
    record = connect_record(settings.record_url)
    reader = RecordReader(record, ring)
    desk = Desk(
        client, reader, library, ring, task_queue=settings.task_queue, wait_seconds=2 * RETENTION_MINUTES * 60
    )
    try:
        yield Stack(data, said, seconds, settings, client, desk)
    finally:
        record.dispose()


def _environment(data: Path) -> dict[str, str]:
    lines = (data / ENVIRONMENT).read_text().splitlines()
    return {name: shlex.split(value)[0] for name, _, value in (line.partition("=") for line in lines)}


def _impatient(folder: Path) -> Path:
    shutil.copytree(ROOT / "regulations", folder)
    for path in folder.glob("*.yaml"):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        retention = content["clocks"]["retention"]
        retention["terms"]["state-corporation"] = {"minutes": RETENTION_MINUTES}
        path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return folder


def _free_ports() -> int:
    """The first of a group of ports that nobody listens on."""
    random = Random()
    while True:
        first = random.randrange(_FIRST, _LAST)
        if all(_is_free(first + above) for above in _ABOVE):
            return first


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
