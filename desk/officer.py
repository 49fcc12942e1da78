"""Who gives a command."""

from dataclasses import dataclass

from models.library import Library
from models.regulation import RESERVED

NOBODY = "unknown"
"""What `access` keeps instead of a name that is no post, or of an application that is not there."""


@dataclass(frozen=True)
class Officer:
    """A post's code, and whether it was named or supposed: a repeated id holds only a named one to it."""

    code: str
    is_named: bool = True

    def on_record(self, library: Library) -> str:
        """Who `access` says it was: a name that is no post may be somebody's number, and is not kept."""
        posts = {one.code for r in library.regulations.values() for one in r.officers}
        return self.code if self.code in posts or self.code in RESERVED else NOBODY
