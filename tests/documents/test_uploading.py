"""A file from the command line: a regular file only, no more of it than may be, and not its name."""

import os
import socket
from pathlib import Path

import pytest

from adapters.documents.uploading import read_upload
from models.errors import MalformedError


def reason(path: Path) -> str:
    with pytest.raises(MalformedError) as caught:
        read_upload(path, 10)
    assert caught.value.fields == (("FILE", str(caught.value).removeprefix("FILE: ")),)
    return str(caught.value)


class TestUpload:
    """Whatever is no file is told at once; nothing waits."""

    def test_content(self, tmp_path: Path) -> None:
        """Through a link too, and whatever the name is."""
        file = tmp_path / "..; rm -rf ' \n.pdf"
        file.write_bytes(b"0123456789")
        (tmp_path / "link").symlink_to(file)
        assert read_upload(file, 10) == read_upload(tmp_path / "link", 10) == b"0123456789"

    def test_one_byte_more_at_the_most(self, tmp_path: Path) -> None:
        """A file of a terabyte costs as much as it takes to see that it is too large."""
        file = tmp_path / "large"
        with file.open("wb") as stream:
            stream.truncate(1 << 40)
        assert read_upload(file, 10) == b"\x00" * 11

    def test_pipe(self, tmp_path: Path) -> None:
        """One that nobody writes into."""
        os.mkfifo(tmp_path / "pipe")
        assert "a pipe" in reason(tmp_path / "pipe")

    def test_socket(self, tmp_path: Path) -> None:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(tmp_path / "socket"))
            assert reason(tmp_path / "socket").startswith("FILE: ")

    @pytest.mark.parametrize("path", ["/dev/zero", "/dev/tty0", "/proc/self/mem", "/", "/nowhere/at-all"])
    def test_what_is_no_file(self, path: str) -> None:
        assert reason(Path(path)).startswith("FILE: ")

    def test_folder(self, tmp_path: Path) -> None:
        assert reason(tmp_path) == "FILE: is a folder"

    def test_name_is_not_told(self, tmp_path: Path) -> None:
        """It may be somebody's."""
        assert reason(tmp_path / "Ахметова Әсел.pdf") == "FILE: No such file or directory"

    @pytest.mark.parametrize("name", ["a\x00b", "x" * 5_000, ""])
    def test_name_that_is_none(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(MalformedError, match="FILE: "):
            read_upload(Path(f"{tmp_path}/{name}"), 10)
