"""Where a TIFF ends: its parts lie where its directories say, so the last of them is the end."""

from collections.abc import Iterator, Sequence
from typing import Literal

from adapters.documents.findings import Finding, FoundError, Limits

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
"""Bytes of a value, by its type."""
_DATA = ((273, 279), (324, 325), (513, 514))
"""Tags of where data lie and how long they are: strips, tiles, a JPEG of the old kind."""
_DIRECTORIES = (330, 34665, 34853, 40965)
"""Tags of directories within: smaller pictures, Exif, place, interoperability."""
_MOST_ENTRIES, _DEEPEST = 4096, 4
_MOST_PLACES = 2_000_000
"""Of strips and tiles of all pages."""

Entries = dict[int, Sequence[int]]


def need_tiff_end(content: bytes, limits: Limits) -> None:
    """FoundError for directories that lead nowhere or in a circle, too many pages, and what follows the end."""
    tiff = _Tiff(content)
    pages = tiff.pages(limits.most_pages)
    if not pages:
        raise FoundError(Finding.IMAGE_DAMAGED)
    if content[tiff.end :].strip(b"\x00"):
        raise FoundError(Finding.POLYGLOT)


class _Tiff:
    """Walks through directories, and remembers how far anything reaches."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._order: Literal["little", "big"] = "little" if content.startswith(b"II") else "big"
        self._seen: set[int] = set()
        self._places = 0
        self.end = 8

    def pages(self, most: int) -> int:
        """How many directories follow one another."""
        at, pages = self._number(4, 4), 0
        while at:
            pages += 1
            if pages > most:
                raise FoundError(Finding.TOO_MANY_PAGES)
            at = self._directory(at, most)
        return pages

    def _directory(self, at: int, most: int, depth: int = 0) -> int:
        """Go through one; where the next one begins."""
        if at in self._seen or len(self._seen) > 8 * most or depth > _DEEPEST:
            raise FoundError(Finding.IMAGE_DAMAGED)
        self._seen.add(at)
        count = self._number(at, 2)
        if not 0 < count <= _MOST_ENTRIES:
            raise FoundError(Finding.IMAGE_DAMAGED)
        entries = dict(self._entry(at + 2 + 12 * place) for place in range(count))
        self._reaches(at + 2 + 12 * count + 4)
        for offset, length in self._data(entries):
            self._reaches(offset + length)
        for within in (one for tag in _DIRECTORIES for one in entries.get(tag, ())):
            self._directory(within, most, depth + 1)
        return self._number(at + 2 + 12 * count, 4)

    def _entry(self, at: int) -> tuple[int, Sequence[int]]:
        """The tag, and its values where they tell places and lengths."""
        tag, kind, count = self._number(at, 2), self._number(at + 2, 2), self._number(at + 4, 4)
        size = _SIZES.get(kind, 1)
        where = at + 8 if size * count <= 4 else self._number(at + 8, 4)
        if where != at + 8:
            self._reaches(where + size * count)
        is_place = tag in _DIRECTORIES or any(tag in pair for pair in _DATA)
        if not is_place or kind not in (3, 4, 13):
            return tag, ()
        self._places += count
        if self._places > _MOST_PLACES:
            raise FoundError(Finding.IMAGE_DAMAGED)
        return tag, [self._number(where + size * place, size) for place in range(count)]

    def _data(self, entries: Entries) -> Iterator[tuple[int, int]]:
        for offsets, lengths in _DATA:
            yield from zip(entries.get(offsets, ()), entries.get(lengths, ()), strict=False)

    def _reaches(self, end: int) -> None:
        if end > len(self._content):
            raise FoundError(Finding.IMAGE_DAMAGED)
        self.end = max(self.end, end)

    def _number(self, at: int, size: int) -> int:
        data = self._content[at : at + size]
        if len(data) < size:
            raise FoundError(Finding.IMAGE_DAMAGED)
        return int.from_bytes(data, self._order)
