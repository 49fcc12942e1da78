"""The store over each kind of place, and a way to its raw objects."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from adapters.documents.places import Place
from adapters.documents.store import EncryptedDocumentStore
from adapters.keys import KeyRing

PASSPORT = "Жеке куәлік: Әсел".encode()


@dataclass
class Kept:
    """A place, the ring its objects are sealed with, and the objects as they lie there."""

    place: Place
    ring: KeyRing
    objects: Callable[[], dict[str, bytes]]
    """By name as the place lists them."""

    @property
    def store(self) -> EncryptedDocumentStore:
        return self.under(self.ring)

    def under(self, ring: KeyRing) -> EncryptedDocumentStore:
        return EncryptedDocumentStore(self.place, ring)

    def rotated(self) -> KeyRing:
        """The ring with another active key; the former one still reads."""
        return replace(self.ring, active="2", keys={**self.ring.keys, "2": b"k" * 32})

    def only(self) -> tuple[str, bytes]:
        """The one object that is there."""
        ((name, data),) = self.objects().items()
        return name, data
