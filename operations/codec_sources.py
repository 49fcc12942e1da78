"""What the codec server works with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.requests import Request

from adapters.database.codec_accesses import CodecAccess
from adapters.keys import KeyRing
from operations.attempts import Attempts
from operations.operators import Operators
from operations.sessions import Session, Sessions


@dataclass
class CodecSources:
    """`note` writes an access down, SQLAlchemyError; `ui` is the UI's address;
    `is_secure`: browsers reach it over TLS; `hosts`: under which names it answers, None for any."""

    ring: KeyRing
    operators: Operators
    sessions: Sessions
    note: Callable[[CodecAccess], None]
    ui: str
    is_secure: bool
    hosts: frozenset[str] | None
    attempts: Attempts = field(default_factory=Attempts)

    @property
    def cookie(self) -> str:
        """With this prefix a browser takes it over TLS only, and from this very host."""
        return "__Host-tirek-codec" if self.is_secure else "tirek-codec"

    def session_of(self, request: Request) -> Session | None:
        """Of whoever is still an operator, with the same password. MalformedError where nobody knows."""
        session = self.sessions.read(request.cookies.get(self.cookie))
        return session if session is not None and self.operators.has(session.operator, session.mark) else None


def origin_of(address: str) -> str:
    """As a browser names where a page is from: scheme, host, and the port where it is not the usual one."""
    parts = urlsplit(address.lower())
    usual = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
    return f"{parts.scheme}://{parts.netloc.removesuffix(usual)}"
