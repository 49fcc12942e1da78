"""Brings the facts of an execution to the record and to operators: history first, then everybody else."""

import asyncio

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.records import RecordActivities
    from models.messages import open_to_people
    from models.proceeding import Proceeding
    from workflows import operators, options
    from workflows.insisting import insist


class Recorder:
    """Writes whatever facts have gathered, one `record` call at a time, until it is told to finish."""

    def __init__(self, proceeding: Proceeding) -> None:
        self._proceeding = proceeding
        self._taken = 0
        self._is_finishing = False

    async def run(self) -> None:
        """Wait for facts, show and record them. It wakes in the same task that answers the command."""
        while True:
            await workflow.wait_condition(lambda: self._has_news or self._is_finishing)
            if not self._has_news:
                return
            # Whatever the process does at once by itself (verify, deliver, publish) goes along in the same call.
            await asyncio.sleep(0)
            self._show()
            entry = self._proceeding.entry(after=self._taken)
            up_to = entry.state.last_fact
            await insist(RecordActivities.record, entry, options.write_record(f"record facts up to {up_to}"))
            self._taken = up_to

    def finish(self) -> None:
        """Let `run` return once everything is on record."""
        self._is_finishing = True

    @property
    def _has_news(self) -> bool:
        return self._taken < len(self._proceeding.facts)

    def _show(self) -> None:
        """Search attributes that changed, and the page's details; both before the record is asked."""
        state = self._proceeding.state()
        changed = operators.changes(state, workflow.info().typed_search_attributes)
        if changed:
            workflow.upsert_search_attributes(changed)
        allowed = tuple(open_to_people(self._proceeding.chart))
        workflow.set_current_details(operators.details(state, allowed))
