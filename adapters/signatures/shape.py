"""Looks at the outer shape of BER before a parser sees it: how deep, how many parts, and no length that lies."""

DEEPEST = 30
MOST_PARTS = 6000
"""A signature with three certificates has some four hundred."""
_CONSTRUCTED, _INDEFINITE, _LONG_TAG = 0x20, 0x80, 0x1F
_LONGEST_LENGTH = 4
_END = b"\x00\x00"


class ShapeError(ValueError):
    """It is no BER, or larger in some way than any signature is."""


def check_shape(data: bytes) -> None:
    """Nothing but one value of the allowed size, with nothing behind it. ShapeError.

    It walks, and does not call itself: a depth of thousands costs no more than one of ten.
    """
    ends: list[int | None] = []  # of the values that the place is in; None: it ends with a mark
    place, parts = 0, 0
    while True:
        while ends and ends[-1] is not None and place >= ends[-1]:
            if place > ends[-1]:
                raise ShapeError("a part reaches out of its whole")
            ends.pop()
        if ends and ends[-1] is None and data[place : place + 2] == _END:
            place += 2
            ends.pop()
        elif parts and not ends:
            break
        else:
            parts += 1
            place = _step(data, place, ends)
        if parts > MOST_PARTS or len(ends) > DEEPEST:
            raise ShapeError("too deep, or too many parts")
    if place != len(data):
        raise ShapeError("something stands behind it")


def _step(data: bytes, place: int, ends: list[int | None]) -> int:
    """Past the head of a constructed value, which is then the innermost, or past the whole of another."""
    first, place = _tag(data, place)
    length, place = _length(data, place)
    if first & _CONSTRUCTED:
        ends.append(None if length is None else place + length)
        return place
    if length is None:
        raise ShapeError("a plain value has no length")
    return place + length


def _tag(data: bytes, place: int) -> tuple[int, int]:
    first, place = _byte(data, place), place + 1
    if first & _LONG_TAG == _LONG_TAG:
        raise ShapeError("no part of a signature has such a tag")
    return first, place


def _length(data: bytes, place: int) -> tuple[int | None, int]:
    first, place = _byte(data, place), place + 1
    if first == _INDEFINITE:
        return None, place
    if first < _INDEFINITE:
        length = first
    else:
        count = first & 0x7F
        if count > _LONGEST_LENGTH or place + count > len(data):
            raise ShapeError("a length is too long")
        length, place = int.from_bytes(data[place : place + count]), place + count
    if place + length > len(data):
        raise ShapeError("a length lies")
    return length, place


def _byte(data: bytes, place: int) -> int:
    if place >= len(data):
        raise ShapeError("it breaks off")
    return data[place]
