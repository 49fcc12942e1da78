"""Whether a certificate was revoked: by responder, by list, and never by silence."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from asn1crypto import keys
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp

from adapters.signatures.lists import ListError, revoked_by_list
from adapters.signatures.revocation import Places
from adapters.signatures.stand_in.certificates import Issuer, Leaf, authority_certificate, leaf_certificate
from adapters.signatures.trust import parsed_again
from models.ports import VerifierUnavailableError
from models.signature import Flaw, SignatureFinding, Signed
from tests.signatures.making import GOOD, IIN, OTHER, TEXT, flawed, now, trust_in, verifier_of
from tests.signatures.responders import LIST, OCSP, ROOT_LIST, Responder, Web, list_of
from tests.signing import authority

REVOKED, UNKNOWN = ocsp.OCSPCertStatus.REVOKED, ocsp.OCSPCertStatus.UNKNOWN
OCSP_SIGNING = "1.3.6.1.5.5.7.3.9"
HOURS = timedelta(hours=1)


@dataclass
class Scene:
    """A signature, the certificate that it is with, and the web that says what of it was revoked."""

    places: Places
    web: Web = field(default_factory=Web)

    def __post_init__(self) -> None:
        one = authority()
        self.web.certificate = self.certificate = one.issue(Leaf(IIN))
        self.web.pages[ROOT_LIST] = list_of(one.root)
        self.signature = one.signed_with(TEXT, self.certificate)
        self.verifier = verifier_of(trust_in(one, self.places), transport=self.web.transport())

    async def found(self) -> SignatureFinding:
        return await self.verifier.verify(Signed(content=TEXT, signature=self.signature))

    async def is_unknown(self) -> bool:
        """Whether nobody can say, so that it has to be asked again."""
        try:
            finding = await self.found()
        except VerifierUnavailableError:
            return True
        assert finding.valid is False or finding == GOOD
        return False


def by_responder(**answers: Any) -> Scene:
    web = Web(responder=Responder(authority(), **answers))
    return Scene(Places(ocsp=(OCSP,), lists=(ROOT_LIST,)), web)


def by_list(content: bytes | None = None, **how: Any) -> Scene:
    scene = Scene(Places(lists=(ROOT_LIST, LIST)))
    scene.web.pages[LIST] = list_of(authority().intermediate, **how) if content is None else content
    return scene


def delegate(*extended: str) -> tuple[x509.Certificate, Issuer]:
    """A responder that the intermediate has certified, for answering or for something else."""
    one, key = authority(), generate_private_key(65537, 2048)
    leaf = Leaf(OTHER, usages=["digital_signature"], extended=extended)
    certificate = leaf_certificate(leaf, key.public_key(), one.intermediate)
    return certificate, Issuer(certificate.subject, key)


class TestResponder:
    """OCSP: the answer of the authority itself, or of whom it has certified to answer."""

    async def test_good(self) -> None:
        """It passes, and the responder was asked about this certificate with a number used once."""
        scene = by_responder()
        assert await scene.found() == GOOD
        assert await scene.found() == GOOD
        asked = [ocsp.load_der_ocsp_request(one) for one in scene.web.responder.asked]  # type: ignore[union-attr]
        assert [one.serial_number for one in asked] == [scene.certificate.serial_number] * 2
        nonces = [one.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce for one in asked]
        assert (len(set(nonces)), len(nonces[0])) == (2, 32)

    @pytest.mark.parametrize("ago", [timedelta(minutes=1), timedelta(days=3)])
    async def test_revoked(self, ago: timedelta) -> None:
        """Before the arrival, however long."""
        assert await by_responder(status=REVOKED, revoked_at=now() - ago).found() == flawed(Flaw.REVOKED)

    async def test_revoked_after_the_arrival(self) -> None:
        """The request had arrived before; what became of the certificate later does not touch it."""
        scene = by_responder(status=REVOKED, revoked_at=now() - timedelta(minutes=1))
        signed = Signed(content=TEXT, signature=scene.signature, at=now() - timedelta(minutes=2))
        assert await scene.verifier.verify(signed) == GOOD

    @pytest.mark.parametrize(
        "answers",
        [
            {"status": UNKNOWN},
            {"begins": -2 * HOURS, "ends": -HOURS},
            {"begins": -2 * HOURS, "ends": None},
            {"begins": HOURS, "ends": 2 * HOURS},
            {"nonce": b"another number, used once already"},
        ],
        ids=["unknown", "stale", "stale without an end", "of the future", "of another question"],
    )
    async def test_answers_that_say_nothing(self, answers: dict[str, Any]) -> None:
        """Neither a pass nor a refusal: it is asked again."""
        assert await by_responder(**answers).is_unknown()

    async def test_an_answer_without_the_number(self) -> None:
        """A responder that answers from what it has prepared: fresh answers count."""
        assert await by_responder(nonce=None).found() == GOOD

    async def test_about_another_certificate(self) -> None:
        """That another one is good says nothing of this one."""
        assert await by_responder(about=authority().issue(Leaf(OTHER))).is_unknown()

    async def test_delegate(self) -> None:
        """Whom the authority has certified to answer, may; anybody else whom it has certified, may not."""
        assert await by_responder(by=delegate(OCSP_SIGNING)).found() == GOOD
        assert await by_responder(by=delegate("1.3.6.1.5.5.7.3.4")).is_unknown()
        assert await by_responder(by=delegate()).is_unknown()

    async def test_forged_answer(self) -> None:
        """Signed by another key in the authority's name, or not right."""
        forged = Issuer(authority().intermediate.name, generate_private_key(65537, 2048))
        shown = authority_certificate(forged.name, forged.key.public_key(), forged)
        assert await by_responder(by=(shown, forged)).is_unknown()
        assert await by_responder(breaks=True).is_unknown()

    async def test_a_copy_of_the_authoritys_certificate(self) -> None:
        """The authority's certificate with a stranger's key in it, or of a stranger who names it as the issuer."""
        key = generate_private_key(65537, 2048)
        copied: Any = parsed_again(authority().chain[0])
        own = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        copied["tbs_certificate"]["subject_public_key_info"] = keys.PublicKeyInfo.load(own)
        shown = x509.load_der_x509_certificate(copied.dump(force=True))
        assert await by_responder(by=(shown, Issuer(shown.subject, key))).is_unknown()
        assert await by_responder(by=(shown, Issuer(shown.subject, key)), about=shown).is_unknown()
        leaf = Leaf(OTHER, usages=["digital_signature"], extended=[OCSP_SIGNING])
        own_word = leaf_certificate(leaf, key.public_key(), Issuer(authority().intermediate.name, key))
        assert await by_responder(by=(own_word, Issuer(own_word.subject, key))).is_unknown()

    async def test_the_national_responders_certificate(self) -> None:
        """One of its extensions, that it need not be looked up itself, has no value at all."""
        one, key = authority(), generate_private_key(65537, 2048)
        leaf = Leaf(OTHER, usages=["digital_signature"], extended=[OCSP_SIGNING])
        plain = leaf_certificate(leaf, key.public_key(), one.intermediate)
        made = x509.CertificateBuilder(
            plain.issuer,
            plain.subject,
            key.public_key(),
            plain.serial_number,
            plain.not_valid_before_utc.replace(tzinfo=None),
            plain.not_valid_after_utc.replace(tzinfo=None),
            list(plain.extensions),
        ).add_extension(x509.UnrecognizedExtension(x509.OCSPNoCheck.oid, b""), critical=False)
        shown = made.sign(one.intermediate.key, SHA256())
        assert await by_responder(by=(shown, Issuer(shown.subject, key))).found() == GOOD

    @pytest.mark.parametrize("content", [b"", b"garbage", b"\x30\x03\x0a\x01\x06", b"\x30" * 5000, b"0" * 200_000])
    async def test_no_answer_at_all(self, content: bytes) -> None:
        """Nonsense, an error of the responder, and more than any answer has."""
        scene = by_responder()
        scene.web.responder, scene.web.pages[OCSP] = None, content
        assert await scene.is_unknown()

    @pytest.mark.parametrize("status", [302, 404, 500, 503])
    async def test_errors_of_http(self, status: int) -> None:
        """Whatever stands in such an answer is not read."""
        scene = by_responder()
        scene.web.status = status
        assert await scene.is_unknown()

    async def test_away(self) -> None:
        """Nobody answers, and there is no list: it is asked again."""
        scene = by_responder()
        scene.web.responder = None
        assert await scene.is_unknown()

    @pytest.mark.parametrize(
        "answers", [{"status": UNKNOWN}, {"begins": -2 * HOURS, "ends": -HOURS}, {"nonce": b"another"}]
    )
    async def test_a_list_in_its_place(self, answers: dict[str, Any]) -> None:
        """Where the responder says nothing of use the list decides, either way."""
        one = authority()
        for revoked, finding in (({}, GOOD), (None, flawed(Flaw.REVOKED))):
            web = Web(responder=Responder(one, **answers))
            scene = Scene(Places(ocsp=(OCSP,), lists=(ROOT_LIST, LIST)), web)
            serials = {scene.certificate.serial_number: now() - HOURS} if revoked is None else revoked
            web.pages[LIST] = list_of(one.intermediate, revoked=serials)
            assert await scene.found() == finding


