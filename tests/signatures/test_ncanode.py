"""What an NCANode server answers is believed where everything in it agrees, and nothing else is."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from adapters.signatures.ncanode import LARGEST_ANSWER, NcanodeCheck
from adapters.signatures.opening import rsa_check
from adapters.signatures.sources import Sources
from adapters.signatures.stand_in.certificates import Leaf
from adapters.signatures.verifier import CmsVerifier
from models.ports import VerifierUnavailableError
from models.signature import Flaw, SignatureFinding, Signed
from tests.signatures.making import GOOD, IIN, OTHER, TEXT, flawed, now, trust_in
from tests.signatures.ncanode import NcanodeStandIn, renamed, serving
from tests.signing import authority

Signer = dict[str, Any]


class Altered:
    """The stand-in's right answer, changed by a test before it is given."""

    def __init__(self, leaf: Leaf = Leaf(IIN)) -> None:  # noqa: B008 - it is frozen
        self.stand_in = NcanodeStandIn(authority().chain)
        self.signature = renamed(authority().signed_with(TEXT, authority().issue(leaf)))
        self.reply: dict[str, Any] = {}

    @property
    def certificate(self) -> dict[str, Any]:
        return self.reply["signers"][0]["certificates"][0]

    async def found(self, *, status: int = 200, body: bytes | None = None) -> SignatureFinding:
        """What the verifier makes of the reply, or of another body."""
        content = json.dumps(self.reply).encode() if body is None else body
        stream = httpx.ByteStream(content)
        transport = httpx.MockTransport(lambda _: httpx.Response(status, stream=stream))
        check = NcanodeCheck("http://127.0.0.1:9", transport=transport)
        verifier = CmsVerifier(rsa_check(trust_in(authority()), Sources()), check, {})
        try:
            return await verifier.verify(Signed(content=TEXT, signature=self.signature))
        finally:
            await check.aclose()


@pytest_asyncio.fixture
async def altered() -> AsyncIterator[Altered]:
    one = Altered()
    question = await asked(one.signature)
    _, one.reply = one.stand_in.answer(question)
    yield one


async def asked(signature: str) -> dict[str, Any]:
    """What a server is asked about a signature."""
    with serving(NcanodeStandIn(authority().chain)) as server:
        check = NcanodeCheck(server.address + "/")
        verifier = CmsVerifier(rsa_check(trust_in(authority()), Sources()), check, {})
        assert await verifier.verify(Signed(content=TEXT, signature=signature)) == GOOD
        await check.aclose()
    [question] = server.asked
    return question


class TestQuestion:
    """What it is asked."""

    async def test_it_always_asks_what_is_revoked(self, altered: Altered) -> None:
        """The signature as it was read, the text, and the responder's word."""
        question = await asked(altered.signature)
        assert question["revocationCheck"] == ["OCSP"]
        assert set(question) == {"cms", "data", "revocationCheck"}
        assert question["cms"] == altered.signature


