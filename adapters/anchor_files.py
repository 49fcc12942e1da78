"""One day's anchor as a file: JSON lines, gzipped. A header, the changed heads in order of their ids, a footer.

Read and written in a stream: the first file of a large record holds a million heads.
"""

import gzip
import hashlib
import json
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from models.anchor import BEFORE_ALL, AnchorFooter, AnchorHeader, Head
from models.data import canonical
from models.errors import TirekError


class BadAnchorError(TirekError):
    """A file of anchors is not what was written: cut off, altered, or of a newer Tirek."""

    code = "bad-anchor"


@dataclass
class Reading:
    """A file while it is read: the footer is there when all heads were taken."""

    header: AnchorHeader
    heads: Iterator[Head]
    footer: AnchorFooter | None = None


def write_anchor(file: IO[bytes], header: AnchorHeader, root: str, heads: Iterable[Head]) -> AnchorFooter:
    """Write a whole file; `root` is that of the file before it. The same content makes the same bytes."""
    changed = 0
    with gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as out:
        out.write(_line(header.model_dump(mode="json")))
        for head in heads:
            line = _line([head.application, head.last_fact, head.last_hash])
            root = _next(root, line)
            changed += 1
            out.write(line)
        footer = AnchorFooter(changed=changed, root=root)
        out.write(_line(footer.model_dump(mode="json")))
    return footer


def read_anchor(file: IO[bytes], root: str | None) -> Reading:
    """A file's header, and its heads as a stream that ends in BadAnchorError where anything is wrong.

    `root` is that of the file before it; None: nobody knows it, so this file's cannot be checked.
    """
    lines = _lines(file)
    try:
        header = AnchorHeader.model_validate_json(next(lines))
    except (StopIteration, ValueError) as error:
        raise BadAnchorError("it has no header that this version can read") from error
    reading = Reading(header, iter(()))
    reading.heads = _heads(reading, lines, root)
    return reading


def last_root(file: IO[bytes]) -> str:
    """The root in a file's footer, not looked into any further. BadAnchorError."""
    last = deque(_lines(file), maxlen=1)
    try:
        return AnchorFooter.model_validate_json(last.pop()).root
    except (IndexError, ValueError) as error:
        raise BadAnchorError("it has no footer that this version can read") from error


def _heads(reading: Reading, lines: Iterator[bytes], before: str | None) -> Iterator[Head]:
    root = before or BEFORE_ALL
    for changed, line in enumerate(lines):
        content = _content(line)
        if isinstance(content, AnchorFooter):
            if content.changed != changed or (before and content.root != root):
                raise BadAnchorError("its root is not that of its heads and of the file before it")
            reading.footer = content
            return
        root = _next(root, line)
        yield content
    raise BadAnchorError("it is cut off")


def _content(line: bytes) -> Head | AnchorFooter:
    try:
        content = json.loads(line)
        if not isinstance(content, list):
            return AnchorFooter.model_validate(content)
        application, last_fact, last_hash = content
        return Head(application=application, last_fact=last_fact, last_hash=last_hash)
    except ValueError as error:
        raise BadAnchorError("it has a line that is neither a head nor a footer") from error


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    try:
        with gzip.GzipFile(fileobj=file, mode="rb") as content:
            yield from content
    except (OSError, EOFError, zlib.error) as error:
        raise BadAnchorError(f"it cannot be read ({type(error).__name__})") from error


def _line(content: object) -> bytes:
    return canonical(content).encode() + b"\n"


def _next(root: str, line: bytes) -> str:
    return hashlib.sha256(root.encode() + line).hexdigest()
