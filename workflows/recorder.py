"""Brings the facts of an execution to the record and to operators: history first, then everybody else."""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.records import RecordActivities
    from models.messages import open_to_people
    from models.proceeding import Proceeding
    from models.state import Entry
    from workflows import operators, options


_PAUSE = timedelta(seconds=10)


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
            await self._record(self._proceeding.entry(after=self._taken))

    async def _record(self, entry: Entry) -> None:
        """Temporal retries for ever; if somebody ends the activity by hand, it is begun anew."""
        up_to = entry.state.last_fact
        try:
            await workflow.execute_activity_method(
                RecordActivities.record, entry, **options.write_record(f"record facts up to {up_to}")
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            workflow.logger.warning("recording was ended by hand; it begins again")
            await workflow.sleep(_PAUSE, summary="record again")
        else:
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
