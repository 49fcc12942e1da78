"""What a sheet is composed from: the document on record, the request, and the rules it was opened under."""

from dataclasses import dataclass
from datetime import datetime

from adapters.database.reader import RecordReader
from models.data import Text
from models.errors import RefusedError
from models.journal import Fact, FactName
from models.library import UnknownRulesError
from models.outbound import Form
from models.papers import Issued, OnRecord
from models.refusals import Refusal
from models.regulation import Office, Regulation
from models.request import Request
from models.sheet import Language


@dataclass(frozen=True)
class Source:
    """One document in one language. Names come from the regulation, in that language."""

    reader: RecordReader
    record: OnRecord
    document: Issued
    request: Request
    regulation: Regulation
    office_code: str
    language: Language

    def told(self, text: Text) -> str:
        return text.kk if self.language == "kk" else text.ru

    @property
    def office(self) -> Office:
        """Where the application came in."""
        return self._office(self.office_code)

    @property
    def provider(self) -> Office:
        """Who decides it, and stores its result."""
        return self._office(self.office.decided_by)

    def _office(self, code: str) -> Office:
        office = self.regulation.office(code)
        if office is None:
            raise UnknownRulesError(f"regulation {self.regulation.code} has no office {code}")
        return office

    def post(self, officer: str) -> str:
        """An officer's post; whoever is none, by code."""
        found = self.regulation.officer(officer)
        return officer if found is None else self.told(found.post)

    @property
    def fact(self) -> Fact:
        """The fact that gave the document."""
        part = next(one for one in self.record.parts if one.application == self.document.application)
        return next(fact for fact in part.facts if fact.number == self.document.fact)

    @property
    def registration_number(self) -> str | None:
        return self.record.application.registration_number

    @property
    def handed_in_at(self) -> datetime:
        """When the documents were handed in (R5): at a counter maybe before the command, on the portal before
        the process accepted them."""
        for fact in self.record.application.facts:
            match fact.fact:
                case FactName.APPLICATION_SUBMITTED:
                    return fact.at
                case FactName.APPLICATION_ACCEPTED | FactName.INTAKE_REFUSED:
                    said = fact.details.get("handed_in_at")
                    return datetime.fromisoformat(said) if isinstance(said, str) else fact.at
                case _:
                    continue
        return self.document.at

    def kinds_of(self, item: str) -> frozenset[str]:
        """The kinds of paper that satisfy an item of the package."""
        items = (one for one in self.regulation.package if one.item == item)
        return frozenset(kind.kind for one in items for kind in one.kinds)


def erased(form: Form) -> RefusedError:
    """What is refused where the personal data that would stand in a document are gone for good."""
    reason = f"the personal data that stand in the {form} were erased: it can be printed no more"
    return RefusedError([Refusal(code="personal-data-erased", reason=reason)])
