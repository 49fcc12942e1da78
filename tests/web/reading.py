"""Reads a page as a test needs it: its links, its rows, and what it says of itself."""

import re
from html import unescape

_LINK = re.compile(r'<a [^>]*?data-k="([^"]*)" href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
_ROW = re.compile(r'data-k="[br]-([^"]*)"')


def links(html: str) -> dict[str, tuple[str, str]]:
    """The address and the words of each link, by its key."""
    return {
        unescape(key): (unescape(href), unescape(re.sub(r"<[^>]*>", "", words)).strip())
        for key, href, words in _LINK.findall(html)
    }


def rows(html: str) -> list[str]:
    """The application and the clock of each row of a list, as its key has them."""
    return [unescape(key) for key in _ROW.findall(html)]


def number(words: str) -> int:
    return int(re.sub(r"\D", "", words))


def attribute(html: str, name: str) -> str:
    found = re.search(rf'{name}="([^"]*)"', html)
    assert found, name
    return unescape(found[1])
