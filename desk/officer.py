"""Who gives a command."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Officer:
    """A post's code, and whether it was named or supposed: a repeated id holds only a named one to it."""

    code: str
    is_named: bool = True
