"""Brings the facts of an execution to operators and to the record: history first, then everybody else."""

import asyncio
from collections.abc import Awaitable, Callable

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.records import RecordActivities
    from models.messages import open_to_people
    from models.proceeding import Proceeding
    from workflows import operators, options, page
    from workflows.insisting import insist


class Recorder:
    """Shows facts to operators in the task that makes them, and writes what has gathered, one call at a time."""

    def __init__(self, proceeding: Proceeding) -> None:
        self._proceeding = proceeding
        self._on_record = len(proceeding.facts)
        """Facts of an execution before this one: they are told already."""
        self._is_finishing = False

    async def show(self) -> None:
        """Tell operators of every fact at once, however long the record takes.

        Whatever a clock or the process itself does so brings a command in its own task, and a replay cannot
        take that task for an empty one (docs/decisions/0020-no-fact-in-an-empty-task.md).
        """
        if self._on_record:
            await self._tell_operators(self._on_record)
        await self._follow(self._tell_operators)

    async def write(self) -> None:
        """Record every fact; what comes while a call is under way goes along in the next one."""
        await self._follow(self._tell_record)

    def finish(self) -> None:
        """Let `show` and `write` return once everything is told."""
        self._is_finishing = True

    async def _follow(self, tell: Callable[[int], Awaitable[None]]) -> None:
        """Tell of new facts, given how many were told before. It wakes in the same task that makes a fact."""
        told, facts = self._on_record, self._proceeding.facts

        def is_due() -> bool:
            return told < len(facts) or self._is_finishing

        while True:
            await workflow.wait_condition(is_due)
            if told == len(facts):
                return
            # Whatever the process does at once by itself (verify, deliver, publish) goes along in the same call.
            await asyncio.sleep(0)
            up_to = len(facts)
            await tell(told)
            told = up_to

    async def _tell_record(self, told: int) -> None:
        entry = self._proceeding.entry(after=told)
        up_to = entry.state.last_fact
        await insist(RecordActivities.record, entry, options.write_record(f"record facts up to {up_to}"))

    async def _tell_operators(self, _told: int) -> None:
        """Search attributes that changed, and the page's details."""
        state = self._proceeding.state()
        changed = operators.changes(state, workflow.info().typed_search_attributes)
        if changed:
            workflow.upsert_search_attributes(changed)
        allowed = tuple(open_to_people(self._proceeding.chart))
        workflow.set_current_details(page.details(state, allowed))
