"""Serves a worker's health from the worker's own event loop: where that hangs, nobody is told that it lives."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

import uvicorn

from adapters.listening import Listener
from adapters.settings import Settings
from operations.health import Health, create_app

_LISTENER = Listener("the worker's health", "TIREK_HEALTH_HOST", "TIREK_HEALTH_PORT")
_GRACE_SECONDS = 1


class _Server(uvicorn.Server):
    """Leaves signals to the worker."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


@asynccontextmanager
async def telling(settings: Settings, health: Health) -> AsyncGenerator[None]:
    """Tell the health until the end of the block, if a port is set for it. UnavailableError if it is taken."""
    if settings.health_port is None:
        yield
        return
    config = uvicorn.Config(
        create_app(health),
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    server = _Server(config)
    with _LISTENER.listen(settings.health_host, settings.health_port) as listening:
        serving = asyncio.create_task(server.serve([listening]))
        try:
            yield
        finally:
            server.should_exit = True
            await serving
