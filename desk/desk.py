"""Gives commands to the process and waits until the record shows what they did."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from adapters.database.reader import RecordReader
from adapters.host_clock import host_now
from adapters.keys import KeyRing
from desk.identity import application_id, digest, update_id
from models.application import Application
from models.data import ALMATY, Data
from models.errors import MalformedError, RefusedError, UnavailableError, UnknownApplicationError
from models.handling import Act, carry_out
from models.journal import Fact
from models.library import Library
from models.lifecycle import Channel, Command, Stage
from models.messages import PROCESS, Answer, Opening, Order, Ticket
from models.refusals import Refusal
from workflows import operators
from workflows.application import ApplicationWorkflow

_PAUSE = 0.02
_SETTLE = 3.0
_START_A_WORKER = "start one with `make up` or `.venv/bin/python worker.py`"
_SKIP_SECONDS = 120


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
    ) -> None:
        self.client = client
        self.reader = reader
        self.library = library
        self._ring = ring
        self._task_queue = task_queue
        self._wait = wait_seconds

    # Opening an application.

    async def take_ticket(self, ticket: Ticket, key: str | None = None) -> tuple[Answer, list[Fact]]:
        """Open an application at a counter. The same key opens it once, and answers the same for ever."""
        opening = self._opening(ticket, application_id(self._ring, key))
        if self.reader.find(opening.application) is None:
            await self._start(opening)
            reached = await self._until(lambda: self.reader.last_fact(opening.application) > 0)
            if not reached:
                raise UnavailableError(
                    f"the ticket is taken as {opening.application} and pending, its clock runs, but no worker "
                    f"has recorded it; {_START_A_WORKER}, then look with `show {opening.application}`",
                    pending=True,
                )
        return self._opened(opening)

    def _opening(self, ticket: Ticket, application: str) -> Opening:
        regulation, calendar = self.library.current(host_now().astimezone(ALMATY).date())
        offices = self.library.regulations[regulation].offices_of(ticket.channel)
        codes = [office.code for office in offices]
        if ticket.office is not None and ticket.office not in codes:
            allowed = ", ".join(codes)
            raise MalformedError(
                f"office: {ticket.office} is no office of channel {ticket.channel}; there is {allowed}",
                [("office", f"one of {allowed}")],
            )
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
            raise _no_server(error) from error

    def _opened(self, opening: Opening) -> tuple[Answer, list[Fact]]:
        """The answer of the ticket, made anew from the first fact: whatever has happened since."""
        stored = self.reader.opening(opening.application)
        facts = self.reader.facts(opening.application, up_to=1)
        if stored is None or not facts:
            raise UnknownApplicationError(f"{opening.application} is not on record")
        if (stored.channel, stored.office) != (opening.channel, opening.office):
            raise RefusedError([_reused("a ticket for another office")])
        application = Application(stored, self.library.rules(stored.regulation, stored.calendar))
        act = Act(command=Command.TAKE_TICKET, by=PROCESS, at=facts[0].at, cause=facts[0].cause)
        carry_out(application, act)
        return application.answer(Command.TAKE_TICKET, ""), facts

    # Commands.

    async def command(
        self, reference: str, name: Command, by: str, message: Data, key: str | None = None
    ) -> tuple[Answer, list[Fact]]:
        """Give a command and return its answer with the facts up to it. The same key is done once."""
        row = self.reader.find(reference)
        application = row.id if row else reference
        mark = digest(name, by, message.model_dump(mode="json"))
        order = Order[type(message)](by=by, digest=mark, message=message)
        try:
            answer = await self._deliver(application, name, order, update_id(self._ring, key), key)
            _need_same(answer, mark)
        except RefusedError as refused:
            self.reader.note_refusal(by, application, name, refused.refusals[0].code)
            raise
        facts = await self._facts(application, answer.last_fact)
        await self._settle(answer)
        return answer, facts

    async def _deliver(
        self, application: str, name: Command, order: Order[Any], update: str, key: str | None
    ) -> Answer:
        handle = self.client.get_workflow_handle(application)
        try:
            async with asyncio.timeout(self._wait):
                await self._need_worker()
                return await handle.execute_update(name, order, id=update, result_type=Answer)
        except WorkflowUpdateFailedError as error:
            raise _refused(error) from error
        except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
            again = f"with --id {key}" if key else "and it may then be done twice; use --id"
            raise UnavailableError(
                f"{name} is delivered and pending: no worker has answered within {self._wait:g} s; "
                f"{_START_A_WORKER}, then repeat the command {again}",
                pending=True,
            ) from error
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise _no_server(error) from error
            return await self._answer_of_the_past(handle, name, update)

    async def _answer_of_the_past(self, handle: WorkflowHandle[Any, Any], name: Command, update: str) -> Answer:
        """An execution that has ended still knows what it answered; anything new comes too late."""
        row = self.reader.find(handle.id)
        try:
            async with asyncio.timeout(self._wait):
                return await handle.get_update_handle(update, result_type=Answer).result()
        except WorkflowUpdateFailedError as error:
            raise _refused(error) from error
        except (RPCError, TimeoutError) as error:
            if row is None:
                raise UnknownApplicationError(f"there is no application {handle.id}") from error
            raise RefusedError(
                [
                    Refusal(
                        code="illegal-move",
                        reason=f"{name} is not possible in stage {row.stage}; possible: nothing more",
                    )
                ]
            ) from error

    async def _need_worker(self) -> None:
        described = await self.client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=self.client.namespace,
                task_queue=TaskQueue(name=self._task_queue),
                task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
            )
        )
        if not described.pollers:
            raise UnavailableError(f"the command was not delivered: no worker is there; {_START_A_WORKER}")

    async def _facts(self, application: str, up_to: int) -> list[Fact]:
        """The facts up to a number, from the record; from the execution itself while the record is behind."""
        if await self._until(lambda: self.reader.last_fact(application) >= up_to):
            return self.reader.facts(application, up_to)
        handle = self.client.get_workflow_handle_for(ApplicationWorkflow.run, application)
        return (await handle.query(ApplicationWorkflow.facts))[:up_to]

    async def _settle(self, answer: Answer) -> None:
        """Wait a little for the step that the process takes by itself: the next command should find it done."""
        by_itself = answer.stage is Stage.ACCEPTED or (
            answer.stage is Stage.DECIDED and answer.channel is Channel.PROVIDER
        )
        if by_itself:
            await self._until(lambda: self.reader.last_fact(answer.application) > answer.last_fact, _SETTLE)

    async def _until(self, is_so: Callable[[], bool], seconds: float | None = None) -> bool:
        """Whether it came true within the time given, or else within the time that a command waits."""
        try:
            async with asyncio.timeout(self._wait if seconds is None else seconds):
                while not is_so():  # noqa: ASYNC110 - the record is a database, it sends no events
                    await asyncio.sleep(_PAUSE)
        except TimeoutError:
            return False
        return True

    # Moving an application's clock (servers with time skipping).

    async def skip(self, reference: str, duration: timedelta) -> str:
        """Move one application's own time ahead and wait until the record has what fell due meanwhile."""
        row = self.reader.find(reference)
        application = row.id if row else reference
        handle = self.client.get_workflow_handle_for(ApplicationWorkflow.run, application)
        skipper = TimeSkipper(self.client, config=TimeSkippingConfig(enabled=False))
        try:
            async with asyncio.timeout(_SKIP_SECONDS):
                await self._need_worker()
                await skipper.fast_forward(handle, duration)
                number = (await handle.query(ApplicationWorkflow.state)).last_fact
        except TimeoutError as error:
            raise UnavailableError("the clock did not arrive in time; is a worker there?", pending=True) from error
        except RPCError as error:
            raise self._cannot_skip(application, error) from error
        await self._until(lambda: self.reader.last_fact(application) >= number)
        return application

    def _cannot_skip(self, application: str, error: RPCError) -> Exception:
        if error.status is RPCStatusCode.NOT_FOUND:
            row = self.reader.find(application)
            if row is None:
                return UnknownApplicationError(f"there is no application {application}")
            ended = f"the application has ended as {row.stage}; its clock stands still"
            return RefusedError([Refusal(code="has-ended", reason=ended)])
        if error.status in (RPCStatusCode.UNIMPLEMENTED, RPCStatusCode.INVALID_ARGUMENT):
            return UnavailableError(f"this Temporal server cannot skip time ({error.message})")
        return _no_server(error)


def _reused(what: str) -> Refusal:
    return Refusal(code="id-reused", reason=f"this --id was already used for {what}; choose another")


def _need_same(answer: Answer, mark: str) -> None:
    if answer.digest != mark:
        raise RefusedError([_reused(f"{answer.command}, or with other words")])


def _refused(error: WorkflowUpdateFailedError) -> Exception:
    cause = error.cause
    if isinstance(cause, ApplicationError) and cause.details:
        return RefusedError([Refusal.model_validate(detail) for detail in cause.details])
    return UnavailableError(f"the process could not carry the command out: {cause}", pending=True)


def _no_server(error: RPCError) -> UnavailableError:
    return UnavailableError(
        f"the Temporal server did not take it ({error.status.name}: {error.message}); "
        "the command was not delivered; start a server with `make up`"
    )
