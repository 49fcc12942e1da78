"""Every way in which a signature does not count has a reason of its own, and a right one passes (R15)."""

from datetime import timedelta
from pathlib import Path

import pytest

from adapters.signatures.oids import FIRST_HEAD, FOR_SIGNING, OF_A_PERSON, OF_AN_ORGANISATION
from adapters.signatures.stand_in.certificates import AUTH, SIGN, Leaf
from adapters.signatures.stand_in.signing import Signing
from models.signature import Flaw, Signed
from tests.signatures.making import (
    GOOD,
    IIN,
    OTHER,
    TEXT,
    changed,
    flawed,
    found,
    now,
    own_authority,
    signed_by,
    trust_in,
    verifier_of,
)
from tests.signing import authority

SIGN_IN = "1.3.6.1.5.5.7.3.2"


class TestGood:
    """What is right passes, in every form that signers' programs have."""

    @pytest.mark.parametrize(
        "how", [{}, {"attached": True}, {"digest": "sha384"}, {"digest": "sha512"}, {"pss": True}], ids=str
    )
    async def test_it_passes(self, how: dict[str, bool]) -> None:
        """Detached or attached, by each of the hashes and both paddings."""
        assert await found(signed_by(Leaf(IIN), **how)) == GOOD

    @pytest.mark.parametrize(
        "extended",
        [
            [FOR_SIGNING, OF_A_PERSON],
            [FOR_SIGNING, OF_AN_ORGANISATION],
            [FOR_SIGNING, OF_AN_ORGANISATION, FIRST_HEAD],
            [FOR_SIGNING, FIRST_HEAD],
        ],
    )
    async def test_a_person_or_somebody_of_an_organisation(self, extended: list[str]) -> None:
        """Both kinds of certificate are for signing."""
        assert await found(signed_by(Leaf(IIN, extended=extended))) == GOOD

    async def test_posts_of_whoever_signed(self) -> None:
        """The finding names the posts that the signer may sign for, and no others."""
        officers = {"head": (IIN, OTHER), "deputy-head": (IIN,), "specialist-1": (OTHER,)}
        verifier = verifier_of(trust_in(authority()), officers=officers)
        finding = await verifier.verify(Signed(content=TEXT, signature=authority().sign(TEXT, IIN)))
        assert finding == GOOD.model_copy(update={"posts": ("deputy-head", "head")})


class TestText:
    """The signature is over this text, and no other."""

    async def test_over_another_text(self) -> None:
        """A valid signature cannot be taken from one request to another."""
        assert await found(authority().sign("another text", IIN)) == flawed(Flaw.OTHER_CONTENT)

    @pytest.mark.parametrize("altered", [f"{TEXT} ", f" {TEXT}", TEXT[:-1], "", TEXT.upper(), f"{TEXT}\n"])
    async def test_over_an_altered_text(self, altered: str) -> None:
        """A space more or a letter less, and it is another text."""
        assert await found(authority().sign(TEXT, IIN), altered) == flawed(Flaw.OTHER_CONTENT)

    async def test_another_text_inside(self) -> None:
        """What the signature carries has to be the very text, whatever it is over."""
        other = signed_by(Leaf(IIN), "another text", attached=True)
        assert await found(other) == flawed(Flaw.OTHER_CONTENT)
        swapped = signed_by(Leaf(IIN), attached=True, other_content=b"another text")
        assert await found(swapped) == flawed(Flaw.OTHER_CONTENT)
        assert await found(swapped, "another text") == flawed(Flaw.OTHER_CONTENT)

    async def test_a_digest_that_was_put_in(self) -> None:
        """The digest of another text, put in after signing, belongs to no signature."""
        other = signed_by(Leaf(IIN), "another text")

        def put_in(signed: object) -> None:
            changed(authority().sign(TEXT, IIN), parts.append)
            signed["signer_infos"][0]["signed_attrs"] = parts[0]["signer_infos"][0]["signed_attrs"]  # type: ignore[index]

        parts: list[object] = []
        assert await found(changed(other, put_in)) == flawed(Flaw.INVALID)

    async def test_a_broken_signature(self) -> None:
        """One bit of the RSA changed."""

        def break_it(signed: object) -> None:
            signer = signed["signer_infos"][0]  # type: ignore[index]
            value = bytearray(signer["signature"].native)
            value[7] ^= 1
            signer["signature"] = bytes(value)

        assert await found(changed(authority().sign(TEXT, IIN), break_it)) == flawed(Flaw.INVALID)


