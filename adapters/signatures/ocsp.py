"""One question to an OCSP responder, and what its answer says, if it is fresh and signed by whom it has to be."""

import os
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from pyhanko_certvalidator.errors import OCSPValidationError, RevokedError, ValidationError
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.revinfo.validate_ocsp import verify_ocsp_response

from adapters.signatures.chain import Anchors
from adapters.signatures.flaws import UNREADABLE_X509, FlawedError, unreadable_is
from adapters.signatures.rsa import HASHES
from models.signature import Flaw

_NONCE = 32


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


async def revoked_by_answer(
    answer: bytes,
    asked: Question,
    certificate: asn1.Certificate,
    path: ValidationPath,
    anchors: Anchors,
    now: datetime,
) -> datetime | None:
    """When the certificate was revoked, None if it is good; AnswerError for whatever cannot be believed."""
    _check_form(answer, asked)
    known = list(path.iter_certs(include_root=False))
    try:
        with unreadable_is(Flaw.MALFORMED):
            await verify_ocsp_response(certificate, path, anchors.context(now, known, [answer]))
    except RevokedError as error:
        return error.revocation_dt
    except (OCSPValidationError, ValidationError, FlawedError) as error:
        raise AnswerError(f"answer-{type(error).__name__}") from None
    return None


def _check_form(answer: bytes, asked: Question) -> None:
    """It is an answer, not signed with an outdated hash, and not the one to another question."""
    try:
        read = ocsp.load_der_ocsp_response(answer)
        if read.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise AnswerError(f"answer-{read.response_status.name.lower()}")
        method = read.signature_hash_algorithm
        nonces = [one.value.nonce for one in read.extensions if isinstance(one.value, x509.OCSPNonce)]
    except UNREADABLE_X509 as error:
        raise AnswerError("answer-unreadable") from error
    if method is None or method.name not in HASHES:
        raise AnswerError("answer-algorithm")
    if any(nonce != asked.nonce for nonce in nonces):
        raise AnswerError("answer-to-another-question")
