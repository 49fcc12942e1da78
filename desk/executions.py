"""Looks at executions as the server has them, for whoever wants to know whether they go on."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import TypeVar

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionRequest, DescribeWorkflowExecutionResponse
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from desk.deriving import WORKFLOWS

Described = DescribeWorkflowExecutionResponse
T = TypeVar("T")

_AT_ONCE = 8


async def described(client: Client, execution: str) -> Described | None:
    """The newest run under this id, as it is now; None where the server keeps none. RPCError."""
    request = DescribeWorkflowExecutionRequest(
        namespace=client.namespace, execution=WorkflowExecution(workflow_id=execution)
    )
    try:
        return await client.workflow_service.describe_workflow_execution(request, retry=True)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return None


async def listed(client: Client, task_queue: str, condition: str) -> AsyncIterator[str]:
    """The ids of our executions that meet a condition of visibility, which is some moments behind. RPCError."""
    async for execution, _ in listed_runs(client, task_queue, condition):
        yield execution


async def listed_runs(client: Client, task_queue: str, condition: str) -> AsyncIterator[tuple[str, str]]:
    """As `listed`, each with the id of the run that meets it."""
    kinds = ", ".join(f"'{kind.__name__}'" for kind in WORKFLOWS)
    query = f"TaskQueue = '{task_queue}' AND WorkflowType IN ({kinds}) AND {condition}"
    async for execution in client.list_workflows(query):
        yield execution.id, execution.run_id


async def of_each(executions: Iterable[str], look: Callable[[str], Awaitable[list[T]]]) -> list[T]:
    """What a look at each of them finds, some at once, in the order of the executions."""
    turns = asyncio.Semaphore(_AT_ONCE)

    async def one(execution: str) -> list[T]:
        async with turns:
            return await look(execution)

    found = await asyncio.gather(*(one(execution) for execution in executions))
    return [each for several in found for each in several]


def instant(stamp: Timestamp) -> datetime | None:
    """An instant of the server's; None where it tells none."""
    return stamp.ToDatetime(UTC) if stamp.seconds else None
