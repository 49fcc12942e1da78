"""Personal data in the record: encrypted with a key per application, which the key ring wraps.

Whoever destroys an application's key erases its personal data, and the journal stays whole.
"""

import json
import os
from typing import Any

from sqlalchemy import Connection, select

from adapters.database import tables as t
from adapters.database.dialect import insert_or_ignore
from adapters.database.erasures import find_erasure
from adapters.keys import KeyRing, seal, unseal
from models.errors import TirekError


def wrapping_context(application: str) -> bytes:
    """What an application's own key is bound to, where the ring wraps it."""
    return f"{application}/key".encode()


class ErasedError(TirekError):
    """Personal data came for an application whose own were erased."""

    code = "erased"


class Vault:
    """Encrypts and decrypts the personal columns of one application."""

    def __init__(self, connection: Connection, ring: KeyRing, application: str) -> None:
        self._connection = connection
        self._ring = ring
        self._application = application
        self._key: bytes | None = None

    def lock(self, column: str, content: Any) -> bytes:
        """`content` as encrypted JSON that can be read back in this column of this application only."""
        if self._key is None:
            self._key = self._find_key() or self._make_key()
        return seal(self._key, json.dumps(content, ensure_ascii=False).encode(), self._context(column))

    def open(self, column: str, data: bytes | None) -> Any:
        """The content; None where there is none or the key has been destroyed."""
        if self._key is None:
            self._key = self._find_key()
        if data is None or self._key is None:
            return None
        return json.loads(unseal(self._key, data, self._context(column)))

    def lookup(self, iin: str) -> str:
        return self._ring.lookup_hash("iin", iin)

    def _context(self, column: str) -> bytes:
        return f"{self._application}/{column}".encode()

    def _find_key(self) -> bytes | None:
        query = select(t.application_key.c.ring_key, t.application_key.c.wrapped).where(
            t.application_key.c.application == self._application
        )
        row = self._connection.execute(query).first()
        if row is None:
            return None
        return self._ring.decrypt(row.ring_key, row.wrapped, wrapping_context(self._application))

    def _make_key(self) -> bytes:
        """A new key; ErasedError where there was one and it was destroyed: what comes late is not kept again."""
        if find_erasure(self._connection, self._application) is not None:
            raise ErasedError(f"{self._application}: its personal data were erased, and none are taken any more")
        key = os.urandom(32)
        ring_key, wrapped = self._ring.encrypt(key, wrapping_context(self._application))
        insert_or_ignore(
            self._connection,
            t.application_key,
            [{"application": self._application, "ring_key": ring_key, "wrapped": wrapped}],
        )
        return key