class TestCertificate:
    """It is in force, for signing, of a person, and not revoked."""

    @pytest.mark.parametrize(
        ("begins", "ends"),
        [
            (timedelta(days=-400), timedelta(days=-2)),
            (timedelta(days=1), timedelta(days=400)),
            (timedelta(days=-400), timedelta(seconds=-5)),
        ],
    )
    async def test_not_in_force(self, begins: timedelta, ends: timedelta) -> None:
        """Run out, or not valid yet."""
        leaf = Leaf(IIN, begins=now() + begins, ends=now() + ends)
        assert await found(signed_by(leaf)) == flawed(Flaw.EXPIRED)

    @pytest.mark.parametrize(
        "leaf",
        [
            Leaf(IIN, usages=AUTH, extended=[SIGN_IN, OF_A_PERSON]),
            Leaf(IIN, usages=AUTH),
            Leaf(IIN, usages=[*SIGN, "key_encipherment"]),
            Leaf(IIN, usages=["digital_signature"]),
            Leaf(IIN, usages=["content_commitment"]),
            Leaf(IIN, extended=[SIGN_IN, OF_A_PERSON]),
            Leaf(IIN, extended=[FOR_SIGNING]),
            Leaf(IIN, extended=[OF_A_PERSON]),
            Leaf(IIN, extended=[FOR_SIGNING, "1.2.398.3.3.4.2.1"]),
            Leaf(IIN, extended=[FOR_SIGNING, "1.2.398.3.3.4.1.20"]),
            Leaf(IIN, extended=[]),
        ],
        ids=lambda leaf: f"{leaf.usages} {leaf.extended}",
    )
    async def test_not_for_signing(self, leaf: Leaf) -> None:
        """A certificate for signing in, or one that does not say that it is for signing."""
        assert await found(signed_by(leaf)) == flawed(Flaw.WRONG_USAGE)

    async def test_without_an_iin(self) -> None:
        """It names somebody, but not by an IIN."""
        assert await found(signed_by(Leaf(IIN, has_iin=False))) == flawed(Flaw.NO_PERSON)

    async def test_revoked(self, tmp_path: Path) -> None:
        """Revoked before the request arrived it does not count; revoked after that it does."""
        one = own_authority(tmp_path)
        certificate = one.issue(Leaf(IIN))
        signature, trust = one.signed_with(TEXT, certificate), trust_in(one)
        assert await found(signature, trust=trust) == GOOD
        at = now() - timedelta(minutes=5)
        one.revoke(certificate, at)
        assert await found(signature, trust=trust) == flawed(Flaw.REVOKED)
        assert await found(signature, trust=trust, at=at) == flawed(Flaw.REVOKED)
        assert await found(signature, trust=trust, at=at - timedelta(seconds=1)) == GOOD
        assert await found(one.signed_with(TEXT, one.issue(Leaf(IIN))), trust=trust) == GOOD

    async def test_national_algorithms_without_a_server(self) -> None:
        """What cannot be checked is refused for that, and never passed."""

        def rename(signed: object) -> None:
            signed["signer_infos"][0]["signature_algorithm"] = {"algorithm": "1.2.398.3.10.1.1.2.3.1"}  # type: ignore[index]

        assert await found(changed(authority().sign(TEXT, IIN), rename)) == flawed(Flaw.GOST)


class TestAlgorithms:
    """What can be forged is not accepted, however right it is."""

    @pytest.mark.parametrize("digest", ["md5", "sha1"])
    async def test_outdated_hashes(self, digest: str) -> None:
        """MD5 and SHA-1 are refused by either padding."""
        assert await found(signed_by(Leaf(IIN), digest=digest)) == flawed(Flaw.ALGORITHM)
        assert await found(signed_by(Leaf(IIN), digest=digest, pss=True)) == flawed(Flaw.ALGORITHM)

    async def test_signing_certificate_of_another(self) -> None:
        """The signer has signed which certificate is theirs: with another of the same key it does not hold."""
        one = authority()
        mine, other = one.issue(Leaf(IIN)), one.issue(Leaf(OTHER))
        right = one.signed_with(TEXT, mine, signing=Signing())
        from_other = changed_certificate(right, one.signed_with(TEXT, other))
        assert await found(from_other) == flawed(Flaw.INVALID)


def changed_certificate(signature: str, other: str) -> str:
    """The signature with the certificate, and the name of the signer, of another one."""
    parts: list[object] = []
    changed(other, parts.append)

    def swap(signed: object) -> None:
        signed["certificates"] = parts[0]["certificates"]  # type: ignore[index]
        signed["signer_infos"][0]["sid"] = parts[0]["signer_infos"][0]["sid"]  # type: ignore[index]

    return changed(signature, swap)
