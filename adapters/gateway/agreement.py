"""What was agreed with the gateway's operator, from the gateway file: where it is, who we are, whom we trust."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from pydantic import Field, SecretStr, StringConstraints, field_validator

from adapters.gateway.key_files import SETTING, KeyFiles, wrong
from adapters.yaml_text import read_as
from models.data import Data
from models.errors import MalformedError
from models.registers import LifeStatus, Register

_STAND_IN = "STAND-IN"
"""In the names that the stand-in's certificates bear."""

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,80}$")]
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


def is_of_a_stand_in(path: Path) -> bool:
    """Whether what a gateway file names answers from made-up people: the stand-in certifies itself as one.

    False where that cannot be read: whoever asks the gateway says why (`Agreement.load`).
    """
    try:
        file = read_as(GatewayFile, path, SETTING)
        trusted = KeyFiles(path.parent).certificates("trusted_file", file.trusted_file)
    except MalformedError:
        return False
    return any(_STAND_IN in str(part.value).upper() for one in trusted for part in one.subject)


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
        file = read_as(GatewayFile, path, SETTING)
        load = KeyFiles(path.parent)
        key = load.key(file.key_file)
        certificate = load.certificates("certificate_file", file.certificate_file)[0]
        if key.public_key() != certificate.public_key():
            raise wrong("certificate_file", "it is not the certificate of key_file")
        password = None if file.password_file is None else load.password(file.password_file)
        trusted = load.certificates("trusted_file", file.trusted_file)
        return cls(file, password, key, certificate, trusted, load.tls(file.ca_file))

    def service(self, register: Register) -> Service:
        return self.file.services[register]
