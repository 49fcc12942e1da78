"""Finds what was ended, reset or paused from outside, or lost, though the record says that it is open."""

import asyncio
from collections.abc import Set as AbstractSet
from datetime import datetime
from shlex import quote
from typing import Any

from sqlalchemy import Row
from temporalio.api.enums.v1 import WorkflowExecutionStatus as Status

from desk.deriving import derive
from desk.desk import Desk
from desk.executions import Described, described, instant, listed_runs, of_each
from desk.reconcile import history_of
from desk.repairing import is_behind
from desk.troubles import Stuck, Trouble
from models.lifecycle import FINAL, Stage

_ENDED = "ExecutionStatus IN ('Terminated', 'Canceled', 'Failed', 'TimedOut')"
_HOW = {
    Status.WORKFLOW_EXECUTION_STATUS_TERMINATED: "terminated",
    Status.WORKFLOW_EXECUTION_STATUS_CANCELED: "cancelled",
    Status.WORKFLOW_EXECUTION_STATUS_FAILED: "failed",
    Status.WORKFLOW_EXECUTION_STATUS_TIMED_OUT: "timed out",
}


class Ends:
    """Holds executions against the record, one by one, as both are now."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._harmless: set[str] = set()
        """Runs that began by a reset, or again, and go where the record stands: looked at once is enough."""
        self._ended: dict[str, set[str]] = {}
        """Of each execution the runs that the server lists as ended from outside."""
        self._settled: set[str] = set()
        """Those of them that keep nobody back any more: they were started again, or their end is on record."""
        self._unbegun: set[str] = set()
        """Executions that were started again and that no worker has begun: nobody knows where they go."""

    async def ended(self) -> set[str]:
        """The ids of what the server lists as ended from outside and is not known to be settled. RPCError."""
        found = listed_runs(self._desk.client, self._desk.delivery.task_queue, _ENDED)
        ended: dict[str, set[str]] = {}
        async for execution, run in found:
            ended.setdefault(execution, set()).add(run)
        self._ended = ended
        self._settled &= set().union(*ended.values())
        return {execution for execution, runs in ended.items() if not runs <= self._settled}

    async def of_each(self, executions: AbstractSet[str]) -> list[Stuck]:
        """Which of these do not go on, though the record says that they are open. RPCError."""
        listed = self._ended
        found = await of_each(sorted(executions), self._judge)
        for settled in executions - {one.execution for one in found} - self._unbegun:
            self._settled |= listed.get(settled, set())
        return found

    async def _judge(self, execution: str) -> list[Stuck]:
        self._unbegun.discard(execution)
        found = await described(self._desk.client, execution)
        row = await asyncio.to_thread(self._desk.reader.find, execution)  # after the server, which is never behind
        is_open = row is not None and Stage(row.stage) not in FINAL
        if found is None:
            return [_missing(row)] if row is not None and is_open else []
        info = found.workflow_execution_info
        match info.status:
            case Status.WORKFLOW_EXECUTION_STATUS_RUNNING:
                is_over = row is not None and not is_open
                is_again = found.workflow_extended_info.HasField("last_reset_time") or self._is_again(execution)
                return await self._astray(execution, found, row) if is_again or is_over else []
            case Status.WORKFLOW_EXECUTION_STATUS_PAUSED:
                return [_paused(found)]
            case Status.WORKFLOW_EXECUTION_STATUS_COMPLETED:
                return [_behind(found)] if is_open else []
            case _:
                return [_ended(found, is_on_record=row is not None)] if is_open or row is None else []

    def _is_again(self, execution: str) -> bool:
        """Whether a run of it was ended from outside: whoever started the next one may be a stranger."""
        return execution in self._ended

    async def _astray(self, execution: str, found: Described, row: Row[Any] | None) -> list[Stuck]:
        """A run that was reset or started again, or runs though its end is on record; harmless if it leads to the
        same facts."""
        run, since = found.workflow_execution_info.execution.run_id, found.workflow_extended_info.last_reset_time
        if run in self._harmless or row is None:
            return []
        is_over, is_reset = Stage(row.stage) in FINAL, found.workflow_extended_info.HasField("last_reset_time")
        goes_there = await self._goes_where_it_stood(execution)
        if goes_there is None and not is_over:
            self._unbegun.add(execution)
            return []
        if goes_there:
            if not is_over:
                self._harmless.add(run)
            return []
        if is_over:
            reason = f"it has ended as {row.stage}, and runs all the same: by a reset, or from an older copy"
            to_do = f"`starter.py revive {quote(execution)}` ends it; the record keeps what it has"
        else:
            how = "reset" if is_reset else "ended from outside and started again by somebody"
            reason = f"it was {how}, and goes another way than the record by now"
            to_do = f"`starter.py revive {quote(execution)}` starts it again where the record stands"
        began = since if is_reset else found.workflow_execution_info.start_time
        return [Stuck(Trouble.RESET, execution, instant(began), reason, to_do, run)]

    async def _goes_where_it_stood(self, execution: str) -> bool | None:
        """None where no worker has begun it."""
        recorded = await asyncio.to_thread(self._desk.reader.entry, execution)
        history = await history_of(self._desk.client, execution)
        try:
            derived = await derive(history, self._desk.ring) if history else None
        except Exception:  # noqa: BLE001 - a replay raises whatever the code it runs raises
            return False
        return None if derived is None else is_behind(recorded, derived)


def _missing(row: Row[Any]) -> Stuck:
    """Since when is not known: later than its last fact."""
    since: datetime = row.changed_at
    reason = "it is open on record, and the server has no execution of it"
    return Stuck(Trouble.MISSING, row.id, since, reason, f"`starter.py revive {row.id}`; of many, `revive --all`")


def _paused(found: Described) -> Stuck:
    execution = found.workflow_execution_info.execution
    since = found.workflow_extended_info.pause_info.paused_time
    to_do = f"`temporal workflow unpause --workflow-id {quote(execution.workflow_id)}`"
    reason = "somebody has paused it: its clocks run, and nothing is done"
    return Stuck(Trouble.PAUSED, execution.workflow_id, instant(since), reason, to_do, execution.run_id)


def _behind(found: Described) -> Stuck:
    info = found.workflow_execution_info
    reason = "its execution has ended as it should, and the record says that it is open"
    to_do = "`starter.py reconcile --repair` writes what the record lacks"
    return Stuck(Trouble.RECORD_BEHIND, info.execution.workflow_id, instant(info.close_time), reason, to_do)


def _ended(found: Described, *, is_on_record: bool) -> Stuck:
    info = found.workflow_execution_info
    name, how = info.execution.workflow_id, _HOW.get(info.status, "ended")
    to_do = f"`starter.py revive {quote(name)}` starts it again where the record stands; of many, `revive --all`"
    if not is_on_record:
        to_do = (
            f"`starter.py reconcile --repair`, then revive it; if nothing of it had begun, tell the applicant and "
            f"forget it: `temporal workflow delete --workflow-id {quote(name)}`"
        )
    reason = f"its execution was {how} from outside" + ("" if is_on_record else ", and nothing of it is on record")
    return Stuck(Trouble.ENDED, name, instant(info.close_time), reason, to_do, info.execution.run_id)
