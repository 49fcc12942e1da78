"""The HTTP server behind every program of ours that answers: it logs nothing itself, and ends when it is told."""

import asyncio
import signal
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import uvicorn


class _Server(uvicorn.Server):
    """Leaves signals to the program, which then ends with the exit code of one that was asked to end."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


def make_server(app: Any, grace_seconds: int, **more: Any) -> uvicorn.Server:
    """A server of an ASGI application. `grace_seconds`: how long it waits at the end for answers under way."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=grace_seconds,
        **more,
    )
    return _Server(config)


async def serve_until_told(
    server: uvicorn.Server, listening: socket.socket, first: Callable[[], None] = lambda: None
) -> None:
    """Until SIGINT or SIGTERM. `first`: what sends away whoever would wait for longer than the grace."""

    def stop() -> None:
        first()
        server.should_exit = True

    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop)
    await server.serve([listening])
