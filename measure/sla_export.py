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
    program = [sys.executable, str(ROOT / "starter.py"), "sla", "breaches", "--format", form, "--limit", str(rows)]
    target, command = folder / f"breaches.{form}", [sys.executable, str(ROOT / "measure" / "peak.py"), *program]
    began = time.perf_counter()
    with target.open("wb") as file:
        ran = subprocess.run(  # noqa: S603 - our own command line
            command, stdout=file, stderr=subprocess.PIPE, env={**os.environ, **environment}, check=False
        )
    seconds, told = time.perf_counter() - began, ran.stderr.decode().split()
    if ran.returncode != 0:
        raise RuntimeError(f"the export as {form} ended with {ran.returncode}: {' '.join(told)}")
    found = sum(1 for _ in target.open(encoding="utf-8")) - 1 if form == "csv" else rows
    return Export(form, found, seconds, int(told[-1]) / _MEGABYTE)
