"""A key ring that follows its file: keys are added, made active and taken away while programs run."""

import logging
import threading
import time
from pathlib import Path

from adapters.keys import KeyRing, load_key_ring
from models.errors import MalformedError

_LOOK_SECONDS = 2.0
"""How old at the most the ring of a program is; a key that it lacks it looks for at once."""

_log = logging.getLogger(__name__)

_Seen = tuple[int, int, int] | None


class LiveKeyRing(KeyRing):
    """The ring as its file has it. `active` and `keys` are those of the start; `now()` tells today's.

    A file that is gone, half written, or says something else about what is known already leaves the ring as it
    was, and is an ERROR in the log: whoever runs goes on, and whoever starts is refused. Any thread may ask.
    """

    def __init__(self, path: Path, ring: KeyRing, look_seconds: float = _LOOK_SECONDS) -> None:
        super().__init__(ring.active, ring.keys, ring.lookup)
        self._path = path
        self._look_seconds = look_seconds
        self._ring = ring
        self._seen: _Seen = None  # the first look reads once more: the file may have changed since `ring`
        self._looked_at = 0.0
        self._looking = threading.Lock()

    def now(self) -> KeyRing:
        """The ring of this moment, as its file said at most two seconds ago."""
        if time.monotonic() - self._looked_at >= self._look_seconds:
            self._look()
        return self._ring

    def encrypt(self, data: bytes, context: bytes = b"") -> tuple[str, bytes]:
        return self.now().encrypt(data, context)

    def decrypt(self, key_id: str, data: bytes, context: bytes = b"") -> bytes:
        ring = self.now()
        if key_id not in ring.keys:
            # Somebody who noticed earlier than we did wrote with a new key.
            ring = self._look()
        return ring.decrypt(key_id, data, context)

    def _look(self) -> KeyRing:
        with self._looking:
            seen = _seen(self._path)
            if seen != self._seen:
                self._take()
            self._seen = seen
            self._looked_at = time.monotonic()
            return self._ring

    def _take(self) -> None:
        try:
            fresh = load_key_ring(self._path, may_create=False)
            _must_follow(self._ring, fresh)
        except MalformedError as error:
            _log.error("the key ring stays as it was: %s", error)
            return
        if fresh != self._ring:
            _log.info("key ring: %s is active, of %s", fresh.active, ", ".join(sorted(fresh.keys)))
        self._ring = fresh


def follow_key_ring(path: Path, *, may_create: bool, look_seconds: float = _LOOK_SECONDS) -> KeyRing:
    """The ring in a file, for a program that runs for long; MalformedError as `load_key_ring`."""
    return LiveKeyRing(path, load_key_ring(path, may_create=may_create), look_seconds)


def _seen(path: Path) -> _Seen:
    """What tells one content of a file from the next, without reading it; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _must_follow(ring: KeyRing, fresh: KeyRing) -> None:
    """MalformedError if it is another ring, and not this one with a key more or less."""
    if fresh.lookup != ring.lookup:
        raise MalformedError("TIREK_KEYS_FILE: the look-up key is another one; it can never be changed")
    other = sorted(name for name, key in fresh.keys.items() if ring.keys.get(name, key) != key)
    if other:
        raise MalformedError(f"TIREK_KEYS_FILE: another key stands under {', '.join(other)}")
    if ring.active not in fresh.keys and fresh.active in ring.keys:
        # An older copy of the file, it seems: what is written now must stay readable.
        raise MalformedError(f"TIREK_KEYS_FILE: {ring.active}, which was active, is gone from it")
