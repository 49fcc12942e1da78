"""How a content lies in the store: a mark, the id of the key, then nonce and ciphertext (AES-256-GCM).

The header and the hash of the plain content are authenticated: an object under another name does not open.
"""

from adapters.keys import KeyRing, UnreadableError
from models.errors import MalformedError

_MARK = b"tirek-document-1\n"
_LEAST = 12 + 16
"""The nonce, and the tag of an empty content."""

_LONGEST = 255

HEADER = len(_MARK) + 1 + _LONGEST
"""So many bytes of an object, at the most, tell its key."""


def seal_content(ring: KeyRing, sha256: str, content: bytes) -> bytes:
    """The object of a content, under the active key."""
    ring = ring.now()
    header = _header(ring.active)
    _, sealed = ring.encrypt(content, header + bytes.fromhex(sha256))
    return header + sealed


def unseal_content(ring: KeyRing, sha256: str, stored: bytes) -> bytes:
    """The content of an object; UnreadableError for another key, another name, or an altered object."""
    header = _header(key_of(stored))
    sealed = stored[len(header) :]
    if len(sealed) < _LEAST:
        raise UnreadableError("a stored document is cut off")
    return ring.decrypt(key_of(stored), sealed, header + bytes.fromhex(sha256))


def key_of(stored: bytes) -> str:
    """The key that an object, or its beginning, was sealed with; UnreadableError if it is none of ours."""
    length = stored[len(_MARK)] if stored.startswith(_MARK) and len(stored) > len(_MARK) else 0
    try:
        name = stored[len(_MARK) + 1 :][:length].decode()
    except UnicodeDecodeError:
        name = ""
    if not name:
        raise UnreadableError("what is stored there is no document of ours, or was altered")
    return name


def _header(key: str) -> bytes:
    name = key.encode()
    if len(name) > _LONGEST:
        raise MalformedError(f"TIREK_KEYS_FILE: the id of a key is longer than {_LONGEST} bytes")
    return _MARK + bytes([len(name)]) + name
