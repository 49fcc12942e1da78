"""The head's signature: what is signed is the decision's own text, as it was drafted (R20)."""

from collections.abc import Iterator

from models.application import Application
from models.data import canonical
from models.decision import Draft
from models.messages import Approve
from models.refusals import Refusal
from models.regulation import Regulation
from models.request import Request
from models.signature import SignatureFinding
from models.submission import by_flaw


def decision_number(registration_number: str | None, draft: Draft) -> str:
    """The number of a decision, known as soon as it is drafted."""
    return f"{registration_number}-{draft.number}"


def decision_text(registration_number: str | None, draft: Draft, request: Request) -> str:
    """What the head signs: canonical JSON of the draft and of whom it is about, under the decision's number.

    A signature over one draft is none over the next. The printed form cannot be what is signed: it tells who
    has signed, and when.
    """
    content = {
        "decision": decision_number(registration_number, draft),
        "draft": draft.model_dump(mode="json"),
        "applicant": request.applicant.model_dump(mode="json"),
        "children": [child.model_dump(mode="json") for child in request.children],
    }
    return canonical(content)


def text_to_approve(application: Application) -> str | None:
    """The text of the draft as it stands; None where there is nothing to approve."""
    if application.request is None or not application.drafts:
        return None
    return decision_text(application.registration_number, application.drafts[-1], application.request)


def without_signature(message: Approve, regulation: Regulation) -> Iterator[Refusal]:
    """R20: the regulation file says whether an approval has to be signed."""
    if message.signature is None and regulation.switches.approval_needs_signature:
        yield Refusal(
            code="no-signature",
            reason="the decision is not signed with the head's digital signature",
            requirement="R20",
        )


def by_approver(finding: SignatureFinding, by: str) -> Iterator[Refusal]:
    """The signature is valid for this decision, and of a person who may sign for the post that approves."""
    if not finding.valid:
        yield by_flaw(finding, "R20")
    elif by not in finding.posts:
        reason = f"whoever signed the decision may not sign for {by}"
        yield Refusal(code="signature-of-another", reason=reason, requirement="R20")
