"""Puts a CMS SignedData together, as a signer's program does; every part of it can be asked to be otherwise."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from adapters.host_clock import host_now

_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "md5": hashes.MD5,
    "sha1": hashes.SHA1,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}


@dataclass(frozen=True)
class Signing:
    """How to sign. `attributes`: in the place of those that are made, None for one that is left out."""

    attached: bool = False
    at: datetime | None = None
    digest: str = "sha256"
    pss: bool = False
    attributes: Mapping[str, Any] = field(default_factory=dict[str, Any])
    signers: int = 1
    other_content: bytes | None = None
    """What the signature carries in the place of what was signed."""


def sign(
    content: bytes,
    certificate: x509.Certificate,
    key: RSAPrivateKey,
    chain: Sequence[x509.Certificate],
    signing: Signing,
) -> str:
    """The base64 of the CMS."""
    signer = _signer(content, certificate, key, signing)
    carried = content if signing.other_content is None else signing.other_content
    signed = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [algos.DigestAlgorithm({"algorithm": signing.digest})],
            "encap_content_info": {"content_type": "data"} | ({"content": carried} if signing.attached else {}),
            "certificates": [_loaded(one) for one in (certificate, *chain)],
            "signer_infos": [signer] * signing.signers,
        }
    )
    whole = cms.ContentInfo({"content_type": "signed_data", "content": signed})
    return base64.b64encode(whole.dump()).decode()


def _signer(content: bytes, certificate: x509.Certificate, key: RSAPrivateKey, signing: Signing) -> cms.SignerInfo:
    attributes = _attributes(content, certificate, signing)
    method = _HASHES[signing.digest]()
    if signing.pss:
        way: padding.AsymmetricPadding = padding.PSS(padding.MGF1(method), method.digest_size)
    else:
        way = padding.PKCS1v15()
    loaded = _loaded(certificate)
    return cms.SignerInfo(
        {
            "version": "v1",
            "sid": {
                "issuer_and_serial_number": {
                    "issuer": loaded.issuer,
                    "serial_number": loaded.serial_number,
                }
            },
            "digest_algorithm": {"algorithm": signing.digest},
            "signed_attrs": attributes,
            "signature_algorithm": _algorithm(signing, method.digest_size),
            "signature": key.sign(attributes.dump(), way, method),
        }
    )


def _attributes(content: bytes, certificate: x509.Certificate, signing: Signing) -> cms.CMSAttributes:
    shown = certificate.public_bytes(Encoding.DER)
    values: dict[str, Any] = {
        "content_type": "data",
        "message_digest": hashlib.new(signing.digest, content).digest(),
        "signing_time": cms.Time({"utc_time": core.UTCTime(signing.at or host_now())}),
        "signing_certificate_v2": tsp.SigningCertificateV2(
            {"certs": [{"cert_hash": hashlib.sha256(shown).digest()}]}
        ),
    }
    chosen = {name: value for name, value in (values | dict(signing.attributes)).items() if value is not None}
    return cms.CMSAttributes([cms.CMSAttribute({"type": name, "values": [one]}) for name, one in chosen.items()])


def _algorithm(signing: Signing, salt: int) -> dict[str, Any]:
    if not signing.pss:
        return {"algorithm": "rsassa_pkcs1v15"}
    digest = {"algorithm": signing.digest}
    parameters = {
        "hash_algorithm": digest,
        "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": digest},
        "salt_length": salt,
    }
    return {"algorithm": "rsassa_pss", "parameters": parameters}


def _loaded(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
