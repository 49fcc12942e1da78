"""What begins an application: a queue ticket at a counter, or a signed request through the portal."""

from datetime import datetime

from adapters.host_clock import host_now, host_today
from desk.delivery import START_A_WORKER
from desk.desk import Desk, Told, reused
from desk.identity import submission_id, ticket_id
from models.act import Act
from models.application import Application
from models.calendar_change import CalendarChange
from models.errors import MalformedError, RefusedError, UnavailableError, UnknownApplicationError
from models.handling import carry_out
from models.inputs import ApplicationInput
from models.journal import FALLING_DUE, Fact, FactName
from models.lifecycle import Channel, Command, Stage
from models.messages import APPLICANT, COUNTER, PROCESS, Opening, Order, Submit, Ticket
from models.regulation import ClockKind
from models.rules import refusals
from models.submission import refusals_of
from workflows.application import ApplicationWorkflow


async def take_ticket(desk: Desk, ticket: Ticket, key: str | None = None) -> Told:
    """Open an application at a counter. The same key opens it once, and answers the same for ever."""
    opening, change = _opening(desk, ticket_id(desk.ring, desk.prefix, key), ticket.channel, ticket.office)
    execution = opening.application
    if desk.reader.find(execution) is None:
        begins = ApplicationInput(opening=opening, calendar_change=change)
        await desk.delivery.start(ApplicationWorkflow.run, begins, opening, Stage.QUEUED)
        if not await desk.until(lambda: desk.reader.last_fact(execution) > 0):
            raise UnavailableError(
                f"the ticket is taken as {execution} and pending, its clock runs, but no worker has recorded it; "
                f"{START_A_WORKER}, then look with `show {execution}`",
                pending=True,
            )
    application, facts = _begun(desk, opening), desk.reader.facts(execution, up_to=1)
    _again(application, facts, Act(command=Command.TAKE_TICKET, by=COUNTER, at=facts[0].at, cause=facts[0].cause))
    return application.answer(Command.TAKE_TICKET, COUNTER, ""), facts


async def submit(desk: Desk, message: Submit, key: str | None = None) -> Told:
    """Send a request through the portal and wait until the process has accepted or refused it (R15, R16, R22).

    What can be seen to be wrong beforehand begins nothing: RefusedError. So does it end if the process refuses;
    then the request is on record as refused, and the same key tells the same again.
    """
    opening, change = _opening(desk, submission_id(desk.ring, desk.prefix, key), Channel.PORTAL)
    execution = opening.application
    if desk.reader.find(execution) is None:
        due_at = _need_acceptable(desk, opening, message)
        begins = ApplicationInput(opening=opening, submission=message, calendar_change=change)
        await desk.delivery.start(ApplicationWorkflow.run, begins, opening, Stage.SUBMITTED, due_at)
    if not await desk.until(lambda: _verdict(desk, execution) is not None):
        raise UnavailableError(
            f"the request is submitted as {execution} and pending, its term runs, but it is neither accepted nor "
            f"refused yet; if no worker is there, {START_A_WORKER}; then look with `show {execution}`",
            pending=True,
        )
    answer, facts = _judged(desk, opening, message)
    await desk.settle(answer)
    return answer, facts


def _opening(
    desk: Desk, execution: str, channel: Channel, office: str | None = None
) -> tuple[Opening, CalendarChange | None]:
    """What begins now, by the rules in force, and what makes its calendar if that is no file."""
    now = desk.calendars.in_force(host_today())
    codes = [one.code for one in desk.library.regulation(now.regulation).offices_of(channel)]
    if not codes or office not in (None, *codes):
        reason = f"one of {', '.join(codes) or 'none: the regulation has no office there'}"
        raise MalformedError(f"office: {office} is no office of {channel}", [("office", reason)])
    opening = Opening(
        application=execution,
        channel=channel,
        office=office or codes[0],
        regulation=now.regulation,
        calendar=now.calendar,
    )
    return opening, now.change


def _need_acceptable(desk: Desk, opening: Opening, message: Submit) -> datetime | None:
    """RefusedError for what can be seen to be wrong beforehand; else when the term will be due."""
    application = Application(opening, desk.calendars.rules(opening.regulation, opening.calendar))
    order = Order[Submit](by=APPLICANT, digest="", message=message)
    found = refusals(application, Command.SUBMIT, order, host_now())
    if found:
        raise RefusedError(found)
    return application.due_at(ClockKind.PROCESSING, host_now(), application.provider)


def _begun(desk: Desk, opening: Opening) -> Application:
    """The application as it was opened, by the rules it was opened under."""
    stored = desk.reader.opening(opening.application)
    if stored is None:
        raise UnknownApplicationError(f"{opening.application} is not on record")
    if (stored.channel, stored.office) != (opening.channel, opening.office):
        raise reused("a ticket for another office")
    return Application(stored, desk.calendars.rules(stored.regulation, stored.calendar))


def _verdict(desk: Desk, execution: str) -> Fact | None:
    """The fact by which the process accepted or refused a request; None while it has not."""
    ends = (FactName.APPLICATION_ACCEPTED, FactName.SUBMISSION_REFUSED)
    return next((fact for fact in desk.reader.facts(execution) if fact.fact in ends), None)


def _judged(desk: Desk, opening: Opening, message: Submit) -> Told:
    """The answer made anew from the first facts, whatever has happened since; RefusedError for a refusal."""
    application, verdict = _begun(desk, opening), _verdict(desk, opening.application)
    request = desk.reader.request(opening.application)
    if request is not None and not _is_same(request.model_dump(), message):
        raise reused("another request")
    if request is not None and desk.reader.signature(opening.application) != message.signature:
        raise reused("this request with another signature")
    if verdict is None or verdict.fact is FactName.SUBMISSION_REFUSED:
        raise RefusedError(refusals_of(verdict) if verdict else [])
    facts = desk.reader.facts(opening.application, up_to=verdict.number)
    number = str(verdict.details["registration_number"])
    _again(
        application,
        facts,
        Act(command=Command.SUBMIT, by=APPLICANT, at=facts[0].at, cause=facts[0].cause, message=message),
        Act(
            command=Command.ACCEPT_SUBMISSION,
            by=PROCESS,
            at=verdict.at,
            cause=verdict.cause,
            registration_number=number,
        ),
    )
    return application.answer(Command.SUBMIT, APPLICANT, ""), facts


def _is_same(request: dict[str, object], message: Submit) -> bool:
    """Whether a stored request says what the message says; the channel is the portal's, whatever it says."""
    said = message.model_dump(include=set(request))
    return {**said, "channel": Channel.PORTAL} == request


def _again(application: Application, facts: list[Fact], *acts: Act) -> None:
    """Carry out again what the first facts tell; what fell due between two of them falls due again."""
    todo = iter(acts)
    for fact in facts:
        if fact.fact in FALLING_DUE:
            noticed_at = datetime.fromisoformat(str(fact.details["noticed_at"]))
            application.fall_due(ClockKind(str(fact.details["clock"])), noticed_at=noticed_at, cause=fact.cause)
        else:
            carry_out(application, next(todo))
