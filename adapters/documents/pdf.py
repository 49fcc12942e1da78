"""PDFs: whole, open to everybody, with nothing in them that acts, and no larger inside than outside."""

import io
import re
import zlib
from collections.abc import Iterator

import pikepdf
from pikepdf.settings import set_qpdf_limits

from adapters.documents.findings import Finding, FoundError, Limits
from adapters.documents.pdf_actions import acts_of

_DAMAGED = (
    pikepdf.PikepdfError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    OSError,
    zlib.error,
)
_FLATE = frozenset({"/FlateDecode", "/Fl"})
_PICTURE_CODES = frozenset({"/DCTDecode", "/DCT", "/JPXDecode", "/CCITTFaxDecode", "/CCF", "/JBIG2Decode"})
_MOST_FILTERS = 4
_BYTES_PER_PIXEL = 8
"""Four colours of sixteen bits."""
_PIECE, _GIVEN = 1 << 20, 1 << 16
_STREAM = re.compile(rb"stream\r?\n(?=[\x08-\x78])")


def examine_pdf(content: bytes, limits: Limits) -> None:
    """FoundError for the first thing that is wrong; of what acts, all kinds at once."""
    set_qpdf_limits(
        flate_max_memory=limits.most_unpacked,
        run_length_max_memory=limits.most_unpacked,
        png_max_memory=limits.most_unpacked,
        tiff_max_memory=limits.most_unpacked,
        max_stream_filters=_MOST_FILTERS,
    )
    try:
        with pikepdf.open(io.BytesIO(content), attempt_recovery=False, inherit_page_attributes=False) as pdf:
            _examine(pdf, limits)
    except pikepdf.PasswordError as error:
        raise FoundError(Finding.PDF_PROTECTED) from error
    except _DAMAGED as error:
        bomb = any(size > limits.most_unpacked for size in _raw_sizes(content, limits.most_unpacked))
        raise FoundError(Finding.PDF_BOMB if bomb else Finding.PDF_DAMAGED) from error


def _examine(pdf: pikepdf.Pdf, limits: Limits) -> None:
    if pdf.is_encrypted:
        raise FoundError(Finding.PDF_PROTECTED)
    if len(pdf.objects) > limits.most_objects:
        raise FoundError(Finding.PDF_BOMB)
    _need_small_inside(pdf, limits)
    acts = acts_of(pdf)
    if acts:
        raise FoundError(Finding.PDF_ACTIVE, *acts)
    pages = len(pdf.pages)
    if pages > limits.most_pages:
        raise FoundError(Finding.TOO_MANY_PAGES)
    if not pages or pdf.get_warnings():
        # What one reader mends in its way another mends in its own: we could have seen another file.
        raise FoundError(Finding.PDF_DAMAGED)


def _need_small_inside(pdf: pikepdf.Pdf, limits: Limits) -> None:
    """Streams are unpacked piece by piece, and counted; pictures by their pixels."""
    unpacked = pixels = 0
    for stream in list(pdf.objects):  # as it was read: unpacking makes objects of its own
        if not isinstance(stream, pikepdf.Stream):
            continue
        if stream.get("/Subtype") == "/Image":
            here = int(stream.Width) * int(stream.Height)
            pixels += here
            if not 0 < here <= limits.most_pixels or pixels > limits.most_pixels_in_all:
                raise FoundError(Finding.IMAGE_TOO_LARGE)
            most = here * _BYTES_PER_PIXEL + _PIECE
            if _size(pdf, stream, most) > most:
                raise FoundError(Finding.PDF_BOMB)
        else:
            unpacked += _size(pdf, stream, limits.most_unpacked)
            if unpacked > limits.most_unpacked:
                raise FoundError(Finding.PDF_BOMB)


def _size(pdf: pikepdf.Pdf, stream: pikepdf.Object, most: int) -> int:
    """How many bytes a stream unpacks to, or a little more than `most`; what codes pictures is left packed."""
    filters = _filters(stream)
    while filters and filters[-1] in _PICTURE_CODES:
        filters.pop()
    if not _FLATE.issuperset(filters):
        return _size_of_old_packing(pdf, stream, len(filters))
    size = 0
    for piece in _inflated(_in_pieces(stream.read_raw_bytes(), 0), len(filters)):
        size += len(piece)
        if size > most:
            break
    return size


def _size_of_old_packing(pdf: pikepdf.Pdf, stream: pikepdf.Object, filters: int) -> int:
    """Rare ones are unpacked as a whole, within the memory that there is; by so many filters, the first ones."""
    packed = pdf.make_stream(stream.read_raw_bytes())
    for key in ("/Filter", "/DecodeParms"):
        found = stream.get(key, None)
        if isinstance(found, pikepdf.Array):
            packed[key] = pikepdf.Array(found.as_list()[:filters])
        elif found is not None:
            packed[key] = found
    try:
        return len(packed.read_bytes(pikepdf.StreamDecodeLevel.specialized))
    except pikepdf.PikepdfError as error:
        is_bomb = "memory limit" in str(error)
        raise FoundError(Finding.PDF_BOMB if is_bomb else Finding.PDF_DAMAGED) from error


def _filters(stream: pikepdf.Object) -> list[str]:
    found = stream.get("/Filter", None)
    if found is None:
        return []
    names = [str(found)] if isinstance(found, pikepdf.Name) else [str(one) for one in found.as_list()]
    if len(names) > _MOST_FILTERS:
        raise FoundError(Finding.PDF_BOMB)
    return names


def _in_pieces(content: bytes, begin: int) -> Iterator[bytes]:
    """What is left over of a piece is copied again and again: so they are small."""
    return (content[at : at + _GIVEN] for at in range(begin, len(content), _GIVEN))


def _inflated(pieces: Iterator[bytes], times: int) -> Iterator[bytes]:
    """Pieces unpacked so many times over, never more than a megabyte at once."""
    for _ in range(times):
        pieces = _inflated_once(pieces)
    return pieces


def _inflated_once(pieces: Iterator[bytes]) -> Iterator[bytes]:
    unpack = zlib.decompressobj()
    for piece in pieces:
        rest = piece
        while rest:
            yield unpack.decompress(rest, _PIECE)
            rest = unpack.unconsumed_tail
        if unpack.eof:
            return


def _raw_sizes(content: bytes, most: int) -> Iterator[int]:
    """What each packed stream of a file that does not open unpacks to, as far as it can be seen."""
    for found in _STREAM.finditer(content):
        size = 0
        try:
            for piece in _inflated_once(_in_pieces(content, found.end())):
                size += len(piece)
                if size > most:
                    break
        except zlib.error:
            pass  # what breaks off counts as far as it went
        yield size
