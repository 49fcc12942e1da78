"""Portal requests on the real engine: what a signature lacks is what the cabinet is told (R15)."""

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from adapters.signatures.stand_in.authority import StandInAuthority
from adapters.signatures.stand_in.certificates import AUTH, Leaf, leaf_certificate
from adapters.signatures.stand_in.signing import Signing, sign
from demo.visit import Visit
from desk.identity import submission_id
from models.lifecycle import Channel, Command, Stage
from models.messages import Submit
from models.signature import signed_content
from tests.conftest import House, strangers
from tests.signatures.making import now, stranger
from tests.signing import authority
from tests.test_portal import notices, refused


def text_of(request: dict[str, Any]) -> str:
    return signed_content(Submit.model_validate(request))


def expired(_house: House, request: dict[str, Any]) -> str:
    leaf = Leaf(request["applicant"]["iin"], begins=now() - timedelta(days=400), ends=now() - timedelta(days=3))
    return authority().signed_with(text_of(request), authority().issue(leaf))


def revoked(house: House, request: dict[str, Any]) -> str:
    one = StandInAuthority.of(house.settings.signature_stand_in)
    certificate = one.issue(Leaf(request["applicant"]["iin"]))
    one.revoke(certificate, now() - timedelta(hours=1))
    return one.signed_with(text_of(request), certificate)


def of_an_unknown_authority(_house: House, request: dict[str, Any]) -> str:
    _, below, chain = stranger()
    key = authority().leaf_key
    certificate = leaf_certificate(Leaf(request["applicant"]["iin"]), key.public_key(), below)
    return sign(text_of(request).encode(), certificate, key, chain, Signing())


def for_signing_in(_house: House, request: dict[str, Any]) -> str:
    leaf = Leaf(request["applicant"]["iin"], usages=AUTH)
    return authority().signed_with(text_of(request), authority().issue(leaf))


WAYS: dict[str, Callable[[House, dict[str, Any]], str]] = {
    "certificate-not-in-force": expired,
    "certificate-revoked": revoked,
    "certificate-untrusted": of_an_unknown_authority,
    "certificate-not-for-signing": for_signing_in,
}


class TestSubmissions:
    """The process refuses, says why, and keeps the reason."""

    @pytest.mark.parametrize("code", WAYS)
    async def test_refused_on_record(self, house: House, code: str) -> None:
        """Each certificate for its own reason; the stage, the notice and the same key tell it again."""
        cabinet = await Visit.open(house.desk, Channel.PORTAL, strangers())
        request = cabinet.example(Command.SUBMIT)
        request |= {"signature": WAYS[code](house, request)}
        key = secrets.token_hex(8)
        assert await refused(house, request, key) == [code]
        assert await refused(house, request, key) == [code]
        cabinet.application = submission_id(house.ring, house.desk.prefix, key)
        assert cabinet.stage() is Stage.SUBMISSION_REFUSED
        [notice] = notices(house, cabinet.application)
        assert (notice["kind"], notice["details"]) == ("submission-refused", {code: []})

    async def test_accepted(self, house: House) -> None:
        """A signature as a signer's program makes it: attached, by PSS, with the chain."""
        cabinet = await Visit.open(house.desk, Channel.PORTAL, strangers())
        request = cabinet.example(Command.SUBMIT)
        one = authority()
        certificate = one.issue(Leaf(request["applicant"]["iin"]))
        signing = Signing(attached=True, pss=True, digest="sha512")
        signature = one.signed_with(text_of(request), certificate, signing=signing)
        await cabinet.submit(request | {"signature": signature})
        assert cabinet.stage() is Stage.UNDER_REVIEW
