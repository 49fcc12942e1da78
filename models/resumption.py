"""Where an execution goes on that was ended from outside: everything that stands on record of it.

The facts are taken over as they are, with their hashes: the journal goes on, and its chain holds.
"""

from models.calendar_change import CalendarChange, rules_under
from models.data import Data
from models.library import Library, Rules
from models.state import Entry


class Resumption(Data):
    """What is on record, whole, and what makes the calendar that it goes by, where no file has that."""

    entry: Entry
    calendar_change: CalendarChange | None = None

    @property
    def goes_by(self) -> str:
        """The hash of the calendar that counts its days now."""
        return self.entry.state.calendar_now or self.entry.state.opening.calendar

    def rules(self, library: Library) -> Rules:
        """The rules that it goes by now; UnknownRulesError where nothing makes its calendar."""
        opening = self.entry.state.opening.model_copy(update={"calendar": self.goes_by})
        return rules_under(library, opening, self.calendar_change)
