"""A disk of a few megabytes that can really be filled: a tmpfs of its own."""

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_PIECES = (1 << 16, 1)


@dataclass
class SmallDisk:
    """Its mount point, and the file that takes all the room."""

    root: Path

    @property
    def _ballast(self) -> Path:
        return self.root / "ballast"

    def fill(self) -> None:
        """Until not one byte more goes in: in large pieces first."""
        with self._ballast.open("ab", buffering=0) as file:
            for piece in _PIECES:
                _fill(file.fileno(), piece)

    def free(self) -> None:
        """There is room again; nothing happens if there was."""
        self._ballast.unlink(missing_ok=True)


def _fill(descriptor: int, piece: int) -> None:
    while True:
        try:
            os.write(descriptor, b"x" * piece)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            return


@contextmanager
def small_disk(root: Path, megabytes: int) -> Iterator[SmallDisk]:
    """Mounted for as long as a test needs it; AssertionError, with what to do, where we may not mount."""
    root.mkdir(parents=True, exist_ok=True)
    mounted = _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tirek-test", str(root))
    assert mounted.returncode == 0, (
        "this test fills a disk of its own and has to mount it: run it as root; the ones with SQLite run as "
        f"`unshare --user --map-root-user --mount make test-faults` too ({mounted.stderr.strip()})"
    )
    try:
        yield SmallDisk(root)
    finally:
        _run("umount", "--lazy", str(root))


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["/usr/bin/env", *command], capture_output=True, text=True, check=False)
