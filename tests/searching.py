"""Looks for people in raw bytes: in every way in which a text can lie in a file without being encrypted."""

import base64
import json
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

PERSONAL = frozenset({"iin", "surname", "name", "patronymic", "address", "phone", "iban", "text", "reason"})
"""The fields of inputs that tell who somebody is, or what people wrote in their own words."""
_LEAST = 6
"""Shorter ones stand in any large file by chance."""
_LEAST_IN_BASE64 = 9


def personal_texts(content: Any) -> Iterator[str]:
    """Every text under such a field, however deep."""
    if isinstance(content, dict):
        for name, value in content.items():
            if name in PERSONAL and isinstance(value, str):
                yield value
            else:
                yield from personal_texts(value)
    elif isinstance(content, list):
        for one in content:
            yield from personal_texts(one)


def spellings(text: str) -> set[bytes]:
    """How a text can stand in bytes: in any case, as UTF-8 and UTF-16, escaped, in hex and in base64."""
    found: set[bytes] = set()
    for one in {text, text.upper(), text.lower()}:
        plain = [one.encode(), one.encode("utf-16-le"), one.encode("utf-16-be")]
        found |= {way for way in plain if len(way) >= _LEAST}
        found |= {json.dumps(one).strip('"').encode()} if len(one) >= _LEAST else set()
        for way in plain:
            if len(way) >= _LEAST:
                found |= {way.hex().encode(), way.hex().upper().encode()}
            if len(way) >= _LEAST_IN_BASE64:
                found |= {part for start in range(3) for part in _in_base64(way, start)}
    return found


def _in_base64(way: bytes, start: int) -> Iterator[bytes]:
    """What stands for these bytes, wherever they begin in what was encoded; not the ends, which others share."""
    encoded = base64.b64encode(b"\0" * start + way)
    first = -(-start * 8 // 6)
    whole = (start + len(way)) * 8 // 6
    yield encoded[first:whole]
    yield encoded[first:whole].replace(b"+", b"-").replace(b"/", b"_")


def found_in(files: Iterable[tuple[str, bytes]], texts: Iterable[str]) -> list[str]:
    """Which texts stand in which files, in which spelling."""
    wanted = {way: text for text in sorted(texts) for way in spellings(text)}
    ways = sorted(wanted)
    beginning = re.compile(_beginnings(ways, _LEAST))
    found: dict[str, None] = {}
    for name, content in files:
        at = beginning.search(content)
        while at is not None:
            there = [way for way in ways if content.startswith(way, at.start())]
            found |= {f"{name}: {wanted[way]!r} as {way!r}": None for way in there}
            at = beginning.search(content, at.start() + 1)
    return list(found)


def _beginnings(ways: Iterable[bytes], length: int) -> bytes:
    """A pattern of the first bytes of all of them, as a tree: one pass over a file is enough for thousands."""
    if length == 0:
        return b""
    branches = [
        re.escape(bytes([first])) + _beginnings([way[1:] for way in several], length - 1)
        for first, several in groupby(ways, key=lambda way: way[0])
    ]
    return b"(?:" + b"|".join(branches) + b")"
