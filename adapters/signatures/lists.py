"""What a certificate revocation list says of a certificate. Lists hold hundreds of thousands of entries, so they
are read by `cryptography`, which looks one up without making an object of each."""

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from adapters.signatures.flaws import UNREADABLE_X509
from adapters.signatures.rsa import HASHES

_SKEW = timedelta(minutes=5)
_KNOWN = frozenset({x509.IssuingDistributionPoint.oid})
"""Critical extensions that are understood; a delta list is not a list."""


class ListError(Exception):
    """The list says nothing of this certificate. `is_of_use_later`: a newer copy may."""

    def __init__(self, problem: str, *, is_of_use_later: bool = False) -> None:
        super().__init__(problem)
        self.is_of_use_later = is_of_use_later


def revoked_by_list(content: bytes, about: bytes, by: bytes, now: datetime) -> datetime | None:
    """When the certificate was revoked, None if it is not; ListError where the list is not fit to say it.

    `about`: the certificate in DER; `by`: that of who has issued it.
    """
    try:
        certificate, issuer = (x509.load_der_x509_certificate(one) for one in (about, by))
        found = _loaded(content)
        _check_issuer(found, issuer)
        _check_in_force(found, now)
        _check_scope(found, certificate)
        entry = found.get_revoked_certificate_by_serial_number(certificate.serial_number)
    except UNREADABLE_X509 as error:
        raise ListError("list-unreadable", is_of_use_later=True) from error
    return None if entry is None else entry.revocation_date_utc


def _loaded(content: bytes) -> x509.CertificateRevocationList:
    if content.lstrip().startswith(b"-----BEGIN"):
        return x509.load_pem_x509_crl(content)
    return x509.load_der_x509_crl(content)


def _check_issuer(found: x509.CertificateRevocationList, issuer: x509.Certificate) -> None:
    if found.issuer != issuer.subject:
        raise ListError("list-of-another")
    key, method = issuer.public_key(), found.signature_hash_algorithm
    usages = [one.value.crl_sign for one in issuer.extensions if isinstance(one.value, x509.KeyUsage)]
    if False in usages or not isinstance(key, RSAPublicKey) or method is None or method.name not in HASHES:
        raise ListError("list-not-acceptable")
    if not found.is_signature_valid(key):
        raise ListError("list-signature", is_of_use_later=True)


def _check_in_force(found: x509.CertificateRevocationList, now: datetime) -> None:
    ends = found.next_update_utc
    if ends is None or ends < now or found.last_update_utc > now + _SKEW:
        raise ListError("list-stale", is_of_use_later=True)


def _check_scope(found: x509.CertificateRevocationList, certificate: x509.Certificate) -> None:
    """It is a whole list, for certificates of this kind and for every reason."""
    for extension in found.extensions:
        if extension.critical and extension.oid not in _KNOWN:
            raise ListError("list-not-understood")
        if isinstance(extension.value, x509.DeltaCRLIndicator):
            raise ListError("list-not-whole")
        if isinstance(extension.value, x509.IssuingDistributionPoint):
            _check_point(extension.value, certificate)


def _check_point(point: x509.IssuingDistributionPoint, certificate: x509.Certificate) -> None:
    said = [one.value.ca for one in certificate.extensions if isinstance(one.value, x509.BasicConstraints)]
    is_authority = True in said
    of_others = point.only_contains_user_certs if is_authority else point.only_contains_ca_certs
    if of_others or point.indirect_crl or point.only_some_reasons or point.only_contains_attribute_certs:
        raise ListError("list-of-others")
    if point.relative_name is not None or not _is_where_it_says(point.full_name or [], certificate):
        raise ListError("list-of-another-part")


def _is_where_it_says(names: list[x509.GeneralName], certificate: x509.Certificate) -> bool:
    """An authority may divide its list: then each certificate says where that part is to which it belongs."""
    points = [one.value for one in certificate.extensions if isinstance(one.value, x509.CRLDistributionPoints)]
    told = [name for one in points for point in one for name in point.full_name or []]
    return not names or not told or any(name in told for name in names)
