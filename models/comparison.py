"""The application beside a register's answer, field by field (R17). Pure: it asks nobody and changes nothing.

Names are compared as they are read, not as they are stored: letters of Latin that look like Cyrillic ones,
upper and lower case, kinds of hyphen and blank, and е for ё make no difference. A Kazakh letter and the Russian
one beside it do: Қ is not К.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
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


_LOOK_ALIKE = str.maketrans("ABCEHKMOPTXYaceopxyəƏɵƟiIhë", "АВСЕНКМОРТХУасеорхуәӘөӨіІһё")
_HYPHENS = re.compile(r"\s*[-\u2010-\u2015\u2212]\s*")
_BLANKS = re.compile(r"\s+")
_APOSTROPHES = re.compile(r"[\u2018\u2019\u02bc\u00b4`]")


def plain(name: str) -> str:
    """A name as it is compared."""
    text = unicodedata.normalize("NFC", name).translate(_LOOK_ALIKE)
    text = _APOSTROPHES.sub("'", _HYPHENS.sub("-", _BLANKS.sub(" ", text.strip())))
    return text.casefold().replace("ё", "е")


def person_beside(person: Person, entry: PersonEntry, *, life: bool = True) -> Iterator[FieldFinding]:
    """A person of the application beside the register's; somebody dead or missing differs from an applicant."""
    yield _field("iin", person.iin, entry.iin)
    for name in ("surname", "name", "patronymic"):
        yield _name(name, getattr(person, name), getattr(entry, name))
    yield _field("birth_date", person.birth_date, entry.birth_date)
    if life:
        yield _field("life_status", LifeStatus.ALIVE, entry.life_status)


def birth_beside(child: Person, guardian: Person | None, record: BirthRecord) -> Iterator[FieldFinding]:
    """The child beside the record of its birth; a guardian whom the record names as a parent differs."""
    yield from person_beside(child, record.child, life=False)
    if guardian is not None:
        parents = [parent for parent in (record.mother, record.father) if parent is not None]
        yield _apart("guardian", guardian, parents)


def guardianship_beside(
    child: Person, guardian: Person, appointment: Appointment | None, entry: Guardianship
) -> Iterator[FieldFinding]:
    """Guardian, child and decision beside the register; an appointment that has ended differs."""
    for prefix, person, said in (("guardian", guardian, entry.guardian), ("child", child, entry.child)):
        for finding in person_beside(person, said, life=False):
            yield FieldFinding(field=f"{prefix}_{finding.field}", verdict=finding.verdict)
    yield _apart("two_persons", guardian, [entry.child])
    given = appointment or Appointment()
    yield _name("decision_number", given.number, entry.decision_number)
    yield _field("decision_date", given.issued_on, entry.decision_date)
    yield FieldFinding(field="in_force", verdict=Verdict.DIFFERS if entry.ended_on else Verdict.AGREES)


def account_beside(iban: Iban, entry: AccountEntry) -> Iterator[FieldFinding]:
    """The account of the application beside what its bank says."""
    yield _field("iban", iban, entry.iban)
    yield _field("is_open", True, entry.is_open)


def differing(findings: Iterable[FieldFinding]) -> tuple[str, ...]:
    """The names of the fields that differ."""
    return tuple(finding.field for finding in findings if finding.verdict is Verdict.DIFFERS)


def _name(field: str, given: str | None, said: str | None) -> FieldFinding:
    return _field(field, plain(given or "") or None, plain(said or "") or None)


def _field(field: str, given: object, said: object) -> FieldFinding:
    if given is None or said is None:
        return FieldFinding(field=field, verdict=Verdict.NOT_GIVEN)
    return FieldFinding(field=field, verdict=Verdict.AGREES if given == said else Verdict.DIFFERS)


def _apart(field: str, guardian: Person, others: Iterable[PersonEntry]) -> FieldFinding:
    """That the guardian is none of those others: not by number, and not by names and birth date."""
    same = any(_is_same(guardian, other) for other in others)
    return FieldFinding(field=field, verdict=Verdict.DIFFERS if same else Verdict.AGREES)


def _is_same(one: Person, other: PersonEntry) -> bool:
    if other.iin is not None and other.iin == one.iin:
        return True
    verdicts = [finding.verdict for finding in person_beside(one, other, life=False) if finding.field != "iin"]
    return Verdict.DIFFERS not in verdicts and verdicts.count(Verdict.AGREES) >= _ENOUGH


_ENOUGH = 3
"""Of surname, name, patronymic and birth date, so many agree where the number is another, and none differs."""
