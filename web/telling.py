"""How values are told on a page: times on the wall of Karaganda, numbers, shares, lengths of time and names."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from babel.dates import format_date, format_datetime, get_day_names
from babel.numbers import format_decimal, format_percent

from models.data import ALMATY, Text
from models.library import Library
from models.regulation import Unit
from web.language import Language

NONE = "–"
_DATE = {"kk": "dd.MM.yyyy", "ru": "dd.MM.yyyy", "en": "d MMM yyyy"}
_HOUR, _DAY = 60, 24 * 60
_SECONDS = 60
_COUNTED: Mapping[str, str] = {Unit.WORKING_DAYS: "unit.working_days", Unit.MONTHS: "unit.months"}


class Names:
    """What the regulation files call offices, officers and clocks; what has left them keeps its code."""

    def __init__(self, library: Library) -> None:
        regulations = sorted(library.regulations.values(), key=lambda one: one.valid_from)
        self.offices = {office.code: office.name for one in regulations for office in one.offices}
        self.officers = {officer.code: officer.post for one in regulations for officer in one.officers}
        self.clocks = {kind: rule.name for one in regulations for kind, rule in one.clocks.items()}


class Teller:
    """Tells values in one language. Templates know nothing else."""

    def __init__(self, words: Language, names: Names) -> None:
        self.words = words
        self._names = names

    @property
    def code(self) -> str:
        return self.words.code

    def at(self, value: str | datetime | None, *, seconds: bool = False) -> str:
        if value is None:
            return NONE
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        form = f"{_DATE[self.code]} HH:mm{':ss' if seconds else ''}"
        return format_datetime(moment.astimezone(ALMATY), form, tzinfo=ALMATY, locale=self.words.locale)

    def day(self, value: str | date) -> str:
        day = date.fromisoformat(value) if isinstance(value, str) else value
        return format_date(day, _DATE[self.code], locale=self.words.locale)

    def short_day(self, value: str) -> str:
        return format_date(date.fromisoformat(value), "dd.MM", locale=self.words.locale)

    def weekday(self, number: int) -> str:
        """The short name of a weekday, 1 is Monday."""
        return str(get_day_names("abbreviated", "stand-alone", self.words.locale)[number - 1])

    def hour(self, number: int) -> str:
        return f"{time(number):%H}"

    def number(self, value: float | None) -> str:
        return NONE if value is None else format_decimal(value, locale=self.words.locale)

    def whole(self, value: float) -> str:
        return self.number(round(value))

    def share(self, value: float | None) -> str:
        return NONE if value is None else format_percent(value, "#,##0.0 %", locale=self.words.locale)

    def lasted(self, minutes: float | None) -> str:
        """A length of time on the wall, in its two largest units."""
        if minutes is None:
            return NONE
        whole = int(minutes)
        days, hours, rest = whole // _DAY, whole % _DAY // _HOUR, whole % _HOUR
        if days:
            parts = [("days", days), ("hours", hours)]
        else:
            parts = [("hours", hours), ("minutes", rest)] if hours else [("minutes", rest)]
        told = [self.words(f"unit.{unit}", count=self.number(count)) for unit, count in parts]
        return " ".join(one for one, (_, count) in zip(told, parts, strict=True) if count or len(parts) == 1)

    def in_unit(self, value: float | None, unit: str | None) -> str:
        """A time in the unit of its clock: working days, months or minutes."""
        if value is None:
            return NONE
        if unit is not None and unit in _COUNTED:
            return self.words.counted(_COUNTED[unit], int(value), self.number(int(value)))
        if 0 < value < 1:
            return self.words("unit.seconds", count=self.number(round(value * _SECONDS)))
        return self.lasted(value)

    def overrun(self, row: Mapping[str, Any]) -> str:
        """By how much a limit has overrun: in its unit, or on the wall where that unit is not yet used up."""
        return self.in_unit(row["overrun"], row["unit"]) if row["overrun"] else self.lasted(row["late_minutes"])

    def office(self, code: str | None) -> str:
        return self._of(self._names.offices, code)

    def officer(self, code: str | None) -> str:
        """A post, or whoever else acts."""
        if code is None:
            return self.words("nobody")
        actor = self.words.words.get(f"actor.{code}")
        return actor or self._of(self._names.officers, code)

    def clock(self, code: str | None) -> str:
        return self._of(self._names.clocks, code)

    def _of(self, names: Mapping[Any, Text], code: str | None) -> str:
        if code is None:
            return NONE
        return self.words.of(names[code]) if code in names else code

    def channel(self, code: str | None) -> str:
        return self._named("channel", code)

    def stage(self, code: str | None) -> str:
        return self._named("stage", code)

    def fact(self, code: str) -> str:
        return self._named("fact", code)

    def outcome(self, code: str) -> str:
        return self._named("outcome", code)

    def state(self, code: str) -> str:
        return self._named("state", code)

    def sort(self, code: str) -> str:
        return self._named("sort", code)

    def _named(self, kind: str, code: str | None) -> str:
        """What has no words, as nobody knew it when they were written, keeps its code."""
        return NONE if code is None else self.words.words.get(f"{kind}.{code}", code)

    def key(self, by: str, code: str | None) -> str:
        """The name of a group of a summary."""
        match by:
            case "clock" | "office" | "officer":
                return {"clock": self.clock, "office": self.office, "officer": self.officer}[by](code)
            case "channel" | "stage":
                return self._named(by, code)
            case "day" if code:
                return self.day(code)
            case _:
                return code or NONE


def iso(at: datetime) -> str:
    """An instant as an address has it, with the offset of Karaganda and no more digits than it needs."""
    local = at.astimezone(ALMATY)
    is_whole = local.microsecond % 1000 == 0
    return local.isoformat(timespec=("milliseconds" if local.microsecond else "seconds") if is_whole else "auto")
