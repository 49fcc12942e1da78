"""Works the outbox off until told to stop, each way in a thread of its own: a slow one holds no other one up."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy.exc import SQLAlchemyError

from adapters.notices.sender import Outbox, Way

_log = logging.getLogger(__name__)
_PAUSE_SECONDS = 1.0
_LAST_SECONDS = 3.0


async def deliver_until(stop: asyncio.Event, outbox: Outbox) -> None:
    """Send notices until `stop` is set; what is under way then has three seconds, and is sent again later."""
    stopping = asyncio.create_task(stop.wait())
    async with asyncio.TaskGroup() as ways:
        for way in outbox.ways:
            ways.create_task(_go(way, outbox, stopping), name=f"way {way.name}")


async def _go(way: Way, outbox: Outbox, stopping: asyncio.Task[bool]) -> None:
    # Its own: at the end the loop would wait for a thread of its.
    thread = ThreadPoolExecutor(1, f"way-{way.name}")
    loop = asyncio.get_running_loop()
    while not stopping.done():
        under_way = loop.run_in_executor(thread, outbox.deliver_waiting, way, stopping.done)
        await asyncio.wait((under_way, stopping), return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait((under_way,), timeout=_LAST_SECONDS if stopping.done() else None)
        if under_way.done():
            _tell(way, under_way)
        await asyncio.wait((stopping,), timeout=_PAUSE_SECONDS)
    thread.shutdown(wait=False)


def _tell(way: Way, done: asyncio.Future[int]) -> None:
    """A record that is away is tried again, it stops no worker; what nobody expected does."""
    try:
        done.result()
    except SQLAlchemyError as error:
        _log.warning("outbox, %s: the record does not answer (%s)", way.name, type(error).__name__)
