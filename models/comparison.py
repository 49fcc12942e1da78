"""The application beside a register's answer, field by field (R17). Pure: it asks nobody and changes nothing.

Names are compared as they are read, not as they are stored: letters of Latin that look like Cyrillic ones,
upper and lower case, kinds of hyphen and blank, and е for ё make no difference. A Kazakh letter and the Russian
one beside it do: Қ is not К.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from models.data import Data, Line
from models.identifiers import Iban
from models.registers import AccountEntry, BirthRecord, Guardianship, LifeStatus, PersonEntry
from models.request import Person


class Verdict(StrEnum):
    """What came of one field; `not_given`: one of the two sides does not say it."""

    AGREES = "agrees"
    DIFFERS = "differs"
    NOT_GIVEN = "not_given"


class FieldFinding(Data):
    """One field and its verdict. No values: those are personal, and stand beside it encrypted."""

    field: str
    verdict: Verdict


class Appointment(Data):
    """What the application says of the decision that appoints the guardian (document 3 of R11)."""

    number: Line | None = None
    issued_on: date | None = None


_LOOK_ALIKE = str.maketrans("ABCEHKMOPTXYaceopxyəƏɵƟiIhëË", "АВСЕНКМОРТХУасеорхуәӘөӨіІһёЁ")
_HYPHENS = re.compile(r"\s*[-\u2010-\u2015\u2212]\s*")
_BLANKS = re.compile(r"\s+")
_APOSTROPHES = re.compile(r"[\u2018\u2019\u02bc\u00b4`]")


def plain(name: str) -> str:
    """A name as it is compared; twice over, as a letter may look like another one only in lower case."""
    return _once(_once(name))


def _once(name: str) -> str:
    text = unicodedata.normalize("NFC", name).translate(_LOOK_ALIKE)
    text = _APOSTROPHES.sub("'", _HYPHENS.sub("-", _BLANKS.sub(" ", text.strip())))
    return text.casefold().replace("ё", "е")


@dataclass(frozen=True)
class Beside:
    """One field of the application beside the register's: both values, which are personal, and the verdict."""

    field: str
    given: object
    said: object
    verdict: Verdict


def person_beside(person: Person, entry: PersonEntry, *, life: bool = True, prefix: str = "") -> Iterator[Beside]:
    """A person of the application beside the register's; somebody dead or missing differs from an applicant."""
    yield _field(f"{prefix}iin", person.iin, entry.iin)
    for name in ("surname", "name", "patronymic"):
        yield _name(prefix + name, getattr(person, name), getattr(entry, name))
    yield _field(f"{prefix}birth_date", person.birth_date, entry.birth_date)
    if life:
        yield _field("life_status", LifeStatus.ALIVE, entry.life_status)


def birth_beside(child: Person, guardian: Person | None, record: BirthRecord) -> Iterator[Beside]:
    """The child beside the record of its birth; a guardian whom the record names as a parent differs."""
    yield from person_beside(child, record.child, life=False)
    if guardian is not None:
        yield _apart("not_a_parent", guardian, [record.mother, record.father])


def guardianship_beside(
    child: Person, guardian: Person, appointment: Appointment | None, entry: Guardianship
) -> Iterator[Beside]:
    """Guardian, child and decision beside the register; an appointment that has ended differs."""
    yield from person_beside(guardian, entry.guardian, life=False, prefix="guardian_")
    yield from person_beside(child, entry.child, life=False, prefix="child_")
    yield _apart("not_the_child", guardian, [entry.child])
    given = appointment or Appointment()
    yield _name("decision_number", given.number, entry.decision_number)
    yield _field("decision_date", given.issued_on, entry.decision_date)
    yield Beside("in_force", None, entry.ended_on, Verdict.DIFFERS if entry.ended_on else Verdict.AGREES)


def account_beside(iban: Iban, entry: AccountEntry) -> Iterator[Beside]:
    """The account of the application beside what its bank says."""
    yield _field("iban", iban, entry.iban)
    yield _field("is_open", True, entry.is_open)


def _name(field: str, given: str | None, said: str | None) -> Beside:
    verdict = _verdict(plain(given or "") or None, plain(said or "") or None)
    return Beside(field, given, said, verdict)


def _field(field: str, given: object, said: object) -> Beside:
    return Beside(field, given, said, _verdict(given, said))


def _verdict(given: object, said: object) -> Verdict:
    if given is None or said is None:
        return Verdict.NOT_GIVEN
    return Verdict.AGREES if given == said else Verdict.DIFFERS


def _apart(field: str, guardian: Person, others: Iterable[PersonEntry | None]) -> Beside:
    """That the guardian is none of those others: not by number, and not by names and birth date."""
    known = [other for other in others if other is not None]
    same = any(_is_same(guardian, other) for other in known)
    said = ", ".join(other.iin for other in known if other.iin)
    return Beside(field, guardian.iin, said, Verdict.DIFFERS if same else Verdict.AGREES)


def _is_same(one: Person, other: PersonEntry) -> bool:
    if other.iin is not None and other.iin == one.iin:
        return True
    verdicts = [beside.verdict for beside in person_beside(one, other, life=False) if beside.field != "iin"]
    return Verdict.DIFFERS not in verdicts and verdicts.count(Verdict.AGREES) >= _ENOUGH


_ENOUGH = 3
"""Of surname, name, patronymic and birth date, so many agree where the number is another, and none differs."""
