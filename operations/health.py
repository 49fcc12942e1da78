"""What a worker process says of itself over HTTP: that it lives, whether it is ready, and its metrics.

- GET /live: 200 as long as its event loop answers; a process that does not answer is to be started again
- GET /ready: 200 if its workers poll and the record and the Temporal server answer it; 503 names what is missing
- GET /metrics: for Prometheus
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from temporalio.client import Client

from adapters.database import figures
from operations.metrics import CONTENT_TYPE, Page

T = TypeVar("T")

ANSWER_SECONDS = 2.0
"""Within so many seconds everything that a process needs has to answer."""
WORKERS, RECORD, SERVER = "the workers", "the record", "the Temporal server"

_looks, _pages = ThreadPoolExecutor(1, "health"), ThreadPoolExecutor(1, "metrics")
"""Our own: a record that hangs takes no thread from the work, and figures that take long none from the looks."""

Look = Callable[[], Awaitable[None]]
"""Returns if what is looked at is well."""


@dataclass
class Health:
    """What a process needs to be ready, and how each of it is looked at."""

    page: Page
    is_at_work: bool = False
    looks: dict[str, Look] = field(default_factory=dict[str, Look])
    _looking: dict[str, asyncio.Task[None]] = field(default_factory=dict[str, "asyncio.Task[None]"])

    def needs(self, engine: Engine, client: Client) -> None:
        """From now on the record and the server are looked at."""

        async def record() -> None:
            await _apart(_looks, lambda: _ask(engine))

        async def server() -> None:
            await client.service_client.check_health()

        self.looks = {RECORD: record, SERVER: server}

    async def missing(self) -> list[str]:
        """What is not there now; nothing if the process is ready."""
        found = await asyncio.gather(*(self._answers(name) for name in self.looks))
        missing = [name for name, is_well in zip(self.looks, found, strict=True) if not is_well]
        return missing if self.is_at_work else [WORKERS, *missing]

    async def _answers(self, name: str) -> bool:
        """Whether it is well in time. A look that hangs goes on, and no second one is begun beside it."""
        looking = self._looking.get(name)
        if looking is None or looking.done():
            looking = self._looking[name] = asyncio.create_task(self._look(name))
        done, _ = await asyncio.wait((looking,), timeout=ANSWER_SECONDS)
        return bool(done) and looking.exception() is None

    async def _look(self, name: str) -> None:
        await self.looks[name]()


async def _apart(threads: ThreadPoolExecutor, work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(threads, work)


def _ask(engine: Engine) -> None:
    with engine.connect() as connection:
        figures.answers(connection)


def create_app(health: Health) -> Starlette:
    """The three addresses."""

    async def live(_: Request) -> Response:
        return JSONResponse({"live": True})

    async def ready(_: Request) -> Response:
        missing = await health.missing()
        return JSONResponse({"ready": not missing, "missing": missing}, 503 if missing else 200)

    async def metrics(_: Request) -> Response:
        return Response(await _apart(_pages, health.page.text), media_type=CONTENT_TYPE)

    return Starlette(
        routes=[Route(f"/{answer.__name__}", answer, methods=["GET"]) for answer in (live, ready, metrics)]
    )
