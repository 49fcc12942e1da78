"""Runs the stand-in over TLS until it is told to stop."""

import asyncio
import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from gateway_stand_in.server import StandIn

_GRACE_SECONDS = 1


class _Server(uvicorn.Server):
    """Ends by itself on a signal, with the exit code of a program that was asked to end."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


def make_server(app: StandIn, folder: Path) -> uvicorn.Server:
    """A server over TLS with the certificate of the folder."""
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ssl_keyfile=folder / "tls.key.pem",
        ssl_certfile=folder / "tls.crt.pem",
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    return _Server(config)


async def serve(app: StandIn, folder: Path, listening: socket.socket) -> None:
    """Until SIGINT or SIGTERM; whoever waits for a silent answer is left without one."""
    server = make_server(app, folder)

    def stop() -> None:
        app.holding.let_go()
        server.should_exit = True

    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop)
    await server.serve([listening])