WRONG_LISTS: dict[str, Callable[[], bytes]] = {
    "stale": lambda: list_of(authority().intermediate, begins=-2 * HOURS, ends=-HOURS),
    "of the future": lambda: list_of(authority().intermediate, begins=HOURS, ends=2 * HOURS),
    "of another authority": lambda: list_of(authority().root),
    "signed by another": lambda: list_of(
        authority().intermediate, by=Issuer(authority().intermediate.name, generate_private_key(65537, 2048))
    ),
    "of changes alone": lambda: list_of(authority().intermediate, extensions=[(x509.DeltaCRLIndicator(1), True)]),
    "of authorities alone": lambda: list_of(authority().intermediate, extensions=[(point(ca=True), True)]),
    "of some reasons": lambda: list_of(
        authority().intermediate, extensions=[(point(reasons=frozenset({x509.ReasonFlags.key_compromise})), True)]
    ),
    "of other issuers too": lambda: list_of(authority().intermediate, extensions=[(point(indirect=True), True)]),
    "with something unknown": lambda: list_of(
        authority().intermediate,
        extensions=[(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True)],
    ),
    "garbage": lambda: b"garbage",
    "garbage in PEM": lambda: b"-----BEGIN X509 CRL-----\nMIAG\n-----END X509 CRL-----",
    "nothing": lambda: b"",
}


