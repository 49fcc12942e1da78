"""Every command and every fact of a clock, at every point at which a process can die, worker alone or both."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from models.library import Library
from tests.command_line import run_program
from tests.faults.lane import Cell, deaths, play
from tests.faults.premises import premises
from tests.faults.table import played

_LANES = 4


class TestCrashes:
    """A process that is killed anywhere loses nothing, doubles nothing, and says the same afterwards."""

    @pytest.mark.timeout(1200)
    @pytest.mark.parametrize("with_server", [False, True], ids=["worker", "worker-and-server"])
    async def test_nothing_is_lost(
        self,
        tmp_path: Path,
        library: Library,
        new_address: Callable[[str], str],
        *,
        database: str,
        with_server: bool,
    ) -> None:
        """Every point is reached; history, journal, read model, answers and notices agree when all is up again."""
        cells = deaths(with_server=with_server)
        played.setdefault(database, []).extend(cells)

        async def run(lane: int) -> int:
            address = new_address(f"lane_{int(with_server)}_{lane}")
            async with premises(tmp_path / f"lane-{lane}", library, address) as here:
                await play(here, cells[lane::_LANES], 1000 * lane)
                return (await run_program("reconcile", environment=here.environment)).code

        codes = await asyncio.gather(*(run(lane) for lane in range(_LANES)))
        assert [_place(cell) for cell in cells if not cell.was_reached] == []
        assert [(_place(cell), cell.problems) for cell in cells if cell.problems] == []
        assert codes == [0] * _LANES


def _place(cell: Cell) -> str:
    return f"{cell.scene.name} at {cell.point}"
