"""The place outside of the database where anchors lie: a folder, or a bucket. Each is written once."""

import hashlib
import os
import re
from collections.abc import Generator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, ObjectStore

from adapters.documents.opening import bucket_at
from adapters.settings import Settings
from models.errors import MalformedError, UnavailableError

_NAME = re.compile(r"anchors/(\d{4}-\d{2}-\d{2})\.jsonl\.gz")


class Anchors:
    """Files by the day of Almaty. Nothing of it is ever overwritten or removed here."""

    def __init__(self, store: ObjectStore, root: Path | None = None) -> None:
        self._store = store
        self._root = root
        """The folder, where it is one: what is put there has to reach the disk."""

    def days(self) -> list[date]:
        """The days that have a file, in order. UnavailableError."""
        with _told():
            names = [one["path"] for some in obstore.list(self._store, "anchors") for one in some]
        found = [_NAME.fullmatch(name) for name in names]
        return sorted(date.fromisoformat(one[1]) for one in found if one)

    def put(self, day: date, content: IO[bytes]) -> bool:
        """Write a day's file; False where there is one already, which stays. UnavailableError."""
        try:
            with _told():
                obstore.put(self._store, _name(day), content, mode="create")
                if self._root is not None:
                    _sync(self._root / _name(day))
        except FileExistsError:
            return False
        return True

    @contextmanager
    def read(self, day: date) -> Generator[IO[bytes]]:
        """A day's file, copied beside us before it is looked at. UnavailableError."""
        with TemporaryFile() as copy:
            with _told():
                for part in obstore.get(self._store, _name(day)):
                    copy.write(part)
            copy.seek(0)
            yield copy

    def sha256(self, day: date) -> str:
        """The hash of a day's file as it lies there. UnavailableError."""
        with self.read(day) as content:
            return sha256_of(content)


def open_anchors(settings: Settings) -> Anchors | None:
    """The place that TIREK_ANCHORS_URL names; None where it is not set. MalformedError, UnavailableError."""
    if settings.anchors_url is None:
        return None
    parts = urlsplit(settings.anchors_url)
    if parts.scheme != "file":
        return Anchors(bucket_at(settings.anchors_url, "TIREK_ANCHORS_URL"))
    root = Path(unquote(parts.path))
    if not root.is_dir():
        raise UnavailableError("TIREK_ANCHORS_URL: the folder is not there; make it, or mount its disk")
    return Anchors(LocalStore(root), root)


def need_anchors(settings: Settings) -> Anchors:
    """The same; MalformedError where it is not set."""
    anchors = open_anchors(settings)
    if anchors is None:
        reason = "is not set: there is no place for anchors"
        raise MalformedError(f"TIREK_ANCHORS_URL: {reason}", [("TIREK_ANCHORS_URL", reason)])
    return anchors


def sha256_of(content: IO[bytes]) -> str:
    """The hash of a file from where it stands; it is read to its end and put back to its beginning."""
    digest = hashlib.sha256()
    while part := content.read(1 << 20):
        digest.update(part)
    content.seek(0)
    return digest.hexdigest()


def _name(day: date) -> str:
    return f"anchors/{day.isoformat()}.jsonl.gz"


def _sync(path: Path) -> None:
    """Let a new file, its name and its folder reach the disk."""
    for place in (path, path.parent, path.parent.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _told() -> Generator[None]:
    """Errors of the place in our words; a file that exists is no error of the place."""
    try:
        yield
    except (AlreadyExistsError, FileExistsError) as error:
        raise FileExistsError from error
    except (OSError, BaseError) as error:
        raise UnavailableError(f"the place of the anchors does not answer ({type(error).__name__})") from error
