"""What is kept ready for supervisors: months that are over, and the days of the calendar in force."""

import asyncio
import logging

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from adapters.database.calendars import SqlCalendars
from adapters.database.supervision.days import keep_days
from adapters.database.supervision.months import keep_months
from adapters.host_clock import host_today
from desk.calendars import Calendars
from models.library import Library

_log = logging.getLogger(__name__)
_PAUSE, _LONG_PAUSE = 1.0, 60.0


class Keeping:
    """Keeps one record ready; several may at once, and nothing is wrong meanwhile, only slower to answer."""

    def __init__(self, engine: Engine, library: Library) -> None:
        self._engine = engine
        self._calendars = Calendars(library, SqlCalendars(engine))

    def keep(self, months: int = 1) -> int:
        """Count so many months that wait for it, the newest first; returns how many were counted."""
        in_force = self._calendars.in_force(host_today())
        keep_days(self._engine, self._calendars.find(in_force.calendar))
        return keep_months(self._engine, months)


async def keep_until(stop: asyncio.Event, keeping: Keeping) -> None:
    """Keep until told to stop, one month at a time; a record that is away is tried again."""
    while not stop.is_set():
        kept = 0
        try:
            kept = await asyncio.to_thread(keeping.keep)
        except SQLAlchemyError as error:
            _log.warning("keeping: the record does not answer (%s)", type(error).__name__)
        try:
            await asyncio.wait_for(stop.wait(), _PAUSE if kept else _LONG_PAUSE)
        except TimeoutError:
            continue
