"""Opens the store of documents that the settings name: a folder, or a bucket of S3-compatible storage."""

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from obstore.exceptions import BaseError
from obstore.store import S3Store

from adapters.documents.places import Folder, Place
from adapters.documents.store import EncryptedDocumentStore
from adapters.keys import KeyRing
from adapters.settings import Settings
from models.errors import MalformedError, UnavailableError

_CONNECT, _WHOLE = timedelta(seconds=5), timedelta(seconds=30)
_RETRIES = 2


def open_documents(settings: Settings, ring: KeyRing) -> EncryptedDocumentStore:
    """The store; UnavailableError where a folder that was named is not there, MalformedError for a bad address.

    A bucket is not asked before it is needed. Its endpoint and credentials are the standard AWS_* variables.
    """
    if settings.documents_url is None:
        return EncryptedDocumentStore(Folder(settings.data / "documents"), ring)
    return EncryptedDocumentStore(_place(settings.documents_url), ring)


def _place(url: str) -> Place:
    parts = urlsplit(url)
    if parts.scheme == "file":
        return _named_folder(Path(unquote(parts.path)))
    return Place(bucket_at(url, "TIREK_DOCUMENTS_URL"))


def bucket_at(url: str, setting: str) -> S3Store:
    """The bucket of an s3:// address, not asked yet; MalformedError names the setting that has the address."""
    try:
        return S3Store.from_url(
            url,
            client_options={"connect_timeout": _CONNECT, "timeout": _WHOLE, "allow_http": _plain_http()},
            retry_config={"max_retries": _RETRIES, "retry_timeout": _WHOLE},
        )
    except (BaseError, ValueError) as error:
        reason = f"the bucket cannot be opened ({type(error).__name__}); look at it and at AWS_*"
        raise MalformedError(f"{setting}: {reason}", [(setting, reason)]) from error


def _plain_http() -> bool:
    """As AWS_ALLOW_HTTP says; the library forgets it where other options are given."""
    return os.environ.get("AWS_ALLOW_HTTP", "").lower() in ("1", "true")


def _named_folder(root: Path) -> Folder:
    """A folder that somebody named is there: made anew, it would hide a disk that is not mounted."""
    if not root.is_dir():
        raise UnavailableError("TIREK_DOCUMENTS_URL: the folder is not there; make it, or mount its disk")
    return Folder(root)
