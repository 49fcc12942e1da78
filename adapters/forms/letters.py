"""Makes any text printable as it stands: what the fonts cannot draw is named.

The fonts are those inside of Typst, the same on every machine; PDF/A refuses a letter that none of them has.
"""

import unicodedata

_DRAWN = (
    (0x20, 0x7E),  # Latin
    (0xA0, 0xAC),
    (0xAE, 0x36F),  # more of it, and accents
    (0x384, 0x38A),  # Greek
    (0x391, 0x3A1),
    (0x3A3, 0x3CE),
    (0x400, 0x484),  # Cyrillic, with all letters of Kazakh
    (0x487, 0x4FF),
    (0x5D0, 0x5EA),  # Hebrew
    (0x621, 0x63A),  # Arabic
    (0x641, 0x64A),
    (0x1E00, 0x1EFF),
    (0x2010, 0x2027),  # dashes and quotation marks
    (0x2030, 0x203E),
    (0x20AC, 0x20AC),
    (0x20B8, 0x20B8),  # tenge
    (0x2116, 0x2116),
    (0x2122, 0x2122),
)
_ISOLATED, _END = "\N{LEFT-TO-RIGHT ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"


def drawable(character: str) -> bool:
    """Whether the fonts of the forms have this character and it moves no other one."""
    return any(first <= ord(character) <= last for first, last in _DRAWN)


def literal(text: str) -> str:
    """The text as a form prints it: letter by letter, with its line breaks.

    A character that cannot be drawn, or that would turn the text around unseen, is printed as [U+4E2D]. What is
    written from right to left moves nothing beside it.
    """
    lines = text.replace("\r\n", "\n").replace("\t", " ").split("\n")
    return "\n".join(_line(line) for line in lines)


def _line(line: str) -> str:
    shown = "".join(c if drawable(c) else f"[U+{ord(c):04X}]" for c in line)
    if any(unicodedata.bidirectional(c) in ("R", "AL") for c in shown):
        return f"{_ISOLATED}{shown}{_END}"
    return shown
