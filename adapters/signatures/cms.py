"""Reads a CMS SignedData with one signer: PEM or base64, detached or with the content inside.

Nothing is verified here. What is read is the form alone, and it is narrow: whatever the service has no use for is
refused before a key is touched.
"""

import base64
import re
from dataclasses import dataclass, field
from typing import Any

from asn1crypto import cms, x509

from adapters.signatures.flaws import FlawedError, unreadable_is
from adapters.signatures.oids import is_gost
from adapters.signatures.shape import check_shape
from models.signature import Flaw

MOST_TEXT = 100_000
"""Characters; a signature with its whole chain has some five thousand."""
MOST_CERTIFICATES = 6
"""The signer's and a chain; building paths through many that name each other would take for ever."""
_PEM = re.compile(r"-----BEGIN (CMS|PKCS7)-----(?P<body>[A-Za-z0-9+/=\s]+)-----END \1-----")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]+")
_ONCE = ("content_type", "message_digest", "signing_time", "signing_certificate", "signing_certificate_v2")


@dataclass(frozen=True)
class Cms:
    """What a signature says of itself. `content`: what it carries, None where it is detached."""

    der: bytes = field(repr=False)
    content: bytes | None = field(repr=False)
    signer: Any = field(repr=False)
    certificate: x509.Certificate = field(repr=False)
    others: tuple[x509.Certificate, ...] = field(repr=False)
    attributes: dict[str, Any] = field(repr=False)
    """The signed ones that may stand once only, by their names, each with its one value."""
    is_gost: bool
    """Whether the signer's key or algorithms are the national ones."""


def read_cms(text: str) -> Cms:
    """The signature in a text; FlawedError `signature-malformed` for whatever is none, or is larger than any."""
    with unreadable_is(Flaw.MALFORMED):
        der = _decoded(text)
        check_shape(der)
        return _read(der)


def _decoded(text: str) -> bytes:
    if len(text) > MOST_TEXT:
        raise FlawedError(Flaw.MALFORMED)
    pem = _PEM.fullmatch(text.strip())
    body = pem["body"] if pem else text
    if not _BASE64.fullmatch(body):
        raise FlawedError(Flaw.MALFORMED)
    return base64.b64decode("".join(body.split()), validate=True)


def _read(der: bytes) -> Cms:
    whole = cms.ContentInfo.load(der, strict=True)
    _need(whole["content_type"].native == "signed_data")
    signed = whole["content"]
    signers = list(signed["signer_infos"])
    _need(len(signers) == 1)
    certificate, others = _certificates(signed["certificates"], signers[0]["sid"])
    return Cms(
        der=der,
        content=_content(signed["encap_content_info"]),
        signer=signers[0],
        certificate=certificate,
        others=others,
        attributes=_attributes(signers[0]["signed_attrs"]),
        is_gost=_is_gost(signers[0], certificate),
    )


def _is_gost(signer: Any, certificate: Any) -> bool:
    key = certificate["tbs_certificate"]["subject_public_key_info"]["algorithm"]
    named = (signer["digest_algorithm"], signer["signature_algorithm"], key)
    return any(is_gost(one["algorithm"].dotted) for one in named)


def _content(carried: Any) -> bytes | None:
    _need(carried["content_type"].native == "data")
    content = carried["content"].native
    _need(content is None or isinstance(content, bytes))
    return content


def _certificates(bag: Any, named: Any) -> tuple[x509.Certificate, tuple[x509.Certificate, ...]]:
    """The signer's certificate, which has to be there once, and the others."""
    _need(0 < len(bag) <= MOST_CERTIFICATES)
    _need(all(one.name == "certificate" for one in bag))
    certificates = [one.chosen for one in bag]
    matching = [one for one in certificates if _is_named(one, named)]
    _need(len(matching) == 1)
    return matching[0], tuple(one for one in certificates if one is not matching[0])


def _is_named(certificate: x509.Certificate, named: Any) -> bool:
    if named.name == "subject_key_identifier":
        return certificate.key_identifier == named.native
    issuer, serial = named.chosen["issuer"], named.chosen["serial_number"].native
    return certificate.serial_number == serial and certificate.issuer == issuer


def _attributes(signed: Any) -> dict[str, Any]:
    """Each once and with one value: of two, one could be shown and the other checked."""
    found: dict[str, Any] = {}
    for attribute in signed:
        name = attribute["type"].native
        if name in _ONCE:
            _need(name not in found and len(attribute["values"]) == 1)
            found[name] = attribute["values"][0]
    _need("content_type" in found and "message_digest" in found)
    return found


def _need(holds: bool) -> None:
    if not holds:
        raise FlawedError(Flaw.MALFORMED)
