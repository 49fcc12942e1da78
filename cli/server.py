"""Has a Temporal server program at hand before anything needs it: `make server`. It may take minutes, once."""

import asyncio
import sys
import tempfile
from pathlib import Path

from adapters.process import run_program
from adapters.temporal.server import Place, free_port, running_server
from models.errors import UnavailableError


def main() -> int:
    """Find, download or build one, start it and see that it can skip time; the exit code is 4 if none can."""
    try:
        asyncio.run(_try())
    except UnavailableError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


async def _try() -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Place(None, Path(folder) / "temporal.log", free_port(), None)
        async with running_server(place, lambda text: print(text, flush=True)):  # noqa: T201 - a program's words
            pass


if __name__ == "__main__":
    run_program(main)
