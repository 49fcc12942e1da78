"""Where a JPEG or a PNG ends by its own structure: nothing may stand behind it, but JPEG of the same shot."""

import zlib

from adapters.documents.findings import Finding, FoundError

_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
"""Markers of a JPEG without a length: TEM and the restarts."""
_START, _END, _SCAN = 0xD8, 0xD9, 0xDA
_BEGINS = b"\xff\xd8\xff"
_MOST_PICTURES = 8
_LONGEST_CHUNK = 1 << 31


def need_jpeg_end(content: bytes) -> None:
    """FoundError for what is cut off, or has anything but zero bytes and further JPEG behind its end.

    Telephones put a second picture there: a smaller one, or the brightness of the first (CIPA DC-007).
    """
    at = 0
    for _ in range(_MOST_PICTURES):
        at = _past_picture(content, at)
        rest = content[at:].lstrip(b"\x00")
        if not rest:
            return
        at = len(content) - len(rest)
        if not rest.startswith(_BEGINS):
            break
    raise FoundError(Finding.POLYGLOT)


def _past_picture(content: bytes, at: int) -> int:
    at += 2
    while True:
        marker, at = _marker(content, at)
        if marker == _END:
            return at
        if marker in _ALONE:
            continue
        if marker == _START:
            raise FoundError(Finding.IMAGE_DAMAGED)
        at = _past_segment(content, at)
        if marker == _SCAN:
            at = _past_scan(content, at)


def _marker(content: bytes, at: int) -> tuple[int, int]:
    """The marker that stands there, filling bytes before it left out, and where it ends."""
    if content[at : at + 1] != b"\xff":
        raise FoundError(Finding.IMAGE_DAMAGED)
    while content[at : at + 1] == b"\xff":
        at += 1
    if at >= len(content) or content[at] == 0:
        raise FoundError(Finding.IMAGE_DAMAGED)
    return content[at], at + 1


def _past_segment(content: bytes, at: int) -> int:
    length = content[at : at + 2]
    if length == b"/*":  # to a script's reader all before it is a name, and a comment begins
        raise FoundError(Finding.POLYGLOT)
    size = int.from_bytes(length, "big")
    if size < 2 or at + size > len(content):
        raise FoundError(Finding.IMAGE_DAMAGED)
    return at + size


def _past_scan(content: bytes, at: int) -> int:
    """Past coded data, in which FF is followed by zero or by a restart."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            raise FoundError(Finding.IMAGE_DAMAGED)
        if content[at + 1] != 0 and content[at + 1] not in _ALONE:
            return at
        at += 2


def need_png_end(content: bytes) -> None:
    """FoundError for a chunk that is cut off or altered, for moving pictures, and for what follows the end."""
    at, name = 8, b""
    while name != b"IEND":
        size = int.from_bytes(content[at : at + 4], "big")
        name = content[at + 4 : at + 8]
        data = content[at + 4 : at + 8 + size]
        check = content[at + 8 + size : at + 12 + size]
        if size >= _LONGEST_CHUNK or len(check) < 4 or zlib.crc32(data).to_bytes(4, "big") != check:
            raise FoundError(Finding.IMAGE_DAMAGED)
        if name == b"acTL":
            raise FoundError(Finding.IMAGE_MOVES)
        if (at == 8) != (name == b"IHDR"):
            raise FoundError(Finding.IMAGE_DAMAGED)
        at += 12 + size
    if content[at:].strip(b"\x00"):
        raise FoundError(Finding.POLYGLOT)
