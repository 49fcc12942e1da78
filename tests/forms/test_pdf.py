"""What the documents are as files: PDF/A that says so, with nothing active in it, and a code that can be read."""

from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2 as pdfium
import pytest
import zxingcpp

from adapters.forms.printer import TypstPrinter
from models.sheet import Language
from tests.forms.sheets import samples

SAMPLES = [(name, language) for language in ("kk", "ru") for name in samples(language)]
_FONTS = ("LibertinusSerif", "DejaVuSansMono", "NewCM")
_ACTIVE = {
    "/AA", "/OpenAction", "/JavaScript", "/JS", "/URI", "/Launch", "/GoToR", "/GoToE", "/SubmitForm",
    "/ImportData", "/EmbeddedFiles", "/EmbeddedFile", "/RichMedia", "/Movie", "/Sound", "/AcroForm", "/Annots",
    "/F",
}  # fmt: skip


@pytest.mark.parametrize(("name", "language"), SAMPLES)
class TestFile:
    """Of every sample."""

    def test_code_leads_to_the_check(self, printer: TypstPrinter, name: str, language: Language) -> None:
        """The QR code on every page, read from the page as it looks at 150 dots an inch, is the link."""
        printed = samples(language)[name]
        document = pdfium.PdfDocument(printer.print(printed))
        for page in document:
            codes = zxingcpp.read_barcodes(page.render(scale=150 / 72, grayscale=True).to_pil())
            assert [code.text for code in codes] == [printed.link]
        document.close()

    def test_it_says_that_it_is_pdf_a(self, printer: TypstPrinter, name: str, language: Language) -> None:
        """PDF/A-2a and PDF/UA-1 in its metadata; title, language and structure for those who listen to it."""
        with pikepdf.open(BytesIO(printer.print(samples(language)[name]))) as pdf:
            metadata = pdf.open_metadata()
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "A")
            assert metadata["pdfuaid:part"] == "1"
            assert samples(language)[name].number in str(pdf.docinfo["/Title"])
            assert str(pdf.Root.Lang).startswith(language)
            assert pdf.Root.MarkInfo.Marked
            assert pdf.Root.ViewerPreferences.DisplayDocTitle

    def test_nothing_active_in_it(self, printer: TypstPrinter, name: str, language: Language) -> None:
        """No script, no link, no file within, no other document, and nobody's name in its metadata."""
        with pikepdf.open(BytesIO(printer.print(samples(language)[name]))) as pdf:
            names = {key for item in pdf.objects for key in _keys(item)}
            assert names & _ACTIVE == set()
            assert {"/Type", "/Pages"} <= names
            assert "Әбдіғалиева" not in str(pdf.docinfo) + str(pdf.open_metadata())

    def test_fonts_are_within(self, printer: TypstPrinter, name: str, language: Language) -> None:
        """Each font is one that Typst brings with it, and is in the file."""
        with pikepdf.open(BytesIO(printer.print(samples(language)[name]))) as pdf:
            fonts = [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and "/FontName" in item]
            assert fonts
            assert [font for font in fonts if not any(known in str(font.FontName) for known in _FONTS)] == []
            assert [font for font in fonts if not {"/FontFile2", "/FontFile3"} & set(font.keys())] == []


def _keys(item: Any) -> set[str]:
    """The names of a dictionary and of those directly within it."""
    if isinstance(item, pikepdf.Array):
        return {key for within in item for key in _keys(within)}
    if not isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
        return set()
    found = set(item.keys())
    for value in dict(item.items()).values():
        if isinstance(value, pikepdf.Object) and not value.is_indirect:
            found |= _keys(value)
    return found
