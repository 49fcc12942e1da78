"""Where the command line writes a document: a file that is there whole or not at all, or standard output."""

import os
import secrets
import sys
from pathlib import Path

from models.errors import MalformedError


def check_out(out: str, *, as_json: bool) -> None:
    """Whether it can be written to, before anything is done; MalformedError says what is wrong."""
    if out == "-":
        if as_json:
            raise _wrong("- is standard output, where --json writes its document: name a file")
        return
    try:
        problem = _problem(out, Path(out))
    except (OSError, ValueError) as error:  # a name that no file can have
        raise _wrong(f"no file can be named so ({type(error).__name__})") from error
    if problem is not None:
        raise _wrong(problem)


def _problem(out: str, path: Path) -> str | None:
    if path.is_dir() or out.endswith(os.sep):
        return f"{out} is a folder; name a file in it"
    if path.is_symlink():  # /dev/stdout is one: it would be replaced by the document
        return f"{out} is a link; name the file itself, or - for standard output"
    if path.exists() and not path.is_file():
        return f"{out} is no plain file"
    if not path.parent.is_dir():
        return f"there is no folder {path.parent}"
    if not os.access(path.parent, os.W_OK | os.X_OK):
        return f"nothing can be written into {path.parent}"
    return None


def write_out(out: str, content: bytes) -> None:
    """Write it for us alone: somebody's data are in it. A file that was there is replaced in one step."""
    if out == "-":
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    path = Path(out)
    draft = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise _wrong(f"{out}: {error.strerror or 'cannot be written'}") from error
    finally:
        draft.unlink(missing_ok=True)


def _wrong(reason: str) -> MalformedError:
    return MalformedError(f"--out: {reason}", [("out", reason)])
