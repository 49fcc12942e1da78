"""Serves the codec server: who may reach it, the socket it listens on, and how it ends."""

import asyncio
import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from adapters.listening import Listener, is_loopback
from models.errors import MalformedError

_GRACE_SECONDS = 3
_CODEC = Listener("the codec server", "TIREK_CODEC_HOST", "--port, TIREK_CODEC_PORT")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def names_of(host: str, *, is_public: bool) -> frozenset[str] | None:
    """Under which names it answers: on the loopback address its own, else any.

    MalformedError for an address that others can reach, unless that was said to be meant: passwords go there.
    """
    if is_public:
        return None
    if is_loopback(host):
        return _LOOPBACK | {host}
    reason = (
        f"{host} can be reached from other machines, and passwords are sent there: say with --public that "
        "something before it speaks TLS"
    )
    raise MalformedError(f"TIREK_CODEC_HOST: {reason}", [("TIREK_CODEC_HOST", reason)])


def listen(host: str, port: int) -> socket.socket:
    """UnavailableError if somebody else listens there, or there is no such address."""
    return _CODEC.listen(host, port)


class _Server(uvicorn.Server):
    """Ends by itself on a signal, with the exit code of a program that was asked to end."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


async def serve(app: ASGIApp, listening: socket.socket) -> None:
    """Until SIGINT or SIGTERM."""
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    server = _Server(config)

    def stop() -> None:
        server.should_exit = True

    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop)
    await server.serve([listening])
