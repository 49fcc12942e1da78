"""Compares every execution that the server keeps with the record, both ways, by content.

It repairs nothing (`desk/repairing.py` does). An application that moves while it is looked at is looked at again.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator
from datetime import timedelta

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode

from adapters.database.reader import RecordReader
from adapters.host_clock import host_now
from adapters.keys import KeyRing, UnreadableError
from adapters.temporal.namespace import retention_of
from desk.comparing import Ahead, Difference, Found, Report, compare
from desk.delivery import server_trouble
from desk.deriving import WORKFLOWS, derive
from models.lifecycle import FINAL
from models.state import Entry

_AT_ONCE = 4
_LOOKS = 3
_PAUSE = 1.0
_ENDED_FROM_OUTSIDE = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED: "terminated",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED: "cancelled",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED: "failed",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT: "timed out",
}


async def reconcile(client: Client, reader: RecordReader, ring: KeyRing, task_queue: str) -> Report:
    """Compare every execution of a task queue, and every row of the record; UnavailableError."""
    try:
        on_record = await asyncio.to_thread(lambda: set(reader.executions()))
        in_history = {execution async for execution in _in_history(client, task_queue)}
        return await reconcile_these(client, reader, ring, sorted(on_record | in_history))
    except RPCError as error:
        raise server_trouble(error) from error


async def reconcile_these(
    client: Client, reader: RecordReader, ring: KeyRing, executions: Collection[str]
) -> Report:
    """Compare the executions that are named. What differs is looked at again: it may only have moved meanwhile."""
    look = _Look(client, reader, ring)
    found = await look.at(executions)
    for _ in range(_LOOKS - 1):
        if not found:
            break
        await asyncio.sleep(_PAUSE)
        found = await look.at({one.execution for one in found})
    beyond, erased = len(look.beyond_retention), len(look.erased)
    return Report(len(executions) - beyond - erased, beyond, tuple(found), erased)


async def differences(client: Client, reader: RecordReader, ring: KeyRing, execution: str) -> list[Difference]:
    """What history and record say differently of one execution at this instant; none if they are equal."""
    return await _Look(client, reader, ring).at([execution])


async def _in_history(client: Client, task_queue: str) -> AsyncIterator[str]:
    """A namespace may serve several: ours are those of our task queue."""
    kinds = ", ".join(f"'{kind.__name__}'" for kind in WORKFLOWS)
    query = f"TaskQueue = '{task_queue}' AND WorkflowType IN ({kinds})"
    async for execution in client.list_workflows(query):
        yield execution.id


async def history_of(client: Client, execution: str, run: str | None = None) -> WorkflowHistory | None:
    """What the server keeps of a run, or of the newest one under this id; None if it keeps nothing. RPCError."""
    try:
        return await client.get_workflow_handle(execution, run_id=run).fetch_history()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return None


class _Look:
    """One look at some executions, several at once."""

    def __init__(self, client: Client, reader: RecordReader, ring: KeyRing) -> None:
        self._client = client
        self._reader = reader
        self._ring = ring
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._kept_for: timedelta | None = None
        self.beyond_retention: set[str] = set()
        self.erased: set[str] = set()

    async def at(self, executions: Collection[str]) -> list[Difference]:
        found = await asyncio.gather(*(self._at(execution) for execution in executions))
        return [one for lines in found for one in lines]

    async def _at(self, execution: str) -> list[Difference]:
        async with self._turns:
            history = await history_of(self._client, execution)
            recorded = self._reader.entry(execution)
            if recorded is not None and self._reader.erasures.find(execution) is not None:
                found = self._erased(execution, history)
            elif history is None:
                found = await self._gone(execution, recorded)
            else:
                found = await self._both(history, recorded)
            return [Difference(execution, ahead, what) for ahead, what in found]

    def _erased(self, execution: str, history: WorkflowHistory | None) -> list[Found]:
        """Nothing is left to compare with, and nothing may be."""
        if history is not None:
            return [
                (Ahead.HISTORY, "its personal data were erased, and the server has its history: delete it there")
            ]
        self.erased.add(execution)
        return []

    async def _gone(self, execution: str, recorded: Entry | None) -> list[Found]:
        """The server has no such execution: it kept it long enough, or it has lost it."""
        if recorded is None:
            return [(Ahead.RECORD, "the record has claims or a number for what exists nowhere else")]
        stage = recorded.state.stage
        if stage not in FINAL:
            return [(Ahead.RECORD, f"it is {stage} on record, and the server has no execution of it")]
        if recorded.state.changed_at + await self._retention() > host_now():
            return [(Ahead.RECORD, "it has ended within the server's retention, and its execution is gone")]
        self.beyond_retention.add(execution)
        return []

    async def _retention(self) -> timedelta:
        """How long the server keeps what has ended; asked once, as most of an old record is older."""
        if self._kept_for is None:
            self._kept_for = await retention_of(self._client)
        return self._kept_for

    async def _both(self, history: WorkflowHistory, recorded: Entry | None) -> list[Found]:
        try:
            derived = await derive(history, self._ring)
        except UnreadableError as error:
            return [(Ahead.NEITHER, f"its history cannot be read: {error}")]
        except Exception as error:  # noqa: BLE001 - a replay raises whatever the code it runs raises
            return [(Ahead.NEITHER, f"its history cannot be derived by this code: {type(error).__name__}")]
        if recorded is not None and _is_over(history, derived, recorded):
            return list(self._compare_claims(recorded))
        return [*_ended_from_outside(history), *self._compare(derived, recorded)]

    def _compare(self, derived: Entry | None, recorded: Entry | None) -> Iterator[Found]:
        if derived is None:
            if recorded is not None:
                yield Ahead.RECORD, "the record has it, and no worker has begun its history"
        elif recorded is None:
            yield Ahead.HISTORY, f"the record has nothing of its {len(derived.facts)} facts"
        else:
            yield from compare(derived, recorded)
            yield from self._compare_claims(derived)
            yield from self._compare_chain(derived)

    def _compare_claims(self, derived: Entry) -> Iterator[Found]:
        """An application has its children from its acceptance to its end, and its number for ever."""
        state = derived.state
        if state.opening.recall_of is not None:
            return
        number, claimed = self._reader.registration(state.opening.application)
        if number != state.registration_number:
            yield Ahead.NEITHER, f"the number is {state.registration_number} in history, {number} on record"
        is_open = state.registration_number is not None and state.stage not in FINAL
        children = derived.request.children if derived.request and is_open else ()
        due = {self._ring.lookup_hash("iin", child.iin) for child in children}
        if due != claimed:
            yield Ahead.NEITHER, f"it has {len(claimed)} children claimed on record, {len(due)} by its history"

    def _compare_chain(self, derived: Entry) -> Iterator[Found]:
        """A recall goes on where the story stood: its first fact names the last hash of what came before."""
        opening = derived.state.opening
        if opening.recall_of is None:
            return
        story = [self._reader.find(opening.recall_of), *self._reader.recalls(opening.recall_of)]
        place = [file.id for file in story if file].index(opening.application)
        before = story[place - 1]
        if before is None or derived.facts[0].previous != before.last_hash:
            yield Ahead.NEITHER, "its journal does not go on from the last fact of the application"


def _is_over(history: WorkflowHistory, derived: Entry | None, recorded: Entry) -> bool:
    """Whether a run was ended on purpose: its application has come to its end on record, by these very facts and
    those that followed, as after an older copy of the server (`starter.py revive`)."""
    is_final = recorded.state.stage in FINAL
    if not is_final or history.events[-1].event_type not in _ENDED_FROM_OUTSIDE:
        return False
    facts = derived.facts if derived else ()
    return facts == recorded.facts[: len(facts)]


def _ended_from_outside(history: WorkflowHistory) -> Iterator[Found]:
    how = _ENDED_FROM_OUTSIDE.get(history.events[-1].event_type)
    if how is not None:
        yield Ahead.NEITHER, f"its execution was {how} from outside: nothing goes on in it"
