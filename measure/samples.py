"""What every page of measurements says alike: the machine, and how times are spread."""

import os
import platform
from collections.abc import Sequence


def machine() -> str:
    """The machine in one sentence, without a full stop."""
    cores = os.cpu_count()
    return (
        f"Machine: {cores} cores ({platform.machine()}), {platform.system()}, CPython {platform.python_version()}"
    )


def percentile(times: Sequence[float], percent: int) -> float:
    """The smallest time that so many of 100 do not exceed (nearest rank)."""
    ranked = sorted(times)
    return ranked[-(-percent * len(ranked) // 100) - 1]
