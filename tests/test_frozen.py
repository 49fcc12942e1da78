"""The stored histories are frozen, and recording can only add to them."""

from pathlib import Path

import pytest

from tests.frozen import FROZEN, differences, line_of, stored_files
from tests.record_histories import file_of, main, name_of, new_folder


class TestFrozen:
    """`tests/histories/FROZEN.sha256`."""

    def test_stored_histories_are_as_they_were(self) -> None:
        """Not one is changed, removed, or there without being frozen."""
        assert differences(FROZEN.read_text().splitlines(), stored_files()) == []

    def test_changed_one_is_named(self) -> None:
        """With what to do: its file goes back, and the code gets a patch."""
        file = file_of("left the queue")
        other = file_of("decided too late")
        lie = line_of(other).split("  ")[0] + "  " + line_of(file).split("  ")[1]
        (told,) = differences([lie], [file])
        assert told.startswith("histories/left-the-queue.json was changed")
        assert "workflow.patched" in told

    def test_removed_and_added_ones_are_named(self) -> None:
        """A file that is gone, and one that is not in the list."""
        file, other = file_of("left the queue"), file_of("decided too late")
        told = differences([line_of(file)], [other])
        assert [one.split(":")[0] for one in told] == [
            "histories/left-the-queue.json was removed",
            "histories/decided-too-late.json is not frozen",
        ]


class TestRecording:
    """`make histories NAME=…`."""

    def test_never_over_what_is_there(self, tmp_path: Path) -> None:
        """A second recording under the same name is refused; the first one's files stay."""
        folder = new_folder("other-clocks", tmp_path)
        (folder / "kept.json").write_text("{}")
        with pytest.raises(ValueError, match="take another name"):
            new_folder("other-clocks", tmp_path)
        assert (folder / "kept.json").read_text() == "{}"

    @pytest.mark.parametrize("name", ["", "..", "../older_histories", "A b", "x" * 61])
    def test_strange_name(self, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """It ends with 2 and nothing is made: no name leads out of the folder."""
        with pytest.raises(ValueError, match="NAME="):
            new_folder(name, tmp_path)
        assert list(tmp_path.iterdir()) == []
        assert main([name]) == 2
        assert "NAME=" in capsys.readouterr().err

    def test_names_of_files(self) -> None:
        """A title leads to one file name, and a recall's to another beside it."""
        assert name_of("Left the queue!", "-recall-1") == "left-the-queue-recall-1.json"
