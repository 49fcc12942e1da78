"""Where objects lie: in a folder of this machine, or in whatever else `obstore` reaches (S3)."""

import fcntl
import os
import re
import secrets
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore

from models.errors import UnavailableError, UnknownContentError

_NAME = re.compile(r"[0-9a-f]{2}/[0-9a-f]{64}")
_OS_ERROR = re.compile(r"\(os error (\d+)\)")

_ABSENT = {
    UnknownContentError: "the store of documents has no such file",
    UnavailableError: "the store of documents is not there; look at TIREK_DOCUMENTS_URL",
}


class Place:
    """Objects by name. Each is written as one whole: a reader sees all of it, or nothing."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def read(self, name: str) -> bytes:
        """UnknownContentError, UnavailableError."""
        with _told():
            return bytes(obstore.get(self._store, name).bytes())

    def beginning(self, name: str, length: int) -> bytes:
        """No more than so many bytes of it; UnknownContentError, UnavailableError."""
        with _told():
            size = obstore.head(self._store, name)["size"]
            return bytes(obstore.get_range(self._store, name, start=0, end=min(length, size))) if size else b""

    def has(self, name: str) -> bool:
        """UnavailableError."""
        try:
            with _told():
                obstore.head(self._store, name)
        except UnknownContentError:
            return False
        return True

    def write(self, name: str, data: bytes) -> None:
        """UnavailableError; then nothing was changed."""
        with _told(missing=UnavailableError):
            obstore.put(self._store, name, data, use_multipart=False)

    def remove(self, name: str) -> bool:
        """Remove an object for good; False where there is none. UnavailableError."""
        if not self.has(name):
            return False
        with _told(missing=UnavailableError), suppress(FileNotFoundError):  # somebody else was faster
            obstore.delete(self._store, name)
        return True

    def names(self) -> Iterator[str]:
        """Every object; what is none of ours is passed over. UnavailableError."""
        with _told(missing=UnavailableError):
            for some in obstore.list(self._store):
                yield from (one["path"] for one in some if _NAME.fullmatch(one["path"]))


class Folder(Place):
    """A folder that only we may enter. An object is written beside the others, synced, and then moved in.

    A writer that died leaves its draft: the next one removes it. Each holds a shared lock while it writes, so
    whoever gets the lock alone knows that no draft is anybody's.
    """

    def __init__(self, root: Path) -> None:
        with _told(missing=UnavailableError):
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._root = root
            self._drafts = _private(root / "incoming")
        super().__init__(LocalStore(root))

    def write(self, name: str, data: bytes) -> None:
        draft = f"incoming/{secrets.token_hex(16)}"
        with _told(missing=UnavailableError), self._writing():
            try:
                obstore.put(self._store, draft, data, use_multipart=False)
                self._keep(draft, name)
            finally:
                (self._root / draft).unlink(missing_ok=True)

    def remove(self, name: str) -> bool:
        was_there = super().remove(name)
        if was_there:
            _sync((self._root / name).parent)
        return was_there

    def names(self) -> Iterator[str]:
        with _told(), self._writing():
            pass
        return super().names()

    def _keep(self, draft: str, name: str) -> None:
        """Move a draft to its name: what is there has reached the disk before."""
        place = self._root / name
        (self._root / draft).chmod(0o600)
        _sync(self._root / draft)
        _private(place.parent)
        obstore.rename(self._store, draft, name)
        _sync(place.parent)
        _sync(self._root)

    @contextmanager
    def _writing(self) -> Generator[None]:
        with _opened(self._root / "lock") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass  # others write: what was left is theirs to remove, or the next one's
            else:
                for left in self._drafts.iterdir():
                    left.unlink()
            fcntl.flock(lock, fcntl.LOCK_SH)
            yield


def _private(folder: Path) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _opened(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _told(missing: type[UnknownContentError | UnavailableError] = UnknownContentError) -> Generator[None]:
    """Errors of the place in our words; `missing`: what an absent object, folder or bucket means here."""
    try:
        yield
    except FileNotFoundError as error:
        raise missing(_ABSENT[missing]) from error
    except (OSError, BaseError) as error:
        raise UnavailableError(f"the store of documents does not answer ({_cause(error)})") from error


def _cause(error: Exception) -> str:
    """What is wrong in a few words; the library's own may tell addresses and paths."""
    number = error.errno if isinstance(error, OSError) else None
    found = _OS_ERROR.search(str(error))
    if number is None and found is not None:
        number = int(found[1])
    return type(error).__name__ if number is None else os.strerror(number)
