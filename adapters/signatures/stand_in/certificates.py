"""The stand-in's certificates, with the names, usages and policies that the national authority gives its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from adapters.host_clock import host_now
from adapters.registers.synthetic import person_of
from adapters.signatures.oids import EMPLOYEE, FOR_SIGNING, OF_A_PERSON, OF_AN_ORGANISATION

STAND_IN = "STAND-IN"
"""In the names of both authorities; whatever bears it is refused where real certificates are trusted."""
ORGANISATION = f"Tirek {STAND_IN}, nobody's authority"
BIN = "000140000000"
"""Of the organisation whose employees the stand-in's officers are; it is nobody's."""
_AUTHORITY_LASTS = timedelta(days=3650)
_LASTS = timedelta(days=365)
_BEGAN = timedelta(days=30)
"""Before now: a host's clock that is set back a little makes no certificate that is not valid yet."""
_POLICY = {False: "1.2.398.3.3.2.3", True: "1.2.398.3.3.2.1"}
_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
SIGN = ("digital_signature", "content_commitment")
AUTH = ("digital_signature", "key_encipherment")
"""Of the certificate with which its owner signs in; nothing is to be signed with it."""
_AUTHORITY = ("key_cert_sign", "crl_sign")


@dataclass(frozen=True)
class Issuer:
    """Who signs a certificate: its name and its key."""

    name: x509.Name
    key: RSAPrivateKey


@dataclass(frozen=True)
class Leaf:
    """What a person's certificate says; with `employed`, that of an organisation's employee."""

    iin: str
    employed: bool = False
    usages: Sequence[str] = SIGN
    extended: Sequence[str] | None = None
    begins: datetime | None = None
    ends: datetime | None = None
    has_iin: bool = True

    @property
    def extended_usages(self) -> Sequence[str]:
        if self.extended is not None:
            return self.extended
        whose = (OF_AN_ORGANISATION, EMPLOYEE) if self.employed else (OF_A_PERSON,)
        return (FOR_SIGNING, *whose)


def authority_name(label: str) -> x509.Name:
    """It says twice what it is."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, f"{label} {STAND_IN} (RSA)"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            x509.NameAttribute(NameOID.COUNTRY_NAME, "KZ"),
        ]
    )


def authority_certificate(
    name: x509.Name, key: RSAPublicKey, issuer: Issuer, *, is_authority: bool = True
) -> x509.Certificate:
    """Of the root, signed by itself, or of what stands under it."""
    begins = host_now() - _BEGAN
    made = _begun(name, key, issuer, begins, begins + _AUTHORITY_LASTS)
    made = made.add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    return _signed(made.add_extension(_usage(_AUTHORITY), critical=True), issuer)


def leaf_certificate(leaf: Leaf, key: RSAPublicKey, issuer: Issuer) -> x509.Certificate:
    """Of a person, to sign with or whatever else `leaf` says."""
    begins = leaf.begins or host_now() - _BEGAN
    made = _begun(subject_of(leaf), key, issuer, begins, leaf.ends or begins + _LASTS)
    policy = x509.PolicyInformation(x509.ObjectIdentifier(_POLICY[leaf.employed]), None)
    made = made.add_extension(x509.CertificatePolicies([policy]), critical=False)
    made = made.add_extension(_usage(leaf.usages), critical=True)
    if leaf.extended_usages:
        extended = [x509.ObjectIdentifier(oid) for oid in leaf.extended_usages]
        made = made.add_extension(x509.ExtendedKeyUsage(extended), critical=False)
    return _signed(made, issuer)


def subject_of(leaf: Leaf) -> x509.Name:
    """As the national authority writes it: G is the patronymic, OU holds an organisation's BIN."""
    person = person_of(leaf.iin)
    parts = {
        NameOID.COMMON_NAME: f"{person.surname} {person.name}".upper(),
        NameOID.SURNAME: person.surname.upper(),
        NameOID.SERIAL_NUMBER: f"IIN{leaf.iin}" if leaf.has_iin else None,
        NameOID.COUNTRY_NAME: "KZ",
        NameOID.GIVEN_NAME: person.patronymic.upper(),
        NameOID.ORGANIZATION_NAME: ORGANISATION if leaf.employed else None,
        NameOID.ORGANIZATIONAL_UNIT_NAME: f"BIN{BIN}" if leaf.employed else None,
    }
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts.items() if text])


def _begun(
    subject: x509.Name, key: RSAPublicKey, issuer: Issuer, begins: datetime, ends: datetime
) -> x509.CertificateBuilder:
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer.name).public_key(key)
    made = made.serial_number(x509.random_serial_number()).not_valid_before(begins).not_valid_after(ends)
    shown = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
    made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    return made.add_extension(shown, critical=False)


def _usage(usages: Sequence[str]) -> x509.KeyUsage:
    return x509.KeyUsage(**{name: name in usages for name in _USAGES})


def _signed(made: x509.CertificateBuilder, issuer: Issuer) -> x509.Certificate:
    return made.sign(issuer.key, SHA256())
