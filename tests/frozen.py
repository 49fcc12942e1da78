"""The stored histories are frozen: `histories/FROZEN.sha256` has the hash of each, as `sha256sum` writes it.

New ones are added by `make histories NAME=…`, which writes a folder of its own and appends it to the list.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

TESTS = Path(__file__).resolve().parent
HISTORIES = TESTS / "histories"
OLDER = TESTS / "older_histories"
FROZEN = HISTORIES / "FROZEN.sha256"


def stored_files() -> list[Path]:
    """Every stored history and every key ring beside one."""
    return sorted(path for root in (HISTORIES, OLDER) for path in root.rglob("*.json"))


def line_of(path: Path) -> str:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return f"{digest}  {path.relative_to(TESTS).as_posix()}"


def differences(frozen: Iterable[str], files: Iterable[Path]) -> list[str]:
    """What is not as the list says, and what to do about it; none if every file stands in it unchanged."""
    known = dict(reversed(line.split("  ", 1)) for line in frozen)
    there = dict(reversed(line_of(path).split("  ", 1)) for path in files)
    return [
        *(f"{name} was removed: put it back, it is frozen" for name in known if name not in there),
        *(
            f"{name} was changed: put it back, and guard the change of the code with workflow.patched "
            "(docs/decisions/0035-versions.md)"
            for name, digest in known.items()
            if there.get(name, digest) != digest
        ),
        *(
            f"{name} is not frozen: `make histories NAME=…` freezes what it records"
            for name in there
            if name not in known
        ),
    ]


def freeze(files: Iterable[Path]) -> None:
    """Append files to the list; lines that are there stay as they are."""
    with FROZEN.open("a") as manifest:
        manifest.writelines(line_of(path) + "\n" for path in sorted(files))
