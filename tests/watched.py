"""A worker of a test's own whose health is told, over the server of the whole run and a record of the test's."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from adapters.settings import Settings
from adapters.temporal.server import Server, free_port
from models.library import Library
from tests.conftest import House, house_of


@asynccontextmanager
async def watched(
    data: Path, address: str, server: Server, library: Library, **more: Any
) -> AsyncGenerator[House]:
    """Its settings have the port; `more` are settings too."""
    settings = Settings(
        data=data,
        database_url=address,
        task_queue=f"watched-{data.name}",
        sandbox=True,
        health_port=free_port(),
        log_format="json",
        **more,
    )
    async with house_of(settings, server, library) as house:
        yield house


async def told(settings: Settings, path: str) -> httpx.Response:
    """What its worker says of itself."""
    async with httpx.AsyncClient() as client:
        return await client.get(f"http://127.0.0.1:{settings.health_port}/{path}")
