"""The QR code of a document, as a picture that a template takes as it is."""

from io import BytesIO

import segno


def qr_svg(link: str) -> str:
    """The link as an SVG, black on nothing, with the quiet zone that a reader needs; the same for ever.

    ValueError where the link is too long for one.
    """
    picture = BytesIO()
    segno.make(link, error="m", micro=False, encoding="utf-8").save(
        picture, kind="svg", xmldecl=False, svgns=True, border=2, omitsize=True
    )
    return picture.getvalue().decode()
