"""One engine per data folder: two servers on one SQLite file, or a demo under a running engine, lose data."""

import fcntl
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from models.errors import UnavailableError


@contextmanager
def folder_lock(folder: Path) -> Generator[None]:
    """Hold a data folder; UnavailableError while another program holds it. It goes with the process."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise UnavailableError(
                f"another `make up`, `make demo`, `make production` or `make gateway` works in {folder}; "
                "stop it first"
            ) from error
        yield
