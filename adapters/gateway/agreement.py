"""What was agreed with the gateway's operator, from the gateway file: where it is, who we are, whom we trust."""

import re
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import Field, SecretStr, StringConstraints, ValidationError, field_validator

from adapters.yaml_text import parsed
from models.data import Data
from models.errors import MalformedError
from models.registers import LifeStatus, Register

SETTING = "TIREK_GATEWAY_FILE"
_SHORTEST_KEY = 2048

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,100}$")]
"""A name of the gateway's: of a sender, a service, a route."""
ForeignCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
"""A code that a register answers with."""


class Service(Data):
    """One service behind the gateway, and whether its data are nested XML or XML escaped into a string."""

    service: Name
    route: Name | None = None
    data: Literal["nested", "string"] = "nested"


class GatewayFile(Data):
    """The content of the file; paths are relative to its folder. Codes are to be confirmed by each register."""

    url: str
    sender: Name
    password_file: Path | None = None
    key_file: Path
    certificate_file: Path
    trusted_file: Path
    ca_file: Path | None = None
    services: dict[Register, Service]
    life_status: dict[ForeignCode, LifeStatus] = Field(default_factory=lambda: {"0": LifeStatus.ALIVE})
    not_found: tuple[ForeignCode, ...] = ()
    account_open: tuple[ForeignCode, ...] = ("0",)

    @field_validator("url")
    @classmethod
    def _is_secure(cls, value: str) -> str:
        try:
            place, _ = urlsplit(value), httpx.URL(value)
            host, port = place.hostname, place.port
        except (httpx.InvalidURL, ValueError):
            raise ValueError("it is no address, as in https://HOST/PATH") from None
        if place.scheme != "https" or not host or port == 0 or "@" in place.netloc:
            raise ValueError("it is https://HOST/PATH, without user and password; http is not spoken")
        return value

    @field_validator("services")
    @classmethod
    def _is_whole(cls, value: dict[Register, Service]) -> dict[Register, Service]:
        missing = [register.value for register in Register if register not in value]
        if missing:
            raise ValueError(f"there is none for {', '.join(missing)}")
        return value


@dataclass(frozen=True)
class Agreement:
    """The file with everything that it names, loaded and checked."""

    file: GatewayFile
    password: SecretStr | None
    key: RSAPrivateKey = field(repr=False)
    certificate: x509.Certificate = field(repr=False)
    trusted: tuple[x509.Certificate, ...] = field(repr=False)
    tls: ssl.SSLContext = field(repr=False)

    @classmethod
    def load(cls, path: Path) -> Self:
        """MalformedError names TIREK_GATEWAY_FILE and the field that is wrong, and repeats no secret."""
        file = _read(path)
        load = _Files(path.parent)
        key = load.key(file.key_file)
        certificate = load.certificates("certificate_file", file.certificate_file)[0]
        if key.public_key() != certificate.public_key():
            raise _wrong("certificate_file", "it is not the certificate of key_file")
        password = None if file.password_file is None else load.password(file.password_file)
        trusted = load.certificates("trusted_file", file.trusted_file)
        return cls(file, password, key, certificate, trusted, load.tls(file.ca_file))

    def service(self, register: Register) -> Service:
        return self.file.services[register]


def _wrong(place: str, problem: str) -> MalformedError:
    return MalformedError(f"{SETTING}: {place}: {problem}", [(place, problem)])


def _read(path: Path) -> GatewayFile:
    try:
        content = parsed(path.read_text(encoding="utf-8"), f"{SETTING}: {path}")
    except (OSError, UnicodeDecodeError) as error:
        raise MalformedError(f"{SETTING}: {path} cannot be read ({type(error).__name__})") from None
    try:
        return GatewayFile.model_validate(content)
    except ValidationError as error:
        fields = [(".".join(map(str, one["loc"])) or "(whole file)", one["msg"]) for one in error.errors()]
        lines = "; ".join(f"{place}: {problem}" for place, problem in fields)
        raise MalformedError(f"{SETTING}: {path}: {lines}", fields) from None


class _Files:
    """The files that are named in the gateway file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def key(self, path: Path) -> RSAPrivateKey:
        try:
            key = load_pem_private_key(self._bytes("key_file", path), password=None)
        except (ValueError, TypeError):  # the second one: it is encrypted
            raise _wrong("key_file", "it is no private key in PEM without a password") from None
        if not isinstance(key, RSAPrivateKey) or key.key_size < _SHORTEST_KEY:
            raise _wrong("key_file", f"it is no RSA key of {_SHORTEST_KEY} bits or more")
        return key

    def certificates(self, place: str, path: Path) -> tuple[x509.Certificate, ...]:
        try:
            found = x509.load_pem_x509_certificates(self._bytes(place, path))
        except ValueError:
            raise _wrong(place, "it holds no certificate in PEM") from None
        for one in found:
            key = one.public_key()
            if not isinstance(key, RSAPublicKey) or key.key_size < _SHORTEST_KEY:
                raise _wrong(place, f"a certificate is not of an RSA key of {_SHORTEST_KEY} bits or more")
        return tuple(found)

    def password(self, path: Path) -> SecretStr:
        try:
            text = self._bytes("password_file", path).decode("utf-8").strip()
        except UnicodeDecodeError:
            raise _wrong("password_file", "it is not UTF-8") from None
        if not text or re.search(r"[\x00-\x1f\x7f]", text):
            raise _wrong("password_file", "it is not one line of text")
        return SecretStr(text)

    def tls(self, path: Path | None) -> ssl.SSLContext:
        """Always verifies: by these authorities, or by those of the system."""
        try:
            authorities = None if path is None else self._bytes("ca_file", path).decode("ascii")
            return ssl.create_default_context(cadata=authorities)
        except (ssl.SSLError, ValueError):
            raise _wrong("ca_file", "it holds no certificate in PEM") from None

    def _bytes(self, place: str, path: Path) -> bytes:
        try:
            return (self._folder / path).read_bytes()
        except OSError as error:
            raise _wrong(place, f"{path} cannot be read ({type(error).__name__})") from None
