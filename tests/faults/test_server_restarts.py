"""The Temporal server is restarted ten times, gently and by force, while people go on with their work."""

import asyncio
import time
from pathlib import Path

import pytest

from models.library import Library
from tests.faults.figures import Figures
from tests.faults.premises import Premises, premises
from tests.faults.traffic import Traffic, all_of

_RESTARTS = 10
_BETWEEN_SECONDS = 0.25
"""So short that somebody is always in the middle of something."""


class TestServerRestarts:
    """The server may come and go; whoever was answered was answered for good."""

    @pytest.mark.timeout(420)
    async def test_ten_in_a_row(
        self, tmp_path: Path, library: Library, database: str, address: str, figures: Figures
    ) -> None:
        """SIGTERM and SIGKILL in turn: worker and desk find the server again, and nothing is lost or doubled."""
        async with premises(tmp_path, library, address) as here:
            worker = await here.start_worker()
            traffic = Traffic(here, here.desk(wait=5))
            early, at_work = traffic.some("before"), []
            await all_of(one.reach_review() for one in early)
            async with asyncio.TaskGroup() as work:
                for number in range(_RESTARTS):
                    early += traffic.some(f"restart-{number}", each=2)
                    at_work += [work.create_task(one.go_on()) for one in early]
                    early = []
                    await asyncio.sleep(_BETWEEN_SECONDS)
                    assert not all(task.done() for task in at_work), "nobody was at work; nothing was tried"
                    await _restart(here, by_force=number % 2 == 1)
                back = time.monotonic()
            await traffic.until_on_record()
            took = time.monotonic() - back
            traffic.some("after", each=1)
            assert await traffic.problems() == []
            assert not worker.has_ended()
            text = f"everybody answered and everything on record {took:.1f} s after the last return"
            figures.note(f"server restarted {_RESTARTS} times", database, len(traffic.journeys), text)


async def _restart(here: Premises, *, by_force: bool) -> None:
    await (here.kill_server() if by_force else here.stop_server())
    assert here.server_is_down
    await here.start_server()
