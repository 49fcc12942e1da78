"""Bytes of right signatures, changed at random: never a pass of another text, never an error."""

import base64
from contextlib import suppress

from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.signatures.lists import ListError, revoked_by_list
from adapters.signatures.stand_in.certificates import Leaf
from models.ports import VerifierUnavailableError
from models.signature import Flaw, SignatureFinding, Signed
from tests.signatures.making import GOOD, IIN, TEXT, flawed, found, now, signed_by, trust_in, verifier_of
from tests.signatures.ncanode import renamed
from tests.signatures.responders import list_of
from tests.signatures.test_revocation import HOURS, REVOKED, by_responder
from tests.signing import authority

MANY = settings(max_examples=200, deadline=None, database=None)
DETACHED = base64.b64decode(authority().sign(TEXT, IIN))
ATTACHED = base64.b64decode(signed_by(Leaf(IIN), attached=True, pss=True))
OTHER_TEXT = TEXT.replace("place", "plane")

changes = st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 255)), min_size=1, max_size=4)


def altered(data: bytes, where: list[tuple[int, int]]) -> bytes:
    """Some bytes are others."""
    made = bytearray(data)
    for place, by in where:
        made[place % len(made)] ^= by
    return bytes(made)


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def is_told(finding: SignatureFinding) -> bool:
    """A pass names its signer, a refusal its flaw."""
    return finding == GOOD or (not finding.valid and finding.flaw is not None and finding.signer is None)


class TestFlippedBytes:
    """What is not covered by the signature may be anything; what is covered may not."""

    @MANY
    @given(st.sampled_from([DETACHED, ATTACHED]), changes)
    async def test_another_text_never_passes(self, data: bytes, where: list[tuple[int, int]]) -> None:
        """However it is changed, the signature never becomes one over another text, or of somebody else."""
        signature = encoded(altered(data, where))
        assert is_told(await found(signature))
        assert (await found(signature, OTHER_TEXT)).valid is False

    @MANY
    @given(st.sampled_from([DETACHED, ATTACHED]), st.integers(0, 10**6), st.integers(0, 10**6))
    async def test_cut_and_doubled(self, data: bytes, begins: int, ends: int) -> None:
        """A part of it left out, or standing twice."""
        first, last = sorted((begins % len(data), ends % len(data)))
        for made in (data[:first] + data[last:], data[:last] + data[first:], data[:first]):
            finding = await found(encoded(made))
            assert is_told(finding)
            assert finding.valid is (made == data)

    @MANY
    @given(changes)
    async def test_national_algorithms(self, where: list[tuple[int, int]]) -> None:
        """What says that it is by the national algorithms never passes without a server."""
        signature = encoded(altered(base64.b64decode(RENAMED), where))
        finding = await found(signature)
        assert is_told(finding)
        assert finding.valid is False

    @MANY
    @given(changes)
    async def test_certificates(self, where: list[tuple[int, int]]) -> None:
        """Where no attribute holds the certificate, the chain has to find out what was changed in it."""
        finding = await LOOSE_VERIFIER.verify(Signed(content=TEXT, signature=encoded(altered(LOOSE, where))))
        assert is_told(finding)

    @MANY
    @given(changes)
    async def test_what_authorities_say(self, where: list[tuple[int, int]]) -> None:
        """An altered list or answer never makes a revoked certificate a good one, and breaks nothing."""
        ANSWERED.web.alter = lambda content: altered(content, where)
        with suppress(VerifierUnavailableError):
            assert await ANSWERED.found() == flawed(Flaw.REVOKED)
        with suppress(ListError):
            assert revoked_by_list(altered(LISTED, where), *SUBJECT, now()) is not None


RENAMED = renamed(encoded(DETACHED))
LOOSE = base64.b64decode(signed_by(Leaf(IIN), attributes={"signing_certificate_v2": None}))
LOOSE_VERIFIER = verifier_of(trust_in(authority(), intermediates=[]))
CERTIFICATE = authority().issue(Leaf(IIN))
SUBJECT = [one.public_bytes(Encoding.DER) for one in (CERTIFICATE, authority().chain[0])]
LISTED = list_of(authority().intermediate, revoked={CERTIFICATE.serial_number: now() - HOURS})
ANSWERED = by_responder(status=REVOKED, revoked_at=now() - HOURS)
