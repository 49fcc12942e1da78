"""How much memory an export of many rows takes, as a process of its own, and how long."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from adapters.settings import ROOT

_MEGABYTE = 1024


@dataclass(frozen=True)
class Export:
    """An export: its form, its rows, its seconds, and the most megabytes that its process held."""

    form: str
    rows: int
    seconds: float
    megabytes: float


def time_export(form: str, rows: int, environment: dict[str, str], folder: Path) -> Export:
    """`starter.py sla breaches --format FORM` into a file; RuntimeError if it fails."""
    command = [sys.executable, str(ROOT / "starter.py"), "sla", "breaches", "--format", form, "--limit", str(rows)]
    target = folder / f"breaches.{form}"
    began = time.perf_counter()
    with target.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, env={**os.environ, **environment})  # noqa: S603
        _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"the export as {form} ended with {process.returncode}")
    found = sum(1 for _ in target.open(encoding="utf-8")) - 1 if form == "csv" else rows
    return Export(form, found, seconds, used.ru_maxrss / _MEGABYTE)
