"""Starts again from the record what was ended from outside: terminated, reset, or lost with Temporal's database.

The new execution has the old id. It takes over everything that stands on record, its clocks with their due
instants, and goes on with the next fact (docs/decisions/0034-reviving.md).
"""

import asyncio
from collections.abc import Callable, Iterable

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode

from desk.delivery import server_trouble
from desk.deriving import derive
from desk.desk import Desk
from desk.executions import described, listed
from desk.reconcile import history_of
from desk.recovered import NotRevived, Revived
from desk.repairing import Repairer, is_behind
from desk.time_travel import catch_up, is_ahead
from models.calendar_change import CalendarChange
from models.errors import RefusedError, UnavailableError
from models.inputs import ApplicationInput, RecallInput
from models.journal import Fact
from models.lifecycle import FINAL, Command, Stage
from models.messages import CLOCK, Submit
from models.recall import Story
from models.refusals import Refusal
from models.resumption import Resumption
from models.state import Entry
from workflows.application import ApplicationWorkflow
from workflows.recall import RecallWorkflow

RUNS = "runs"
"""The code of what needs no help."""
HAS_ENDED = "has-ended"
"""The code of what has come to its end."""

_AT_ONCE = 4
_ENDS = frozenset(
    {
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT,
    }
)
_FAILURES = frozenset({EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED, EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT})


