"""Loads the keys and certificates that the gateway file names: RSA, in PEM, long enough."""

import logging
import re
import ssl
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import SecretStr

from adapters.host_clock import host_now
from models.data import shown
from models.errors import MalformedError

_log = logging.getLogger(__name__)

SETTING = "TIREK_GATEWAY_FILE"
_SHORTEST_KEY = 2048
_SOON = timedelta(days=30)


def wrong(place: str, problem: str) -> MalformedError:
    """Of the gateway file: the field, and what is wrong with it."""
    return MalformedError(f"{SETTING}: {place}: {problem}", [(place, problem)])


class KeyFiles:
    """The files that the gateway file names; MalformedError names the field, and repeats no secret."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def key(self, path: Path) -> RSAPrivateKey:
        try:
            key = load_pem_private_key(self._bytes("key_file", path), password=None)
        except (ValueError, TypeError):  # the second one: it is encrypted
            raise wrong("key_file", "it is no private key in PEM without a password") from None
        if not isinstance(key, RSAPrivateKey) or key.key_size < _SHORTEST_KEY:
            raise wrong("key_file", f"it is no RSA key of {_SHORTEST_KEY} bits or more")
        return key

    def certificates(self, place: str, path: Path) -> tuple[x509.Certificate, ...]:
        try:
            found = x509.load_pem_x509_certificates(self._bytes(place, path))
        except ValueError:
            raise wrong(place, "it holds no certificate in PEM") from None
        for one in found:
            key = one.public_key()
            if not isinstance(key, RSAPublicKey) or key.key_size < _SHORTEST_KEY:
                raise wrong(place, f"a certificate is not of an RSA key of {_SHORTEST_KEY} bits or more")
            _warn(place, one)
        return tuple(found)

    def password(self, path: Path) -> SecretStr:
        try:
            text = self._bytes("password_file", path).decode("utf-8").strip()
        except UnicodeDecodeError:
            raise wrong("password_file", "it is not UTF-8") from None
        if not text or re.search(r"[\x00-\x1f\x7f]", text):
            raise wrong("password_file", "it is not one line of text")
        return SecretStr(text)

    def tls(self, path: Path | None) -> ssl.SSLContext:
        """Always verifies: by these authorities, or by those of the system."""
        try:
            authorities = None if path is None else self._bytes("ca_file", path).decode("ascii")
            return ssl.create_default_context(cadata=authorities)
        except (ssl.SSLError, ValueError):
            raise wrong("ca_file", "it holds no certificate in PEM") from None

    def _bytes(self, place: str, path: Path) -> bytes:
        try:
            return (self._folder / path).read_bytes()
        except OSError as error:
            raise wrong(place, f"{path} cannot be read ({type(error).__name__})") from None


def _warn(place: str, certificate: x509.Certificate) -> None:
    """One that runs out is still loaded: a worker that does not start helps nobody."""
    until = certificate.not_valid_after_utc
    if until < host_now() + _SOON:
        _log.warning("%s: %s: a certificate is valid until %s only", SETTING, place, shown(until))
