"""Takes the fields of a register's answer from its elements; what cannot be read is no answer."""

import re
from datetime import UTC, date, datetime

from adapters.gateway.faults import refused
from adapters.gateway.xml_text import Element, text_of
from models.data import local_day
from models.identifiers import check_iin
from models.registers import LifeStatus, PersonEntry

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(Z|[+-]\d{2}:\d{2})?", re.ASCII)
_LONGEST = 500

PROCESSED = frozenset({None, "0", "00", "00000"})
"""Codes of a result that say no more than that the register did its work; 00000 is the register of persons'."""


def only(parent: Element, name: str) -> Element | None:
    """The one element of this name in no namespace, or None; one that stands twice could be read either way."""
    found = parent.findall(name)
    if len(found) > 1:
        raise refused("answer-not-understood")
    return found[0] if found else None


def text(parent: Element, name: str) -> str | None:
    """None for an element that is empty or away; what is longer than any name or number is no answer."""
    written = text_of(only(parent, name))
    if written is not None and len(written) > _LONGEST:
        raise refused("answer-not-understood")
    return written


def code(parent: Element, name: str) -> str | None:
    """The code of an entry of a directory, {code, nameRu, nameKz, changeDate}, as it is written."""
    entry = only(parent, name)
    return None if entry is None else text(entry, "code")


def day(parent: Element, name: str) -> date | None:
    """A date as xs:date writes it, or xs:dateTime: the day as it is written, or the one in Karaganda where a
    time is told in UTC. An offset is no matter: the country's has changed, and programs write today's."""
    written = text(parent, name)
    if written is None:
        return None
    try:
        if _DAY.fullmatch(written):
            return date.fromisoformat(written[:10])
        at = datetime.fromisoformat(written)
    except ValueError:
        raise refused("answer-not-understood") from None
    try:
        return local_day(at) if at.tzinfo is UTC else at.date()
    except OverflowError:  # the last evening that a calendar has: somebody means that it never ends
        return at.date()


def iin(parent: Element, name: str) -> str | None:
    """None where the register knows none; one that cannot be right is no answer."""
    written = text(parent, name)
    if written is None:
        return None
    try:
        return check_iin(written)
    except ValueError:
        raise refused("answer-not-understood") from None


def person(
    parent: Element, names: tuple[str, str, str, str, str], life_status: LifeStatus | None = None
) -> PersonEntry:
    """A person, by what this register calls IIN, surname, name, patronymic and the date of birth."""
    number, surname, name, patronymic, birth_date = names
    return PersonEntry(
        iin=iin(parent, number),
        surname=text(parent, surname),
        name=text(parent, name),
        patronymic=text(parent, patronymic),
        birth_date=day(parent, birth_date),
        life_status=life_status,
    )


def check_same(asked: str, told: str | None) -> None:
    """RegisterRefusedError `answer-about-another` where the answer is not about what was asked."""
    if told != asked:
        raise refused("answer-about-another")
