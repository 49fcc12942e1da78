"""Synthetic people: a person for every IIN, and IINs for the people that trials and tests need."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

from models.identifiers import iban_remainder, iin_birth_date, iin_check_digit
from models.registers import BirthRecord, PersonEntry

_FILE = Path(__file__).with_name("synthetic_people.yaml")
_MASCULINE = "135"


@cache
def _people() -> dict[str, Any]:
    return yaml.safe_load(_FILE.read_text(encoding="utf-8"))


def serial_of(behaviour: str) -> str:
    """The serial digits of IINs for which the stand-ins are `unknown`, `differs`, `silent` or `slow`."""
    return _people()["serials"][behaviour]


def behaviour_of(iin: str) -> str | None:
    """How the stand-ins behave for an IIN; None: they know the person and agree."""
    return next((name for name, serial in _people()["serials"].items() if serial == iin[7:11]), None)


def make_iin(birth_date: date, random: Random, *, masculine: bool, serial: str | None = None) -> str:
    """A valid IIN for a birth date; with `serial`, one for which the stand-ins behave in that way."""
    century = (birth_date.year // 100 - 18) * 2 + (1 if masculine else 2)
    while True:
        digits = serial or f"{random.randrange(1, 9000):04d}"
        first = f"{birth_date:%y%m%d}{century}{digits}"
        check = iin_check_digit(first)
        if check is not None:
            return f"{first}{check}"
        if serial is not None:
            raise ValueError(f"no IIN of {birth_date} has the serial {serial}; take another day")


@dataclass(frozen=True)
class SyntheticPerson:
    """Name and birth date that belong to an IIN."""

    iin: str
    surname: str
    name: str
    patronymic: str
    birth_date: date

    def entry(self) -> PersonEntry:
        return PersonEntry(
            iin=self.iin,
            surname=self.surname,
            name=self.name,
            patronymic=self.patronymic,
            birth_date=self.birth_date,
        )


def person_of(iin: str) -> SyntheticPerson:
    """The person with an IIN: always the same."""
    birth_date = iin_birth_date(iin)
    if birth_date is None:
        raise ValueError("the IIN has no birth date")
    random = Random(iin)  # noqa: S311 - a name for a synthetic person is no secret
    masculine = iin[6] in _MASCULINE
    column = 0 if masculine else 1
    people = _people()
    return SyntheticPerson(
        iin=iin,
        surname=random.choice(people["surnames"])[column],
        name=random.choice(people["names_masculine" if masculine else "names_feminine"]),
        patronymic=random.choice(people["patronymics"])[column],
        birth_date=birth_date,
    )


def birth_of(iin: str) -> BirthRecord:
    """The record of the birth of the person with an IIN, with two parents: always the same."""
    child, random = person_of(iin), Random(f"birth {iin}")  # noqa: S311 - as above
    mother, father = (_parent(child, random, masculine=masculine) for masculine in (False, True))
    return BirthRecord(
        act_number=f"10-351-{child.birth_date:%y}-{random.randrange(10_000_000):07d}",
        act_date=child.birth_date + timedelta(days=random.randrange(3, 30)),
        child=child.entry(),
        mother=mother.entry(),
        father=father.entry(),
    )


def _parent(child: SyntheticPerson, random: Random, *, masculine: bool) -> SyntheticPerson:
    born = child.birth_date - timedelta(days=random.randrange(20 * 366, 40 * 366))
    parent = person_of(make_iin(born, random, masculine=masculine))
    pairs = {name: pair for pair in _people()["surnames"] for name in pair}
    return replace(parent, surname=pairs[child.surname][0 if masculine else 1])


def make_iban(random: Random) -> str:
    """A valid Kazakh IBAN of a bank that does not exist (code 999)."""
    account = f"999{random.randrange(10**13):013d}"
    check = 98 - iban_remainder(f"KZ00{account}")
    return f"KZ{check:02d}{account}"
