"""What the fault tests are made of: every fact has a scene, and what was not played is seen.

`make test-long` plays two scenes (tests/long), `make test-faults` all of them (tests/faults).
"""

from pathlib import Path

import pytest

from adapters.faults import Fault, Point
from models.authority import OF_THE_STATE
from models.errors import MalformedError
from models.journal import FactName
from models.library import Library
from models.lifecycle import Command
from models.messages import MESSAGES
from models.outbound import NoticeKind
from tests.command_line import run_program
from tests.faults.lane import POINTS, POINTS_OF_A_NOTICE, Cell, deaths
from tests.faults.scenes import NOTICES, SCENES
from tests.faults.table import lines, played


class TestScenes:
    """What dies in `make test-faults` is everything that can be done."""

    def test_every_fact_has_a_scene(self) -> None:
        """No fact can be written, and no notice sent, that no death has been tried for."""
        played = {scene.what.partition("/")[0] for scene in SCENES}
        assert set(FactName) <= played
        assert {scene.what for scene in NOTICES} == set(NoticeKind)

    def test_every_command_has_a_scene(self) -> None:
        """So is every command that people give."""
        assert {scene.command for scene in SCENES if scene.command} == {*MESSAGES, *OF_THE_STATE}
        assert Command.VERIFY not in MESSAGES

    def test_every_limit_has_a_scene(self, library: Library) -> None:
        """And every clock that is a limit in any regulation."""
        limits = {kind for r in library.regulations.values() for kind, clock in r.clocks.items() if clock.limit}
        warned = {kind for r in library.regulations.values() for kind, clock in r.clocks.items() if clock.warnings}
        falling_due = {scene.what for scene in SCENES if scene.clock and "/" in scene.what}
        assert falling_due == {f"LimitPassed/{kind}" for kind in limits} | {
            f"WarningReached/{kind}/50" for kind in warned
        }

    def test_every_scene_at_every_point(self) -> None:
        """Every scene dies at every point at which it can."""
        cells = deaths(with_server=False)
        assert len({(cell.scene.name, cell.point) for cell in cells}) == len(cells)
        assert len(cells) == len(SCENES) * len(POINTS) + len(NOTICES) * len(POINTS_OF_A_NOTICE)


class TestTable:
    """The table tells what was not played."""

    def test_empty_cell_is_seen(self) -> None:
        """A death that was not reached, one that lost something, and one that was never played look different."""
        good, failed, missed = (Cell(SCENES[0], point, False) for point in POINTS[:3])
        good.was_reached = failed.was_reached = True
        failed.problems.append("lost")
        played["test"] = [good, failed, missed]
        try:
            row = next(line for line in lines() if line.startswith(f"| {SCENES[0].name} "))
        finally:
            del played["test"]
        assert [cell.strip() for cell in row.split("|")[2:-1]] == [
            "ok",
            "",
            "FAILED",
            "",
            "NOT REACHED",
            "",
            "",
            "",
        ]


class TestFault:
    """TIREK_FAULT names a point, what happens there, and to which application."""

    def test_reads_what_it_writes(self) -> None:
        """A fault survives the environment, with and without the process that dies along."""
        for pid in (None, 4711):
            fault = Fault(Point.INSIDE_RECORD, "LimitPassed/waiting", "app-1", pid)
            assert Fault.parse(str(fault)) == fault

    @pytest.mark.parametrize(
        "text", ["", "somewhere:x:y", "before-record", "before-record:x", "before-record:x:y:z"]
    )
    def test_bad_fault_is_named(self, text: str) -> None:
        """A point that does not exist would never be reached: it is refused, and the points are told."""
        with pytest.raises(MalformedError, match=r"TIREK_FAULT.*before-answer"):
            Fault.parse(text)

    async def test_worker_refuses_a_bad_fault(self, tmp_path: Path) -> None:
        """A worker that is armed with nonsense ends with 2 before it works."""
        environment = {"TIREK_FAULT": "nowhere:x:y", "TIREK_DATA": str(tmp_path)}
        ran = await run_program(program="worker.py", environment=environment)
        assert (ran.code, "TIREK_FAULT" in ran.err) == (2, True)
