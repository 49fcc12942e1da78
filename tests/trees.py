"""Copies of this tree with something of it changed: other versions of the same programs, beside this one."""

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from adapters.child import Child, start_child
from adapters.settings import ROOT

_PARTS = (
    "activities",
    "adapters",
    "cli",
    "demo",
    "desk",
    "migrations",
    "models",
    "operations",
    "regulations",
    "web",
)
_MORE = ("workflows", "gateway_stand_in", "starter.py", "worker.py")


@dataclass(frozen=True)
class Change:
    """One text of one file, and what stands there in the other version."""

    file: str
    before: str
    after: str


def copy_tree(root: Path, *changes: Change) -> Path:
    """This tree's programs under `root`, changed; AssertionError where a text has moved, or stands there twice."""
    for part in (*_PARTS, *_MORE):
        whole = ROOT / part
        if whole.is_dir():
            shutil.copytree(whole, root / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(whole, root / part)
    for change in changes:
        file = root / change.file
        text = file.read_text()
        found = text.count(change.before)
        assert found == 1, f"{change.file} has {found} times what this version changes: {change.before!r}"
        file.write_text(text.replace(change.before, change.after))
    return root


def start_worker_of(tree: Path, log: Path, environment: Mapping[str, str]) -> Child:
    """A worker of that version as a process of its own."""
    return start_child(
        [sys.executable, str(tree / "worker.py")], log=log, environment={**os.environ, **environment}
    )
