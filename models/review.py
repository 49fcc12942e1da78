"""What the commands of verification and decision do to an application (R17, R20)."""

from datetime import datetime

from models.act import Act, did
from models.application import Application
from models.approval import decision_number
from models.data import local_day
from models.decision import Decision, Draft, Grant, Verdict
from models.intake import outcomes
from models.journal import Detail, FactName
from models.messages import PrepareDecision, Reassign, ReturnDraft, Withdraw
from models.outbound import Form
from models.regulation import ClockKind


def verify(application: Application, act: Act) -> None:
    if application.request is not None:
        application.keep_checks(application.request, act.checks, act.said)
    did(application, act, FactName.APPLICATION_VERIFIED, outcomes(tuple(application.checks.values())))


def ask_again(application: Application, act: Act) -> None:
    if application.request is not None:
        application.keep_checks(application.request, act.checks, act.said)
    did(application, act, FactName.REGISTERS_ASKED_AGAIN, outcomes(act.checks))


def take(application: Application, act: Act) -> None:
    application.hold(act.by, act.at)
    did(application, act, FactName.FILE_TAKEN)


def release(application: Application, act: Act) -> None:
    held_by = application.holder
    application.let_go(act.at)
    did(application, act, FactName.FILE_RELEASED, {"held_by": held_by})


def reassign(application: Application, act: Act) -> None:
    message: Reassign = act.message
    application.hold(message.to, act.at)
    did(application, act, FactName.FILE_REASSIGNED, {"to": message.to})


def prepare_decision(application: Application, act: Act) -> None:
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
    did(
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


def return_draft(application: Application, act: Act) -> None:
    draft = application.drafts[-1]
    application.hold(draft.prepared_by, act.at)
    details: dict[str, Detail] = {"draft": draft.number, "to": draft.prepared_by}
    did(application, act, FactName.DRAFT_RETURNED, details)
    message: ReturnDraft = act.message
    application.remark(message.reason)


def approve(application: Application, act: Act) -> None:
    draft = application.drafts[-1]
    application.decision = Decision(
        number=decision_number(application.registration_number, draft),
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
    if act.message is not None and act.message.signature is not None:
        details["signed"] = True
        application.approval = act.message.signature
    did(application, act, FactName.DECISION_APPROVED, details)
    application.give_paper(Form.DECISION, act.at, {**details, "prepared_by": draft.prepared_by})


def withdraw(application: Application, act: Act) -> None:
    application.stop(ClockKind.PROCESSING, act.at, reached=False, cause=act.cause)
    application.let_go(act.at)
    did(application, act, FactName.APPLICATION_WITHDRAWN)
    message: Withdraw = act.message
    application.remark(message.reason)
