"""Finds what a running execution waits for in vain: a workflow task that fails, an activity that nobody can do.

Visibility knows no pending activities, so each execution is looked at by itself.
"""

from datetime import datetime, timedelta

from temporalio.api.enums.v1 import (
    EventType,
    PendingActivityState,
    PendingWorkflowTaskState,
    WorkflowTaskFailedCause,
)
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import Client

from adapters.host_clock import host_now
from desk.executions import Described, described, instant
from desk.reconcile import history_of
from desk.troubles import Stuck, Trouble

FAILED_TASKS = 2
"""So many workflow tasks that fail one after the other are no accident (adapters/temporal/server.py)."""
MANY_ATTEMPTS = 30
"""So many attempts are stuck however long they took: a trial whose time was moved ahead has no honest age."""

_DEPLOY = "look at the last WorkflowTaskFailed event, and deploy code that can go on; it then goes on by itself"
_RULES = "put the regulation or calendar file back that it goes by, and start the workers anew; it then goes on"
_WORKER = "start workers (`worker.py`) for its task queue; it then goes on by itself"
_RECORD = "look at the record's database and at the worker's log; once it can be written, it goes on by itself"
_CONFLICT = (
    "the record contradicts its history: see `starter.py reconcile`, mend the record, and it goes on by itself"
)
_VERIFIER = "look at what checks signatures (docs/signatures.md); once it answers, it goes on by itself"
_GATEWAY = "look at the gateway (docs/registers.md); after the regulation's patience it goes on without an answer"
_UNPAUSE = "somebody has paused the activity: `temporal activity unpause` lets it go on"
_TO_DO = {
    "record": _RECORD,
    "register_application": _RECORD,
    "verify_signature": _VERIFIER,
    "ask_registers": _GATEWAY,
    "ask_register": _GATEWAY,
}


class Waits:
    """Looks at executions one by one; what waits for longer than `older_than` counts."""

    def __init__(self, client: Client, older_than: timedelta) -> None:
        self._client = client
        self._older_than = older_than

    async def of(self, execution: str) -> list[Stuck]:
        """What this execution waits for in vain; nothing of one that does not run. RPCError."""
        found = await described(self._client, execution)
        if found is None:
            return []
        waiting = [await self._activity(execution, one) for one in found.pending_activities]
        return [*await self._task(execution, found), *(one for one in waiting if one is not None)]

    async def _task(self, execution: str, found: Described) -> list[Stuck]:
        if not found.HasField("pending_workflow_task"):
            return []
        task = found.pending_workflow_task
        if task.attempt > FAILED_TASKS:
            return [await self._failing(execution, task.attempt - 1)]
        since = instant(task.original_scheduled_time) or instant(task.scheduled_time)
        is_waiting = task.state == PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_SCHEDULED
        if not is_waiting or not self._is_old(since):
            return []
        return [Stuck(Trouble.NOBODY_WORKS, execution, since, "no worker takes its workflow task", _WORKER)]

    async def _failing(self, execution: str, times: int) -> Stuck:
        """The first failure of a row stands in history; the later ones do not."""
        history = await history_of(self._client, execution)
        failed = next((one for one in reversed(history.events if history else []) if _is_failure(one)), None)
        what, kind = _failure_of(failed)
        since = instant(failed.event_time) if failed else None
        reason = f"its workflow task has failed {times} times, one after the other: {what}"
        to_do = _RULES if kind == "UnknownRulesError" else _DEPLOY
        return Stuck(Trouble.TASK_FAILS, execution, since, reason, to_do)

    async def _activity(self, execution: str, waiting: PendingActivityInfo) -> Stuck | None:
        """An activity that is tried again has a new instant each time: its first one stands in history."""
        if waiting.attempt == 1 and not self._is_old(instant(waiting.scheduled_time)):
            return None
        since = await self._scheduled_at(execution, waiting.activity_id)
        if not self._is_old(since) and waiting.attempt < MANY_ATTEMPTS:
            return None
        return _told(execution, waiting, since)

    async def _scheduled_at(self, execution: str, activity: str) -> datetime | None:
        history = await history_of(self._client, execution)
        for event in reversed(history.events if history else []):
            if event.activity_task_scheduled_event_attributes.activity_id == activity:
                return instant(event.event_time)
        return None

    def _is_old(self, since: datetime | None) -> bool:
        return since is not None and since + self._older_than <= host_now()


def _told(execution: str, waiting: PendingActivityInfo, since: datetime | None) -> Stuck:
    name = waiting.activity_type.name
    error = _type_of(waiting.last_failure)
    if waiting.state in (
        PendingActivityState.PENDING_ACTIVITY_STATE_PAUSED,
        PendingActivityState.PENDING_ACTIVITY_STATE_PAUSE_REQUESTED,
    ):
        return Stuck(Trouble.ACTIVITY_WAITS, execution, since, f"{name} is paused", _UNPAUSE)
    if not error and not waiting.HasField("last_started_time"):
        queue = waiting.activity_options.task_queue.name
        return Stuck(Trouble.NOBODY_WORKS, execution, since, f"no worker of {queue} takes {name}", _WORKER)
    reason = f"{name} has been tried {waiting.attempt} times" + (
        f", and failed at last with {error}" if error else ""
    )
    to_do = _CONFLICT if error == "JournalConflictError" else _TO_DO.get(name, _DEPLOY)
    return Stuck(Trouble.ACTIVITY_WAITS, execution, since, reason, to_do)


def _is_failure(event: HistoryEvent) -> bool:
    return event.event_type in (
        EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED,
        EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT,
    )


def _failure_of(failed: HistoryEvent | None) -> tuple[str, str]:
    """What a failed workflow task says of itself in the clear: its cause, and the type of the error."""
    if failed is None or failed.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT:
        return "it takes too long", ""
    told = failed.workflow_task_failed_event_attributes
    cause = WorkflowTaskFailedCause.Name(told.cause).removeprefix("WORKFLOW_TASK_FAILED_CAUSE_")
    kind = _type_of(told.failure)
    return f"{cause.lower().replace('_', ' ')}" + (f" ({kind})" if kind else ""), kind


def _type_of(failure: Failure) -> str:
    """The type of an error: all that stands in the clear of it, and all that is told."""
    if failure.HasField("timeout_failure_info"):
        return "a time-out"
    return failure.application_failure_info.type
