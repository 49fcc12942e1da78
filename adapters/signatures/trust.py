"""Whom the verifier trusts and asks, from the signatures file: TIREK_SIGNATURES_FILE."""

import logging
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

import httpx
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import Field, StringConstraints, ValidationInfo, field_validator, model_validator

from adapters.host_clock import host_now
from adapters.listening import is_loopback
from adapters.signatures.chain import Anchors
from adapters.signatures.revocation import Places
from adapters.signatures.stand_in.certificates import STAND_IN
from adapters.yaml_text import read_as
from models.data import Code, Data, shown
from models.errors import MalformedError

_log = logging.getLogger(__name__)

SETTING = "TIREK_SIGNATURES_FILE"
_SOON = timedelta(days=30)

SignersIin = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]
"""As certificates have it: test certificates bear numbers whose check digit is wrong."""


class SignaturesFile(Data):
    """The content of the file; paths are relative to its folder."""

    roots: tuple[Path, ...] = Field(min_length=1)
    intermediates: tuple[Path, ...] = ()
    ocsp: tuple[str, ...] = ()
    crl: tuple[str, ...] = ()
    """Addresses, or files."""
    ncanode_in_private_network: bool = False
    """Whether nobody but us and it is in the network between: http is let pass then."""
    ncanode: str | None = None
    officers: dict[Code, tuple[SignersIin, ...]] = Field(default_factory=dict)

    @field_validator("ocsp")
    @classmethod
    def _are_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            _host_of(one)
        return value

    @field_validator("crl")
    @classmethod
    def _are_places(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            if "://" in one:
                _host_of(one)
        return value

    @field_validator("ncanode")
    @classmethod
    def _is_believable(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None or value.startswith("https:") or is_loopback(_host_of(value)):
            return value
        if info.data.get("ncanode_in_private_network"):
            return value
        raise ValueError(
            "its word decides, so it is https://HOST, or http to this machine; or http within a network of which "
            "ncanode_in_private_network: true says that nobody else is there"
        )

    @model_validator(mode="after")
    def _can_ask(self) -> "SignaturesFile":
        if not self.ocsp and not self.crl:
            raise ValueError("ocsp, crl: without either nobody can say what is revoked")
        return self


def _host_of(address: str) -> str:
    try:
        place, _ = urlsplit(address), httpx.URL(address)
        host, port = place.hostname, place.port
    except (httpx.InvalidURL, ValueError):
        raise ValueError("it is no address, as in http://HOST/PATH") from None
    if place.scheme not in ("http", "https") or not host or port == 0 or "@" in place.netloc:
        raise ValueError("it is http://HOST/PATH or https://HOST/PATH, without user and password")
    return host


@dataclass(frozen=True)
class Trust:
    """The file with every certificate that it names, loaded and checked."""

    anchors: Anchors = field(repr=False)
    places: Places
    ncanode: str | None
    officers: dict[str, tuple[str, ...]] = field(repr=False)

    @classmethod
    def load(cls, path: Path, posts: Collection[str] = ()) -> Self:
        """MalformedError names TIREK_SIGNATURES_FILE and the field that is wrong.

        `posts`: the codes of the officers' posts that there are; any other may not stand in the file.
        """
        file = read_as(SignaturesFile, path, SETTING)
        unknown = [code for code in file.officers if posts and code not in posts]
        if unknown:
            raise _wrong("officers", f"there is no post {', '.join(unknown)}; see `starter.py officers`")
        lists = tuple(one if "://" in one else str(path.parent / one) for one in file.crl)
        anchors = Anchors(
            _certificates(path.parent, "roots", file.roots),
            _certificates(path.parent, "intermediates", file.intermediates),
        )
        return cls(anchors, Places(file.ocsp, lists), file.ncanode, file.officers)


def loaded(path: Path) -> tuple[x509.Certificate, ...]:
    """The certificates of a PEM file; ValueError, OSError."""
    return tuple(x509.load_pem_x509_certificates(path.read_bytes()))


def parsed_again(certificate: x509.Certificate) -> asn1.Certificate:
    """The same as the library of the chain reads it."""
    return asn1.Certificate.load(certificate.public_bytes(Encoding.DER))


def _certificates(folder: Path, place: str, paths: tuple[Path, ...]) -> tuple[asn1.Certificate, ...]:
    found: list[asn1.Certificate] = []
    for path in paths:
        try:
            certificates = loaded(folder / path)
        except OSError as error:
            raise _wrong(place, f"{path} cannot be read ({type(error).__name__})") from None
        except ValueError:
            raise _wrong(place, f"{path} holds no certificate in PEM") from None
        for one in certificates:
            _check(place, path, one)
            found.append(parsed_again(one))
    return tuple(found)


def _check(place: str, path: Path, certificate: x509.Certificate) -> None:
    """One that runs out is still loaded: a worker that does not start helps nobody."""
    if any(STAND_IN in str(part.value).upper() for part in certificate.subject):
        raise _wrong(place, f"{path} is of a stand-in authority, which certifies whomever it is told to")
    constraints = [one.value.ca for one in certificate.extensions if isinstance(one.value, x509.BasicConstraints)]
    if constraints != [True]:
        raise _wrong(place, f"{path} is not of an authority")
    until = certificate.not_valid_after_utc
    if until < host_now() + _SOON:
        _log.warning("%s: %s: a certificate is valid until %s only", SETTING, place, shown(until))


def _wrong(place: str, problem: str) -> MalformedError:
    return MalformedError(f"{SETTING}: {place}: {problem}", [(place, problem)])