class TestReply:
    """`valid` alone is not enough."""

    async def test_as_it_is(self, altered: Altered) -> None:
        """The right answer, unaltered."""
        assert await altered.found() == GOOD

    async def test_valid_without_a_certificate(self, altered: Altered) -> None:
        """A server that found no certificate says `valid`, of nothing."""
        for signers in ([], [{}], [{"certificates": []}], altered.reply["signers"] * 2):
            altered.reply["signers"] = signers
            assert await altered.found() == flawed(Flaw.INVALID)

    async def test_of_another_certificate(self, altered: Altered) -> None:
        """The answer is about the certificate that is in the signature."""
        altered.certificate["serialNumber"] = "7f"
        assert await altered.found() == flawed(Flaw.INVALID)
        altered.certificate["serialNumber"] = "no number"
        assert await altered.found() == flawed(Flaw.INVALID)

    async def test_of_another_person(self, altered: Altered) -> None:
        """It and the certificate have to name the same IIN."""
        altered.certificate["subject"]["iin"] = OTHER
        assert await altered.found() == flawed(Flaw.NO_PERSON)
        del altered.certificate["subject"]
        assert await altered.found() == flawed(Flaw.NO_PERSON)

    @pytest.mark.parametrize(
        ("change", "flaw"),
        [
            ({"keyUsage": "AUTH"}, Flaw.WRONG_USAGE),
            ({"keyUsage": "UNKNOWN"}, Flaw.WRONG_USAGE),
            ({"keyUser": []}, Flaw.WRONG_USAGE),
            ({"keyUser": ["NCA_ADMIN", "IDENTIFICATION"]}, Flaw.WRONG_USAGE),
            ({"valid": False}, Flaw.INVALID),
            ({"notAfter": "2020-01-01T00:00:00.000+00:00"}, Flaw.EXPIRED),
            ({"notBefore": "2090-01-01T00:00:00.000+00:00"}, Flaw.EXPIRED),
            ({"notBefore": 3786912000000}, Flaw.EXPIRED),
        ],
    )
    async def test_what_it_tells_of_the_certificate(
        self, altered: Altered, change: dict[str, Any], flaw: Flaw
    ) -> None:
        """Usage, owner and dates are looked at, though it says `valid`."""
        altered.certificate.update(change)
        assert await altered.found() == flawed(flaw)

    async def test_revoked_though_valid(self, altered: Altered) -> None:
        """One revocation among the answers is enough."""
        status = altered.certificate["revocations"][0]
        altered.certificate["revocations"] = [status, status | {"revoked": True, "by": "CRL"}]
        assert await altered.found() == flawed(Flaw.REVOKED)

    @pytest.mark.parametrize(
        "revocations",
        [
            [],
            [{"revoked": False, "by": "CRL", "reason": "OK"}],
            [{"revoked": False, "by": "OCSP", "reason": "Unknown status"}],
            [{"revoked": False, "by": "OCSP", "reason": None}],
            [{"revoked": False, "by": "OCSP", "reason": "OK"}, {"revoked": False, "by": "OCSP"}],
        ],
    )
    async def test_a_silent_responder(self, altered: Altered, revocations: list[Any]) -> None:
        """What was not answered is asked again, whatever `valid` says."""
        altered.certificate["revocations"] = revocations
        with pytest.raises(VerifierUnavailableError):
            await altered.found()

    async def test_ran_out_since_the_arrival(self) -> None:
        """It says one `valid` as of its own now: what ran out meanwhile is refused, as nothing else is known."""
        leaf = Leaf(IIN, begins=now() - timedelta(days=9), ends=now() - timedelta(hours=1))
        one = Altered(leaf)
        with serving(NcanodeStandIn(authority().chain)) as server:
            check = NcanodeCheck(server.address)
            verifier = CmsVerifier(rsa_check(trust_in(authority()), Sources()), check, {})
            signed = Signed(content=TEXT, signature=one.signature, at=now() - timedelta(hours=2))
            assert await verifier.verify(signed) == flawed(Flaw.EXPIRED)
            await check.aclose()


class TestAway:
    """What is no answer of such a server is asked again."""

    @pytest.mark.parametrize("status", [201, 301, 400, 401, 404, 500, 502, 503])
    async def test_errors(self, altered: Altered, status: int) -> None:
        """Whatever stands in an answer that is none."""
        with pytest.raises(VerifierUnavailableError):
            await altered.found(status=status)

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"garbage",
            b"[]",
            b"{}",
            b'{"valid": true}',
            b'{"valid": true, "signers": null}',
            b'{"valid": true, "signers": [{"certificates": [{"valid": true}]}]}',
            b'{"signers":' + b"[" * 50_000,
            b" " * (LARGEST_ANSWER + 1),
        ],
    )
    async def test_garbage(self, altered: Altered, body: bytes) -> None:
        """No JSON, another form, too deep, too large."""
        with pytest.raises(VerifierUnavailableError):
            await altered.found(body=body)

    async def test_it_cannot_take_it_apart(self, altered: Altered) -> None:
        """It says so in its own form, and always will: that is a refusal."""
        for body in (b'{"status": 400, "message": "CMS reading error"}', b'{"status": 400}'):
            assert await altered.found(status=400, body=body) == flawed(Flaw.INVALID)
        with pytest.raises(VerifierUnavailableError):
            await altered.found(status=400, body=b'{"status": 403, "message": "a proxy"}')

    async def test_nobody_listens(self, altered: Altered) -> None:
        """The server is away, or too slow."""
        with serving(NcanodeStandIn(())) as server:
            address = server.address
        check = NcanodeCheck(address)
        verifier = CmsVerifier(rsa_check(trust_in(authority()), Sources()), check, {})
        with pytest.raises(VerifierUnavailableError):
            await verifier.verify(Signed(content=TEXT, signature=altered.signature))
        await check.aclose()

    async def test_rsa_does_not_need_it(self) -> None:
        """What can be checked here is, whether or not the server is there."""
        check = NcanodeCheck("http://127.0.0.1:9")
        verifier = CmsVerifier(rsa_check(trust_in(authority()), Sources()), check, {})
        assert await verifier.verify(Signed(content=TEXT, signature=authority().sign(TEXT, IIN))) == GOOD
        await check.aclose()
