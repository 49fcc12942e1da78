"""From the signer's certificate to a trusted root, each of its breaks told for what it is."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from adapters.host_clock import host_now
from adapters.signatures.chain import Anchors, trusted_path
from adapters.signatures.flaws import FlawedError
from adapters.signatures.stand_in.certificates import (
    Issuer,
    Leaf,
    authority_certificate,
    authority_name,
    leaf_certificate,
)
from adapters.signatures.stand_in.signing import Signing, sign
from adapters.signatures.trust import parsed_again
from models.signature import Flaw
from tests.signatures.making import (
    GOOD,
    IIN,
    OTHER,
    TEXT,
    flawed,
    found,
    issued_by_hash,
    now,
    stranger,
    trust_in,
)
from tests.signing import authority


def by(issuer: Issuer, chain: Sequence[x509.Certificate], key: RSAPrivateKey | None = None) -> str:
    """Signed by a person whom this issuer has certified."""
    key = key or authority().leaf_key
    return sign(TEXT.encode(), leaf_certificate(Leaf(IIN), key.public_key(), issuer), key, chain, Signing())


class TestUntrusted:
    """Somebody else's authority, however well it does its work."""

    @pytest.mark.parametrize("shown", [1, 2])
    async def test_unknown_root(self, shown: int) -> None:
        """A whole chain of a root that nobody trusts, whether it comes with the signature or not."""
        _, below, chain = stranger()
        assert await found(by(below, chain[:shown])) == flawed(Flaw.UNTRUSTED)

    async def test_directly_under_an_unknown_root(self) -> None:
        """The root itself has certified the signer."""
        root, _, chain = stranger()
        assert await found(by(root, chain[1:])) == flawed(Flaw.UNTRUSTED)

    async def test_a_certificate_of_ones_own(self) -> None:
        """Whoever certifies themselves is nobody."""
        key = generate_private_key(65537, 2048)
        name = leaf_certificate(Leaf(IIN), key.public_key(), authority().intermediate).subject
        assert await found(by(Issuer(name, key), [], key)) == flawed(Flaw.UNTRUSTED)

    async def test_a_root_of_the_same_name(self) -> None:
        """The names of the trusted authorities, and other keys."""
        trusted, key = authority(), generate_private_key(65537, 2048)
        root = Issuer(trusted.root.name, key)
        below = Issuer(trusted.intermediate.name, key)
        chain = [authority_certificate(one.name, key.public_key(), root) for one in (below, root)]
        for count in range(3):
            assert await found(by(below, chain[:count])) == flawed(Flaw.BROKEN_CHAIN)


def ended_root() -> x509.Certificate:
    """The trusted root as it would be, had its time ended: the same name and key."""
    root, now = authority().root, host_now()
    made = x509.CertificateBuilder().subject_name(root.name).issuer_name(root.name).serial_number(7)
    made = made.public_key(root.key.public_key()).not_valid_before(now - timedelta(days=9))
    made = made.not_valid_after(now - timedelta(days=1))
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return made.sign(root.key, SHA256())


class TestRoot:
    """A root is trusted as long as it is in force."""

    async def test_its_time_has_ended(self) -> None:
        """Whatever stands under it is in force, and all the same nothing holds."""
        trust = trust_in(authority())
        old = Anchors((parsed_again(ended_root()),), trust.anchors.intermediates)
        signature = authority().sign(TEXT, IIN)
        assert await found(signature, trust=replace(trust, anchors=old)) == flawed(Flaw.EXPIRED)
        assert await found(signature) == GOOD


class TestBroken:
    """The trusted root is meant, but the way to it is not right."""

    async def test_intermediate_missing(self) -> None:
        """It neither came with the signature nor stands in the signatures file."""
        one = authority()
        alone = one.signed_with(TEXT, one.issue(Leaf(IIN)), chain=[])
        assert await found(alone, trust=trust_in(one, intermediates=[])) == flawed(Flaw.BROKEN_CHAIN)
        assert await found(alone) == GOOD
        whole = one.signed_with(TEXT, one.issue(Leaf(IIN)))
        assert await found(whole, trust=trust_in(one, intermediates=[])) == GOOD

    async def test_signature_of_the_certificate_wrong(self) -> None:
        """The certificate says that the intermediate has issued it, and it has not."""
        key = generate_private_key(65537, 2048)
        forged = Issuer(authority().intermediate.name, key)
        assert await found(by(forged, authority().chain)) == flawed(Flaw.BROKEN_CHAIN)

    async def test_signature_of_the_intermediate_wrong(self) -> None:
        """An intermediate that says that the trusted root has issued it."""
        one, key = authority(), generate_private_key(65537, 2048)
        forged = Issuer(authority_name("FORGED"), key)
        shown = authority_certificate(forged.name, key.public_key(), Issuer(one.root.name, key))
        assert await found(by(forged, [shown])) == flawed(Flaw.BROKEN_CHAIN)

    async def test_not_an_authority(self) -> None:
        """A person's certificate certifies nobody, though it is a right one itself."""
        one = authority()
        person = one.issue(Leaf(OTHER))
        assert await found(by(Issuer(person.subject, one.leaf_key), [person])) == flawed(Flaw.BROKEN_CHAIN)

    async def test_an_intermediate_that_says_it_is_no_authority(self) -> None:
        """The trusted root has issued it, but not to certify anybody."""
        one, key = authority(), generate_private_key(65537, 2048)
        below = Issuer(authority_name("BELOW"), key)
        shown = authority_certificate(below.name, key.public_key(), one.root, is_authority=False)
        assert await found(by(below, [shown])) == flawed(Flaw.BROKEN_CHAIN)


