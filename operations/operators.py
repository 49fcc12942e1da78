"""Who may read what is encrypted: names, and argon2 hashes of passwords, in a file that operators keep."""

import hashlib
import hmac
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated

import argon2
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import AfterValidator, TypeAdapter, ValidationError

from adapters.yaml_text import parsed
from models.data import Code
from models.errors import MalformedError

SETTING = "TIREK_OPERATORS_FILE"
_MOST = 1024
"""Bytes of a password: hashing a longer one would only cost us time."""

_HASHER = argon2.PasswordHasher()  # argon2id, with the parameters that RFC 9106 recommends for little memory


def _argon2id(text: str) -> str:
    try:
        if argon2.extract_parameters(text).type is argon2.Type.ID:
            return text
    except InvalidHashError:
        pass
    raise ValueError("no argon2id hash; `starter.py operator-password` prints one")


_OPERATORS = TypeAdapter(dict[Code, Annotated[str, AfterValidator(_argon2id)]])


class Operators:
    """The file, read again at each question: whoever was taken out of it reads nothing from then on."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def check(self) -> None:
        """MalformedError says what is wrong with the file, and where; nothing of what stands there."""
        self._read()

    def verified(self, name: str, password: str) -> str | None:
        """The operator's mark, if this is the password; it takes as long for a name that nobody has.

        MalformedError where the file cannot be read now.
        """
        known = self._read().get(name)
        is_right = _matches(known or _nobody(), password)
        return _mark(known) if known is not None and is_right else None

    def has(self, name: str, mark: str) -> bool:
        """Whether the operator is there still, with the same password. MalformedError as above."""
        known = self._read().get(name)
        return known is not None and hmac.compare_digest(_mark(known), mark)

    def _read(self) -> Mapping[str, str]:
        try:
            content = parsed(self._file.read_text(encoding="utf-8"), f"{SETTING}: {self._file}")
            return _OPERATORS.validate_python(content)
        except (OSError, UnicodeDecodeError) as error:
            raise MalformedError(f"{SETTING}: {self._file} cannot be read ({type(error).__name__})") from None
        except ValidationError as error:
            where = sorted({str(p["loc"][0]) if p["loc"] else "(whole file)" for p in error.errors()})
            reason = "expected NAME: argon2id hash, as `starter.py operator-password` prints it"
            raise MalformedError(f"{SETTING}: {self._file}: {', '.join(where)}: {reason}") from None


def password_hash(password: str) -> str:
    """What stands in the file for a password. MalformedError for one that is short or very long."""
    if not len(password) >= 12 or len(password.encode()) > _MOST:
        raise MalformedError(f"the password has 12 characters or more, and at most {_MOST} bytes")
    return _HASHER.hash(password)


def _matches(known: str, password: str) -> bool:
    if len(password.encode(errors="replace")) > _MOST:
        return False
    try:
        return _HASHER.verify(known, password)
    except (VerificationError, UnicodeEncodeError):
        return False


@cache
def _nobody() -> str:
    """A hash that costs as much as anybody's, of a password that nobody has."""
    return _HASHER.hash(hashlib.sha256(b"nobody").hexdigest())


def _mark(known: str) -> str:
    """Changes with the password, and tells nothing of it: its hash is salted."""
    return hashlib.sha256(known.encode()).hexdigest()[:16]
