"""What no request may say, on whatever channel: unknown kinds of paper, and dates that lie ahead."""

from collections.abc import Iterator
from datetime import date

from models.package import unknown_kinds
from models.refusals import Refusal
from models.regulation import Regulation
from models.request import Request


def unknown_papers(request: Request, regulation: Regulation) -> Iterator[Refusal]:
    """Papers of a kind that the regulation file does not know."""
    for line in unknown_kinds(request, regulation):
        yield Refusal(code="unknown-document-kind", reason=line)


def dates_ahead(request: Request, today: date) -> Iterator[Refusal]:
    """Births and papers that lie in the future."""
    for place, person in enumerate((request.applicant, *request.children)):
        if person.birth_date > today:
            who = "applicant" if place == 0 else f"children.{place - 1}"
            yield Refusal(code="born-in-the-future", reason=f"{who}.birth_date lies in the future")
    for place, document in enumerate(request.documents):
        if document.issued_on is not None and document.issued_on > today:
            reason = f"documents.{place}.issued_on lies in the future"
            yield Refusal(code="issued-in-the-future", reason=reason)
