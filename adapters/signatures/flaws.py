"""How the parts of the verifier say that a signature does not count."""

from collections.abc import Generator
from contextlib import contextmanager

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from models.signature import Flaw


class FlawedError(Exception):
    """The signature does not count, for this reason; it never leaves the verifier, which makes a finding of it."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.value)
        self.flaw = flaw


_UNREADABLE = (
    ValueError,  # a UnicodeError is one too
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    NotImplementedError,
    RecursionError,
    AssertionError,  # what the library of the chain takes for granted
    UnsupportedAlgorithm,
)
"""What the library for ASN.1 raises on what is none, or is none of the expected kind: its parsing is lazy, so it
may come from any access to a part."""


UNREADABLE_X509 = (
    ValueError,
    TypeError,
    ArithmeticError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.ExtensionNotFound,
    x509.UnsupportedGeneralNameType,
)
"""The same of `cryptography`, whose own errors have no ancestor of their own."""


@contextmanager
def unreadable_is(flaw: Flaw) -> Generator[None]:
    """Whatever a hostile structure makes the libraries stumble over is this flaw."""
    try:
        yield
    except _UNREADABLE as error:
        raise FlawedError(flaw) from error
