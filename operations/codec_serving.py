"""Serves the codec server: who may reach it, the socket it listens on, and how it ends."""

import socket

from starlette.types import ASGIApp

from adapters.http_server import make_server, serve_until_told
from adapters.listening import LOOPBACK, Listener, is_loopback
from models.errors import MalformedError

_GRACE_SECONDS = 3
_CODEC = Listener("the codec server", "TIREK_CODEC_HOST", "--port, TIREK_CODEC_PORT")


def names_of(host: str, *, is_public: bool) -> frozenset[str] | None:
    """Under which names it answers: on the loopback address its own, else any.

    MalformedError for an address that others can reach, unless that was said to be meant: passwords go there.
    """
    if is_public:
        return None
    if is_loopback(host):
        return LOOPBACK | {host}
    reason = (
        f"{host} can be reached from other machines, and passwords are sent there: say with --public that "
        "something before it speaks TLS"
    )
    raise MalformedError(f"TIREK_CODEC_HOST: {reason}", [("TIREK_CODEC_HOST", reason)])


def listen(host: str, port: int) -> socket.socket:
    """UnavailableError if somebody else listens there, or there is no such address."""
    return _CODEC.listen(host, port)


async def serve(app: ASGIApp, listening: socket.socket) -> None:
    """Until SIGINT or SIGTERM."""
    await serve_until_told(make_server(app, _GRACE_SECONDS, lifespan="off"), listening)
