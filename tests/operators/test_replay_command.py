"""`starter.py replay`: what is stored, and a sample of what a server has open."""

import json
import shutil
from pathlib import Path

from demo.visit import Visit
from models.lifecycle import Channel
from tests.command_line import run_program
from tests.conftest import House, strangers
from tests.frozen import HISTORIES, stored_files
from tests.record_histories import file_of


def folder_with(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    """A folder of one stored history, with parts of its text replaced."""
    shutil.copy(HISTORIES / "keys.json", tmp_path)
    text = file_of("left the queue").read_text()
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    (tmp_path / "a-history.json").write_text(text)
    return tmp_path


class TestStored:
    """Offline, on a fresh clone: nothing is opened but the files."""

    async def test_all_of_the_repository(self, tmp_path: Path) -> None:
        """Every one replays; no record and no key ring is made for it."""
        data = tmp_path / "data"
        ran = await run_program("replay", "--json", environment={"TIREK_DATA": str(data)})
        assert ran.code == 0, ran.err + ran.out
        histories = [path for path in stored_files() if path.name != "keys.json"]
        assert sum(part["histories"] for part in ran.json["replayed"]) == len(histories) > 30
        assert ran.json["broken"] == []
        assert not data.exists()

    async def test_one_that_went_another_way(self, tmp_path: Path) -> None:
        """1, with the application's id, where its history lies, and what to do: a patch."""
        folder = folder_with(tmp_path, ('"name": "record"', '"name": "another"'))
        ran = await run_program("replay", "--histories", str(folder), "--json")
        assert ran.code == 1, ran.err
        (broken,) = ran.json["broken"]
        started = json.loads((folder / "a-history.json").read_text())["events"][0]
        id_of_it = started["workflowExecutionStartedEventAttributes"]["workflowId"]
        assert broken["execution"] == id_of_it
        assert broken["where"] == str(folder / "a-history.json")
        assert "workflow.patched" in broken["to_do"]
        told = await run_program("replay", "--histories", str(folder))
        assert told.out.endswith("1 histories replayed, 1 of them broken\n")
        assert id_of_it in told.out

    async def test_what_is_no_history(self, tmp_path: Path) -> None:
        """A file that holds something else is told as broken, the others are replayed."""
        folder = folder_with(tmp_path)
        (folder / "b.json").write_text("[1]")
        ran = await run_program("replay", "--histories", str(folder), "--json")
        assert ran.code == 1
        assert [one["execution"] for one in ran.json["broken"]] == ["b"]
        assert ran.json["replayed"][0]["histories"] == 2

    async def test_empty_folder(self, tmp_path: Path) -> None:
        """2: a gate that looked at nothing must not pass."""
        ran = await run_program("replay", "--histories", str(tmp_path))
        assert (ran.code, "holds no stored histories" in ran.err) == (2, True)


class TestServer:
    """`--server`."""

    async def test_sample_of_the_open_ones(self, house: House, tmp_path: Path) -> None:
        """Of the open executions of our queue as many as were asked for, each replayed."""
        visits = [await Visit.open(house.desk, Channel.PROVIDER, strangers()) for _ in range(3)]
        await visits[0].be_accepted()
        folder = folder_with(tmp_path)
        command = ("replay", "--server", "--sample", "2", "--histories", str(folder), "--json")
        ran = await run_program(*command, environment=house.environment)
        assert ran.code == 0, ran.err + ran.out
        assert ran.json["replayed"][1] == {"where": "the server", "histories": 2, "broken": 0}
