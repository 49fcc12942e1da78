"""Every command and every fact of a clock, at every point at which a process can die, worker alone or both."""

import asyncio
from pathlib import Path

import pytest

from models.library import Library
from tests.faults.lane import POINTS, Cell, play
from tests.faults.premises import premises
from tests.faults.scenes import SCENES

_LANES = 3


class TestCrashes:
    """A process that is killed anywhere loses nothing, doubles nothing, and says the same afterwards."""

    @pytest.mark.timeout(1800)
    @pytest.mark.parametrize("with_server", [False, True], ids=["worker", "worker-and-server"])
    async def test_nothing_is_lost(self, tmp_path: Path, library: Library, *, with_server: bool) -> None:
        """Every point is reached; history, journal, read model, answers and notices agree when all is up again."""
        cells = [Cell(scene, point, with_server) for point in POINTS for scene in SCENES]
        lanes = [cells[number::_LANES] for number in range(_LANES)]

        async def run(number: int) -> None:
            async with premises(tmp_path / f"lane-{number}", library) as here:
                await play(here, lanes[number], 1000 * number)

        await asyncio.gather(*(run(number) for number in range(_LANES)))
        assert [cell for cell in cells if not cell.was_reached] == []
        assert [(cell.scene.name, cell.point, cell.problems) for cell in cells if cell.problems] == []
