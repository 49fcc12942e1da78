"""Serves a worker's health from the worker's own event loop: where that hangs, nobody is told that it lives."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from adapters.http_server import make_server
from adapters.listening import Listener
from adapters.settings import Settings
from operations.health import Health, create_app

_LISTENER = Listener("the worker's health", "TIREK_HEALTH_HOST", "TIREK_HEALTH_PORT")
_GRACE_SECONDS = 1


@asynccontextmanager
async def telling(settings: Settings, health: Health) -> AsyncGenerator[None]:
    """Tell the health until the end of the block, if a port is set for it. UnavailableError if it is taken."""
    if settings.health_port is None:
        yield
        return
    server = make_server(create_app(health), _GRACE_SECONDS, lifespan="off")
    with _LISTENER.listen(settings.health_host, settings.health_port) as listening:
        serving = asyncio.create_task(server.serve([listening]))
        try:
            yield
        finally:
            server.should_exit = True
            await serving
