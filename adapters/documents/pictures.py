"""Pictures: how many pixels, told before anything is decoded; then every one of them is decoded."""

import io
import struct
import warnings
import zlib

from PIL import Image

from adapters.documents.findings import Finding, FoundError, Limits
from adapters.documents.picture_ends import need_jpeg_end, need_png_end
from adapters.documents.signs import JPEG, PNG, TIFF
from adapters.documents.tiff_ends import need_tiff_end

_FORMATS = {JPEG: "JPEG", PNG: "PNG", TIFF: "TIFF"}
_DAMAGED = (
    OSError,
    ValueError,
    SyntaxError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    EOFError,
    struct.error,
    zlib.error,
)
"""What Pillow raises for files that are not what they seem; memory is another matter."""


def examine_picture(content: bytes, kind: str, limits: Limits) -> None:
    """FoundError for the first thing that is wrong."""
    if kind == JPEG:
        need_jpeg_end(content)
    elif kind == PNG:
        need_png_end(content)
    else:
        need_tiff_end(content, limits)
    Image.MAX_IMAGE_PIXELS = None  # we count ourselves, before anything is decoded
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            _decode(content, kind, limits)
        except _DAMAGED as error:
            raise FoundError(Finding.IMAGE_DAMAGED) from error


def _decode(content: bytes, kind: str, limits: Limits) -> None:
    with Image.open(io.BytesIO(content), formats=(_FORMATS[kind],)) as picture:
        pages = getattr(picture, "n_frames", 1) if kind == TIFF else 1
        if pages > limits.most_pages:
            raise FoundError(Finding.TOO_MANY_PAGES)
        in_all = 0
        for page in range(pages):
            if kind == TIFF:
                picture.seek(page)
            pixels = picture.width * picture.height
            in_all += pixels
            if pixels > limits.most_pixels or in_all > limits.most_pixels_in_all:
                raise FoundError(Finding.IMAGE_TOO_LARGE)
            picture.draft("RGB", (picture.width // 8, picture.height // 8))  # a JPEG decodes small, yet wholly
            picture.load()
