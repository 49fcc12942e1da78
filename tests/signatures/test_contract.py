"""What holds of every verifier, whoever does the work: RSA in this process, GOST by an NCANode server."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from cryptography import x509

from adapters.signatures.ncanode import NcanodeCheck
from adapters.signatures.opening import rsa_check
from adapters.signatures.sources import Sources
from adapters.signatures.stand_in.authority import StandInAuthority
from adapters.signatures.stand_in.certificates import AUTH, Leaf, leaf_certificate
from adapters.signatures.stand_in.signing import Signing, sign
from adapters.signatures.verifier import CmsVerifier
from models.ports import VerifierUnavailableError
from models.signature import Flaw, SignatureFinding, Signed
from tests.signatures.making import (
    GOOD,
    IIN,
    OTHER,
    TEXT,
    changed,
    flawed,
    now,
    own_authority,
    stranger,
    trust_in,
)
from tests.signatures.ncanode import NcanodeStandIn, renamed, serving

SIGN_IN = "1.3.6.1.5.5.7.3.2"


@dataclass
class Way:
    """One way of checking: what it is asked with, who revokes there, and how it falls silent."""

    name: str
    authority: StandInAuthority
    verifier: CmsVerifier
    dress: Callable[[str], str]
    revoke: Callable[[x509.Certificate, datetime], None]
    silence: Callable[[], None]

    def signed(self, leaf: Leaf, content: str = TEXT, **how: object) -> str:
        signing = Signing(**how)  # type: ignore[arg-type]
        return self.dress(self.authority.signed_with(content, self.authority.issue(leaf), signing=signing))

    async def found(self, signature: str, content: str = TEXT, at: datetime | None = None) -> SignatureFinding:
        return await self.verifier.verify(Signed(content=content, signature=signature, at=at))


def native(folder: Path) -> Way:
    one = own_authority(folder)

    def silence() -> None:
        for path in one.revocation_lists:
            path.unlink()

    verifier = CmsVerifier(rsa_check(trust_in(one), Sources()), None, {})
    return Way("rsa", one, verifier, lambda signature: signature, one.revoke, silence)


@asynccontextmanager
async def national(folder: Path, server: NcanodeStandIn) -> AsyncIterator[Way]:
    one = own_authority(folder)
    server.authorities = one.chain
    check = NcanodeCheck(server.address)
    verifier = CmsVerifier(rsa_check(trust_in(one), Sources()), check, {})

    def silence() -> None:
        server.is_responder_silent = True

    def revoke(certificate: x509.Certificate, at: datetime) -> None:
        server.revoked[certificate.serial_number] = at

    yield Way("gost", one, verifier, renamed, revoke, silence)
    await check.aclose()


@pytest.fixture(params=["rsa", "certificates", "signers"])
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def server(kind: str) -> Iterator[NcanodeStandIn | None]:
    if kind == "rsa":
        yield None
        return
    with serving(NcanodeStandIn((), key=kind)) as one:
        yield one


@pytest_asyncio.fixture
async def way(server: NcanodeStandIn | None, tmp_path: Path) -> AsyncIterator[Way]:
    if server is None:
        yield native(tmp_path)
        return
    async with national(tmp_path, server) as one:
        yield one


class TestContract:
    """Every way finds the same."""

    @pytest.mark.parametrize("attached", [False, True])
    async def test_good(self, way: Way, attached: bool) -> None:
        """A right signature is valid, and of whom the certificate names."""
        assert await way.found(way.signed(Leaf(IIN), attached=attached)) == GOOD
        employed = await way.found(way.signed(Leaf(OTHER, employed=True), attached=attached))
        assert employed == SignatureFinding(valid=True, signer=OTHER)

    async def test_another_text_inside(self, way: Way) -> None:
        """What the signature carries is not the request."""
        assert await way.found(way.signed(Leaf(IIN), "another text", attached=True)) == flawed(Flaw.OTHER_CONTENT)

    async def test_over_another_text(self, way: Way) -> None:
        """Detached, a server tells no more than that it is not valid."""
        flaw = Flaw.OTHER_CONTENT if way.name == "rsa" else Flaw.INVALID
        assert await way.found(way.signed(Leaf(IIN), "another text")) == flawed(flaw)

    async def test_broken(self, way: Way) -> None:
        """One bit of it is another."""

        def break_it(signed: object) -> None:
            signer = signed["signer_infos"][0]  # type: ignore[index]
            value = signer["signature"].native
            signer["signature"] = value[:-1] + bytes([value[-1] ^ 1])

        assert await way.found(changed(way.signed(Leaf(IIN)), break_it)) == flawed(Flaw.INVALID)

    @pytest.mark.parametrize("days", [(-400, -2), (1, 400)])
    async def test_not_in_force(self, way: Way, days: tuple[int, int]) -> None:
        """Run out, or not valid yet."""
        begins, ends = (now() + timedelta(days=one) for one in days)
        assert await way.found(way.signed(Leaf(IIN, begins=begins, ends=ends))) == flawed(Flaw.EXPIRED)

    async def test_revoked(self, way: Way) -> None:
        """Revoked before the arrival."""
        certificate = way.authority.issue(Leaf(IIN))
        signature = way.dress(way.authority.signed_with(TEXT, certificate))
        assert await way.found(signature) == GOOD
        way.revoke(certificate, now() - timedelta(hours=1))
        assert await way.found(signature) == flawed(Flaw.REVOKED)

    async def test_nobody_can_say(self, way: Way) -> None:
        """While nobody can say what is revoked there is neither a pass nor a refusal."""
        way.silence()
        with pytest.raises(VerifierUnavailableError):
            await way.found(way.signed(Leaf(IIN)))

    async def test_unknown_authority(self, way: Way) -> None:
        """Somebody whom nobody trusts has certified the signer."""
        _, below, chain = stranger()
        key = way.authority.leaf_key
        certificate = leaf_certificate(Leaf(IIN), key.public_key(), below)
        signature = way.dress(sign(TEXT.encode(), certificate, key, chain, Signing()))
        assert await way.found(signature) == flawed(Flaw.UNTRUSTED)

    @pytest.mark.parametrize("leaf", [Leaf(IIN, usages=AUTH, extended=[SIGN_IN]), Leaf(IIN, extended=[SIGN_IN])])
    async def test_not_for_signing(self, way: Way, leaf: Leaf) -> None:
        """A certificate for signing in."""
        assert await way.found(way.signed(leaf)) == flawed(Flaw.WRONG_USAGE)

    async def test_without_an_iin(self, way: Way) -> None:
        """The certificate names nobody by an IIN."""
        assert await way.found(way.signed(Leaf(IIN, has_iin=False))) == flawed(Flaw.NO_PERSON)

    async def test_two_signers(self, way: Way) -> None:
        """There is one signer."""
        one = way.authority
        twice = one.signed_with(TEXT, one.issue(Leaf(IIN)), signing=Signing(signers=2))
        assert await way.found(way.dress(twice)) == flawed(Flaw.MALFORMED)