class Reviver:
    """Compares what is left of an execution with the record, and starts it again where it stood."""

    def __init__(self, desk: Desk, repairer: Repairer, note: Callable[[Revived], None] = lambda _: None) -> None:
        """`note` is told of each as soon as it is done: whoever is broken off has noted all but the last."""
        self._desk = desk
        self._repairer = repairer
        self._note = note

    async def revive(self, execution: str, *, discard: bool = False) -> Revived:
        """Start one execution again. RefusedError where it runs as it should, has ended, or knows more.

        `discard`: give up what only its history has, because the two went different ways after a reset.
        """
        revived = await self._revive(execution, discard=discard)
        self._note(revived)
        return revived

    async def _revive(self, execution: str, *, discard: bool) -> Revived:
        history, run, given_up = await self._look(execution, discard=discard)
        if history is not None and not _has_ended(history):
            await self._end(execution, run)
            # Whatever it was still given until then counts as well.
            *_, more = await self._look(execution, discard=discard)
            given_up = more or given_up
            over = self._desk.reader.entry(execution)
            if over is not None and over.state.stage in FINAL:
                return Revived(execution, over.state.stage, over.state.last_fact, given_up, goes_on=False)
        entry = self._recorded(execution)
        await self._rebuild(entry, entry)  # a child that was claimed for what is given up is free again
        await self._start(entry)
        return Revived(execution, entry.state.stage, entry.state.last_fact, given_up)

    async def _look(
        self, execution: str, *, discard: bool
    ) -> tuple[WorkflowHistory | None, str, tuple[Fact, ...]]:
        """What is left of its newest run, which run that is, and the facts that have to be given up.

        The record then has whatever this history has, unless that is given up.
        """
        recorded = self._desk.reader.entry(execution)  # before the history, which is never behind it
        try:
            found = await described(self._desk.client, execution)
            run = found.workflow_execution_info.execution.run_id if found else ""
            history = await history_of(self._desk.client, execution, run) if found else None
        except RPCError as error:
            raise server_trouble(error) from error
        if history is None:
            return None, "", ()
        return history, run, await self._agree(execution, history, recorded, discard=discard)

    async def everything(self) -> list[str]:
        """What is open on record; and what a server that was restored from an older copy runs, though the record
        says that it has ended. UnavailableError."""
        client, queue = self._desk.client, self._desk.delivery.task_queue
        is_open = set(self._desk.reader.open_executions())
        try:
            running = {one async for one in listed(client, queue, "ExecutionStatus = 'Running'")}
        except RPCError as error:
            raise server_trouble(error) from error
        rows = [self._desk.reader.find(one) for one in sorted(running - is_open)]
        return [*sorted(is_open), *(row.id for row in rows if row is not None and Stage(row.stage) in FINAL)]

    async def revive_all(self, executions: Iterable[str]) -> tuple[list[Revived], list[NotRevived]]:
        """Start again whatever of these does not go on where the record stands; and what could not be.

        Some may have ended since somebody listed them.
        """
        turns, done, failed = asyncio.Semaphore(_AT_ONCE), list[Revived](), list[NotRevived]()

        async def one(execution: str) -> None:
            async with turns:
                try:
                    done.append(await self.revive(execution))
                except RefusedError as refused:
                    failed.extend(NotRevived(execution, one.code, one.reason) for one in refused.refusals)
                except UnavailableError as error:  # of one alone; the others go on all the same
                    failed.append(NotRevived(execution, error.code, str(error)))

        await asyncio.gather(*(one(execution) for execution in executions))
        return done, [one for one in failed if one.code not in (RUNS, HAS_ENDED)]

    async def _agree(
        self, execution: str, history: WorkflowHistory, recorded: Entry | None, *, discard: bool
    ) -> tuple[Fact, ...]:
        """Bring the record up to a history that has ended; the facts that have to be given up, if any."""
        derived = await self._derive(execution, history, discard=discard)
        if derived is None:
            if recorded is not None and await self._is_to_begin(history, recorded):
                raise _refused(RUNS, f"{execution} was started again, and waits for a worker to begin it")
            return ()
        if is_behind(recorded, derived):
            if not _has_ended(history):
                raise _refused(RUNS, f"{execution} runs as it should: there is nothing to start again")
            await self._rebuild(derived, recorded)
            return ()
        others = _only_in(derived, recorded)
        if others and not discard:
            told = ", ".join(f"{fact.number} {fact.fact} by {fact.by}" for fact in others)
            raise _refused(
                "went-another-way",
                f"{execution} has facts that the record cannot take any more: {told}; note them, then repeat with "
                "--discard, and give those commands again",
            )
        return others

    async def _rebuild(self, derived: Entry, recorded: Entry | None) -> None:
        """Write what the record lacks. RefusedError where it cannot take it: nothing is lost in silence."""
        if await self._repairer.rebuild(derived, recorded) is None:
            name = derived.state.opening.application
            reason = (
                f"the record cannot take what the history of {name} says: a number or child belongs to another "
                "application by now; see `starter.py reconcile`, and end that one first"
            )
            raise _refused("record-contradicts", reason)

    async def _is_to_begin(self, history: WorkflowHistory, recorded: Entry) -> bool:
        """Whether a run that no worker has begun goes on from the record as it is, and nothing failed in it."""
        if _has_ended(history) or any(one.event_type in _FAILURES for one in history.events):
            return False
        kind = ApplicationInput if recorded.state.opening.recall_of is None else RecallInput
        begins = await self._desk.delivery.begun_with(history.workflow_id, kind)
        return begins is not None and begins.resumes is not None and begins.resumes.entry == recorded

    async def _derive(self, execution: str, history: WorkflowHistory, *, discard: bool) -> Entry | None:
        try:
            return await derive(history, self._desk.ring)
        except Exception as error:
            if discard:
                return None
            reason = (
                f"the history of {execution} cannot be derived by this code ({type(error).__name__}): put the "
                "version back that wrote it, or go on from the record alone with --discard"
            )
            raise _refused("cannot-be-derived", reason) from error

    def _recorded(self, execution: str) -> Entry:
        entry = self._desk.reader.entry(execution)
        if entry is None:
            raise _refused("not-on-record", f"{execution} is not on record: there is nothing to go on from")
        if entry.state.stage in FINAL:
            raise _refused(HAS_ENDED, f"{execution} has ended as {entry.state.stage}; nothing has to go on")
        return entry

    async def _end(self, execution: str, run: str) -> None:
        """End a run that went another way than the record, for good; and no other, which somebody else may have
        started meanwhile."""
        try:
            handle = self._desk.client.get_workflow_handle(execution, run_id=run)
            await handle.terminate("the record goes another way (starter.py revive)")
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise server_trouble(error) from error

    async def _start(self, entry: Entry) -> None:
        opening = entry.state.opening
        begins = self._input(entry)
        if is_ahead(entry.state.changed_at):  # a trial whose time was moved: only a worker can follow it there
            await self._desk.delivery.need_worker()
        run = RecallWorkflow.run if isinstance(begins, RecallInput) else ApplicationWorkflow.run
        if not await self._desk.delivery.start_again(run, begins, entry.state):
            raise _refused(RUNS, f"{opening.application} was started again just now")
        await catch_up(self._desk.client, opening.application, entry.state.changed_at)

    def _input(self, entry: Entry) -> ApplicationInput | RecallInput:
        """What the new execution begins with: what the first one began with, and where it goes on."""
        opening = entry.state.opening
        made = self._change(opening.calendar)
        resumes = Resumption(
            entry=entry, calendar_change=self._change(entry.state.calendar_now or opening.calendar)
        )
        if opening.recall_of is not None:
            return self._recall_input(entry, made, resumes)
        sent = None
        if entry.state.stage is Stage.SUBMITTED and entry.request is not None:
            sent = Submit.model_validate(entry.request.model_dump() | {"signature": entry.signature})
        return ApplicationInput(opening=opening, submission=sent, calendar_change=made, resumes=resumes)

    def _recall_input(self, entry: Entry, made: CalendarChange | None, resumes: Resumption) -> RecallInput:
        first, opening = entry.facts[0], entry.state.opening
        before = self._desk.reader.recalls(opening.recall_of or "")
        return RecallInput(
            opening=opening,
            story=Story(
                registration_number=entry.state.registration_number or "",
                number=[row.id for row in before].index(opening.application) + 1,
                last_hash=first.previous,
                not_before=first.at,
            ),
            command=Command.COLLECT if entry.collection and entry.collection.fact == 1 else Command.RECALL,
            by=first.by,
            digest=first.answer.digest if first.answer else "",
            key=first.cause.removeprefix("update:"),
            calendar_change=made,
            resumes=resumes,
        )

    def _change(self, calendar: str) -> CalendarChange | None:
        """What makes a calendar that no file has. RefusedError where nothing does: a run could not even begin."""
        if calendar in self._desk.library.calendars:
            return None
        change = self._desk.calendars.changes.making(calendar)
        if change is None:
            reason = (
                f"the calendar {calendar[:8]} that it goes by is unknown: have the orders applied again that the "
                "record lacks (`starter.py calendar apply`), or put its file back; then repeat this"
            )
            raise _refused("unknown-calendar", reason)
        return change


def _only_in(derived: Entry, recorded: Entry | None) -> tuple[Fact, ...]:
    """The facts of a history that the record has not from the same command.

    A reset gives every command again that came after its point: the same ones, at other instants. What a clock
    noted is nobody's command: the clock goes on, and notes it again.
    """
    known = {(fact.fact, fact.cause) for fact in recorded.facts} if recorded else set()
    return tuple(fact for fact in derived.facts if fact.by != CLOCK and (fact.fact, fact.cause) not in known)


def _has_ended(history: WorkflowHistory) -> bool:
    return history.events[-1].event_type in _ENDS


def _refused(code: str, reason: str) -> RefusedError:
    return RefusedError([Refusal(code=code, reason=reason)])
