"""Executions that the server keeps no more, as after its retention; and endings that lie years back."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import Engine, update
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client

from adapters.database import tables as t
from adapters.database.engine import writing
from adapters.host_clock import host_now
from desk.reconcile import history_of

_DELETED_SECONDS = 60
_PAUSE = 0.1


async def delete_histories(client: Client, executions: Iterable[str]) -> None:
    """Delete them on the server, and wait until it has nothing of them."""
    async with asyncio.timeout(_DELETED_SECONDS):
        for execution in executions:
            handle = client.get_workflow_handle(execution)
            while (await handle.describe()).close_time is None:  # noqa: ASYNC110 - a server sends no event for it
                await asyncio.sleep(_PAUSE)
            await client.workflow_service.delete_workflow_execution(
                DeleteWorkflowExecutionRequest(
                    namespace=client.namespace, workflow_execution=WorkflowExecution(workflow_id=execution)
                )
            )
            while await history_of(client, execution) is not None:  # noqa: ASYNC110
                await asyncio.sleep(_PAUSE)


def age(record: Engine, executions: Iterable[str], years: float = 6) -> None:
    """Let their last change be so many years ago, as far as the record knows."""
    ended = t.application.c.id.in_(list(executions))
    then = host_now() - timedelta(days=366 * years)
    with writing(record) as connection:
        connection.execute(update(t.application).where(ended).values(changed_at=then))
