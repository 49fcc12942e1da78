"""The key ring: what encrypts histories and personal data, and what hashes identifiers for look-ups."""

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from models.errors import MalformedError, TirekError

KEY_ID = re.compile(r"[^\s()]{1,40}")
DRAFT = ".draft"
"""How the name of a draft ends: unlike that of any copy that people keep beside a ring, such as its date."""
_NONCE = 12


class UnreadableError(TirekError):
    """The text was encrypted with a key that this ring lacks, or was altered."""

    code = "unreadable"
    exit_code = 2


@dataclass(frozen=True)
class KeyRing:
    """AES-256-GCM keys by id, the active one for writing, and the key of the look-up hash."""

    active: str
    keys: dict[str, bytes] = field(repr=False)
    lookup: bytes = field(repr=False)

    def now(self) -> "KeyRing":
        """The ring of this moment, for several questions that must get the answers of one ring."""
        return self

    def encrypt(self, data: bytes, context: bytes = b"") -> tuple[str, bytes]:
        """The id of the active key and nonce + ciphertext; `context` is authenticated, not stored."""
        return self.active, seal(self.keys[self.active], data, context)

    def decrypt(self, key_id: str, data: bytes, context: bytes = b"") -> bytes:
        if key_id not in self.keys:
            raise UnreadableError(f"TIREK_KEYS_FILE: the key ring has no key {key_id}")
        return unseal(self.keys[key_id], data, context)

    def lookup_hash(self, kind: str, value: str) -> str:
        """A keyed hash (HMAC-SHA-256, hex): equal values meet, and without the key none can be guessed."""
        return hmac.new(self.lookup, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()


def seal(key: bytes, data: bytes, context: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, data, context)


def unseal(key: bytes, data: bytes, context: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(data[:_NONCE], data[_NONCE:], context)
    except (InvalidTag, ValueError) as error:  # a text that is shorter than a nonce is the second one
        raise UnreadableError("TIREK_KEYS_FILE: another key was used, or the text was altered") from error


def load_key_ring(path: Path, *, may_create: bool) -> KeyRing:
    """The ring in a file; MalformedError says what is wrong. A local ring is made once, readable by us only."""
    try:
        if may_create and not path.exists():
            _create(path)
        return ring_of(json.loads(path.read_text()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise MalformedError(
            f"TIREK_KEYS_FILE: {path} is no key ring ({error}); "
            'expected {"active": ID, "keys": {ID: base64 of 32 bytes}, "lookup": base64 of 32 bytes}'
        ) from error


def ring_of(content: Any) -> KeyRing:
    """The ring that such a file holds; ValueError, KeyError, TypeError, AttributeError where it is none."""
    keys = {name: base64.b64decode(text, validate=True) for name, text in content["keys"].items()}
    ring = KeyRing(content["active"], keys, base64.b64decode(content["lookup"], validate=True))
    if ring.active not in ring.keys:
        raise ValueError("the active key is missing")
    if any(len(key) != 32 for key in (*ring.keys.values(), ring.lookup)):
        raise ValueError("a key has not 32 bytes")
    if any(not KEY_ID.fullmatch(name) for name in ring.keys):
        raise ValueError("the id of a key is longer than 40 characters, or has brackets or blanks")
    return ring


def _create(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    content = {"active": "local-1", "keys": {"local-1": random_key()}, "lookup": random_key()}
    draft = write_draft(path, content)
    try:
        os.link(draft, path)  # of two that start at once, the first one's ring counts
    except (FileExistsError, FileNotFoundError):  # or its ring was changed already, which took our draft away
        return
    finally:
        draft.unlink(missing_ok=True)


def write_draft(path: Path, content: dict[str, Any]) -> Path:
    """A file beside `path` with this content, on the disk, readable by us only; OSError."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}{DRAFT}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())  # whatever is encrypted with it must not outlive it
    return draft


def random_key() -> str:
    """A new key as it stands in a ring file."""
    return base64.b64encode(secrets.token_bytes(32)).decode()
