"""What each command does to an application. Whether it may be done is said in `models/rules.py`."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from models.application import Application
from models.checks import Check
from models.data import ALMATY, Data, Instant, local_day
from models.decision import Decision, Draft, Grant, Verdict
from models.journal import Detail, FactName
from models.lifecycle import Command
from models.messages import (
    Accept,
    Collect,
    HandOver,
    LookUp,
    PrepareDecision,
    Reassign,
    RefuseIntake,
    ReturnDraft,
    Withdraw,
)
from models.outbound import Form
from models.package import examine
from models.regulation import ClockKind
from models.request import Request


class Act(Data):
    """One command being carried out: by whom, when, through which update, and what the world answered."""

    command: Command
    by: str
    at: Instant
    cause: str
    message: Any = None
    registration_number: str | None = None
    checks: tuple[Check, ...] = ()


def carry_out(application: Application, act: Act) -> None:
    """Do what the command says: move, stop and start clocks, write the facts."""
    _EFFECTS[act.command](application, act)


def _did(application: Application, act: Act, fact: FactName, details: dict[str, Detail] | None = None) -> None:
    application.move(act.command, fact, by=act.by, at=act.at, cause=act.cause, details=details)


# Intake (R7, R8, R11-R14, R17-R19).


def _take_ticket(application: Application, act: Act) -> None:
    _did(application, act, FactName.TICKET_TAKEN, {"office": application.opening.office})
    application.start(ClockKind.WAITING, act.at, application.office)


def _call(application: Application, act: Act) -> None:
    application.stop(ClockKind.WAITING, act.at, reached=True, cause=act.cause)
    _did(application, act, FactName.APPLICANT_CALLED)
    application.start(ClockKind.SERVICE, act.at, application.office)


def _leave(application: Application, act: Act) -> None:
    application.stop(ClockKind.WAITING, act.at, reached=False, cause=act.cause)
    _did(application, act, FactName.APPLICANT_LEFT)


def _look_up(application: Application, act: Act) -> None:
    message: LookUp = act.message
    application.keep_checks(message, act.checks)
    _did(application, act, FactName.REGISTERS_LOOKED_UP, _outcomes(act.checks))


def _accept(application: Application, act: Act) -> None:
    message: Accept = act.message
    handed_in_at = message.handed_in_at or act.at
    application.stop(ClockKind.SERVICE, act.at, reached=True, cause=act.cause)
    application.start(ClockKind.PROCESSING, handed_in_at, application.provider)
    application.request = _request(application, message)
    application.forget_other_checks(application.request)
    application.registration_number = act.registration_number
    details: dict[str, Detail] = {
        "registration_number": act.registration_number,
        "handed_in_at": handed_in_at.astimezone(ALMATY).isoformat(),
        "due_at": application.clocks[ClockKind.PROCESSING].due_at.astimezone(ALMATY).isoformat(),
        "children": len(message.children),
        "documents": len(message.documents),
        "gaps": _missing(application, message),
    }
    _did(application, act, FactName.APPLICATION_ACCEPTED, details)
    application.give_paper(Form.ACCEPTANCE_RECEIPT, act.at, {**details, "officer": act.by})


def _refuse_intake(application: Application, act: Act) -> None:
    message: RefuseIntake = act.message
    application.stop(ClockKind.SERVICE, act.at, reached=True, cause=act.cause)
    application.request = _request(application, message)
    details: dict[str, Detail] = {"missing": _missing(application, message)}
    _did(application, act, FactName.INTAKE_REFUSED, details)
    # R19: SC gives the receipt of Annex 3; the text gives the provider none, so it gives a note.
    form = Form.REFUSAL_NOTE if application.chart.at_the_provider() else Form.REFUSAL_RECEIPT
    application.give_paper(form, act.at, {**details, "officer": act.by})


def _request(application: Application, message: Request) -> Request:
    """The request alone, on the channel it really came in by, whatever the message says."""
    content = message.model_dump(include=set(Request.model_fields))
    return Request.model_validate(content | {"channel": application.opening.channel})


def _missing(application: Application, message: Request) -> list[str]:
    report = examine(message, application.opening.channel, application.rules.regulation)
    return [needed.label for needed in report.missing]


def _outcomes(checks: tuple[Check, ...]) -> dict[str, Detail]:
    return {check.key: check.outcome for check in checks}


# Verification and decision (R17, R20).


def _verify(application: Application, act: Act) -> None:
    if application.request is not None:
        application.keep_checks(application.request, act.checks)
    _did(application, act, FactName.APPLICATION_VERIFIED, _outcomes(tuple(application.checks.values())))


def _ask_again(application: Application, act: Act) -> None:
    if application.request is not None:
        application.keep_checks(application.request, act.checks)
    _did(application, act, FactName.REGISTERS_ASKED_AGAIN, _outcomes(act.checks))


def _take(application: Application, act: Act) -> None:
    application.hold(act.by, act.at)
    _did(application, act, FactName.FILE_TAKEN)


def _release(application: Application, act: Act) -> None:
    held_by = application.holder
    application.let_go(act.at)
    _did(application, act, FactName.FILE_RELEASED, {"held_by": held_by})


def _reassign(application: Application, act: Act) -> None:
    message: Reassign = act.message
    application.hold(message.to, act.at)
    _did(application, act, FactName.FILE_REASSIGNED, {"to": message.to})


def _prepare_decision(application: Application, act: Act) -> None:
    message: PrepareDecision = act.message
    draft = Draft(
        number=len(application.drafts) + 1,
        verdict=message.verdict,
        grants=tuple(grants(application, message, act.at)),
        grounds=message.grounds,
        prepared_by=act.by,
        prepared_at=act.at,
    )
    application.drafts.append(draft)
    application.let_go(act.at)
    _did(
        application,
        act,
        FactName.DECISION_PREPARED,
        {"draft": draft.number, "verdict": draft.verdict, "grounds": list(draft.grounds)},
    )
    for terms in message.children:
        application.remark(terms.reason)


def grants(application: Application, message: PrepareDecision, at: datetime) -> list[Grant]:
    """What each child is granted: the policy's amount of the year, unless the specialist gave another."""
    if message.verdict is Verdict.REFUSE or message.period is None or application.request is None:
        return []
    policy = application.rules.regulation.amount.monthly(local_day(at).year)
    special = {terms.child: terms for terms in message.children}
    result: list[Grant] = []
    for number in range(1, len(application.request.children) + 1):
        terms = special.get(number)
        period = (terms.period if terms else None) or message.period
        result.append(
            Grant.model_validate(
                {
                    "child": number,
                    "monthly_amount": (terms.monthly_amount if terms else None) or policy,
                    "starts_on": period.starts_on,
                    "ends_on": period.ends_on,
                }
            )
        )
    return result


