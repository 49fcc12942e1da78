"""Whether a document that was given is still in force, and why not (R9, R18-R22)."""

from datetime import date

from models.data import Data
from models.decision import Verdict
from models.journal import FactName
from models.lifecycle import Stage
from models.messages import APPLICANT
from models.outbound import Form, NoticeKind
from models.papers import REFUSALS, Issued, OnRecord, issued

_NOT_ACCEPTED = frozenset({FactName.INTAKE_REFUSED, FactName.SUBMISSION_REFUSED})
_OF_THE_DATE = frozenset({NoticeKind.SUBMISSION_ACCEPTED, NoticeKind.DUE_DATE_MOVED, NoticeKind.RESULT_PUBLISHED})
"""Notices of one matter: when the result is there. The latest of them holds."""


class Standing(Data):
    """Whether a document is in force; `code` is for programs, `reason` for people."""

    in_force: bool
    code: str
    reason: str


IN_FORCE = Standing(in_force=True, code="in-force", reason="it is in force")
CODES = ("withdrawn", "not-accepted", "result-given", "not-the-decision", "period-ended", "recalled", "replaced")
"""Why a document is in force no longer."""


def standing(record: OnRecord, document: Issued, on: date) -> Standing:
    """How a document of an application stands on a day.

    A receipt holds until the result is collected; the application until it is withdrawn; a refusal for good; a
    decision until the last day of its last period; a storage list until the result is recalled; a notice of the
    date until a later one.
    """
    if document.form in REFUSALS:
        return IN_FORCE
    match document.form:
        case Form.DECISION:
            return _of_decision(record, document, on)
        case Form.STORAGE_LIST:
            return _of_storage_list(record, document)
        case Form.NOTICE:
            return _of_notice(record, document)
        case Form.APPLICATION:
            return _of_application(record, document)
        case _:
            return _of_receipt(record)


def _no(code: str, reason: str) -> Standing:
    return Standing(in_force=False, code=code, reason=reason)


_WITHDRAWN = _no("withdrawn", "the application was withdrawn")


def _of_application(record: OnRecord, document: Issued) -> Standing:
    facts = {fact.number: fact.fact for fact in record.application.facts}
    if facts.get(document.fact) in _NOT_ACCEPTED:
        return _no("not-accepted", "the application was not accepted")
    return _WITHDRAWN if record.stage is Stage.WITHDRAWN else IN_FORCE


def _of_receipt(record: OnRecord) -> Standing:
    if record.stage in (Stage.COLLECTED, Stage.PUBLISHED):
        return _no("result-given", "the result was handed out")
    return _WITHDRAWN if record.stage is Stage.WITHDRAWN else IN_FORCE


def _of_decision(record: OnRecord, document: Issued, on: date) -> Standing:
    decision = record.application.decision
    if decision is None or decision.number != document.number:
        return _no("not-the-decision", "the application has another decision")
    if decision.draft.verdict is Verdict.REFUSE or not decision.draft.grants:
        return IN_FORCE
    last = max(grant.ends_on for grant in decision.draft.grants)
    if on > last:
        return _no("period-ended", f"its last period ended on {last:%d.%m.%Y}")
    return IN_FORCE


def _of_storage_list(record: OnRecord, document: Issued) -> Standing:
    places = [part.application for part in record.parts]
    if places.index(document.application) < len(places) - 1:
        return _no("recalled", "the result was brought out of storage again")
    return IN_FORCE


def _of_notice(record: OnRecord, document: Issued) -> Standing:
    kinds = {one.fact: one.kind for one in record.application.notices if one.recipient == APPLICANT}
    if kinds[document.fact] not in _OF_THE_DATE:
        return IN_FORCE
    notices = [one for one in issued(record) if one.form is Form.NOTICE and kinds[one.fact] in _OF_THE_DATE]
    if notices[-1] != document:
        return _no("replaced", "a later notice tells another date")
    return _WITHDRAWN if record.stage is Stage.WITHDRAWN else IN_FORCE
