"""Who has signed in to the codec server: a signed cookie, good for a working day, and for no longer than meant."""

import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path

from itsdangerous import BadData, URLSafeTimedSerializer
from pydantic import SecretStr, ValidationError

from adapters.notices.credentials import read_secret
from models.data import Data
from models.errors import MalformedError

SETTING = "TIREK_SESSION_SECRET_FILE"
LASTS_SECONDS = 8 * 60 * 60
_LEAST = 32
_SALT = "tirek-codec-session"


class Session(Data):
    """What a cookie says, signed: of whom, by which password (its mark), and a number of its own."""

    operator: str
    mark: str
    number: str


def session_secret(file: Path | None) -> SecretStr:
    """The secret of the file; without one a new one, which nobody's cookie of yesterday fits. MalformedError."""
    if file is None:
        return SecretStr(secrets.token_urlsafe(_LEAST))
    secret = read_secret(SETTING, file)
    if len(secret.get_secret_value()) < _LEAST:
        raise MalformedError(f"{SETTING}: {file} holds fewer than {_LEAST} characters")
    return secret


@dataclass
class Sessions:
    """Makes and reads cookies. Who has signed out is kept until the cookie would have ended by itself."""

    secret: SecretStr
    lasts_seconds: int = LASTS_SECONDS
    _ended: dict[str, float] = field(default_factory=dict)

    def begun(self, operator: str, mark: str) -> str:
        """The text of a new cookie."""
        session = Session(operator=operator, mark=mark, number=secrets.token_hex(16))
        return self._signer().dumps(session.model_dump())

    def read(self, cookie: str | None) -> Session | None:
        """None for a cookie that is missing, not ours, altered, too old, or signed out."""
        try:
            session = Session.model_validate(self._signer().loads(cookie or "", max_age=self.lasts_seconds))
        except (BadData, ValidationError):
            return None
        return None if session.number in self._ended else session

    def end(self, cookie: str | None) -> None:
        """From now on the cookie is worth nothing, wherever a copy of it is."""
        now = time.monotonic()
        self._ended = {number: until for number, until in self._ended.items() if until > now}
        session = self.read(cookie)
        if session is not None:
            self._ended[session.number] = now + self.lasts_seconds

    def _signer(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self.secret.get_secret_value(), salt=_SALT)
