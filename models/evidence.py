"""What an applicant hands in as a file: which paper it is, and the hash by which the store has its content.

The content itself never travels through the process: only this does (R11-R15).
"""

import hashlib
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from models.data import ChildNumber, Code, Data, Instant

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 of a content, in hex."""


class MediaType(StrEnum):
    """What a file may be, by its content (R15); its name says nothing."""

    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"
    TIFF = "image/tiff"


class StoredFile(Data):
    """A file that is in the store, by the hash of its content; `size` in bytes."""

    sha256: Sha256
    media_type: MediaType
    size: Annotated[int, Field(ge=1, le=100_000_000)]


class Attach(StoredFile):
    """A stored file as evidence of one paper of the package."""

    kind: Code
    child: ChildNumber | None = None


class Evidence(Attach):
    """A file as an application has it: its id, who attached it, and when."""

    id: str
    attached_by: str
    attached_at: Instant


def evidence_id(application: str, attached: Attach) -> str:
    """The same file as the same paper of an application has the same id, however often it is attached."""
    about = f"{application}/{attached.kind}/{attached.child or ''}/{attached.sha256}"
    return f"doc-{hashlib.sha256(about.encode()).hexdigest()[:20]}"
