"""Serves the board: who may reach it, the socket it listens on, and how it ends."""

import socket
import sys

from starlette.types import ASGIApp

from adapters.http_server import make_server, serve_until_told
from adapters.listening import LOOPBACK, Listener, is_loopback
from models.errors import MalformedError
from web.watch import Watch

_GRACE_SECONDS = 3
_BOARD = Listener("the board", "TIREK_BOARD_HOST", "--port, TIREK_BOARD_PORT")
_SWITCH_SECONDS = 0.001
"""Whoever is answered from what is ready must not wait five milliseconds, at every step, for a page being made."""


def hosts_of(host: str, *, is_public: bool) -> frozenset[str] | None:
    """Under which names the board answers: on the loopback address its own, else any.

    MalformedError for an address that others can reach, unless that was said to be meant: nobody signs in yet.
    """
    if is_loopback(host):
        return LOOPBACK | {host}
    if not is_public:
        reason = (
            f"{host} can be reached from other machines, and nobody signs in to the board yet: whoever reaches it "
            "reads it. Stay with 127.0.0.1, or say with TIREK_BOARD_PUBLIC=true that something before it "
            "lets in the right people only"
        )
        raise MalformedError(f"--host: {reason}", [("TIREK_BOARD_HOST", reason)])
    return None


def listen(host: str, port: int) -> socket.socket:
    """A socket on which the board listens. UnavailableError if somebody else does, or there is no such address."""
    return _BOARD.listen(host, port)


def address_of(host: str, listening: socket.socket) -> str:
    """Where a browser finds it."""
    port = listening.getsockname()[1]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


async def serve(app: ASGIApp, watch: Watch, listening: socket.socket) -> None:
    """Until SIGINT or SIGTERM; whoever listens for changes is sent away first, or the end would wait for them."""
    sys.setswitchinterval(_SWITCH_SECONDS)
    await serve_until_told(make_server(app, _GRACE_SECONDS), listening, watch.close)
