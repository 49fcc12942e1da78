"""What an examination of a file finds. Plain Python only: the child that examines starts for every file."""

from dataclasses import dataclass
from enum import StrEnum


class Finding(StrEnum):
    """Why a file is not taken; the words stand in `inspection.py`."""

    EMPTY = "file-empty"
    TOO_LARGE = "file-too-large"
    UNKNOWN_TYPE = "file-type-unknown"
    POLYGLOT = "file-polyglot"
    TOO_COMPLEX = "file-too-complex"
    TOO_MANY_PAGES = "too-many-pages"
    PDF_DAMAGED = "pdf-damaged"
    PDF_PROTECTED = "pdf-password-protected"
    PDF_ACTIVE = "pdf-active"
    PDF_BOMB = "pdf-bomb"
    IMAGE_DAMAGED = "image-damaged"
    IMAGE_TOO_LARGE = "image-too-large"
    IMAGE_MOVES = "image-animated"


@dataclass(frozen=True)
class Limits:
    """As in models/evidence_rules.py, which has the reasons."""

    most_bytes: int
    most_pages: int
    most_pixels: int
    most_pixels_in_all: int
    most_objects: int
    most_unpacked: int


class FoundError(Exception):
    """An examination ends at the first thing that is wrong; `what` names parts, in our words alone."""

    def __init__(self, finding: Finding, *what: str) -> None:
        super().__init__(finding)
        self.finding = finding
        self.what = what