def point(
    *, ca: bool = False, user: bool = False, indirect: bool = False, reasons: Any = None
) -> x509.IssuingDistributionPoint:
    name = [x509.UniformResourceIdentifier(LIST)]
    return x509.IssuingDistributionPoint(name, None, user, ca, reasons, indirect, False)


class TestLists:
    """Lists of the revoked: whole, of the authority itself, and in force."""

    async def test_good_and_revoked(self) -> None:
        """Who is not on the list is good, who is on it is revoked as of the instant that it tells."""
        assert await by_list().found() == GOOD
        assert await by_list(extensions=[(point(user=True), True)]).found() == GOOD
        scene = by_list()
        revoked = {scene.certificate.serial_number: now() - HOURS, 7: now()}
        scene.web.pages[LIST] = list_of(authority().intermediate, revoked=revoked)
        assert await scene.found() == flawed(Flaw.REVOKED)

    @pytest.mark.parametrize("content", WRONG_LISTS.values(), ids=WRONG_LISTS)
    async def test_lists_that_say_nothing(self, content: Callable[[], bytes]) -> None:
        """Neither a pass nor a refusal: it is asked again."""
        assert await by_list(content()).is_unknown()

    @pytest.mark.parametrize("place", [LIST, "http://lists.test/other-part.crl"])
    def test_a_part_of_a_list(self, place: str) -> None:
        """Of a list in parts, the part to which a certificate belongs says something of it, no other does."""
        one, named = authority(), [x509.UniformResourceIdentifier(place)]
        plain = one.issue(Leaf(IIN))
        made = x509.CertificateBuilder(
            plain.issuer,
            plain.subject,
            plain.public_key(),  # type: ignore[arg-type]
            plain.serial_number,
            plain.not_valid_before_utc.replace(tzinfo=None),
            plain.not_valid_after_utc.replace(tzinfo=None),
        ).add_extension(
            x509.CRLDistributionPoints([x509.DistributionPoint(named, None, None, None)]), critical=False
        )
        about, by = made.sign(one.intermediate.key, SHA256()), one.chain[0]
        subject = [each.public_bytes(Encoding.DER) for each in (about, by)]
        content = list_of(one.intermediate, extensions=[(point(), True)])
        if place == LIST:
            assert revoked_by_list(content, subject[0], subject[1], now()) is None
        else:
            with pytest.raises(ListError, match="list-of-another-part"):
                revoked_by_list(content, subject[0], subject[1], now())

    async def test_a_list_that_is_away(self) -> None:
        """Nobody answers, or with an error."""
        scene = by_list()
        scene.web.status = 500
        assert await scene.is_unknown()
        scene = by_list()
        del scene.web.pages[LIST]
        assert await scene.is_unknown()

    async def test_it_is_kept_for_a_while(self) -> None:
        """A list that was of use is fetched once for many signatures; a stale one is fetched again."""
        scene = by_list()
        for _ in range(3):
            assert await scene.found() == GOOD
        assert scene.web.visits == [ROOT_LIST, LIST]
        stale = by_list(ends=-HOURS, begins=-2 * HOURS)
        assert await stale.is_unknown()
        stale.web.pages[LIST] = list_of(authority().intermediate)
        assert await stale.found() == GOOD

    async def test_of_the_intermediate_too(self) -> None:
        """An intermediate that its root has revoked certifies nobody."""
        scene = by_list()
        serial = authority().chain[0].serial_number
        scene.web.pages[ROOT_LIST] = list_of(authority().root, revoked={serial: now() - HOURS})
        assert await scene.found() == flawed(Flaw.REVOKED)
        silent = by_list()
        del silent.web.pages[ROOT_LIST]
        assert await silent.is_unknown()
