"""The rules an application is handled by, found by the hash of their content.

An application names its regulation and calendar by hash. A worker that does not know the hash must
refuse the task rather than replay the application by other rules.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from models.calendar import Calendar
from models.data import Data
from models.errors import TirekError
from models.regulation import Office, Regulation

T = TypeVar("T", bound=Data)


class UnknownRulesError(TirekError):
    """This process has not loaded the rules that an application was opened under."""

    code = "unknown-rules"
    exit_code = 2


@dataclass(frozen=True)
class Rules:
    """One regulation and one calendar: all the law an application needs."""

    regulation: Regulation
    calendar: Calendar

    def office(self, code: str) -> Office:
        office = self.regulation.office(code)
        if office is None:
            raise UnknownRulesError(f"regulation {self.regulation.code} has no office {code}")
        return office


def content_hash(data: Data) -> str:
    """SHA-256 over the canonical JSON of what a file says; comments and order of keys do not matter.

    What it leaves to a default is no part of it: a field that a newer Tirek adds must not rename older files.
    For the same reason a default, once released, never changes.
    """
    text = json.dumps(data.model_dump(mode="json", exclude_unset=True), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


class Library:
    """Every regulation and calendar that this process has loaded."""

    def __init__(self, regulations: Iterable[Regulation], calendars: Iterable[Calendar]) -> None:
        self.regulations: Mapping[str, Regulation] = {content_hash(r): r for r in regulations}
        self.calendars: Mapping[str, Calendar] = {content_hash(c): c for c in calendars}

    @property
    def posts(self) -> frozenset[str]:
        """The codes of all officers' posts, whatever regulation they are of."""
        return frozenset(officer.code for one in self.regulations.values() for officer in one.officers)

    def regulation(self, key: str) -> Regulation:
        return _find(self.regulations, key)

    def rules(self, regulation: str, calendar: str) -> Rules:
        return Rules(_find(self.regulations, regulation), _find(self.calendars, calendar))

    def current(self, on: date) -> tuple[str, str]:
        """The hashes of the regulation in force on a day and of the calendar with the latest code."""
        in_force = {
            key: regulation
            for key, regulation in self.regulations.items()
            if regulation.valid_from <= on and (regulation.valid_to is None or on <= regulation.valid_to)
        }
        if not in_force or not self.calendars:
            raise UnknownRulesError(f"no regulation or no calendar is in force on {on}")
        regulation = max(in_force, key=lambda key: in_force[key].valid_from)
        calendar = max(self.calendars, key=lambda key: self.calendars[key].code)
        return regulation, calendar

    def in_force(self, on: date) -> Regulation:
        """The regulation in force on a day."""
        return self.regulations[self.current(on)[0]]


def _find(shelf: Mapping[str, T], key: str) -> T:
    if key not in shelf:
        known = ", ".join(sorted(k[:12] for k in shelf)) or "none"
        raise UnknownRulesError(f"rules {key[:12]} are not loaded here (loaded: {known}); deploy their file")
    return shelf[key]


_installed: list[Library] = []


def install(library: Library) -> None:
    """Make a library the one that this process's workflows use; called once, at start."""
    _installed[:] = [library]


def installed() -> Library:
    if not _installed:
        raise UnknownRulesError("no rules are loaded in this process")
    return _installed[0]
