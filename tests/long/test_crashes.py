"""The quick part of the fault tests: a command, its claim and a limit, at every point, server and worker both.

`make test-faults` plays every command and every fact of a clock (tests/faults).
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from models.library import Library
from tests.command_line import run_program
from tests.faults.lane import POINTS, deaths, play
from tests.faults.premises import premises

QUICK = {"sqlite": "accept: claim and number", "postgresql": "limit passed: waiting"}
"""One scene on each database: both are played on both in `make test-faults`."""


class TestCrashes:
    """A process that is killed anywhere loses nothing, doubles nothing, and says the same afterwards."""

    @pytest.mark.timeout(300)
    async def test_nothing_is_lost(
        self, tmp_path: Path, library: Library, new_address: Callable[[str], str], database: str
    ) -> None:
        """Each death is reached; afterwards history, journal, read model, answers and notices are equal."""
        cells = [cell for cell in deaths(with_server=database == "sqlite") if cell.scene.name == QUICK[database]]
        async with premises(tmp_path, library, new_address("record")) as here:
            await play(here, cells, 1)
            reconciled = await run_program("reconcile", environment=here.environment)
        assert [(cell.scene.name, cell.point) for cell in cells if not cell.was_reached] == []
        assert [(cell.scene.name, cell.point, cell.problems) for cell in cells if cell.problems] == []
        assert len(cells) == len(POINTS)
        assert reconciled.code == 0, reconciled.out
