"""Brings starts and updates to the Temporal server, and says in our words what it answers instead."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pydantic import ValidationError
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.common import TypedSearchAttributes, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.converter import WorkflowSerializationContext
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from models.data import Data
from models.errors import RefusedError, UnavailableError
from models.lifecycle import Command, Stage
from models.messages import Answer, Declined, Opening, Order, Reply, spelt
from models.refusals import Refusal
from models.state import State
from workflows import operators, page

T = TypeVar("T", bound=Data)

START_A_WORKER = "start one with `make up` or `.venv/bin/python worker.py`"
_WORKER_SEEN_SECONDS = 5.0
_WORKER_COMES_SECONDS = 2.0
_LOOK_AGAIN = 0.1
_COME_AGAIN = (RPCStatusCode.UNAVAILABLE, RPCStatusCode.RESOURCE_EXHAUSTED)


class Delivery:
    """The way to the executions. `wait` is how long, in seconds, anybody waits for an answer."""

    def __init__(self, client: Client, task_queue: str, wait: float) -> None:
        self.client = client
        self.wait = wait
        self.task_queue = task_queue
        self._worker_seen_at = float("-inf")

    async def start(
        self, workflow: Any, begins: Data, opening: Opening, first: Stage, due_at: datetime | None = None
    ) -> None:
        """Start an execution under its own id; one that was started before is left as it is."""
        attributes = operators.opening_attributes(opening, first, due_at)
        once = (WorkflowIDReusePolicy.REJECT_DUPLICATE, WorkflowIDConflictPolicy.USE_EXISTING)
        await self._start(workflow, begins, opening, attributes, *once)

    async def start_again(self, workflow: Any, begins: Data, state: State) -> bool:
        """Start an execution whose last run has ended; False where one runs under its id."""
        attributes = operators.standing_attributes(state)
        again = (WorkflowIDReusePolicy.ALLOW_DUPLICATE, WorkflowIDConflictPolicy.FAIL)
        return await self._start(workflow, begins, state.opening, attributes, *again)

    async def _start(
        self,
        workflow: Any,
        begins: Data,
        opening: Opening,
        attributes: TypedSearchAttributes,
        reuse: WorkflowIDReusePolicy,
        conflict: WorkflowIDConflictPolicy,
    ) -> bool:
        """Whether it was started; not, where the policies leave what is there. UnavailableError."""
        try:
            await self.client.start_workflow(
                workflow,
                begins,
                id=opening.application,
                task_queue=self.task_queue,
                id_reuse_policy=reuse,
                id_conflict_policy=conflict,
                search_attributes=attributes,
                static_summary=page.summary(opening),
                static_details=page.about(opening),
                rpc_timeout=timedelta(seconds=self.wait),
            )
        except WorkflowAlreadyStartedError:
            return False
        except RPCError as error:
            raise server_trouble(error) from error
        return True

    async def running(self) -> AsyncGenerator[str]:
        """The ids of all executions of ours that run, as the server lists them; UnavailableError."""
        query = f"TaskQueue = '{self.task_queue}' AND ExecutionStatus = 'Running'"
        try:
            async for execution in self.client.list_workflows(query):
                yield execution.id
        except RPCError as error:
            raise server_trouble(error) from error

    async def begun_with(self, execution: str, kind: type[T]) -> T | None:
        """The input that an execution began with; None where the server keeps no such execution any more."""
        handle = self.client.get_workflow_handle(execution)
        async with self._asking():
            async for event in handle.fetch_history_events(page_size=1):
                started = event.workflow_execution_started_event_attributes
                return await self._read(execution, started.input.payloads, kind)
        return None

    async def _read(self, execution: str, payloads: Sequence[Payload], kind: type[T]) -> T:
        """An input of ours; a stranger can have begun an execution under this id with anything."""
        place = WorkflowSerializationContext(self.client.namespace, execution)
        try:
            [begins] = await self.client.data_converter.with_context(place).decode(payloads, [kind])
        except (AttributeError, KeyError, RuntimeError, ValueError) as error:
            raise _strange(execution) from error
        if not isinstance(begins, kind):
            raise _strange(execution)
        return begins

    async def update(
        self, execution: str, name: Command, order: Order[Any], update: str, *, more_seconds: float, again: str
    ) -> Reply | None:
        """What an execution says to a command; None where it has ended. `again` tells how to repeat it."""
        await self.need_worker()
        wait = self.wait + more_seconds
        order = order.model_copy(update={"update": update, "command": name})
        handle = self.client.get_workflow_handle(execution)
        try:
            async with asyncio.timeout(wait):
                return await _insisting(lambda: handle.execute_update(name, order, id=update, result_type=Answer))
        except WorkflowUpdateFailedError as error:
            return _declined(error)
        except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
            raise UnavailableError(
                f"{spelt(name)} is delivered and pending: nobody has answered within {wait:g} s; "
                f"if no worker is there, {START_A_WORKER}; then repeat the command {again}",
                pending=True,
            ) from error
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise server_trouble(error) from error
            return None

    async def said_before(self, execution: str, update: str) -> Reply | None:
        """What an execution has said to this update id; None if it never saw it, or is forgotten."""
        handle = self.client.get_workflow_handle(execution)
        async with self._asking():
            try:
                return await handle.get_update_handle(update, result_type=Answer).result()
            except WorkflowUpdateFailedError as error:
                return _declined(error)
        return None

    @asynccontextmanager
    async def _asking(self) -> AsyncGenerator[None]:
        """A question that changes nothing: left without an answer where the server has no such thing."""
        try:
            async with asyncio.timeout(self.wait):
                yield
        except TimeoutError as error:
            raise UnavailableError("the Temporal server does not answer; nothing was done now") from error
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise server_trouble(error) from error

    async def need_worker(self) -> None:
        """UnavailableError if no worker is there to take a command; one that was seen just now still is.

        A server that was started this second has not heard of its workers yet, so it is asked again.
        """
        asked_at = time.monotonic()
        if asked_at - self._worker_seen_at < _WORKER_SEEN_SECONDS:
            return
        while not await self._sees_worker():
            if time.monotonic() - asked_at > _WORKER_COMES_SECONDS:
                raise UnavailableError(f"the command was not delivered: no worker is there; {START_A_WORKER}")
            await asyncio.sleep(_LOOK_AGAIN)
        self._worker_seen_at = time.monotonic()

    async def _sees_worker(self) -> bool:
        request = DescribeTaskQueueRequest(
            namespace=self.client.namespace,
            task_queue=TaskQueue(name=self.task_queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
        try:
            async with asyncio.timeout(self.wait):
                described = await self.client.workflow_service.describe_task_queue(request, retry=True)
        except TimeoutError as error:
            raise UnavailableError("the command was not delivered: the Temporal server does not answer") from error
        except RPCError as error:
            raise server_trouble(error) from error
        return bool(described.pollers)


async def _insisting(ask: Callable[[], Awaitable[Answer]]) -> Answer:
    """Ask until the server takes it: one that is busy, or that closes an execution's update registry, sends
    callers away who are to come again; their update id keeps it one command, however often it arrives.

    The SDK comes again by itself, but for ten seconds only, which is how long a lost workflow task takes alone.
    """
    while True:
        try:
            return await ask()
        except RPCError as error:
            if error.status not in _COME_AGAIN:
                raise
        await asyncio.sleep(_LOOK_AGAIN)


def _declined(error: WorkflowUpdateFailedError) -> Declined:
    """What the process said against an update; UnavailableError where it could not say anything.

    The first refusals did not say which order they were for: whoever repeats one is told it as it stands.
    """
    cause = error.cause
    if isinstance(cause, ApplicationError) and cause.details:
        with suppress(ValidationError):
            return Declined.model_validate(cause.details[0])
        raise RefusedError([Refusal.model_validate(one) for one in cause.details]) from error
    reason = "the process could not carry the command out; an operator sees why in its history"
    raise UnavailableError(reason) from error


def _strange(execution: str) -> UnavailableError:
    return UnavailableError(
        f"{execution} was begun by somebody else than this program, with something that it cannot read; "
        "nothing was done; tell an operator"
    )


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
