"""What a file is by its first bytes, and whether it is another thing as well."""

import re
from collections.abc import Iterator

from adapters.documents.findings import Finding, FoundError

PDF, JPEG, PNG, TIFF = "application/pdf", "image/jpeg", "image/png", "image/tiff"

_FIRST_BYTES = {
    re.compile(rb"%PDF-[12]\.[0-9]"): PDF,
    re.compile(rb"\xff\xd8\xff"): JPEG,
    re.compile(rb"\x89PNG\r\n\x1a\n"): PNG,
    re.compile(rb"II\*\x00|MM\x00\*"): TIFF,
}
_MARKUP = re.compile(
    rb"<script[\s>/]|<html[\s>]|<!doctype\s+html|<\?php\s|<hta:application|<iframe[\s>]|<svg\s+xmlns",
    re.IGNORECASE,
)
_ARCHIVES = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")
_AT = {257: b"ustar", 32769: b"CD001"}
_PDF_WITHIN = 1024
"""Readers look so far for the beginning of a PDF."""
_WHITE = b"\x00\t\n\x0c\r "
_SECOND_PDF = re.compile(rb"%%EOF\s*%PDF-")


def media_type_of(content: bytes) -> str:
    """By the bytes at its very beginning; FoundError for anything that is not taken."""
    for sign, kind in _FIRST_BYTES.items():
        if sign.match(content):
            return kind
    raise FoundError(Finding.UNKNOWN_TYPE)


def need_one_thing(content: bytes, kind: str) -> None:
    """FoundError if another program could take it for an archive, a page, a script or a second document."""
    if any(_others(content, kind)):
        raise FoundError(Finding.POLYGLOT)


def _others(content: bytes, kind: str) -> Iterator[bool]:
    yield any(content.startswith(sign, at) for at, sign in _AT.items())
    yield any(sign in content for sign in _ARCHIVES)
    yield any(_zips(content))
    yield _MARKUP.search(content) is not None
    if kind == PDF:
        yield _SECOND_PDF.search(content) is not None
        end = content.rfind(b"%%EOF")
        yield end >= 0 and content[end + 5 :].strip(_WHITE) != b""
    else:
        yield b"%PDF-" in content[:_PDF_WITHIN]


def _zips(content: bytes) -> Iterator[bool]:
    """Whether a ZIP archive ends somewhere: its last record, and its directory where that record says."""
    at = content.find(b"PK\x05\x06")
    while at >= 0:
        size = int.from_bytes(content[at + 12 : at + 16], "little")
        yield 0 < size <= at and content.startswith(b"PK\x01\x02", at - size)
        yield content.startswith(b"PK\x06\x07", max(0, at - 20))
        at = content.find(b"PK\x05\x06", at + 4)
