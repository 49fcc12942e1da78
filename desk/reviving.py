"""Starts again from the record what was ended from outside: terminated, reset, or lost with Temporal's database.

The new execution has the old id. It takes over everything that stands on record, its clocks with their due
instants, and goes on with the next fact (docs/decisions/0034-reviving.md).
"""

import asyncio
from collections.abc import Iterable

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode

from desk.delivery import server_trouble
from desk.deriving import derive
from desk.desk import Desk
from desk.executions import described
from desk.reconcile import history_of
from desk.recovered import NotRevived, Revived
from desk.repairing import Repairer, is_behind
from desk.time_travel import catch_up
from models.calendar_change import CalendarChange
from models.errors import RefusedError
from models.inputs import ApplicationInput, RecallInput
from models.journal import Fact
from models.lifecycle import FINAL, Command, Stage
from models.messages import Submit
from models.recall import Story
from models.refusals import Refusal
from models.resumption import Resumption
from models.state import Entry
from workflows.application import ApplicationWorkflow
from workflows.recall import RecallWorkflow

RUNS, HAS_ENDED = "runs", "has-ended"
"""The codes of what needs no help."""

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


class Reviver:
    """Compares what is left of an execution with the record, and starts it again where it stood."""

    def __init__(self, desk: Desk, repairer: Repairer) -> None:
        self._desk = desk
        self._repairer = repairer

    async def revive(self, execution: str, *, discard: bool = False) -> Revived:
        """Start one execution again. RefusedError where it runs as it should, has ended, or knows more.

        `discard`: give up what only its history has, because the two went different ways after a reset.
        """
        recorded = self._desk.reader.entry(execution)  # before the history, which is never behind it
        try:
            found = await described(self._desk.client, execution)
            run = found.workflow_execution_info.execution.run_id if found else ""
            history = await history_of(self._desk.client, execution, run) if found else None
        except RPCError as error:
            raise server_trouble(error) from error
        given_up = await self._agree(execution, history, recorded, discard=discard) if history else ()
        entry = self._recorded(execution)
        if history is not None and not _has_ended(history):
            await self._end(execution, run)
        await self._start(entry)
        return Revived(execution, entry.state.stage, entry.state.last_fact, given_up)

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

        await asyncio.gather(*(one(execution) for execution in executions))
        return done, [one for one in failed if one.code not in (RUNS, HAS_ENDED)]

    async def _agree(
        self, execution: str, history: WorkflowHistory, recorded: Entry | None, *, discard: bool
    ) -> tuple[Fact, ...]:
        """Bring the record up to a history that has ended; the facts that have to be given up, if any."""
        derived = await self._derive(execution, history, discard=discard)
        if derived is None:
            return ()
        if is_behind(recorded, derived):
            if not _has_ended(history):
                raise _refused(RUNS, f"{execution} runs as it should: there is nothing to start again")
            await self._repairer.rebuild(derived, recorded)
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
        """End a run that went another way than the record, for good, and no other that was begun meanwhile."""
        try:
            handle = self._desk.client.get_workflow_handle(execution, run_id=run)
            await handle.terminate("it is started again from the record (starter.py revive)")
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise server_trouble(error) from error

    async def _start(self, entry: Entry) -> None:
        opening = entry.state.opening
        begins = self._input(entry)
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
        """What makes a calendar that no file has."""
        if calendar in self._desk.library.calendars:
            return None
        return self._desk.calendars.changes.making(calendar)


def _only_in(derived: Entry, recorded: Entry | None) -> tuple[Fact, ...]:
    """The facts of a history that the record has not from the same command.

    A reset gives every command again that came after its point: the same ones, at other instants.
    """
    known = {(fact.fact, fact.cause) for fact in recorded.facts} if recorded else set()
    return tuple(fact for fact in derived.facts if (fact.fact, fact.cause) not in known)


def _has_ended(history: WorkflowHistory) -> bool:
    return history.events[-1].event_type in _ENDS


def _refused(code: str, reason: str) -> RefusedError:
    return RefusedError([Refusal(code=code, reason=reason)])
