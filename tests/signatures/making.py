"""Puts signatures and verifiers together for the tests, right ones and wrong ones."""

import base64
import shutil
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from adapters.host_clock import host_now
from adapters.signatures.chain import Anchors
from adapters.signatures.opening import rsa_check, stand_in_trust
from adapters.signatures.revocation import Places
from adapters.signatures.sources import Sources
from adapters.signatures.stand_in.authority import StandInAuthority
from adapters.signatures.stand_in.certificates import Issuer, Leaf, authority_certificate, authority_name
from adapters.signatures.stand_in.signing import Signing
from adapters.signatures.trust import Trust, parsed_again
from adapters.signatures.verifier import CmsVerifier
from models.signature import Flaw, SignatureFinding, Signed
from tests.signing import authority

TEXT = '{"name":"Әділет Қожахмет","place":"Ұлытау Өзен Үй Һ І"}'
IIN, OTHER = "850505300011", "880312400024"
GOOD = SignatureFinding(valid=True, signer=IIN)


def flawed(flaw: Flaw) -> SignatureFinding:
    return SignatureFinding(valid=False, flaw=flaw)


def own_authority(folder: Path) -> StandInAuthority:
    """The run's authority with lists of its own, so that one test may revoke what it likes."""
    shutil.copytree(authority().folder, folder / "authority")
    return StandInAuthority.of(folder / "authority")


def trust_in(
    one: StandInAuthority, places: Places | None = None, *, intermediates: Sequence[x509.Certificate] | None = None
) -> Trust:
    """In this authority, with other sources of what was revoked, or with other intermediates."""
    trust = stand_in_trust(one)
    known = trust.anchors.intermediates if intermediates is None else tuple(map(parsed_again, intermediates))
    return Trust(Anchors(trust.anchors.roots, known), places or trust.places, None, {})


def verifier_of(
    trust: Trust,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    officers: dict[str, tuple[str, ...]] | None = None,
) -> CmsVerifier:
    return CmsVerifier(rsa_check(trust, Sources(transport=transport, seconds=2)), None, officers or {})


async def found(
    signature: str, content: str = TEXT, *, at: datetime | None = None, trust: Trust | None = None
) -> SignatureFinding:
    """What a verifier that believes the run's authority finds."""
    verifier = _usual() if trust is None else verifier_of(trust)
    return await verifier.verify(Signed(content=content, signature=signature, at=at))


@cache
def _usual() -> CmsVerifier:
    """Made once: a client takes longer to make than a signature to check."""
    return verifier_of(trust_in(authority()))


def signed_by(leaf: Leaf, content: str = TEXT, **how: Any) -> str:
    """The run's authority certifies what the leaf says, and signs with it."""
    return authority().signed_with(content, authority().issue(leaf), signing=Signing(**how))


def changed(signature: str, change: Callable[[Any], None]) -> str:
    """The same signature after a change to its parts."""
    whole = cms.ContentInfo.load(base64.b64decode(signature))
    signed = whole["content"]
    change(signed)
    return base64.b64encode(
        cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump(force=True)
    ).decode()


def stranger() -> tuple[Issuer, Issuer, list[x509.Certificate]]:
    """A root that nobody trusts, what stands under it, and both certificates: the intermediate's first."""
    root = Issuer(authority_name("SOMEBODY"), generate_private_key(65537, 2048))
    below = Issuer(authority_name("SOMEBODY ELSE"), generate_private_key(65537, 2048))
    shown = [authority_certificate(one.name, one.key.public_key(), root) for one in (below, root)]
    return root, below, shown


def issued_by_hash(certificate: x509.Certificate, key: RSAPrivateKey, name: str) -> x509.Certificate:
    """The same certificate, signed by its issuer's key with another hash."""
    made = parsed_again(certificate)
    for part in (made["tbs_certificate"]["signature"], made["signature_algorithm"]):
        part["algorithm"] = f"{name}_rsa"
    method = {"sha1": hashes.SHA1(), "sha384": hashes.SHA384()}[name]  # noqa: S303 - it has to be refused
    made["signature_value"] = key.sign(made["tbs_certificate"].dump(force=True), padding.PKCS1v15(), method)
    return x509.load_der_x509_certificate(made.dump(force=True))


def now() -> datetime:
    """Without parts of a second: certificates and signatures do not tell them."""
    return host_now().replace(microsecond=0)
