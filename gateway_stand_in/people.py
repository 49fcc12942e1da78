"""Whom the registers know: everybody whose IIN is valid, as a synthetic person; and what a file says otherwise."""

from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from adapters.registers.synthetic import birth_of, person_of
from adapters.yaml_text import parsed
from gateway_stand_in.behaviours import Told
from models.data import Data
from models.errors import MalformedError
from models.identifiers import Iin
from models.registers import AccountEntry, BirthRecord, Guardianship, LifeStatus, PersonEntry

EXAMPLES = Path(__file__).with_name("people.yaml")


class OtherBirth(Data):
    """What of the record of a birth is otherwise; a parent that is null is not named in it."""

    act_number: str = ""
    act_date: date | None = None
    mother: PersonEntry | None = None
    father: PersonEntry | None = None


class OtherGuardianship(Data):
    """What of the appointment for a child is otherwise."""

    decision_number: str | None = None
    decision_date: date | None = None
    ended_on: date | None = None


class OtherAccount(Data):
    """What of somebody's accounts is otherwise."""

    is_open: bool = True
    bank: str | None = None


class Known(Data):
    """What is told of one IIN. What is left out is as it is for everybody; what is null, the register has not."""

    person: PersonEntry | None = None
    birth: OtherBirth | None = None
    guardianship: OtherGuardianship | None = None
    account: OtherAccount | None = None
    behaviour: Told | None = None


class People(Data):
    """The file, by IIN."""

    people: dict[Iin, Known] = Field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> "People":
        """MalformedError for a file that is none, with the places that are wrong."""
        try:
            content = parsed(path.read_text(encoding="utf-8"), str(path))
            return cls.model_validate(content)
        except (OSError, UnicodeDecodeError) as error:
            raise MalformedError(f"--people: {path} cannot be read ({type(error).__name__})") from error
        except ValidationError as error:
            fields = [(".".join(map(str, one["loc"])), one["msg"]) for one in error.errors(include_input=False)]
            raise MalformedError(f"--people: {path} is no file of people, see {EXAMPLES.name}", fields) from error

    @cached_property
    def behaviours(self) -> dict[str, Told]:
        return {iin: known.behaviour for iin, known in self.people.items() if known.behaviour is not None}

    def person(self, iin: str) -> PersonEntry:
        entry = person_of(iin).entry().model_copy(update={"life_status": LifeStatus.ALIVE})
        return _changed(entry, self._of(iin).person)

    def birth(self, iin: str) -> BirthRecord | None:
        """Of everybody there is one, unless the file says null."""
        if self._has_not(iin, "birth"):
            return None
        record = birth_of(iin)
        child = self.person(iin).model_copy(update={"life_status": None})
        return _changed(record, self._of(iin).birth).model_copy(update={"child": child})

    def guardianship(self, guardian: str, child: str) -> Guardianship | None:
        """Every guardian is appointed for every child, by a decision that the child's IIN tells."""
        if self._has_not(child, "guardianship"):
            return None
        given = Guardianship(
            guardian=self.person(guardian),
            child=self.person(child),
            decision_number=f"А-{child[7:11]}/{child[:2]}",
            decision_date=person_of(child).birth_date,
        )
        return _changed(given, self._of(child).guardianship)

    def account(self, iin: str, iban: str) -> AccountEntry | None:
        """Every account is the person's own, and open; null: none is theirs."""
        if self._has_not(iin, "account"):
            return None
        return _changed(AccountEntry(iban=iban, is_open=True, bank="Үлгі банк"), self._of(iin).account)

    def _of(self, iin: str) -> Known:
        return self.people.get(iin) or Known()

    def _has_not(self, iin: str, record: str) -> bool:
        known = self._of(iin)
        return record in known.model_fields_set and getattr(known, record) is None


def _changed(entry: Any, other: Data | None) -> Any:
    """An entry with what the file says otherwise; null takes a value away."""
    if other is None:
        return entry
    return entry.model_copy(update={name: getattr(other, name) for name in other.model_fields_set})
