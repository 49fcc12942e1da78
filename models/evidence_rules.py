"""How large and how involved a file of evidence may be: what one office's scanner makes, and no more (R15)."""

from pydantic import PositiveInt

from models.data import Data


class EvidenceRules(Data):
    """The most of everything. Defaults hold where a regulation file says nothing; once released, they stay."""

    most_bytes: PositiveInt = 10_000_000
    most_pages: PositiveInt = 500
    most_pixels: PositiveInt = 100_000_000
    """Of one picture: a sheet of A3 at 600 dots per inch has seventy million."""
    most_pixels_in_all: PositiveInt = 1_000_000_000
    """Of all pages of a TIFF, or all pictures of a PDF."""
    most_objects: PositiveInt = 200_000
    """Of a PDF."""
    most_unpacked: PositiveInt = 200_000_000
    """Bytes of a PDF's streams when they are unpacked, pictures left aside."""
