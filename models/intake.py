"""What the commands of intake do to an application, at a counter and on the portal (R7, R8, R11-R19, R22)."""

from models.act import Act, did
from models.application import Application
from models.checks import Check
from models.data import local_iso
from models.journal import Detail, FactName
from models.messages import Accept, LookUp, RefuseIntake, Submit
from models.outbound import Form, NoticeKind
from models.package import examine
from models.regulation import ClockKind
from models.request import Request
from models.submission import told_refusals


def take_ticket(application: Application, act: Act) -> None:
    did(application, act, FactName.TICKET_TAKEN, _whose(application))
    application.start(ClockKind.WAITING, act.at, application.office)


def call(application: Application, act: Act) -> None:
    application.stop(ClockKind.WAITING, act.at, reached=True, cause=act.cause)
    application.hold(act.by, act.at)
    did(application, act, FactName.APPLICANT_CALLED)
    application.start(ClockKind.SERVICE, act.at, application.office)


def leave(application: Application, act: Act) -> None:
    """From the queue, or from the counter without handing anything in."""
    for kind in (ClockKind.WAITING, ClockKind.SERVICE):
        application.stop(kind, act.at, reached=False, cause=act.cause)
    application.let_go(act.at)
    did(application, act, FactName.APPLICANT_LEFT)


def look_up(application: Application, act: Act) -> None:
    message: LookUp = act.message
    application.keep_checks(message, act.checks, act.said)
    did(application, act, FactName.REGISTERS_LOOKED_UP, outcomes(act.checks))


def accept(application: Application, act: Act) -> None:
    message: Accept = act.message
    handed_in_at = message.handed_in_at or act.at
    application.stop(ClockKind.SERVICE, act.at, reached=True, cause=act.cause)
    application.let_go(act.at)
    application.start(ClockKind.PROCESSING, handed_in_at, application.provider)
    application.request = _request(application, message)
    application.forget_other_checks(application.request)
    application.registration_number = act.registration_number
    details: dict[str, Detail] = {
        "registration_number": act.registration_number,
        "handed_in_at": local_iso(handed_in_at),
        **_due(application),
        "children": len(message.children),
        "documents": len(message.documents),
        "gaps": _missing(application, message),
        **_originals(message),
    }
    application.attach_copies(application.request, act.by, act.at)
    did(application, act, FactName.APPLICATION_ACCEPTED, details)
    application.give_paper(Form.ACCEPTANCE_RECEIPT, act.at, {**details, "officer": act.by})


def refuse_intake(application: Application, act: Act) -> None:
    message: RefuseIntake = act.message
    application.stop(ClockKind.SERVICE, act.at, reached=True, cause=act.cause)
    application.let_go(act.at)
    application.request = _request(application, message)
    application.forget_other_checks(application.request)
    details: dict[str, Detail] = {"missing": _missing(application, message), **_originals(message)}
    did(application, act, FactName.INTAKE_REFUSED, details)
    # R19: SC gives the receipt of Annex 3; the text gives the provider none, so it gives a note.
    form = Form.REFUSAL_NOTE if application.chart.at_the_provider() else Form.REFUSAL_RECEIPT
    application.give_paper(form, act.at, {**details, "officer": act.by})


def attach(application: Application, act: Act) -> None:
    """A file is in the store: the application has it as one paper of its package."""
    kept = application.attach(act.message, act.by, act.at)
    details: dict[str, Detail] = {
        "document": kept.id,
        "kind": kept.kind,
        "child": kept.child,
        "sha256": kept.sha256,
    }
    did(application, act, FactName.DOCUMENT_ATTACHED, details)


def submit(application: Application, act: Act) -> None:
    """The request is handed in when it arrives; out of hours it counts from the next opening, both are kept."""
    message: Submit = act.message
    application.request, application.signature = _request(application, message), message.signature
    application.attach_copies(application.request, act.by, act.at)
    application.start(ClockKind.PROCESSING, act.at, application.provider)
    clock = application.clocks[ClockKind.PROCESSING]
    details: dict[str, Detail] = {
        **_whose(application),
        "received_at": local_iso(act.at),
        "counts_from": local_iso(clock.started_at),
        **_due(application),
        "children": len(message.children),
        "documents": len(message.documents),
    }
    did(application, act, FactName.APPLICATION_SUBMITTED, details)


def accept_submission(application: Application, act: Act) -> None:
    """R22: the cabinet learns that the request was accepted, and by which date and time the result is there."""
    application.registration_number = act.registration_number
    details: dict[str, Detail] = {
        "registration_number": act.registration_number,
        **_due(application),
    }
    did(application, act, FactName.APPLICATION_ACCEPTED, details)
    application.tell_applicant(NoticeKind.SUBMISSION_ACCEPTED, act.at, details)


def refuse_submission(application: Application, act: Act) -> None:
    application.stop(ClockKind.PROCESSING, act.at, reached=False, cause=act.cause)
    details = told_refusals(act.refusals)
    did(application, act, FactName.SUBMISSION_REFUSED, details)
    application.tell_applicant(NoticeKind.SUBMISSION_REFUSED, act.at, details)


def _originals(message: Request) -> dict[str, Detail]:
    """R14: how many papers were shown in the original, kept as a copy and given back, where each was recorded."""
    recorded = [paper.original for paper in message.documents if paper.original is not None]
    if not recorded:
        return {}
    return {
        "originals_shown": sum(one.shown for one in recorded),
        "copies_kept": sum(one.copy_kept for one in recorded),
        "originals_returned": sum(one.returned for one in recorded),
    }


def _due(application: Application) -> dict[str, Detail]:
    """By when the result is there, as receipt, journal and cabinet tell it; whether that can still move."""
    clock = application.clocks[ClockKind.PROCESSING]
    told: dict[str, Detail] = {"due_at": local_iso(clock.due_at)}
    return {**told, "provisional": True} if clock.provisional else told


def _whose(application: Application) -> dict[str, Detail]:
    """The first fact says whose journal it begins: no chain can pass for another's, however alike they are."""
    return {"application": application.opening.application, "office": application.opening.office}


def _request(application: Application, message: Request) -> Request:
    """The request alone, on the channel it really came in by, whatever the message says."""
    content = message.model_dump(include=set(Request.model_fields))
    return Request.model_validate(content | {"channel": application.opening.channel})


def _missing(application: Application, message: Request) -> list[str]:
    report = examine(message, application.opening.channel, application.rules.regulation)
    return [needed.label for needed in report.missing]


def outcomes(checks: tuple[Check, ...]) -> dict[str, Detail]:
    """How checks ended, by their keys, as a fact tells it."""
    return {check.key: check.label for check in checks}
