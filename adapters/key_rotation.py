"""Changes a ring file so that nothing is lost: a key is added, made active when it is everywhere, later taken out.

A file is changed as a whole: whoever reads it meets the old ring or the new one. Keys are never overwritten.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from glob import escape
from pathlib import Path
from typing import Any

from pydantic import Field

from adapters.keys import DRAFT, KEY_ID, KeyRing, load_key_ring, random_key, ring_of, write_draft
from models.data import Data, Instant, local_day
from models.errors import MalformedError

_DATES = "dates"


class KeyDates(Data):
    """What a ring file tells of a key; nothing of one that is older than these dates."""

    made_at: Instant | None = None
    activated_at: Instant | None = None
    replaced_at: Instant | None = Field(default=None, description="When another key became the active one.")


class RingFile:
    """A ring file, for the operators' commands. MalformedError where it is none, or cannot be written."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def ring(self) -> KeyRing:
        return load_key_ring(self._path, may_create=False)

    def dates(self) -> dict[str, KeyDates]:
        """Of every key of the ring."""
        ring, content = self.ring(), self._content()
        return {name: _dates(content, name) for name in ring.keys}

    def add(self, name: str | None, at: datetime) -> str:
        """Add a new key, which is not active yet; its id: that which was given, or the day's."""
        with self._changing() as content:
            chosen = name or _free_name(content["keys"], at)
            if not KEY_ID.fullmatch(chosen):
                raise _wrong("ID", "the id of a key has up to 40 characters, no brackets and no blanks")
            if chosen in content["keys"]:
                raise _wrong("ID", f"the ring has a key {chosen} already, and no key is ever overwritten")
            content["keys"][chosen] = random_key()
            _note(content, chosen, made_at=at)
        return chosen

    def activate(self, name: str, at: datetime) -> None:
        """From now on this key writes; every other one still reads. Done again, it changes nothing."""
        with self._changing() as content:
            self._must_have(content, name)
            before = content["active"]
            if before != name:
                content["active"] = name
                _note(content, before, replaced_at=at)
                _note(content, name, activated_at=at, replaced_at=None)

    def date_replaced(self, name: str, at: datetime) -> None:
        """For a key of which the file does not say when it was replaced: it is counted from now."""
        with self._changing() as content:
            self._must_have(content, name)
            _note(content, name, replaced_at=at)

    def retire(self, name: str) -> None:
        """Take a key out, for ever."""
        with self._changing() as content:
            self._must_have(content, name)
            if name == content["active"]:
                raise _wrong("ID", f"{name} is the active key")
            del content["keys"][name]
            content.get(_DATES, {}).pop(name, None)

    def _must_have(self, content: dict[str, Any], name: str) -> None:
        if name not in content["keys"]:
            raise _wrong("ID", f"the ring has no key {name}; see `starter.py keys list`")

    def _content(self) -> dict[str, Any]:
        return json.loads(self._path.read_text())

    @contextmanager
    def _changing(self) -> Generator[dict[str, Any]]:
        """The content, which is written back as a whole; of two that change it at once the second waits."""
        self.ring()  # what is no ring is left alone
        try:
            with _held(self._path.resolve().parent):
                _clear_drafts(self._path.resolve())
                content = self._content()
                before = json.dumps(content)
                yield content
                ring_of(content)
                if json.dumps(content) != before:
                    _replace(self._path.resolve(), content)
        except OSError as error:
            reason = f"{self._path} cannot be written ({error.strerror}): change the file it comes from"
            raise _wrong("TIREK_KEYS_FILE", reason) from error


def fingerprint(key: bytes) -> str:
    """Eight digits by which people compare a key on two machines; they tell nothing of it."""
    return hashlib.sha256(b"tirek-key/" + key).hexdigest()[:8]


def _wrong(field: str, reason: str) -> MalformedError:
    return MalformedError(f"{field}: {reason}", [(field, reason)])


def _free_name(taken: dict[str, str], at: datetime) -> str:
    day = local_day(at).isoformat()
    several = (f"{day}-{number}" for number in range(2, 1000))
    return next(name for name in (day, *several) if name not in taken)


def _dates(content: dict[str, Any], name: str) -> KeyDates:
    return KeyDates.model_validate(content.get(_DATES, {}).get(name, {}))


def _note(content: dict[str, Any], name: str, **dates: datetime | None) -> None:
    noted = _dates(content, name).model_copy(update=dates)
    content.setdefault(_DATES, {})[name] = noted.model_dump(mode="json", exclude_none=True)


@contextmanager
def _held(folder: Path) -> Generator[None]:
    """Alone among those who change a file of this folder; OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
        os.fsync(descriptor)  # the new name is on the disk too
    finally:
        os.close(descriptor)


def _clear_drafts(path: Path) -> None:
    """Take away what somebody who was killed has left beside a ring: every key stands in it, a retired one too."""
    for left in path.parent.glob(f"{escape(path.name)}.*{DRAFT}"):
        left.unlink(missing_ok=True)


def _replace(path: Path, content: dict[str, Any]) -> None:
    """Put a new file in the place of the old one, for the same user and group; OSError leaves the old one."""
    before = path.stat()
    draft = write_draft(path, content)
    try:
        if (before.st_uid, before.st_gid) != (draft.stat().st_uid, draft.stat().st_gid):
            os.chown(draft, before.st_uid, before.st_gid)
        draft.chmod(before.st_mode & 0o640 | 0o600)  # a group that read it reads it still; nobody else ever does
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
