"""The short code of a printed document: twelve signs that people can read to each other and type.

Crockford's base 32: no I, L, O and U, so what is typed as O is 0, what is typed as I or L is 1, and hyphens,
blanks and lower case do not matter.
"""

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 12
_GROUP = 4
_BITS = 5
_TYPED = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})
_LONGEST = 100


def code_of(digest: str) -> str:
    """The code that begins a digest (hex, 60 bits at the least): XXXX-XXXX-XXXX."""
    bits = int(digest[: _LENGTH * _BITS // 4], 16)
    signs = [_ALPHABET[bits >> _BITS * place & 31] for place in reversed(range(_LENGTH))]
    return _grouped("".join(signs))


def read_code(text: str) -> str | None:
    """A code as it was typed, in the form in which it is printed; None for what cannot be one."""
    if len(text) > _LONGEST or not text.isascii():
        return None
    signs = text.strip().upper().translate(_TYPED)
    return _grouped(signs) if len(signs) == _LENGTH and set(signs) <= set(_ALPHABET) else None


def _grouped(signs: str) -> str:
    return "-".join(signs[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))
