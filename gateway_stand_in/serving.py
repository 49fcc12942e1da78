"""Runs the stand-in over TLS until it is told to stop."""

import socket
from pathlib import Path

import uvicorn

from adapters.http_server import make_server, serve_until_told
from gateway_stand_in.server import StandIn

_GRACE_SECONDS = 1


def make_tls_server(app: StandIn, folder: Path) -> uvicorn.Server:
    """A server over TLS with the certificate of the folder."""
    return make_server(
        app,
        _GRACE_SECONDS,
        lifespan="off",
        ssl_keyfile=folder / "tls.key.pem",
        ssl_certfile=folder / "tls.crt.pem",
    )


async def serve(app: StandIn, folder: Path, listening: socket.socket) -> None:
    """Until SIGINT or SIGTERM; whoever waits for a silent answer is left without one."""
    await serve_until_told(make_tls_server(app, folder), listening, app.holding.let_go)
