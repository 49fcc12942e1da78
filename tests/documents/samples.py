"""Small files that are what they seem, made in code."""

import base64
import io
from collections.abc import Callable

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf
from PIL import Image

GREY = (180, 180, 180)


def picture(form: str, size: tuple[int, int] = (40, 30), **options: object) -> bytes:
    stream = io.BytesIO()
    gradient = Image.linear_gradient("L").resize(size).convert("RGB")
    gradient.save(stream, form, **options)
    return stream.getvalue()


def tiff(pages: int, **options: object) -> bytes:
    first, *others = (Image.new("RGB", (40, 30), (number % 256, 9, 9)) for number in range(pages))
    stream = io.BytesIO()
    first.save(stream, "TIFF", save_all=True, append_images=others, **options)
    return stream.getvalue()


def saved(pdf: Pdf, **options: object) -> bytes:
    """Streams stay as they were made, packed or not."""
    stream = io.BytesIO()
    as_made = {"compress_streams": False, "stream_decode_level": pikepdf.StreamDecodeLevel.none}
    pdf.save(stream, **(as_made | options))
    return stream.getvalue()


def pdf(change: Callable[[Pdf], None] = lambda _: None, *, pages: int = 1, packed: bool = False) -> bytes:
    """A PDF of blank pages with some text; `packed`: its objects lie in compressed streams."""
    made = Pdf.new()
    for _ in range(pages):
        page = made.add_blank_page(page_size=(595, 842))
        page.Contents = made.make_stream(b"BT /F1 12 Tf 72 720 Td (Shesim) Tj ET")
        page.Resources = Dictionary(
            Font=Dictionary(F1=Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
        )
    change(made)
    mode = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable
    return saved(made, object_stream_mode=mode, compress_streams=packed)


def scan(packed: bytes | None = None, *around: str) -> bytes:
    """A PDF around a JPEG, as scanners make it; `packed`: the same with filters around its own."""
    filters = [Name(name) for name in around]

    def lay(made: Pdf) -> None:
        image = made.make_stream(packed or picture("JPEG"))
        image.update(
            {
                "/Type": Name.XObject,
                "/Subtype": Name.Image,
                "/Width": 40,
                "/Height": 30,
                "/ColorSpace": Name.DeviceRGB,
                "/BitsPerComponent": 8,
                "/Filter": Array([*filters, Name.DCTDecode]) if filters else Name.DCTDecode,
            }
        )
        made.pages[0].Resources.XObject = Dictionary(Im0=image)

    return pdf(lay)


def fax() -> bytes:
    stream = io.BytesIO()
    Image.new("1", (40, 30), 1).save(stream, "TIFF", compression="group4")
    return stream.getvalue()


def rebuilt(content: bytes) -> bytes:
    """The table of places made anew after an edit by hand."""
    lines, places, at = content.split(b"xref\n")[0].split(b"\n"), {}, 0
    for line in lines:
        if line.endswith(b" 0 obj"):
            places[int(line.split()[0])] = at
        at += len(line) + 1
    body = b"\n".join(lines)
    table = b"".join(b"%010d 00000 n \n" % places[number] for number in sorted(places))
    root_line = b"<< /Root 1 0 R /Size %d >>" % (len(places) + 1)
    return (
        body + b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1) + table
        + b"trailer " + root_line + b"\nstartxref\n%d\n%%%%EOF\n" % len(body)
    )  # fmt: skip


GOOD: dict[str, tuple[str, Callable[[], bytes]]] = {
    "pdf": ("application/pdf", pdf),
    "packed pdf": ("application/pdf", lambda: pdf(packed=True)),
    "scan": ("application/pdf", scan),
    "scan as text": (
        "application/pdf",
        lambda: scan(base64.a85encode(picture("JPEG")) + b"~>", "/ASCII85Decode"),
    ),
    "jpeg": ("image/jpeg", lambda: picture("JPEG")),
    "progressive jpeg": ("image/jpeg", lambda: picture("JPEG", progressive=True, comment=b"scanner")),
    "png": ("image/png", lambda: picture("PNG")),
    "tiff": ("image/tiff", lambda: picture("TIFF")),
    "packed tiff": ("image/tiff", lambda: picture("TIFF", compression="tiff_lzw")),
    "fax": ("image/tiff", fax),
    "pages": ("image/tiff", lambda: tiff(5, compression="tiff_adobe_deflate")),
}
"""By name: what it is, and how it is made."""
