"""`starter.py demo`: an engine of its own, the stories, the tables, the reconciliation."""

import secrets
import shutil
import time
from pathlib import Path

from rich.console import Console

from adapters.database.engine import connect
from adapters.database.reader import RecordReader
from adapters.database.schema import ensure_schema
from adapters.folder_lock import folder_lock
from adapters.host_clock import host_today
from adapters.keys import KeyRing, load_key_ring
from adapters.regulations import load_library
from adapters.settings import Settings
from adapters.temporal.server import Place, Say, free_port, skips_time
from cli.engine import Engine, beside_a_gateway, running_engine
from demo.papers import print_papers
from demo.report import print_breaches, print_endings
from demo.run import conclude, live
from demo.stories import STORIES
from desk.desk import Desk
from desk.printing.checking import Checking
from desk.printing.opening import printing_of
from models.errors import UnavailableError
from models.library import Library, install
from workflows import operators

_MARKER = ".made-by-tirek-demo"
PREFIX = "demo"
"""The ids of the demo's applications begin with it; a record that holds any others is not the demo's."""


async def run_demo(settings: Settings, console: Console) -> int:
    """The exit code: 0 if all went as it should, 1 if anything differs, 4 without a server that skips time."""
    began = time.monotonic()
    own = _own(settings)
    with folder_lock(own.data):
        _empty(own.data)
        library = load_library(own.regulations)
        install(library)
        ring = load_key_ring(own.key_file, may_create=True)

        def say(text: str) -> None:
            console.print(text, markup=False, highlight=False)

        code = await _live_through(own, ring, library, console, say)
    verdict = "all as it should be" if code == 0 else "NOT as it should be"
    say(f"demo: {verdict}, {time.monotonic() - began:.0f} s")
    say(f"look at them again, UI included: make up DATA={own.data}")
    return code


def _own(settings: Settings) -> Settings:
    """The demo's own folder, keys and task queue: it touches nothing of anybody's, and writes to nobody."""
    queue = f"tirek-demo-{secrets.token_hex(4)}" if settings.task_queue == "tirek" else settings.task_queue
    own = {"data": settings.data / "demo", "keys_file": None, "task_queue": queue}
    return settings.in_silence().model_copy(update=own)


def _empty(folder: Path) -> None:
    """Begin with an empty folder; one that no demo has made is left alone."""
    if folder.exists() and any(folder.iterdir()) and not (folder / _MARKER).exists():
        raise UnavailableError(
            f"{folder} was not made by a demo; choose another TIREK_DATA, or remove it yourself"
        )
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    (folder / _MARKER).touch()


async def _live_through(own: Settings, ring: KeyRing, library: Library, console: Console, say: Say) -> int:
    place = Place(
        own.data / "temporal.sqlite", own.data / "temporal.log", free_port(), free_port(), operators.flags()
    )
    record = connect(own.record_url)
    ensure_schema(record)
    reader = RecordReader(record, ring)
    if reader.holds_others_than(PREFIX):
        raise UnavailableError(
            "TIREK_DATABASE_URL: this record holds real applications; give the demo one of its own"
        )
    async with (
        beside_a_gateway(own, port=0) as gateway,
        running_engine(gateway.settings, ring, place, say) as engine,
    ):
        say(f"gateway:         {gateway.address}")
        await _need_time_skipping(engine)
        if engine.server.ui:
            say(f"Temporal UI:     {engine.server.ui} while this runs")
        desk = Desk(
            engine.client, reader, library, ring, task_queue=own.task_queue, wait_seconds=60, prefix=PREFIX
        )
        lived = await live(desk, STORIES, say, signatures=own.signature_stand_in)
        print_endings(reader, lived, console)
        print_breaches(reader, lived, console)
        spoilt = print_papers(
            printing_of(own, reader, library, ring), Checking(reader, host_today), lived, own.data / "printed", say
        )
        return max(await conclude(desk, ring, lived, say), min(spoilt, 1))


async def _need_time_skipping(engine: Engine) -> None:
    """A server of our own was probed when it was found; somebody else's is asked here."""
    if engine.server.child is None and not await skips_time(engine.client):
        raise UnavailableError(
            f"the server at {engine.server.address} has no time skipping, and the demo lives through months; "
            "unset TEMPORAL_ADDRESS, and a server that has it will be found"
        )
