"""A worker as it runs by itself tells of what is ended from outside."""

import asyncio

from demo.visit import Visit
from desk.troubles import Trouble
from desk.watching import LOOK_SECONDS, OUTSIDE
from models.lifecycle import Channel
from tests.conftest import House, strangers


class TestWorker:
    """Its log is where an alarm looks."""

    async def test_terminated_is_told_at_once(self, house: House) -> None:
        """Within one look, the worker's log has the application's id and the command, and `access` has the run."""
        visit = await Visit.open(house.desk, Channel.STATE_CORPORATION, strangers())
        handle = house.engine.client.get_workflow_handle(visit.application)
        run = (await handle.describe()).run_id
        await handle.terminate("by mistake")
        async with asyncio.timeout(LOOK_SECONDS + 10):
            while f"revive {visit.application}" not in house.engine.worker.words():  # noqa: ASYNC110 - a file
                await asyncio.sleep(0.2)
        assert house.reader.accesses(visit.application) == [(OUTSIDE, Trouble.ENDED, run)]
