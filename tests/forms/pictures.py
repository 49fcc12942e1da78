"""Draws each sample form as one small grey picture, its pages side by side: `make forms` writes docs/forms."""

from pathlib import Path

import pypdfium2 as pdfium
from PIL import Image

from adapters.forms.printer import TypstPrinter
from adapters.settings import ROOT
from tests.forms.reading import TEMPLATES
from tests.forms.sheets import samples

FOLDER = ROOT / "docs" / "forms"
_DOTS_PER_INCH = 80
_GREYS = 8


def drawn(printed: bytes) -> Image.Image:
    """The pages of a document, side by side, in eight greys."""
    document = pdfium.PdfDocument(printed)
    pages = [page.render(scale=_DOTS_PER_INCH / 72, grayscale=True).to_pil().convert("L") for page in document]
    document.close()
    whole = Image.new("L", (sum(page.width for page in pages), max(page.height for page in pages)), 255)
    left = 0
    for page in pages:
        whole.paste(page, (left, 0))
        left += page.width
    step = 255 / (_GREYS - 1)
    return whole.point([round(round(level / step) * step) for level in range(256)])


def pictures() -> dict[str, Image.Image]:
    """Every sample in both languages, by the name of its file."""
    printer = TypstPrinter(TEMPLATES)
    return {
        f"{name}-{language}.png": drawn(printer.print(printed))
        for language in ("kk", "ru")
        for name, printed in samples(language).items()
    }


def write(folder: Path) -> None:
    """All pictures, and no other ones, into a folder."""
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    for name, picture in pictures().items():
        picture.quantize(_GREYS).save(folder / name, optimize=True)


if __name__ == "__main__":
    write(FOLDER)
