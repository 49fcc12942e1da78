"""Entering an application: every child is free, so it is claimed, and the application gets its number.

One open application per child is a rule of ours. Both happen in one transaction of the record, so that of
two applications for one child, at the same instant and through any channels, exactly one is entered.
"""

from models.data import Data, Instant
from models.identifiers import Iin


class RegistrationWanted(Data):
    """An application that is being accepted, with its children. The same again is answered the same."""

    application: str
    at: Instant
    pattern: str
    """How the regulation file writes a registration number."""
    children: tuple[Iin, ...]


class Registered(Data):
    """The number, or the numbers of the open applications that hold a child; then nothing was claimed."""

    number: str | None = None
    held: tuple[str, ...] = ()
