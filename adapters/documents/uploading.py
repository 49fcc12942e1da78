"""Reads a file that is handed in at the command line. Its name is neither kept nor told: it may name somebody."""

import os
import stat
from pathlib import Path

from models.errors import MalformedError


def read_upload(path: Path, most_bytes: int) -> bytes:
    """The content, at the most one byte more than may be; MalformedError for what is no file or cannot be read."""
    try:
        descriptor = os.open(
            path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY
        )  # a pipe without a writer waits for ever
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise _unreadable("is no file that has a content (a folder, a pipe or a device)")
            return file.read(most_bytes + 1)
    except IsADirectoryError as error:
        raise _unreadable("is a folder") from error
    except OSError as error:
        raise _unreadable(error.strerror or "cannot be read") from error
    except ValueError as error:
        raise _unreadable("its name cannot be one of a file") from error


def _unreadable(reason: str) -> MalformedError:
    return MalformedError(f"FILE: {reason}", [("FILE", reason)])
