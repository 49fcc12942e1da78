"""The store of documents: every content once, by its hash, encrypted with the key ring."""

import hashlib
import re
from dataclasses import dataclass

from adapters.documents.places import Place
from adapters.documents.sealing import HEADER, key_of, seal_content, unseal_content
from adapters.keys import KeyRing, UnreadableError
from models.errors import UnknownContentError

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Rekeyed:
    """How many objects there are, how many were sealed anew, and how many no key of the ring opens."""

    objects: int
    rewritten: int
    unreadable: int


class EncryptedDocumentStore:
    """The port DocumentStore over a place. The name of an object is made of the hash of its plain content."""

    def __init__(self, place: Place, ring: KeyRing) -> None:
        self._place = place
        self._ring = ring

    def put(self, content: bytes) -> str:
        """As in the port. What is there but does not open is written anew: its content is at hand."""
        sha256 = hashlib.sha256(content).hexdigest()
        if not self._is_whole(sha256):
            self._place.write(_name(sha256), seal_content(self._ring, sha256, content))
        return sha256

    def get(self, sha256: str) -> bytes:
        """As in the port; UnreadableError where a key is missing, or the object was altered."""
        content = unseal_content(self._ring, sha256, self._place.read(_name(sha256)))
        if hashlib.sha256(content).hexdigest() != sha256:
            raise UnreadableError("a stored document is another one than its name says")
        return content

    def holds(self, sha256: str) -> bool:
        """As in the port."""
        return bool(_SHA256.fullmatch(sha256)) and self._place.has(_name(sha256))

    def remove(self, sha256: str) -> bool:
        """Destroy a content for good; False where there is none. UnavailableError."""
        return self._place.remove(_name(sha256))

    def rekey(self) -> Rekeyed:
        """Seal anew whatever is under another key than the active one. Broken off, it is simply run again."""
        objects = rewritten = unreadable = 0
        for name in self._place.names():
            objects += 1
            try:
                rewritten += self._rekeyed(name)
            except UnreadableError:
                unreadable += 1
        return Rekeyed(objects, rewritten, unreadable)

    def count_under(self, key_id: str) -> int:
        """How many objects are sealed with this key; what is no document of ours is none of them."""
        return sum(self._key(name) == key_id for name in self._place.names())

    def _key(self, name: str) -> str | None:
        try:
            return key_of(self._place.beginning(name, HEADER))
        except UnreadableError:
            return None

    def _rekeyed(self, name: str) -> bool:
        if key_of(self._place.beginning(name, HEADER)) == self._ring.now().active:
            return False
        sha256 = name.rpartition("/")[2]
        self._place.write(name, seal_content(self._ring, sha256, self.get(sha256)))
        return True

    def _is_whole(self, sha256: str) -> bool:
        try:
            self.get(sha256)
        except (UnknownContentError, UnreadableError):
            return False
        return True


def _name(sha256: str) -> str:
    """Where a content lies; UnknownContentError for what is no hash, so it can lead nowhere."""
    if not _SHA256.fullmatch(sha256):
        raise UnknownContentError("this is no SHA-256 of a file (64 digits and letters a to f)")
    return f"{sha256[:2]}/{sha256}"
