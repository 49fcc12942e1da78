"""What the cabinet was told: accepted, with when the result will be; published, with when it was (R16, R22)."""

from datetime import datetime

from desk.printing.lines import full_name
from desk.printing.refused_request import reasons_of
from desk.printing.source import Source
from models.errors import JournalConflictError
from models.journal import Detail
from models.messages import APPLICANT
from models.outbound import Notice, NoticeKind
from models.sheet import NoticeSheet


def notice_sheet(source: Source) -> NoticeSheet:
    notice = _notice(source)
    details = notice.details
    decision = details.get("decision")
    return NoticeSheet(
        kind=notice.kind,
        registration_number=source.registration_number,
        applicant=full_name(source.request.applicant),
        told_at=notice.at,
        due_at=_instant(details.get("due_at")),
        published_at=_instant(details.get("published_at")),
        provisional=bool(details.get("provisional", False)),
        decision=decision if isinstance(decision, str) else None,
        office=source.told(source.provider.name),
        reasons=reasons_of(source) if notice.kind is NoticeKind.SUBMISSION_REFUSED else (),
    )


def _notice(source: Source) -> Notice:
    for notice in source.record.application.notices:
        if notice.recipient == APPLICANT and notice.fact == source.document.fact:
            return notice
    raise JournalConflictError(f"fact {source.document.fact} told the cabinet nothing")


def _instant(said: Detail) -> datetime | None:
    return datetime.fromisoformat(said) if isinstance(said, str) else None
