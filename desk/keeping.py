"""What is kept ready for supervisors: months that are over, and the days of the calendar in force."""

from sqlalchemy import Engine

from adapters.database.calendars import SqlCalendars
from adapters.database.supervision.days import keep_days
from adapters.database.supervision.months import keep_months
from adapters.host_clock import host_today
from desk.calendars import Calendars
from models.library import Library


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
