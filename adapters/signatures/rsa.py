"""Whether a signature is right for a text: its digest, its attributes and its RSA."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from adapters.signatures.cms import Cms
from adapters.signatures.flaws import FlawedError, unreadable_is
from models.signature import Flaw

SHORTEST_KEY = 2048
LONGEST_KEY = 8192
"""Bits; a longer one would only take long."""
HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_SET, _INDEFINITE = b"\x31", 0x80
_OID_OF_HASHED = {f"{name}_rsa": name for name in HASHES}


@dataclass(frozen=True)
class _Way:
    """With which hash and which padding."""

    hash: str
    padding: padding.AsymmetricPadding


def check_signature(cms: Cms, content: bytes) -> None:
    """The signature is the signer's, over exactly this text; FlawedError says what is wrong with it."""
    with unreadable_is(Flaw.ALGORITHM):
        way, key = _way(cms.signer), _key(cms)
    check_carried(cms, content)
    with unreadable_is(Flaw.MALFORMED):
        _check_digest(cms.attributes, way.hash, content)
        _check_certificate_named(cms)
        signed = _signed_bytes(cms.signer)
        signature = cms.signer["signature"].native
        try:
            key.verify(signature, signed, way.padding, HASHES[way.hash])
        except InvalidSignature:
            raise FlawedError(Flaw.INVALID) from None


def check_carried(cms: Cms, content: bytes) -> None:
    """What the signature carries, if anything, is the very text."""
    if cms.content is not None and cms.content != content:
        raise FlawedError(Flaw.OTHER_CONTENT)


def claimed_time(cms: Cms) -> datetime | None:
    """When the signer says that they signed; nobody vouches for it."""
    with unreadable_is(Flaw.MALFORMED):
        stated = cms.attributes.get("signing_time")
        time = None if stated is None else stated.native
    return time if isinstance(time, datetime) and time.tzinfo else None


def _signed_bytes(signer: Any) -> bytes:
    """The attributes as they stand there, but under the tag of a set, which is what is signed (RFC 5652, 5.4)."""
    stated: bytes = signer["signed_attrs"].dump()
    if stated[1] == _INDEFINITE:
        raise FlawedError(Flaw.MALFORMED)
    return _SET + stated[1:]


def _way(signer: Any) -> _Way:
    digest = signer["digest_algorithm"]["algorithm"].native
    algorithm = signer["signature_algorithm"]
    name = algorithm["algorithm"].native
    if digest not in HASHES or _OID_OF_HASHED.get(name, digest) != digest:
        raise FlawedError(Flaw.ALGORITHM)
    if name == "rsassa_pss":
        return _Way(digest, _pss(algorithm["parameters"], digest))
    if name == "rsassa_pkcs1v15" or name in _OID_OF_HASHED:
        return _Way(digest, padding.PKCS1v15())
    raise FlawedError(Flaw.ALGORITHM)


def _pss(parameters: Any, digest: str) -> padding.PSS:
    """The same hash everywhere, and a salt as long as it: every signer's program does so."""
    mask = parameters["mask_gen_algorithm"]
    named = (parameters["hash_algorithm"]["algorithm"].native, mask["parameters"]["algorithm"].native)
    salt: int = parameters["salt_length"].native
    is_usual = mask["algorithm"].native == "mgf1" and parameters["trailer_field"].native == "trailer_field_bc"
    if not is_usual or named != (digest, digest) or salt != HASHES[digest].digest_size:
        raise FlawedError(Flaw.ALGORITHM)
    return padding.PSS(padding.MGF1(HASHES[digest]), salt)


def _key(cms: Cms) -> RSAPublicKey:
    try:
        key = load_der_public_key(cms.certificate.public_key.dump())
    except UnsupportedAlgorithm:
        raise FlawedError(Flaw.ALGORITHM) from None
    if not isinstance(key, RSAPublicKey) or not SHORTEST_KEY <= key.key_size <= LONGEST_KEY:
        raise FlawedError(Flaw.ALGORITHM)
    return key


def _check_digest(attributes: dict[str, Any], name: str, content: bytes) -> None:
    if attributes["content_type"].native != "data":
        raise FlawedError(Flaw.MALFORMED)
    stated: bytes = attributes["message_digest"].native
    if not hmac.compare_digest(stated, hashlib.new(name, content).digest()):
        raise FlawedError(Flaw.OTHER_CONTENT)


def _check_certificate_named(cms: Cms) -> None:
    """Where they have signed which certificate is theirs, it is this one: no other can be put in its place."""
    shown = cms.certificate.dump()
    for name, usual in (("signing_certificate", "sha1"), ("signing_certificate_v2", "sha256")):
        stated = cms.attributes.get(name)
        if stated is None:
            continue
        first = stated["certs"][0]
        digest = usual if name == "signing_certificate" else first["hash_algorithm"]["algorithm"].native
        if name != "signing_certificate" and digest not in HASHES:
            raise FlawedError(Flaw.ALGORITHM)
        if first["cert_hash"].native != hashlib.new(digest, shown, usedforsecurity=False).digest():
            raise FlawedError(Flaw.INVALID)
