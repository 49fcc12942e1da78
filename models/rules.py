"""Whether a command may be carried out: the chart, the officer's authority, and the words of the message.

Every rule returns refusals with a code, a reason and, where the passport demands it, the requirement.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from models.application import Application
from models.approval import without_signature
from models.authority import AUTHORITY, BY_OTHERS, OF_THE_STATE, may_command
from models.calendar import Calendar, UnknownYearError
from models.calendar_change import CalendarChange, CalendarMismatchError, changed
from models.data import Data, local_day
from models.decision import Verdict
from models.handing_in import attach, handed_in, kept_identity
from models.journal import FactName
from models.lifecycle import Channel, Command, Stage
from models.messages import (
    PROCESS,
    Accept,
    Approve,
    AskAgain,
    Collect,
    HandOver,
    LookUp,
    Order,
    PrepareDecision,
    Reassign,
    RefuseIntake,
    Submit,
    is_for_people,
    open_to_people,
    spelt,
)
from models.package import examine
from models.plan import plan
from models.plausibility import dates_ahead, unknown_papers
from models.proceeding import Proceeding
from models.refusals import Refusal
from models.regulation import ClockKind, Office, Role
from models.submission import by_package, by_signature


def refusals(proceeding: Proceeding, command: Command, order: Order[Any], at: datetime) -> list[Refusal]:
    """Every reason why this command may not be carried out now; none means that it may."""
    found = list(_by_the_chart(proceeding, command))
    if found:
        return found
    found = list(_by_authority(proceeding, command, order.by))
    if found:
        return found
    rule = _RULES.get(command)
    return list(rule(proceeding, order, at)) if rule else []


def _by_the_chart(proceeding: Proceeding, command: Command) -> Iterator[Refusal]:
    if not proceeding.chart.allows(command):
        yield illegal_move(command, proceeding.stage, open_to_people(proceeding.chart))


def illegal_move(command: Command, stage: Stage, possible: Iterable[Command] = ()) -> Refusal:
    """The chart has no such arrow from this stage; what is possible instead, if anything."""
    legal = ", ".join(map(spelt, possible)) or "nothing more"
    reason = f"{spelt(command)} is not possible in stage {stage}; possible: {legal}"
    return Refusal(code="illegal-move", reason=reason)


def _by_authority(proceeding: Proceeding, command: Command, by: str) -> Iterator[Refusal]:
    if command not in OF_THE_STATE and not is_for_people(proceeding.opening.channel, command):
        yield Refusal(code="not-a-command", reason=f"{spelt(command)} is done by the process itself")
        return
    if command in BY_OTHERS.get(by, ()):
        return
    officer = proceeding.rules.regulation.officer(by)
    if officer is None:
        yield Refusal(code="unknown-officer", reason=f"there is no officer {by}; see `starter.py officers`")
    elif not may_command(proceeding.rules.regulation, proceeding.opening.office, command, officer):
        roles = " or ".join(sorted(AUTHORITY.get(command, ()))) or "of nobody"
        yield Refusal(code="not-authorised", reason=f"{spelt(command)} needs the role {roles} in the right office")


# Intake (R11-R14, R17, R19).


def _accept(application: Application, order: Order[Accept], at: datetime) -> Iterator[Refusal]:
    message = order.message
    yield from handed_in(application, message, at)
    handed_in_at = message.handed_in_at
    called_at = next(f.at for f in reversed(application.facts) if f.fact is FactName.APPLICANT_CALLED)
    yield from _within_the_calendar(application, ClockKind.PROCESSING, application.provider, at)
    if handed_in_at is not None and not called_at <= handed_in_at <= at:
        yield Refusal(
            code="handing-in-time",
            reason=f"handed_in_at lies outside this visit ({called_at.isoformat()} to {at.isoformat()})",
            requirement="R5",
        )
    if _may_refuse(application):
        report = examine(message, application.opening.channel, application.rules.regulation)
        if not report.complete:
            yield Refusal(
                code="incomplete-package",
                reason="the package is not complete: " + ", ".join(n.label for n in report.missing),
                requirement="R19",
                missing=report.missing,
            )


def _refuse_intake(application: Application, order: Order[RefuseIntake], at: datetime) -> Iterator[Refusal]:
    message = order.message
    yield from handed_in(application, message, at)
    if not _may_refuse(application):
        yield Refusal(
            code="no-power-to-refuse",
            reason="this provider accepts with gaps (provider_refuses_incomplete is off)",
            requirement="R19",
        )
    elif examine(message, application.opening.channel, application.rules.regulation).complete:
        yield Refusal(
            code="package-complete",
            reason="the package is complete, and incompleteness is the only ground to refuse",
            requirement="R19",
        )


def _within_the_calendar(
    proceeding: Proceeding, kind: ClockKind, answerable: Office, at: datetime
) -> Iterator[Refusal]:
    """A term that runs into a year without a calendar is not guessed: the calendar has to be extended."""
    yield from _countable(proceeding, proceeding.rules.calendar, kind, at, answerable)


def _may_refuse(application: Application) -> bool:
    """R19: SC must refuse an incomplete package; the provider if its switch is on."""
    at_provider = application.opening.channel is Channel.PROVIDER
    return not at_provider or application.rules.regulation.switches.provider_refuses_incomplete


def _look_up(_application: Application, order: Order[LookUp], at: datetime) -> Iterator[Refusal]:
    yield from dates_ahead(order.message, local_day(at))


# Intake on the portal (R15, R19).


def _submit(application: Application, order: Order[Submit], at: datetime) -> Iterator[Refusal]:
    """Everything that can be said before a request begins an execution."""
    message, regulation = order.message, application.rules.regulation
    yield from kept_identity(message, regulation.identity_documents())
    yield from unknown_papers(message, regulation)
    yield from dates_ahead(message, local_day(at))
    yield from _within_the_calendar(application, ClockKind.PROCESSING, application.provider, at)
    yield from by_package(message, regulation)
    if message.signature is None:
        yield from by_signature(message, None, regulation)


# Who has the file.


def _take(application: Application, order: Order[Data], _at: datetime) -> Iterator[Refusal]:
    if application.holder == order.by:
        yield Refusal(code="already-held", reason=f"{order.by} has the file already")
    else:
        yield from _held_by_another(application, order.by)


def _release(application: Application, order: Order[Data], _at: datetime) -> Iterator[Refusal]:
    if application.holder is None:
        yield Refusal(code="not-held", reason="nobody has the file")
    elif application.holder != order.by and not _is_head(application, order.by):
        yield from _held_by_another(application, order.by)


def _reassign(application: Application, order: Order[Reassign], _at: datetime) -> Iterator[Refusal]:
    to = application.rules.regulation.officer(order.message.to)
    regulation, office = application.rules.regulation, application.opening.office
    if not _is_head(application, order.by):
        yield from _held_by_another(application, order.by)
    if to is None or not may_command(regulation, office, Command.TAKE, to):
        yield Refusal(code="unknown-officer", reason=f"to: {order.message.to} cannot have this file")
    elif application.holder == to.code:
        yield Refusal(code="already-held", reason=f"{to.code} has the file already")


def _only_holder(application: Application, order: Order[Any], _at: datetime) -> Iterator[Refusal]:
    yield from _held_by_another(application, order.by)


def _ask_again(application: Application, order: Order[AskAgain], _at: datetime) -> Iterator[Refusal]:
    if order.by != PROCESS:
        yield from _held_by_another(application, order.by)
    elif not application.silent_questions(order.message):
        yield Refusal(code="nothing-to-ask", reason="no register is silent, or an operator has to look first")


def _held_by_another(application: Application, by: str) -> Iterator[Refusal]:
    if application.holder not in (None, by):
        yield Refusal(code="held-by-another", reason=f"{application.holder} has the file")


def _is_head(application: Application, by: str) -> bool:
    officer = application.rules.regulation.officer(by)
    return officer is not None and Role.HEAD in officer.roles


# Decision (R20).


def _prepare_decision(application: Application, order: Order[PrepareDecision], at: datetime) -> Iterator[Refusal]:
    yield from _held_by_another(application, order.by)
    yield from _known_children(application, order.message)
    regulation = application.rules.regulation
    known = {ground.code for ground in regulation.grounds}
    for ground in order.message.grounds:
        if ground not in known:
            reason = f"grounds: {ground} is none of {', '.join(sorted(known))}"
            yield Refusal(code="unknown-ground", reason=reason, requirement="R20")
    year = local_day(at).year
    if order.message.verdict is Verdict.GRANT and regulation.amount.monthly(year) is None:
        yield from _without_policy(application, order.message, year)


def _known_children(application: Application, message: PrepareDecision) -> Iterator[Refusal]:
    count = len(application.request.children) if application.request else 0
    for terms in message.children:
        if terms.child > count:
            yield Refusal(code="unknown-child", reason=f"children: there is no child {terms.child}")


def _without_policy(application: Application, message: PrepareDecision, year: int) -> Iterator[Refusal]:
    """A year whose index is not known is never guessed: the specialist gives the amounts, with a reason."""
    count = len(application.request.children) if application.request else 0
    given = {terms.child for terms in message.children if terms.monthly_amount is not None}
    for child in range(1, count + 1):
        if child not in given:
            yield Refusal(
                code="no-amount",
                reason=f"the index of {year} is not known: give child {child} an amount with a reason",
                requirement="R20",
            )


def _approve(application: Application, order: Order[Approve], _at: datetime) -> Iterator[Refusal]:
    yield from _held_by_another(application, order.by)
    yield from without_signature(order.message, application.rules.regulation)
    if application.drafts[-1].prepared_by == order.by:
        yield Refusal(
            code="four-eyes", reason=f"{order.by} prepared this decision; another person has to approve it"
        )


# The way of the result (R9, R10, R21).


def _deliver(proceeding: Proceeding, _order: Order[Data], at: datetime) -> Iterator[Refusal]:
    yield from _within_the_calendar(proceeding, ClockKind.RETENTION, proceeding.office, at)


def _collect(proceeding: Proceeding, order: Order[Collect], at: datetime) -> Iterator[Refusal]:
    message = order.message
    if not message.receipt_shown:
        yield Refusal(
            code="no-receipt", reason="the result is issued on the acceptance receipt", requirement="R21"
        )
    shown = message.identity_document
    if shown is None or shown.kind not in proceeding.rules.regulation.identity_documents():
        yield Refusal(
            code="no-identity-document",
            reason="whoever collects shows an identity card, a passport or a residence permit",
            requirement="R21",
        )
    power = message.power_of_attorney
    today = local_day(at)
    is_good = power is not None and power.notarised and power.issued_on <= today
    if message.collected_by == "representative" and not is_good:
        yield Refusal(
            code="no-power-of-attorney",
            reason="a representative needs a notarised power of attorney that is in force",
            requirement="R21",
        )


def _hand_over(proceeding: Proceeding, order: Order[HandOver], _at: datetime) -> Iterator[Refusal]:
    receiver = proceeding.rules.regulation.officer(order.message.received_by)
    if receiver is None or receiver.office != proceeding.provider.code:
        yield Refusal(
            code="unknown-officer",
            reason=f"received_by: {order.message.received_by} is no officer of the provider",
            requirement="R9",
        )


def _recall(proceeding: Proceeding, _order: Order[Data], at: datetime) -> Iterator[Refusal]:
    yield from _within_the_calendar(proceeding, ClockKind.RECALL, proceeding.provider, at)


# The calendar changes while applications run (R6).


def _follow_calendar(proceeding: Proceeding, order: Order[CalendarChange], _at: datetime) -> Iterator[Refusal]:
    change = order.message
    if change.corrects != proceeding.goes_by:
        reason = f"the change to {change.code} is for another calendar than the one it goes by"
        yield Refusal(code="calendar-mismatch", reason=reason)
        return
    try:
        calendar = changed(proceeding.rules.calendar, change)
    except CalendarMismatchError as error:
        yield Refusal(code="calendar-mismatch", reason=str(error))
        return
    for kind, clock in proceeding.clocks.items():
        if clock.is_running:
            office = proceeding.rules.office(clock.office)
            yield from _countable(proceeding, calendar, kind, clock.set_running_at, office)


def _countable(
    proceeding: Proceeding, calendar: Calendar, kind: ClockKind, at: datetime, office: Office
) -> Iterator[Refusal]:
    try:
        plan(proceeding.rules.regulation, calendar, kind, proceeding.opening.channel, office, at)
    except UnknownYearError as error:
        yield Refusal(code="calendar-ends", reason=f"{kind} cannot be counted: {error}")


_RULES: dict[Command, Callable[[Any, Order[Any], datetime], Iterable[Refusal]]] = {
    Command.LOOK_UP: _look_up,
    Command.ACCEPT: _accept,
    Command.REFUSE_INTAKE: _refuse_intake,
    Command.SUBMIT: _submit,
    Command.ATTACH: attach,
    Command.TAKE: _take,
    Command.RELEASE: _release,
    Command.REASSIGN: _reassign,
    Command.ASK_AGAIN: _ask_again,
    Command.PREPARE_DECISION: _prepare_decision,
    Command.RETURN_DRAFT: _only_holder,
    Command.APPROVE: _approve,
    Command.DELIVER: _deliver,
    Command.COLLECT: _collect,
    Command.HAND_OVER: _hand_over,
    Command.RECALL: _recall,
    Command.FOLLOW_CALENDAR: _follow_calendar,
}
