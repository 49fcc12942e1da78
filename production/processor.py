"""How much processor time the parts of production have used, as Linux counts it."""

import os
from collections.abc import Mapping
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_OWN, _OF_THE_ENDED = slice(11, 13), slice(13, 15)
"""Fields of /proc/PID/stat behind the name: user and system time, and those of children that have ended."""


def used_by(process: int) -> float:
    """Seconds of a process and of whatever it started, ended ones too; 0 for one that is gone."""
    fields = _fields(process)
    if fields is None:
        return 0.0
    own = sum(int(field) for field in (*fields[_OWN], *fields[_OF_THE_ENDED])) / _TICKS
    return own + sum(used_by(child) for child in _children(process))


def used(parts: Mapping[str, int]) -> dict[str, float]:
    """Seconds by part, of each part's first process."""
    return {name: used_by(process) for name, process in parts.items()}


def since(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """What was used between two looks."""
    return {name: after[name] - before[name] for name in after}


def _fields(process: int) -> list[str] | None:
    try:
        told = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return None
    return told.rpartition(")")[2].split()


def _children(process: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            found += [int(number) for number in task.read_text().split()]
        except OSError:
            continue
    return found
