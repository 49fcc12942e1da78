"""Where the text lies on the pages: within the margins, and nothing over anything else."""

from collections import Counter
from collections.abc import Iterator

import pypdfium2 as pdfium
import pytest

from adapters.forms.printer import TypstPrinter
from models.outbound import Form
from models.sheet import Sheet
from tests.forms.sheets import application, decision, missing, refusal, samples, sheet
from tests.forms.test_hostile import filled
from tests.forms.test_text import LONG_NAME, child

_MILLIMETRE = 72 / 25.4
_LEFT, _RIGHT, _BOTTOM, _TOP = (edge * _MILLIMETRE for edge in (24.5, 195.5, 5, 281))
LONG = LONG_NAME[:120].strip()
WORDS = ("Ұ" * 200, "W" * 200, "12-34" * 40, "2026/" * 40, LONG, "W" * 24 + " " + "Щ" * 24)


def _letters(printed: bytes) -> Iterator[tuple[int, float, float, float, float]]:
    """The page of each letter, and its left, bottom, right and top edges in points."""
    document = pdfium.PdfDocument(printed)
    for number, page in enumerate(document):
        text = page.get_textpage()
        for index in range(text.count_chars()):
            if chr(pdfium.raw.FPDFText_GetUnicode(text, index)).strip():
                yield number, *text.get_charbox(index)
    document.close()


def _outside(printed: bytes) -> int:
    """How many letters lie outside of the page's margins."""
    return sum(
        not (left >= _LEFT and right <= _RIGHT and bottom >= _BOTTOM and top <= _TOP)
        for _, left, bottom, right, top in _letters(printed)
    )


def _covered(printed: bytes) -> int:
    """How many letters have the middle of another one within a point of their own."""
    middles = Counter(
        (page, round((left + right) / 2), round((bottom + top) / 2))
        for page, left, bottom, right, top in _letters(printed)
        if right > left
    )
    return sum(count - 1 for count in middles.values())


@pytest.mark.parametrize("name", list(samples("kk")))
class TestLayout:
    """Of every form."""

    def test_samples(self, printer: TypstPrinter, name: str) -> None:
        """In both languages."""
        for language in ("kk", "ru"):
            made = printer.print(samples(language)[name])
            assert (_outside(made), _covered(made)) == (0, 0)

    @pytest.mark.parametrize("word", WORDS)
    def test_long_words(self, printer: TypstPrinter, name: str, word: str) -> None:
        """What has no end is broken within its column: nothing runs out of the page or over its neighbour."""
        made = printer.print(filled(samples("ru")[name], word))
        assert (_outside(made), _covered(made)) == (0, 0)


class TestMany:
    """Over several pages."""

    @pytest.mark.parametrize("printed", [
        sheet(Form.DECISION, "kk", decision("kk").model_copy(
            update={"children": tuple(child(row) for row in range(20))})),
        sheet(Form.APPLICATION, "ru", application("ru").model_copy(
            update={"children": tuple(child(row).child for row in range(20)), "signature": None})),
        sheet(Form.REFUSAL_RECEIPT, "kk", refusal("kk").model_copy(update={"missing": missing("kk") * 8})),
    ], ids=["decision", "application", "refusal"])  # fmt: skip
    def test_many(self, printer: TypstPrinter, printed: Sheet) -> None:
        """Twenty children, or as many missing papers, fill pages and do not overflow them."""
        made = printer.print(printed)
        assert len({page for page, *_ in _letters(made)}) > 1
        assert (_outside(made), _covered(made)) == (0, 0)
