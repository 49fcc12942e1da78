"""`make measure`: an engine of its own, the measurements, and docs/measurements.md written from them."""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from adapters.database.engine import connect
from adapters.database.reader import RecordReader
from adapters.database.schema import ensure_schema
from adapters.host_clock import host_today
from adapters.keys import KeyRing, load_key_ring
from adapters.process import run_program
from adapters.regulations import load_library
from adapters.settings import ROOT, Settings
from adapters.temporal.server import Place, free_port
from cli.engine import running_engine
from desk.desk import Desk
from measure.clock import time_due_dates, time_preview
from measure.commands import time_commands
from measure.events import reference
from measure.forms import time_forms
from measure.gateway import time_checks, time_signing
from measure.many_open import time_many_open
from measure.page import Clock, Figures, page
from measure.signatures import time_signatures
from measure.uploads import time_uploads
from models.library import Library, install
from models.lifecycle import Channel
from workflows import operators

PAGE = ROOT / "docs" / "measurements.md"
_STARTS = 20


async def measure(data: Path) -> Figures:
    """Everything that is measured, on a server, a worker and a record of its own."""
    settings = Settings(data=data).in_silence()
    ring = load_key_ring(settings.key_file, may_create=True)
    library = load_library(settings.regulations)
    install(library)
    record = connect(settings.record_url)
    ensure_schema(record)
    place = Place(data / "temporal.sqlite", data / "temporal.log", free_port(), None, operators.flags())
    async with running_engine(settings, ring, place, _say) as engine:
        reader = RecordReader(record, ring)
        desk = Desk(engine.client, reader, library, ring, task_queue=settings.task_queue, wait_seconds=20)
        _say("events of the reference application")
        events = {
            (c, t): [await reference(desk, c, settings.signature_stand_in, thorough=t) for _ in range(5)]
            for c in Channel
            for t in (False, True)
        }
        _say("commands, each beside a bare update")
        commands, bare = await time_commands(desk, engine.server.address, data)
        _say("starts of the command line")
        starts = [await _start() for _ in range(_STARTS)]
    clock = _clock(data, ring, library)
    _say("updates with ten thousand applications open; takes minutes")
    many = await time_many_open(data, ring, _say)
    _say("messages to the gateway")
    signing, checks = time_signing(), await time_checks(data)
    _say("signatures")
    signatures = await time_signatures(data)
    _say("files that are handed in")
    uploads = time_uploads()
    _say("printed forms")
    return Figures(events, commands, bare, starts, clock, many, signing, checks, uploads, time_forms(), signatures)


def _clock(data: Path, ring: KeyRing, library: Library) -> Clock:
    _say("due dates")
    alone, whole = time_due_dates(library.rules(*library.current(host_today())))
    _say("a preview with ten thousand applications open")
    record = connect(f"sqlite:///{data / 'preview.sqlite'}")
    ensure_schema(record)
    seconds, moved = time_preview(record, ring, library)
    record.dispose()
    return Clock(alone, whole, seconds, moved)


async def _start() -> float:
    """How long the command line takes to start, read its rules and answer, without any server."""
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(ROOT / "starter.py"), "officers", "--json", stdout=asyncio.subprocess.DEVNULL
    )
    await process.wait()
    return time.perf_counter() - began


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def entry() -> int:
    """0 if every figure is within its bound; the page is written in either case."""
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(measure(Path(folder)))
    text, problems = page(figures)
    PAGE.write_text(text, encoding="utf-8")
    _say(text)
    for problem in problems:
        _say(f"MISSED {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    run_program(entry)
