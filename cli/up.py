"""`starter.py up`: server, UI and worker until Ctrl-C; the data stays for the next time."""

import asyncio
import os
import signal
import socket
import sys

from adapters.keys import KeyRing
from adapters.settings import Settings
from adapters.temporal.server import Place, Say
from cli.engine import Engine, running_engine
from models.errors import UnavailableError
from workflows import operators

PORT, UI_PORT = 7233, 8233


async def stay_up(settings: Settings, ring: KeyRing, say: Say) -> None:
    """Run the engine until SIGINT or SIGTERM; UnavailableError if a part of it ends by itself."""
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    _take_the_terminal()
    place = Place(
        settings.data / "temporal.sqlite", settings.data / "temporal.log", PORT, UI_PORT, operators.flags()
    )
    _need_free_port()
    async with running_engine(settings, ring, place, say) as engine:
        say(f"Temporal UI:     {engine.server.ui or 'the one of that server'}")
        say(f"worker:          log in {engine.worker.log}")
        say(f"record:          {settings.record_url}")
        say("try:             .venv/bin/python starter.py ticket --channel state-corporation")
        say("Ctrl-C ends everything; the data stays.")
        await _until_stopped(stop, engine)
        say("stopping")


def _need_free_port() -> None:
    with socket.socket() as probe:
        taken = probe.connect_ex(("127.0.0.1", PORT)) == 0
    if taken and "TEMPORAL_ADDRESS" not in os.environ:
        raise UnavailableError(
            f"somebody listens on port {PORT} already (another `make up`?); stop it, "
            f"or use it: TEMPORAL_ADDRESS=127.0.0.1:{PORT} make up"
        )


def _take_the_terminal() -> None:
    """Under `make`, Ctrl-C would end make itself with an error: take the terminal, so that it is ours alone."""
    if not sys.stdin.isatty() or os.tcgetpgrp(sys.stdin.fileno()) != os.getpgrp():
        return
    if os.getpgrp() == os.getpid():
        return
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    os.setpgid(0, 0)
    os.tcsetpgrp(sys.stdin.fileno(), os.getpgrp())


async def _until_stopped(stop: asyncio.Event, engine: Engine) -> None:
    children = [child for child in (engine.server.child, engine.worker) if child is not None]
    while not stop.is_set():
        for child in children:
            if child.has_ended():
                raise UnavailableError(f"{child.log.stem} has ended by itself: {child.last_words()}")
        try:
            await asyncio.wait_for(stop.wait(), 0.5)
        except TimeoutError:
            continue
