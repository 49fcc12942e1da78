"""Gives commands to the process and waits until the record shows what they did."""

import asyncio
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from adapters.database.reader import RecordReader
from adapters.host_clock import host_today
from adapters.keys import KeyRing
from desk.identity import application_id, digest, update_id
from desk.officer import Officer
from models.application import Application
from models.data import Data
from models.errors import (
    MalformedError,
    RefusedError,
    TirekError,
    UnavailableError,
    UnknownApplicationError,
)
from models.handling import Act, carry_out
from models.journal import Fact
from models.library import Library
from models.lifecycle import FINAL, Channel, Command, Stage
from models.messages import COUNTER, Answer, Opening, Order, Ticket, spelt
from models.refusals import Refusal
from models.regulation import RESERVED
from models.rules import illegal_move
from workflows import operators
from workflows.application import ApplicationWorkflow

_PAUSE = 0.02
_REFERENCE = re.compile(r"[A-Za-z0-9-]{1,80}")
_SETTLE = 5.0
_START_A_WORKER = "start one with `make up` or `.venv/bin/python worker.py`"


class Desk:
    """The commands of people. Writes go to the workflow and nowhere else, reads come from the record."""

    def __init__(
        self,
        client: Client,
        reader: RecordReader,
        library: Library,
        ring: KeyRing,
        *,
        task_queue: str,
        wait_seconds: float,
        prefix: str = "app",
    ) -> None:
        self.client = client
        self.reader = reader
        self.library = library
        self._ring = ring
        self._task_queue = task_queue
        self._wait = wait_seconds
        self._prefix = prefix

    @property
    def _patience(self) -> int:
        """How long, at the most, a counter waits for the registers, in seconds."""
        return max(r.registers.patience_at_counter for r in self.library.regulations.values())

    # Opening an application.

    async def take_ticket(self, ticket: Ticket, key: str | None = None) -> tuple[Answer, list[Fact]]:
        """Open an application at a counter. The same key opens it once, and answers the same for ever."""
        opening = self._opening(ticket, application_id(self._ring, self._prefix, key))
        if self.reader.find(opening.application) is None:
            await self._start(opening)
            reached = await self.until(lambda: self.reader.last_fact(opening.application) > 0)
            if not reached:
                raise UnavailableError(
                    f"the ticket is taken as {opening.application} and pending, its clock runs, but no worker "
                    f"has recorded it; {_START_A_WORKER}, then look with `show {opening.application}`",
                    pending=True,
                )
        return self._opened(opening)

    def _opening(self, ticket: Ticket, application: str) -> Opening:
        regulation, calendar = self.library.current(host_today())
        offices = self.library.regulations[regulation].offices_of(ticket.channel)
        codes = [office.code for office in offices]
        if ticket.office is not None and ticket.office not in codes:
            reason = f"one of {', '.join(codes)}"
            raise MalformedError(f"office: {ticket.office} is no office of {ticket.channel}", [("office", reason)])
        return Opening(
            application=application,
            channel=ticket.channel,
            office=ticket.office or codes[0],
            regulation=regulation,
            calendar=calendar,
        )

    async def _start(self, opening: Opening) -> None:
        try:
            await self.client.start_workflow(
                ApplicationWorkflow.run,
                opening,
                id=opening.application,
                task_queue=self._task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                search_attributes=operators.opening_attributes(opening),
                static_summary=operators.summary(opening),
                rpc_timeout=timedelta(seconds=self._wait),
            )
        except WorkflowAlreadyStartedError:
            return  # it was opened before and has ended; the record tells
        except RPCError as error:
            raise server_trouble(error) from error

    def _opened(self, opening: Opening) -> tuple[Answer, list[Fact]]:
        """The answer of the ticket, made anew from the first fact: whatever has happened since."""
        stored = self.reader.opening(opening.application)
        facts = self.reader.facts(opening.application, up_to=1)
        if stored is None or not facts:
            raise UnknownApplicationError(f"{opening.application} is not on record")
        if (stored.channel, stored.office) != (opening.channel, opening.office):
            raise RefusedError([_reused("a ticket for another office")])
        application = Application(stored, self.library.rules(stored.regulation, stored.calendar))
        act = Act(command=Command.TAKE_TICKET, by=COUNTER, at=facts[0].at, cause=facts[0].cause)
        carry_out(application, act)
        return application.answer(Command.TAKE_TICKET, COUNTER, ""), facts

    # Commands.

    async def command(
        self, reference: str, name: Command, officer: Officer, message: Data, key: str | None = None
    ) -> tuple[Answer, list[Fact]]:
        """Give a command and return its answer with the facts up to it. The same key is done once."""
        application = self.application_of(reference)
        mark = digest(name, message.model_dump(mode="json"))
        order = Order[type(message)](by=officer.code, digest=mark, message=message)
        try:
            answer = await self._deliver(application, name, order, update_id(self._ring, key), key)
            _need_same(answer, mark, officer)
        except RefusedError as refused:
            self.reader.note_refusal(self._post(officer.code), application, name, refused.refusals[0].code)
            raise
        facts = await self._facts(application, answer.last_fact)
        await self._settle(answer)
        return answer, facts

    def application_of(self, reference: str) -> str:
        """The id behind a registration number or an id; UnknownApplicationError for what can be neither."""
        row = self.reader.find(reference)
        if row is None and not _REFERENCE.fullmatch(reference):
            raise UnknownApplicationError("there is no such application; see `starter.py list`")
        return row.id if row else reference

    def _post(self, code: str) -> str:
        """A post of a regulation file; whatever else was claimed may be somebody's number, and is not kept."""
        posts = {officer.code for r in self.library.regulations.values() for officer in r.officers}
        return code if code in posts or code in RESERVED else "unknown"

    async def _deliver(
        self, application: str, name: Command, order: Order[Any], update: str, key: str | None
    ) -> Answer:
        await self.need_worker()
        handle = self.client.get_workflow_handle(application)
        wait = self._wait + (self._patience if name in (Command.LOOK_UP, Command.ASK_AGAIN) else 0)
        try:
            async with asyncio.timeout(wait):
                return await handle.execute_update(name, order, id=update, result_type=Answer)
        except WorkflowUpdateFailedError as error:
            raise refused_by(error) from error
        except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
            again = f"with --id {key}" if key else "and it may then be done twice; use --id"
            raise UnavailableError(
                f"{spelt(name)} is delivered and pending: nobody has answered within {wait:g} s; "
                f"if no worker is there, {_START_A_WORKER}; then repeat the command {again}",
                pending=True,
            ) from error
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise server_trouble(error) from error
            return await self._answer_of_the_past(handle, name, update)

    async def _answer_of_the_past(self, handle: WorkflowHandle[Any, Any], name: Command, update: str) -> Answer:
        """An execution that has ended still knows what it answered; anything new comes too late."""
        try:
            async with asyncio.timeout(self._wait):
                return await handle.get_update_handle(update, result_type=Answer).result()
        except WorkflowUpdateFailedError as error:
            raise refused_by(error) from error
        except (RPCError, TimeoutError) as error:
            raise self._too_late(handle.id, name) from error

    def _too_late(self, application: str, name: Command) -> TirekError:
        row = self.reader.find(application)
        if row is None:
            return UnknownApplicationError(f"there is no application {application}")
        stage = Stage(row.stage)
        if stage not in FINAL:
            return UnavailableError(
                f"the execution of {application} was ended from outside while the record says {stage}; "
                "nothing was done; tell an operator"
            )
        return RefusedError([illegal_move(name, stage)])

    async def need_worker(self) -> None:
        request = DescribeTaskQueueRequest(
            namespace=self.client.namespace,
            task_queue=TaskQueue(name=self._task_queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
        try:
            async with asyncio.timeout(self._wait):
                described = await self.client.workflow_service.describe_task_queue(request)
        except TimeoutError as error:
            raise UnavailableError("the command was not delivered: the Temporal server does not answer") from error
        except RPCError as error:
            raise server_trouble(error) from error
        if not described.pollers:
            raise UnavailableError(f"the command was not delivered: no worker is there; {_START_A_WORKER}")

    async def _facts(self, application: str, up_to: int) -> list[Fact]:
        """The facts up to a number, from the record; from the execution itself while the record is behind."""
        if await self.until(lambda: self.reader.last_fact(application) >= up_to):
            return self.reader.facts(application, up_to)
        handle = self.client.get_workflow_handle_for(ApplicationWorkflow.run, application)
        try:
            async with asyncio.timeout(self._wait):
                return (await handle.query(ApplicationWorkflow.facts))[:up_to]
        except (TimeoutError, RPCError, WorkflowQueryFailedError) as error:
            raise UnavailableError(
                f"the command is done, as fact {up_to}, but neither record nor worker can tell the facts now; "
                f"look later with `show {application}`",
                pending=True,
            ) from error

    async def _settle(self, answer: Answer) -> None:
        """Wait a little for the step that the process takes by itself: the next command should find it done."""
        by_itself = answer.stage is Stage.ACCEPTED or (
            answer.stage is Stage.DECIDED and answer.channel is Channel.PROVIDER
        )
        if by_itself:
            await self.until(lambda: self.reader.last_fact(answer.application) > answer.last_fact, _SETTLE)

    async def until(self, is_so: Callable[[], bool], seconds: float | None = None) -> bool:
        """Whether it came true within the time given, or else within the time that a command waits."""
        try:
            async with asyncio.timeout(self._wait if seconds is None else seconds):
                while not is_so():  # noqa: ASYNC110 - the record is a database, it sends no events
                    await asyncio.sleep(_PAUSE)
        except TimeoutError:
            return False
        return True


def _reused(what: str) -> Refusal:
    return Refusal(code="id-reused", reason=f"this --id was already used for {what}; choose another")


def _need_same(answer: Answer, mark: str, officer: Officer) -> None:
    """A repeated id must be the same command; who gives it counts only where they were named."""
    if answer.digest != mark:
        raise RefusedError([_reused(f"{answer.command}, or with other words")])
    if officer.is_named and answer.by != officer.code:
        raise RefusedError([_reused(f"{answer.command} by {answer.by}")])


def refused_by(error: WorkflowUpdateFailedError) -> TirekError:
    """What the process said against an update: refusals, or that it could not."""
    cause = error.cause
    if isinstance(cause, ApplicationError) and cause.details:
        return RefusedError([Refusal.model_validate(detail) for detail in cause.details])
    return UnavailableError("the process could not carry the command out; an operator sees why in its history")


def server_trouble(error: RPCError) -> UnavailableError:
    """One mapping of what a server answers instead of doing it."""
    if error.status is RPCStatusCode.FAILED_PRECONDITION:
        return UnavailableError("the command was not taken: the application is stuck; tell an operator")
    if error.status is RPCStatusCode.RESOURCE_EXHAUSTED:
        return UnavailableError("the command was not delivered: the Temporal server is busy; try again")
    return UnavailableError(
        f"the Temporal server did not take it ({error.status.name}: {error.message}); "
        "the command was not delivered; start a server with `make up`"
    )
