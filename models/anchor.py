"""The heads of the hash chains, as they are anchored outside of the record once a day."""

from datetime import date

from pydantic import Field

from models.data import Data, Instant

BEFORE_ALL = "0" * 64
"""What stands for an anchor before the first one."""


class Head(Data):
    """The last fact of an application or a recall: its number, and the hash that commits to all before it."""

    application: str
    last_fact: int = Field(ge=0)
    last_hash: str


class AnchorHeader(Data):
    """The first line of a day's file. `applications`: how many the record had, changed or not."""

    format: int = 1
    day: date
    at: Instant
    applications: int
    previous_day: date | None = None
    previous: str = BEFORE_ALL
    """SHA-256 of the file of `previous_day`: so a file commits to all before it."""


class AnchorFooter(Data):
    """Its last line. `root`: a hash over the one before it and every head of this file, so over all heads."""

    changed: int
    root: str
