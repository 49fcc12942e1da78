"""Reads printed forms back: their text, page by page, and what of a sheet has to stand in it."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pypdfium2 as pdfium

from adapters.forms.letters import literal
from adapters.forms.words import told_amount, told_day, told_instant
from adapters.settings import ROOT
from models.data import Data
from models.sheet import Sheet

TEMPLATES = ROOT / "regulations" / "forms"
_UNSEEN = re.compile("[\\s\u200b\u2066-\u2069\u00ad]+")
_NOT_SHOWN = frozenset({"form", "language", "kind", "parent"})
"""Codes: what a form says instead is asked for by the tests themselves."""


def squeezed(text: str) -> str:
    """Without spaces, line breaks and marks that nobody sees: where a line ends says nothing."""
    # A hyphen at the end of a line comes back from pdfium as a mark of its own.
    return _UNSEEN.sub("", text.replace("\ufffe", "-").replace("\x02", "-"))


def pages_of(printed: bytes) -> list[str]:
    """The text of each page, squeezed."""
    document = pdfium.PdfDocument(printed)
    try:
        return [squeezed(page.get_textpage().get_text_range()) for page in document]
    finally:
        document.close()


def text_of(printed: bytes) -> str:
    return "".join(pages_of(printed))


def flow_of(printed: bytes, sheet: Sheet) -> str:
    """The text of all pages without their feet: a value may begin on one page and end on the next."""
    foot = {"kk": "Құжат№", "ru": "Документ№"}[sheet.language] + squeezed(sheet.number)
    return "".join(page.partition(foot)[0] for page in pages_of(printed))


def values_of(sheet: Sheet) -> Iterator[tuple[str, set[str]]]:
    """Where a value stands in the sheet, and in which ways a form may say it, squeezed."""
    for place, value in _leaves("", sheet):
        if place.rpartition(".")[2] in _NOT_SHOWN or value is None or isinstance(value, bool):
            continue
        yield place, {squeezed(way) for way in _ways(value, sheet)}


def _leaves(place: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Data):
        for name in type(value).model_fields:
            yield from _leaves(f"{place}.{name}", getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from _leaves(place, item)
    else:
        yield place, value


def _ways(value: Any, sheet: Sheet) -> set[str]:
    match value:
        case str():
            return {literal(value)}
        case Decimal():
            return {told_amount(value, sheet.language)["full"]}
        case date():
            say = told_instant if hasattr(value, "hour") else told_day
            told = say(value, sheet.language)
            return {told["long"], told["short"], told["since"], told["until"]}
        case _:
            raise AssertionError(f"a kind of value that no form says: {type(value)}")
