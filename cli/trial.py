"""`starter.py demo`: an engine of its own, the stories, the tables, the reconciliation."""

import shutil
import time

from rich.console import Console

from adapters.database.engine import connect
from adapters.database.reader import RecordReader
from adapters.keys import load_key_ring
from adapters.regulations import load_library
from adapters.settings import Settings
from adapters.temporal.server import Place, free_port, skips_time
from cli.engine import Engine, running_engine
from demo.report import print_breaches, print_endings
from demo.run import conclude, live
from demo.stories import STORIES
from desk.desk import Desk
from models.errors import UnavailableError
from models.library import install
from workflows import operators


async def run_demo(settings: Settings, console: Console) -> int:
    """The exit code: 0 if all went as it should, 1 if anything differs, 4 without a server that skips time."""
    began = time.monotonic()
    own = settings.model_copy(update={"data": settings.data / "demo"})
    shutil.rmtree(own.data, ignore_errors=True)
    own.data.mkdir(parents=True)
    install(load_library(own.regulations))
    ring = load_key_ring(own.key_file, may_create=own.keys_file is None)
    place = Place(
        own.data / "temporal.sqlite", own.data / "temporal.log", free_port(), free_port(), operators.flags()
    )

    def say(text: str) -> None:
        console.print(text, markup=False, highlight=False)

    async with running_engine(own, ring, place, say) as engine:
        await _need_time_skipping(engine)
        if engine.server.ui:
            say(f"Temporal UI:     {engine.server.ui} while this runs")
        desk = Desk(
            engine.client,
            RecordReader(connect(own.record_url), ring),
            load_library(own.regulations),
            ring,
            task_queue=own.task_queue,
            wait_seconds=60,
        )
        lived = await live(desk, STORIES, say)
        print_endings(desk.reader, lived, console)
        print_breaches(desk.reader, lived, console)
        code = await conclude(desk, ring, lived, say)
    say(f"demo: {'all as it should be' if code == 0 else 'NOT as it should be'}, {time.monotonic() - began:.0f} s")
    say(f"look at them again, UI included: make up DATA={own.data.name and settings.data.name}/{own.data.name}")
    return code


async def _need_time_skipping(engine: Engine) -> None:
    """A server of our own was probed when it was found; somebody else's is asked here."""
    if engine.server.child is None and not await skips_time(engine.client):
        raise UnavailableError(
            f"the server at {engine.server.address} has no time skipping, and the demo lives through months; "
            "unset TEMPORAL_ADDRESS, and a server that has it will be found"
        )