class TestEncoding:
    """What a certificate says is signed; how it is written down is not."""

    async def test_another_encoding_than_der(self) -> None:
        """A length with more digits than it needs: refused, since nobody could ever be asked what became of it."""
        anchors, shown = trust_in(authority()).anchors, authority().issue(Leaf(IIN)).public_bytes(Encoding.DER)
        assert await trusted_path(asn1.Certificate.load(shown), [], anchors, now())
        longer = asn1.Certificate.load(shown[:1] + b"\x83\x00" + shown[2:])
        with pytest.raises(FlawedError, match=Flaw.BROKEN_CHAIN):
            await trusted_path(longer, [], anchors, now())


class TestAlgorithms:
    """The chain is held by nothing that can be forged."""

    async def test_certificate_by_an_outdated_hash(self) -> None:
        """One that its issuer has signed by SHA-1; another of the good hashes passes."""
        one = authority()
        for name, finding in (("sha1", flawed(Flaw.ALGORITHM)), ("sha384", GOOD)):
            certificate = issued_by_hash(one.issue(Leaf(IIN)), one.intermediate.key, name)
            assert await found(one.signed_with(TEXT, certificate)) == finding

    async def test_a_short_key(self) -> None:
        """A key of 1024 bits proves nothing any more."""
        key = generate_private_key(65537, 1024)  # noqa: S505 - it has to be refused
        assert await found(by(authority().intermediate, authority().chain, key)) == flawed(Flaw.ALGORITHM)

    @pytest.mark.parametrize(
        ("name", "parameters"),
        [
            ("sha256_ecdsa", {}),
            ("ed25519", {}),
            ("mldsa44", {}),
            ("sha224_rsa", {}),
            ("sha256_dsa", {}),
            ("rsassa_pss", {"parameters": {"hash_algorithm": {"algorithm": "shake256"}}}),
        ],
    )
    async def test_a_certificate_that_names_another_algorithm(self, name: str, parameters: dict[str, Any]) -> None:
        """What it says of its own signature is not covered by that: any other kind than the usual is refused."""
        one = authority()
        made = parsed_again(one.issue(Leaf(IIN)))
        made["signature_algorithm"] = {"algorithm": name} | parameters
        certificate = x509.load_der_x509_certificate(made.dump(force=True))
        assert await found(one.signed_with(TEXT, certificate)) == flawed(Flaw.ALGORITHM)

    async def test_an_intermediate_with_a_key_of_another_kind(self) -> None:
        """The trusted root has issued it, but its lists and answers could not be checked, now or ever."""
        one, key = authority(), ec.generate_private_key(ec.SECP256R1())
        below: Any = Issuer(authority_name("BELOW"), key)  # type: ignore[arg-type]
        shown = authority_certificate(below.name, key.public_key(), one.root)  # type: ignore[arg-type]
        assert await found(by(below, [shown])) == flawed(Flaw.ALGORITHM)


class TestHostileBags:
    """Certificates that all name each other hold nobody up."""

    async def test_a_labyrinth(self) -> None:
        """As many as may be there, each of which could have issued each other."""
        key = generate_private_key(65537, 2048)
        all_of_them = Issuer(authority_name("ALL"), key)
        chain = [authority_certificate(all_of_them.name, key.public_key(), all_of_them) for _ in range(5)]
        began = time.monotonic()
        assert await found(by(all_of_them, chain)) == flawed(Flaw.UNTRUSTED)
        assert time.monotonic() - began < 3

    async def test_a_labyrinth_around_the_root(self) -> None:
        """The same under the name of the trusted root, so that each way seems to lead there."""
        one, key = authority(), generate_private_key(65537, 2048)
        name = Issuer(one.root.name, key)
        chain = [authority_certificate(name.name, key.public_key(), name) for _ in range(5)]
        began = time.monotonic()
        assert (await found(by(name, chain))).valid is False
        assert time.monotonic() - began < 3
