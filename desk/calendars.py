"""The state's calendar as it stands now: the newest file, and what has been applied to it since.

Files and changes are both named by the hash of their content. Whatever a worker has as a file, a changed
calendar reaches it with the input or the command of an application, never by its name alone.
"""

from dataclasses import dataclass
from datetime import date

from adapters.database.calendars import SqlCalendars
from models.calendar import Calendar
from models.calendar_change import CalendarChange, changed
from models.library import Library, Rules, UnknownRulesError


@dataclass(frozen=True)
class InForce:
    """What something that is opened now is opened under; `change` makes its calendar, if no file has it.

    `changes`: how many changes had been applied when it was asked.
    """

    regulation: str
    calendar: str
    change: CalendarChange | None
    changes: int


class Calendars:
    """Every calendar that something goes by, and the one in force."""

    def __init__(self, library: Library, changes: SqlCalendars) -> None:
        self.library = library
        self.changes = changes
        self._found: dict[str, Calendar] = {}

    def in_force(self, on: date) -> InForce:
        """A newer file starts anew: it has to contain what was applied to the one before."""
        regulation, calendar = self.library.current(on)
        last = self.changes.last()
        if last is None or last.change.corrects != calendar:
            return InForce(regulation, calendar, None, last.number if last else 0)
        return InForce(regulation, last.change.calendar, last.change, last.number)

    def find(self, key: str) -> Calendar:
        """The calendar of a hash; UnknownRulesError if neither a file nor a change makes it."""
        known = self.library.calendars.get(key) or self._found.get(key)
        if known is None:
            known = self._found[key] = self._made(key)
        return known

    def _made(self, key: str) -> Calendar:
        change = self.changes.making(key)
        if change is None:
            raise UnknownRulesError(f"no calendar file and no change on record has the hash {key[:12]}")
        return changed(self.find(change.corrects), change)

    def rules(self, regulation: str, calendar: str) -> Rules:
        return Rules(self.library.regulation(regulation), self.find(calendar))
