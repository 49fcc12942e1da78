"""Whose a certificate is, and whether it is one to sign with."""

import re
from typing import Any

from asn1crypto import x509

from adapters.signatures.flaws import FlawedError, unreadable_is
from adapters.signatures.oids import FOR_SIGNING, OF_A_PERSON, OF_AN_ORGANISATION
from models.signature import Flaw

_IIN = re.compile(r"IIN([0-9]{12})")
_EMAIL = "email_protection"
"""What the library calls FOR_SIGNING."""


def check_usage(certificate: x509.Certificate) -> None:
    """It is for signing, by a person or somebody of an organisation; one for signing in is refused."""
    with unreadable_is(Flaw.WRONG_USAGE):
        usages: set[str] = set(_native(certificate.key_usage_value))
        extended: set[str] = set(_native(certificate.extended_key_usage_value))
        if not {"digital_signature", "non_repudiation"} <= usages or "key_encipherment" in usages:
            raise FlawedError(Flaw.WRONG_USAGE)
        if certificate.ca or not extended & {_EMAIL, FOR_SIGNING} or not any(map(_is_somebodys, extended)):
            raise FlawedError(Flaw.WRONG_USAGE)


def iin_of(certificate: x509.Certificate) -> str:
    """The IIN of its owner, twelve digits; the check digit is the authority's affair. FlawedError without one."""
    with unreadable_is(Flaw.NO_PERSON):
        found = [
            one.native["value"]
            for part in certificate.subject.chosen
            for one in part
            if one["type"].native == "serial_number"
        ]
        match = _IIN.fullmatch(found[0]) if len(found) == 1 else None
        if match is None:
            raise FlawedError(Flaw.NO_PERSON)
        return match[1]


def _is_somebodys(oid: str) -> bool:
    return oid in (OF_A_PERSON, OF_AN_ORGANISATION) or oid.startswith(f"{OF_AN_ORGANISATION}.")


def _native(extension: Any) -> Any:
    return () if extension is None else extension.native
