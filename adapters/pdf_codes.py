"""Finds the code of a document in a PDF that is not as it was given, and may be anybody's.

What the bytes say in the clear comes first. Only then a parser reads the metadata, in a process of its own with a
limit on memory and time: a few bytes of a PDF can unfold into more than a machine has.

    python -m adapters.pdf_codes < FILE
"""

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress

from adapters.child import run_apart
from models.document_code import read_code

LARGEST = 20_000_000
"""Bytes. No document of ours is so large; what is larger is nobody's that we know."""
_MEMORY = 1_000_000_000
_SECONDS = 10
_MOST = 20
"""So many different codes of one file are looked up at the most."""
_SHAPED = re.compile(rb"(?<![0-9A-Z-])[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}(?![0-9A-Z-])")


def codes_in(content: bytes) -> Iterator[str]:
    """What is shaped like a code in a PDF or its metadata, each once; nothing from what cannot be read."""
    if not content.startswith(b"%PDF-") or len(content) > LARGEST:
        return
    seen: set[str] = set()
    for find in (_codes, _codes_by_parser):
        for code in find(content):
            if code not in seen and len(seen) < _MOST:
                seen.add(code)
                yield code


def _codes(text: bytes) -> list[str]:
    found = (read_code(shaped.decode()) for shaped in _SHAPED.findall(text))
    return [code for code in found if code is not None]


def _codes_by_parser(content: bytes) -> list[str]:
    command = [sys.executable, "-m", "adapters.pdf_codes"]
    try:
        ran = run_apart(command, content, seconds=_SECONDS)
    except subprocess.TimeoutExpired:
        return []
    return _codes(ran.stdout) if ran.returncode == 0 else []


def _metadata(content: bytes) -> str:
    """The keywords and the XMP of a PDF, as text."""
    from pikepdf import Pdf  # noqa: PLC0415 - only the process with limits opens a PDF

    with Pdf.open(io.BytesIO(content)) as pdf:
        words = str(pdf.docinfo.get("/Keywords", ""))
        with suppress(Exception):  # one of the two is enough
            words += "\n" + pdf.Root.Metadata.read_bytes().decode(errors="replace")
        return words


def _limit() -> None:
    """Where the system has such limits; the time-out of whoever started us is everywhere."""
    with suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - not everywhere

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))


def entry() -> int:
    content = sys.stdin.buffer.read(LARGEST + 1)
    _limit()
    sys.stdout.write(_metadata(content))
    return 0


if __name__ == "__main__":
    sys.exit(entry())
