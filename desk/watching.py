"""Watches over all executions while the worker runs: what is ended from outside, or gets stuck, is told at once.

It is told in the log, as an error, and counted for the metrics; what somebody did to an execution is noted in
`access` too, once for each run of it. No fact and no notice is made of it: both follow from the execution's own
history, which knows nothing of its end. Of several workers one has this duty at a time.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any, TypeVar
from uuid import uuid4

from sqlalchemy.exc import SQLAlchemyError

from adapters.database.duties import SqlDuties
from desk.desk import Desk
from desk.stuck import Finder
from desk.troubles import Stuck, Trouble
from models.errors import TirekError

T = TypeVar("T")

_log = logging.getLogger("tirek.watching")
_DUTY, _DUTY_SECONDS = "watching", 120.0
LOOK_SECONDS = 15.0
"""How soon what was ended from outside is told."""
THOROUGH_SECONDS = 300.0
"""How often all that runs is held against the record, and each execution looked at for what it waits for."""
OUTSIDE = "outside"
"""Who did it, in `access`: whoever has access to the server itself."""
_BY_SOMEBODY = frozenset({Trouble.ENDED, Trouble.RESET, Trouble.PAUSED})


class Watcher:
    """One worker's part in it."""

    def __init__(self, desk: Desk, duties: SqlDuties) -> None:
        self._reader = desk.reader
        self._finder = Finder(desk)
        self._duties = duties
        self._name = str(uuid4())
        self._thorough_at = 0.0
        self._told: set[tuple[Trouble, str, str]] = set()
        self._counts: Counter[Trouble] | None = None

    def stuck_counts(self) -> dict[Trouble, int]:
        """How many executions are stuck, by trouble, as of the last look; nothing while another has the duty."""
        return {} if self._counts is None else {trouble: self._counts[trouble] for trouble in Trouble}

    async def look(self) -> None:
        """One look, if the duty is ours; what is new is told. UnavailableError, SQLAlchemyError."""
        if not await asyncio.to_thread(self._duties.take, _DUTY, self._name, _DUTY_SECONDS):
            self._counts, self._thorough_at = None, 0.0
            return
        found = await self._keeping_the_duty(self._find())
        self._counts = Counter(one.trouble for one in found)
        for one in found:
            if _key(one) not in self._told:
                await asyncio.to_thread(self._tell, one)
        now = {_key(one) for one in found}
        for _, execution, _ in self._told - now:
            _log.info("%s is not stuck any more", execution, extra={"application": execution})
        self._told = now

    async def _keeping_the_duty(self, work: Coroutine[Any, Any, T]) -> T:
        """Nobody else begins while a look takes longer than the duty is given for."""
        looking = asyncio.create_task(work)
        try:
            while not (await asyncio.wait((looking,), timeout=_DUTY_SECONDS / 4))[0]:
                await asyncio.to_thread(self._duties.take, _DUTY, self._name, _DUTY_SECONDS)
            return looking.result()
        finally:
            looking.cancel()

    def give_back(self) -> None:
        """Let another worker have the duty at once."""
        self._duties.give_back(_DUTY, self._name)

    async def _find(self) -> Sequence[Stuck]:
        """Mostly a quick look; whatever was found before is looked at again each time, however it was found."""
        if time.monotonic() < self._thorough_at:
            return await self._finder.find_at_once(also={execution for _, execution, _ in self._told})
        found = (await self._finder.find()).stuck
        self._thorough_at = time.monotonic() + THOROUGH_SECONDS
        return found

    def _tell(self, one: Stuck) -> None:
        if one.trouble in _BY_SOMEBODY:
            if (OUTSIDE, str(one.trouble), one.run) in self._reader.accesses(one.execution):
                return
            self._reader.note_access(OUTSIDE, one.execution, one.trouble, one.run)
        _log.error("%s", one, extra={"application": one.execution, "trouble": str(one.trouble)})


def _key(one: Stuck) -> tuple[Trouble, str, str]:
    return one.trouble, one.execution, one.run


async def watch_until(stop: asyncio.Event, watcher: Watcher) -> None:
    """Look now and then until told to stop. Nothing that goes wrong here ends the process engine beside it."""
    stopping = asyncio.create_task(stop.wait())
    while not stopping.done():
        looking = asyncio.create_task(watcher.look())
        await asyncio.wait((looking, stopping), return_when=asyncio.FIRST_COMPLETED)
        looking.cancel()
        await _ended(looking)
        await asyncio.wait((stopping,), timeout=LOOK_SECONDS)
    with suppress(SQLAlchemyError):
        await asyncio.to_thread(watcher.give_back)


async def _ended(looking: asyncio.Task[None]) -> None:
    try:
        await looking
    except asyncio.CancelledError:
        return
    except (SQLAlchemyError, TirekError) as error:
        _log.warning("watching: %s, tried again later", type(error).__name__)
    except Exception as error:  # noqa: BLE001 - an operator sees it in the log, and the engine goes on
        _log.error("watching: %s, tried again later", type(error).__name__)
