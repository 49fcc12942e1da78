"""Two workers, one of them frozen for a minute while it holds work: what it does late changes nothing."""

import asyncio
import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import EventType, PendingActivityState
from temporalio.client import WorkflowHandle
from temporalio.service import RPCError

from adapters.child import Child
from models.library import Library
from models.lifecycle import Command
from tests.faults.figures import Figures
from tests.faults.premises import Premises, premises
from tests.faults.traffic import Journey, Traffic, all_of

_FROZEN_SECONDS = 60
_TRIES = 100


class TestTwoWorkers:
    """Whatever one worker holds, the other one can do in its place, and both may try."""

    @pytest.mark.timeout(420)
    async def test_one_is_frozen(
        self, tmp_path: Path, library: Library, database: str, address: str, figures: Figures
    ) -> None:
        """A worker that stops for a minute in the middle of a burst, and goes on, doubles nothing."""
        async with premises(tmp_path, library, address) as here:
            assert await _live_through(here, database, figures) == []


async def _live_through(here: Premises, database: str, figures: Figures) -> list[str]:
    """What was lost, doubled or told otherwise; none if all is well."""
    first = await here.start_worker()
    traffic = Traffic(here, here.desk(wait=5))
    early, late = traffic.some("before", each=3), traffic.some("during", each=1)
    await all_of(one.reach_review() for one in early)
    async with asyncio.TaskGroup() as burst:
        for one in early:
            burst.create_task(one.go_on(Command.APPROVE))
        await _freeze_with_work(here, first, early)
        answered = _answered(early)
        second = await here.start_worker()
        for one in late:
            burst.create_task(one.begin())
        await asyncio.sleep(_FROZEN_SECONDS)
        assert _answered(early) > answered, "the other worker did nothing in its place"
        first.process.send_signal(signal.SIGCONT)
        back = time.monotonic()
    await traffic.until_on_record()
    took = time.monotonic() - back
    traffic.some("after", each=1)
    problems = await traffic.problems()
    assert await _was_done_in_its_place(here, early)
    assert not first.has_ended()
    assert not second.has_ended()
    text = f"everybody answered and everything on record {took:.1f} s after it went on"
    outage = f"one of two workers frozen for {_FROZEN_SECONDS} s"
    figures.note(outage, database, len(traffic.journeys), text)
    return problems


def _answered(journeys: Sequence[Journey]) -> int:
    return sum(len(one.given) for one in journeys)


async def _freeze_with_work(here: Premises, worker: Child, journeys: Sequence[Journey]) -> None:
    """Stop it until it is seen to hold an activity; a try that finds it idle lets it go on for a moment.

    It may then hold a lock of the record too: on SQLite nobody writes before it goes on.
    """
    for _ in range(_TRIES):
        os.kill(worker.process.pid, signal.SIGSTOP)
        if await _holds_work(here, journeys):
            return
        os.kill(worker.process.pid, signal.SIGCONT)
        await asyncio.sleep(0.02)
    raise AssertionError("the worker never held any work while it was stopped")


async def _holds_work(here: Premises, journeys: Sequence[Journey]) -> bool:
    handles = [here.client.get_workflow_handle(one.visit.application) for one in journeys]
    return any(await asyncio.gather(*(_is_in_hand(handle) for handle in handles)))


async def _is_in_hand(handle: WorkflowHandle[object, object]) -> bool:
    """Whether a worker has begun an activity or a workflow task of it, and has not answered."""
    try:
        described = (await handle.describe()).raw_description
    except RPCError:
        return False
    started = PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
    return any(one.state == started for one in described.pending_activities)


async def _was_done_in_its_place(here: Premises, journeys: Sequence[Journey]) -> bool:
    """Whether a history tells of a task that was not answered in time, or of a second attempt at an activity."""
    for one in journeys:
        async for event in here.client.get_workflow_handle(one.visit.application).fetch_history_events():
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT:
                return True
            if event.activity_task_started_event_attributes.attempt > 1:
                return True
    return False
