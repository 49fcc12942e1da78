"""`starter.py up`: server, UI, gateway, worker and board until Ctrl-C; the data stays for the next time."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Coroutine
from typing import Any

from sqlalchemy.engine import make_url

from adapters.child import Child
from adapters.folder_lock import folder_lock
from adapters.keys import KeyRing
from adapters.settings import Settings
from adapters.temporal.server import Place, Say
from cli.engine import beside_a_gateway, running_engine, start_board
from cli.gateway import listen as listen_as_gateway
from models.errors import UnavailableError
from web.serving import hosts_of, listen
from workflows import operators

_UI_ABOVE = 1000


async def stay_up(settings: Settings, ring: KeyRing, say: Say) -> None:
    """Run the engine until SIGINT or SIGTERM; UnavailableError if a part of it ends by itself."""
    for port in (settings.temporal_port, settings.temporal_port + _UI_ABOVE):
        _need_free_port(port)
    if settings.gateway_file is None:
        listen_as_gateway("127.0.0.1", settings.gateway_listens_on).close()
    hosts_of(settings.board_host, is_public=settings.board_public)
    listen(settings.board_host, settings.board_listens_on).close()
    take_the_terminal()
    with folder_lock(settings.data):
        await until_stopped(_work(settings, ring, say), say)


async def until_stopped(parts: Coroutine[Any, Any, None], say: Say) -> None:
    """Run what runs all parts until SIGINT or SIGTERM, then let it end them in order."""
    work = asyncio.create_task(parts)
    stopping = False

    def stop() -> None:
        nonlocal stopping
        if not stopping:  # a second Ctrl-C must not interrupt the stopping
            stopping = True
            say("stopping")
            work.cancel()

    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop)
    try:
        await work
    except asyncio.CancelledError:
        if not stopping:
            raise


async def _work(settings: Settings, ring: KeyRing, say: Say) -> None:
    port, data = settings.temporal_port, settings.data
    place = Place(data / "temporal.sqlite", data / "temporal.log", port, port + _UI_ABOVE, operators.flags())
    async with (
        beside_a_gateway(settings) as gateway,
        running_engine(gateway.settings, ring, place, say) as engine,
    ):
        say(f"gateway:         {gateway.address}")
        say(f"Temporal UI:     {engine.server.ui or 'the one of that server'}")
        board, address = await start_board(gateway.settings, engine.server)
        say(f"board:           {address} for supervisors")
        say(f"worker:          log in {engine.worker.log}")
        say(f"record:          {make_url(settings.record_url).render_as_string(hide_password=True)}")
        say("try:             .venv/bin/python starter.py ticket --channel state-corporation")
        say("Ctrl-C ends everything; the data stays.")
        try:
            await watch([child for child in (engine.server.child, gateway.child, engine.worker, board) if child])
        finally:
            await board.stop()


def _need_free_port(port: int) -> None:
    with socket.socket() as probe:
        taken = probe.connect_ex(("127.0.0.1", port)) == 0
    if taken and "TEMPORAL_ADDRESS" not in os.environ:
        raise UnavailableError(
            f"somebody listens on port {port} already (another `make up`?); stop it, use it "
            f"(TEMPORAL_ADDRESS=127.0.0.1:PORT make up), or take another port (TIREK_TEMPORAL_PORT)"
        )


def take_the_terminal() -> None:
    """Under `make`, Ctrl-C would end make itself with an error: take the terminal, so that it is ours alone."""
    if not sys.stdin.isatty() or os.tcgetpgrp(sys.stdin.fileno()) != os.getpgrp():
        return
    if os.getpgrp() == os.getpid():
        return
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    os.setpgid(0, 0)
    os.tcsetpgrp(sys.stdin.fileno(), os.getpgrp())


async def watch(children: list[Child]) -> None:
    """Until cancelled; a part that ends by itself is an error, not a silence."""
    while True:
        for child in children:
            if child.has_ended():
                raise UnavailableError(f"{child.log.stem} has ended by itself: {child.last_words()}")
        await asyncio.sleep(0.5)
