"""Derives an application or a recall from its history: the workflow's own code runs over it again.

So it proves determinism too: code that no longer leads where history went cannot derive it.
"""

from typing import Any

from temporalio import workflow
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory
from temporalio.worker import (
    ExecuteWorkflowInput,
    Interceptor,
    Replayer,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from adapters.keys import KeyRing
from adapters.temporal.plugin import deriving_plugin
from models.state import Entry
from workflows.application import ApplicationWorkflow
from workflows.proceeding import ProceedingWorkflow
from workflows.recall import RecallWorkflow

WORKFLOWS = (ApplicationWorkflow, RecallWorkflow)

BORN_OF_A_TASK = frozenset(
    {
        EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
        EventType.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED,
        EventType.EVENT_TYPE_TIMER_STARTED,
        EventType.EVENT_TYPE_TIMER_CANCELED,
        EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
        EventType.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
    }
)
"""What the commands of a workflow task leave in history, right after the task."""


async def derive(history: WorkflowHistory, ring: KeyRing) -> Entry | None:
    """What a history makes of it: facts, state, and all it sent out; None where no worker has begun it yet.

    Raises what the replay raises, where our code cannot go the way that history went.
    """
    done = _committed(history)
    if done is None:
        return None
    witness = _Witness()
    replayer = Replayer(workflows=list(WORKFLOWS), plugins=[deriving_plugin(ring)], interceptors=[witness])
    await replayer.replay_workflow(done)
    return witness.seen[-1].entry()


def _committed(history: WorkflowHistory) -> WorkflowHistory | None:
    """The history up to what the last completed task brought; what no task has answered yet made no fact."""
    events = list(history.events)
    tasks = [n for n, one in enumerate(events) if one.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED]
    if not tasks:
        return None
    end = tasks[-1] + 1
    while end < len(events) and events[end].event_type in BORN_OF_A_TASK:
        end += 1
    return WorkflowHistory(history.workflow_id, events[:end])


class _Witness(Interceptor):
    """Keeps hold of the workflow's instance, so that it can be asked when the replay is over."""

    def __init__(self) -> None:
        self.seen: list[ProceedingWorkflow] = []

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002 - the SDK calls it by this name
    ) -> type[WorkflowInboundInterceptor]:
        del input
        seen = self.seen

        class Seeing(WorkflowInboundInterceptor):
            async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002
                seen.append(workflow.instance())
                return await super().execute_workflow(input)

        return Seeing
