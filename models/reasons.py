"""Why a day counts or does not, in words that a citizen understands, in three languages."""

from datetime import date

from models.calendar_entries import CalendarEntry, Day, DayKind, Why
from models.data import Text

_WEEKDAYS = (
    Text(kk="дүйсенбі", ru="понедельник", en="Monday"),
    Text(kk="сейсенбі", ru="вторник", en="Tuesday"),
    Text(kk="сәрсенбі", ru="среда", en="Wednesday"),
    Text(kk="бейсенбі", ru="четверг", en="Thursday"),
    Text(kk="жұма", ru="пятница", en="Friday"),
    Text(kk="сенбі", ru="суббота", en="Saturday"),
    Text(kk="жексенбі", ru="воскресенье", en="Sunday"),
)
_OF_ENTRIES = {
    DayKind.HOLIDAY: Text(kk="мереке күні", ru="праздничный день", en="a public holiday"),
    DayKind.RELIGIOUS: Text(kk="діни мереке күні", ru="день религиозного праздника", en="a religious holiday"),
    DayKind.MOVED_DAY_OFF: Text(
        kk="ауыстырылған демалыс күні", ru="перенесённый выходной", en="a day off moved here"
    ),
    DayKind.MOVED_WORKING_DAY: Text(
        kk="ауыстыру бойынша жұмыс күні", ru="рабочий день по переносу", en="worked by an order that moves days"
    ),
    DayKind.REST: Text(kk="демалыс күні", ru="нерабочий день", en="a day off"),
    DayKind.WORKING: Text(kk="жұмыс күні", ru="рабочий день", en="a working day"),
}


def day_off(day: date, what: Day) -> Text:
    """Why the state does not work on that day."""
    entry = what.entry
    if entry is None:
        return _joined(_WEEKDAYS[day.weekday()], Text(kk="демалыс күні", ru="выходной день", en="a day off"))
    if what.why is Why.MADE_UP_FOR:
        return _made_up_for(entry)
    return _told(entry)


def of_day(day: date, what: Day) -> Text:
    """What the state does on that day, and why."""
    if not what.is_worked:
        return day_off(day, what)
    return _told(what.entry) if what.entry else _OF_ENTRIES[DayKind.WORKING]


OF_OLD = Text(kk="бұрын", ru="прежде", en="until now")
START_NOT_COUNTED = Text(
    kk="басталған күн есептелмейді", ru="день начала не считается", en="the day of the start is not counted"
)
AFTER_HOURS = Text(
    kk="жұмыс уақытынан тыс түсті, келесі жұмыс күнінің басынан есептеледі",
    ru="поступило вне рабочего времени, считается с начала следующего рабочего дня",
    en="it came outside of working hours and counts from the opening of the next working day",
)
MONTH_ENDED = Text(
    kk="мерзім демалыс күні аяқталды, сондықтан осы жұмыс күні аяқталады",
    ru="срок пришёлся на нерабочий день и истекает в этот рабочий день",
    en="the month ended on a day off, so the term ends on this working day",
)
MONTH_STARTED = Text(kk="ай осы күннен басталады", ru="с этого дня идёт месяц", en="the month runs from this day")


def of_the_month(number: int) -> Text:
    """A day of a term in calendar months: every day is one, worked or not."""
    return Text(kk=f"күнтізбелік {number}-күн", ru=f"календарный день {number}", en=f"calendar day {number}")


def minutes(number: int, start: str, end: str) -> Text:
    """A term in minutes, which run whatever the day is."""
    return Text(
        kk=f"{number} минут: {start} – {end}",
        ru=f"{number} минут: {start} – {end}",
        en=f"{number} minutes: {start} – {end}",
    )


def counted(day: Day, number: int, term: int) -> Text:
    """The number-th of so many working days; a moved working day says what it is."""
    words = Text(
        kk=f"{term} жұмыс күнінің {number}-күні",
        ru=f"рабочий день {number} из {term}",
        en=f"working day {number} of {term}",
    )
    return words if day.entry is None else _joined(words, _told(day.entry))


def _told(entry: CalendarEntry) -> Text:
    told, name = _OF_ENTRIES[entry.kind], entry.name
    if name is not None:
        told = _joined(told, name if isinstance(name, Text) else _same(name))
    return told if entry.basis is None else _joined(told, _same(entry.basis))


def _made_up_for(entry: CalendarEntry) -> Text:
    on, told = f"{entry.date:%d.%m.%Y}", _told(entry)
    return Text(
        kk=f"{on} демалыс күніне түскен мереке үшін демалыс: {told.kk}",
        ru=f"выходной за праздник, который пришёлся на выходной {on}: {told.ru}",
        en=f"a day off for a holiday that fell on the weekend, {on}: {told.en}",
    )


def _joined(first: Text, second: Text) -> Text:
    return Text(kk=f"{first.kk}, {second.kk}", ru=f"{first.ru}, {second.ru}", en=f"{first.en}, {second.en}")


def _same(words: str) -> Text:
    """What is written in one language only, or in none."""
    return Text(kk=words, ru=words, en=words)
