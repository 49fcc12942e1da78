"""What is printed of the intake: the application (Annex 2), the receipts and the refusal (R11, R15, R18, R19)."""

from datetime import datetime

from desk.printing.lines import (
    all_papers,
    appointments,
    attachments,
    full_name,
    missing_lines,
    papers_of,
    person_line,
)
from desk.printing.source import Source
from models.lifecycle import Channel
from models.sheet import (
    AcceptanceReceiptSheet,
    ApplicantLine,
    ApplicationSheet,
    RefusalSheet,
    SignatureLine,
)

_CHILD_NOT_FREE = "child-has-open-application"


def application_sheet(source: Source) -> ApplicationSheet:
    applicant, account = source.request.applicant, source.request.account
    shown = papers_of(source, source.regulation.identity_documents())
    return ApplicationSheet(
        body=source.told(source.provider.name),
        registration_number=source.registration_number,
        handed_in_at=source.handed_in_at,
        applicant=ApplicantLine(
            **person_line(applicant).model_dump(), address=applicant.address, phone=applicant.phone
        ),
        identity_document=shown[0] if shown else None,
        children=tuple(person_line(child) for child in source.request.children),
        appointments=appointments(source),
        iban=account.iban if account else None,
        bank=account.bank if account else None,
        papers=attachments(source),
        signature=_signature(source),
        is_electronic=source.record.application.channel is Channel.PORTAL,
    )


def _signature(source: Source) -> SignatureLine | None:
    """Of a request through the portal (R15), where it was found good: nothing signed by somebody else was
    accepted, and whether a child is free is asked only of what is signed well."""
    part = source.record.application
    is_good = part.registration_number is not None or set(source.fact.details) == {_CHILD_NOT_FREE}
    if part.channel is not Channel.PORTAL or not is_good or source.reader.signature(part.application) is None:
        return None
    return SignatureLine(signer=full_name(source.request.applicant), signed_at=source.handed_in_at)


def acceptance_receipt_sheet(source: Source) -> AcceptanceReceiptSheet:
    details = source.fact.details
    office, applicant = source.told(source.office.name), source.request.applicant
    return AcceptanceReceiptSheet(
        registration_number=source.registration_number or source.document.number,
        accepted_at=source.handed_in_at,
        due_at=datetime.fromisoformat(str(details["due_at"])),
        provisional=bool(details.get("provisional", False)),
        office=office,
        issued_at=office,
        officer=source.post(source.fact.by),
        applicant=full_name(applicant),
        phone=applicant.phone,
        papers=all_papers(source),
        gaps=missing_lines(source),
    )


def refusal_sheet(source: Source) -> RefusalSheet:
    applicant = source.request.applicant
    return RefusalSheet(
        refused_at=source.document.at,
        office=source.told(source.office.name),
        officer=source.post(source.fact.by),
        applicant=full_name(applicant),
        address=applicant.address,
        phone=applicant.phone,
        missing=missing_lines(source),
    )
