"""One question to an OCSP responder, and what its answer says, if it is fresh and signed by whom it has to be.

`pyhanko-certvalidator` is not asked: it takes a certificate in the answer for the authority's own by its serial
number and the bits of its signature, so that anybody on the way could put their own key into it; and it cannot
read the certificate of the national responder, an extension of which has no value.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from adapters.signatures.flaws import UNREADABLE_X509, FlawedError, unreadable_is
from adapters.signatures.rsa import HASHES, LONGEST_KEY, SHORTEST_KEY
from models.signature import Flaw

_NONCE = 32
_SKEW = timedelta(minutes=5)
_FRESH = timedelta(minutes=30)
"""So long an answer counts that does not say itself how long."""
_MOST_DELEGATES = 4


class AnswerError(Exception):
    """The answer says nothing that can be used."""


@dataclass(frozen=True)
class Question:
    """A question, and the number used once that has to come back, if any does."""

    der: bytes
    nonce: bytes


def question(certificate: asn1.Certificate, issuer: asn1.Certificate) -> Question:
    """About one certificate, by SHA-256, as the national responder is asked. AnswerError if it cannot be put."""
    nonce = os.urandom(_NONCE)
    try:
        shown, by = (x509.load_der_x509_certificate(one.dump()) for one in (certificate, issuer))
        asked = ocsp.OCSPRequestBuilder().add_certificate(shown, by, SHA256())
        made = asked.add_extension(x509.OCSPNonce(nonce), critical=False).build()
    except UNREADABLE_X509 as error:
        raise AnswerError("question-impossible") from error
    return Question(made.public_bytes(Encoding.DER), nonce)


def revoked_by_answer(
    answer: bytes, asked: Question, certificate: asn1.Certificate, issuer: asn1.Certificate, now: datetime
) -> datetime | None:
    """When the certificate was revoked, None if it is good; AnswerError for whatever cannot be believed."""
    try:
        read = ocsp.load_der_ocsp_response(answer)
        _check_form(read, asked)
        _check_signature(read, x509.load_der_x509_certificate(issuer.dump()), now)
        told = [one for one in read.responses if _is_about(one, certificate, issuer)]
        found = [_told(one, now) for one in told]
    except UNREADABLE_X509 as error:
        raise AnswerError("answer-unreadable") from error
    if not found:
        raise AnswerError("answer-about-another")
    return min((at for at in found if at is not None), default=None)


def _check_form(read: ocsp.OCSPResponse, asked: Question) -> None:
    """It is an answer, and not the one to another question."""
    if read.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        raise AnswerError(f"answer-{read.response_status.name.lower()}")
    nonces = [one.value.nonce for one in read.extensions if isinstance(one.value, x509.OCSPNonce)]
    if any(nonce != asked.nonce for nonce in nonces):
        raise AnswerError("answer-to-another-question")


def _check_signature(read: ocsp.OCSPResponse, issuer: x509.Certificate, now: datetime) -> None:
    """By the authority itself, or by somebody whom it has certified to answer for it."""
    method = _good(read.signature_hash_algorithm)
    for signer in (issuer, *_delegates(read, issuer, now)):
        key = signer.public_key()
        if isinstance(key, RSAPublicKey) and SHORTEST_KEY <= key.key_size <= LONGEST_KEY:
            try:
                return key.verify(read.signature, read.tbs_response_bytes, PKCS1v15(), method)
            except InvalidSignature:
                continue
    raise AnswerError("answer-of-a-stranger")


def _good(method: HashAlgorithm | None) -> HashAlgorithm:
    if method is None or method.name not in HASHES:
        raise AnswerError("answer-algorithm")
    return method


def _delegates(read: ocsp.OCSPResponse, issuer: x509.Certificate, now: datetime) -> Iterator[x509.Certificate]:
    for one in read.certificates[:_MOST_DELEGATES]:
        if not one.not_valid_before_utc <= now <= one.not_valid_after_utc or not _may_answer(one):
            continue
        _good(one.signature_hash_algorithm)
        try:
            one.verify_directly_issued_by(issuer)
        except InvalidSignature:
            continue
        yield one


def _may_answer(certificate: x509.Certificate) -> bool:
    """Its extended usage is read alone: the national responder's certificate has an extension that is no ASN.1."""
    try:
        with unreadable_is(Flaw.MALFORMED):
            shown = asn1.Certificate.load(certificate.public_bytes(Encoding.DER))["tbs_certificate"]["extensions"]
            extended = [one for one in shown if one["extn_id"].native == "extended_key_usage"]
            return len(extended) == 1 and "ocsp_signing" in extended[0]["extn_value"].parsed.native
    except FlawedError:
        return False


def _is_about(one: ocsp.OCSPSingleResponse, certificate: asn1.Certificate, issuer: asn1.Certificate) -> bool:
    name = one.hash_algorithm.name
    hashed = [
        hashlib.new(name, part, usedforsecurity=False).digest()
        for part in (certificate.issuer.dump(), bytes(issuer.public_key["public_key"]))
    ]
    return one.serial_number == certificate.serial_number and hashed == [one.issuer_name_hash, one.issuer_key_hash]


def _told(one: ocsp.OCSPSingleResponse, now: datetime) -> datetime | None:
    until = one.next_update_utc or one.this_update_utc + _FRESH
    if not one.this_update_utc - _SKEW <= now <= until:
        raise AnswerError("answer-stale")
    if one.certificate_status is ocsp.OCSPCertStatus.UNKNOWN:
        raise AnswerError("answer-unknown")
    return one.revocation_time_utc
