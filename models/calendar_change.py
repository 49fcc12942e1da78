"""A change of the calendar while applications run: what turns one calendar into another, as data that travels.

An application is given the change and keeps it in its history: no replay asks a file or a library that has
become newer since. Calendars are named by the hash of their content, so a change fits one calendar only.
"""

from datetime import date

from pydantic import JsonValue

from models.calendar import Calendar
from models.data import Data
from models.errors import TirekError
from models.library import Library, Rules, UnknownRulesError, content_hash
from models.messages import Opening

Written = dict[str, JsonValue]
"""A part of a calendar as its file says it: what it leaves to a default is not there, as the hash wants it."""


class CalendarMismatchError(TirekError):
    """A change that was made for another calendar, or that does not lead where it says."""

    code = "calendar-mismatch"


class CalendarChange(Data):
    """From the calendar `corrects` to the calendar `calendar`, both by hash."""

    corrects: str
    calendar: str
    header: Written
    removed: tuple[date, ...]
    entries: tuple[Written, ...]

    @property
    def code(self) -> str:
        """The code of the calendar that it makes."""
        return str(self.header.get("code"))


_made: dict[str, Calendar] = {}
"""By the hash of the content, which is checked before anything comes in here."""


def change_between(old: Calendar, new: Calendar) -> CalendarChange:
    """What makes `new` of `old`: the entries that differ, or all of them if `new` keeps another order."""
    before, after = _by_date(old), _by_date(new)
    told = new.model_dump(mode="json", exclude_unset=True)
    entries: list[Written] = [after[day] for day in after if before.get(day) != after[day]]
    change = CalendarChange(
        corrects=content_hash(old),
        calendar=content_hash(new),
        header={name: value for name, value in told.items() if name != "entries"},
        removed=tuple(day for day in before if day not in after),
        entries=tuple(entries),
    )
    if content_hash(_changed(old, change)) == change.calendar:
        return change
    return change.model_copy(update={"removed": tuple(before), "entries": tuple(told["entries"])})


def changed(old: Calendar, change: CalendarChange) -> Calendar:
    """The calendar that a change makes; CalendarMismatchError if it is not for this one.

    Thousands of applications are given the same change: they share what it makes.
    """
    if change.calendar not in _made:
        try:
            new = _changed(old, change)
        except ValueError as error:
            raise CalendarMismatchError(f"the change of {old.code} does not make a calendar: {error}") from error
        if content_hash(new) != change.calendar:
            raise CalendarMismatchError(f"the change of {old.code} does not lead to the calendar that it names")
        _made[change.calendar] = new
    return _made[change.calendar]


def rules_under(library: Library, opening: Opening, change: CalendarChange | None) -> Rules:
    """The rules that something is opened under: by its hashes, or by a change that came before its opening."""
    if change is None or opening.calendar in library.calendars:
        return library.rules(opening.regulation, opening.calendar)
    if change.calendar != opening.calendar:
        raise UnknownRulesError(f"{opening.application} was opened under another calendar than it was given")
    rules = library.rules(opening.regulation, change.corrects)
    return Rules(rules.regulation, changed(rules.calendar, change))


def _changed(old: Calendar, change: CalendarChange) -> Calendar:
    replaced = {*change.removed, *(date.fromisoformat(str(entry["date"])) for entry in change.entries)}
    kept = [entry for day, entry in _by_date(old).items() if day not in replaced]
    entries = [*kept, *change.entries]
    if kept:
        entries.sort(key=lambda entry: str(entry["date"]))
    return Calendar.model_validate({**change.header, "entries": entries})


def _by_date(calendar: Calendar) -> dict[date, Written]:
    return {entry.date: entry.model_dump(mode="json", exclude_unset=True) for entry in calendar.entries}