def _return_draft(application: Application, act: Act) -> None:
    draft = application.drafts[-1]
    application.hold(draft.prepared_by, act.at)
    details: dict[str, Detail] = {"draft": draft.number, "to": draft.prepared_by}
    _did(application, act, FactName.DRAFT_RETURNED, details)
    message: ReturnDraft = act.message
    application.remark(message.reason)


def _approve(application: Application, act: Act) -> None:
    draft = application.drafts[-1]
    application.decision = Decision(
        number=f"{application.registration_number}-{draft.number}",
        draft=draft,
        approved_by=act.by,
        approved_at=act.at,
    )
    application.let_go(act.at)
    details: dict[str, Detail] = {
        "decision": application.decision.number,
        "verdict": draft.verdict,
        "grounds": list(draft.grounds),
        "amounts": [str(grant.monthly_amount) for grant in draft.grants],
    }
    _did(application, act, FactName.DECISION_APPROVED, details)
    application.give_paper(Form.DECISION, act.at, {**details, "prepared_by": draft.prepared_by})


def _withdraw(application: Application, act: Act) -> None:
    application.stop(ClockKind.PROCESSING, act.at, reached=False, cause=act.cause)
    application.let_go(act.at)
    _did(application, act, FactName.APPLICATION_WITHDRAWN)
    message: Withdraw = act.message
    application.remark(message.reason)


# The way of the result (R5, R9, R21).


def _deliver(application: Application, act: Act) -> None:
    application.stop(ClockKind.PROCESSING, act.at, reached=True, cause=act.cause)
    _did(application, act, FactName.RESULT_DELIVERED)
    application.start(ClockKind.RETENTION, act.at, application.office)


def _collect(application: Application, act: Act) -> None:
    message: Collect = act.message
    application.stop(ClockKind.RETENTION, act.at, reached=False, cause=act.cause)
    _did(application, act, FactName.RESULT_COLLECTED, {"collected_by": message.collected_by})


def _retention_ends(application: Application, act: Act) -> None:
    application.stop(ClockKind.RETENTION, act.at, reached=True, cause=act.cause)
    _did(application, act, FactName.RETENTION_ENDED)


def _hand_over(application: Application, act: Act) -> None:
    message: HandOver = act.message
    details: dict[str, Detail] = {"list": message.list_number, "received_by": message.received_by}
    _did(application, act, FactName.RESULT_HANDED_OVER, details)
    application.give_paper(Form.STORAGE_LIST, act.at, {**details, "handed_over_by": act.by})


def _keep(application: Application, act: Act) -> None:
    _did(application, act, FactName.RESULT_KEPT)


_EFFECTS: dict[Command, Callable[[Application, Act], None]] = {
    Command.TAKE_TICKET: _take_ticket,
    Command.CALL: _call,
    Command.LEAVE: _leave,
    Command.LOOK_UP: _look_up,
    Command.ACCEPT: _accept,
    Command.REFUSE_INTAKE: _refuse_intake,
    Command.VERIFY: _verify,
    Command.TAKE: _take,
    Command.RELEASE: _release,
    Command.REASSIGN: _reassign,
    Command.ASK_AGAIN: _ask_again,
    Command.PREPARE_DECISION: _prepare_decision,
    Command.RETURN_DRAFT: _return_draft,
    Command.APPROVE: _approve,
    Command.DELIVER: _deliver,
    Command.COLLECT: _collect,
    Command.RETENTION_ENDS: _retention_ends,
    Command.HAND_OVER: _hand_over,
    Command.KEEP: _keep,
    Command.WITHDRAW: _withdraw,
}
"""The portal's submit, accept_submission, refuse_submission and publish are not handled yet."""
