"""Answers that may not be believed by their signature: none, another's, or one of another kind."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import xmlsec
from lxml import etree

from adapters.host_clock import host_now
from tests.gateway import people
from tests.gateway.answering import C14N, DS, GOOD, TRANSFORM, WSSE, WSU, Shape, envelope, signed
from tests.gateway.conftest import Talk
from tests.gateway.partners import Partner, agreement_of
from tests.gateway.people import content

SIGNATURE = f"{{{DS}}}Signature"


class TestSignature:
    """Who signed, and how."""

    async def test_right(self, talk: Talk, gateway: Partner) -> None:
        """What nobody touched is believed."""
        assert await talk.person(lambda came: signed(content(came), gateway)) == people.WOMAN_ENTRY

    async def test_unsigned(self, talk: Talk, gateway: Partner, caplog: pytest.LogCaptureFixture) -> None:
        """No header, an empty one, or a signature in the Body alone: unsigned, and that is an alarm."""
        empty = f'<wsse:Security xmlns:wsse="{WSSE}"/>'
        for made in (
            lambda came: envelope(content(came)).encode(),
            lambda came: envelope(content(came)).replace("<soap:Header>", f"<soap:Header>{empty}").encode(),
            lambda came: signed("", gateway, text=envelope(content(came) + GOOD.signature(gateway))),
        ):
            assert await talk.refusal(made) == "answer-unsigned"
        errors = [record for record in caplog.records if record.levelname == "ERROR"]
        assert [record.getMessage() for record in errors] == [
            f"service GBDFL_UniversalServiceSync, message {one.message_id}: refused, answer-unsigned"
            for one in talk.log.begun
        ]
        assert [record.exc_info for record in errors] == [None] * 3

    async def test_changed(self, talk: Talk, gateway: Partner) -> None:
        """A word that was changed after signing."""

        def make(came: bytes) -> bytes:
            return signed(content(came), gateway).replace(b"1987-04-12", b"1988-04-12")

        assert await talk.refusal(make) == "answer-signature"

    async def test_signed_by_another(self, talk: Talk, gateway: Partner, stranger: Partner) -> None:
        """Another's key, with another's certificate or with the trusted one put in."""
        assert await talk.refusal(lambda came: signed(content(came), stranger)) == "answer-certificate"
        borrowed = replace(GOOD, shown=gateway.shown)
        assert await talk.refusal(lambda came: signed(content(came), stranger, borrowed)) == "answer-signature"

    async def test_out_of_date(self, tmp_path: Path, us: Partner, gateway: Partner) -> None:
        """A trusted certificate that has run out, or does not begin before tomorrow; the next one is taken."""
        old = Partner.make("old", begins=host_now() - timedelta(days=9))
        new = Partner.make("new", begins=host_now() + timedelta(days=1))
        talk = Talk(agreement_of(tmp_path, us, old, new, gateway))
        for one in (old, new):
            assert await talk.refusal(lambda came: signed(content(came), one)) == "answer-certificate"  # noqa: B023 - called in this turn
        assert await talk.person(lambda came: signed(content(came), gateway)) == people.WOMAN_ENTRY

    @pytest.mark.parametrize(
        "shape",
        [
            replace(GOOD, method="http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
            replace(GOOD, method="http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"),
            replace(GOOD, digest="http://www.w3.org/2000/09/xmldsig#sha1"),
            replace(GOOD, digest="http://www.w3.org/2001/04/xmlenc#sha512"),
            replace(GOOD, c14n="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"),
            replace(GOOD, c14n="http://www.w3.org/2001/10/xml-exc-c14n#WithComments"),
            replace(GOOD, transforms='<ds:Transform Algorithm="http://www.w3.org/2006/12/xml-c14n11"/>'),
            replace(GOOD, transforms=TRANSFORM * 2),
            replace(
                GOOD,
                transforms='<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116">'
                f"<ds:XPath>not(ancestor-or-self::responseData)</ds:XPath></ds:Transform>{TRANSFORM}",
            ),
            replace(GOOD, transforms=f'<ds:Transform Algorithm="{DS}enveloped-signature"/>{TRANSFORM}'),
        ],
    )
    async def test_other_algorithms(self, talk: Talk, gateway: Partner, shape: Shape) -> None:
        """Rightly signed by the gateway itself, but in a way that is not allowed."""
        try:
            made = signed(content(b"<requestInfo><messageId>1</messageId>"), gateway, shape)
        except xmlsec.Error:  # it does not sign so any more: the text is as good, the form is checked first
            made = signed(content(b"<requestInfo><messageId>1</messageId>"), gateway)
            for name in ("method", "digest"):
                made = made.replace(getattr(GOOD, name).encode(), getattr(shape, name).encode())
        assert await talk.refusal(lambda _: made) == "answer-algorithm"

    async def test_stylesheet(self, talk: Talk, gateway: Partner) -> None:
        """A transform that is a program is not run."""
        sheet = (
            '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"><xsl:stylesheet version="1.0"'
            ' xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/"><a/></xsl:template>'
            "</xsl:stylesheet></ds:Transform>"
        )

        def make(came: bytes) -> bytes:
            made = signed(content(came), gateway)
            return made.replace(b"<ds:Transforms>", f"<ds:Transforms>{sheet}".encode())

        assert await talk.refusal(make) == "answer-algorithm"

    async def test_secret_of_everybody(self, talk: Talk, gateway: Partner) -> None:
        """An HMAC with the certificate, which everybody has, as its secret."""

        def make(came: bytes) -> bytes:
            shape = replace(GOOD, method="http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")
            root = etree.fromstring(envelope(content(came), shape.signature(gateway)).encode())
            context = xmlsec.SignatureContext()
            context.key = xmlsec.Key.from_binary_data(xmlsec.constants.KeyDataHmac, gateway.certificate_pem)
            context.register_id(root[1], "Id", WSU)
            context.sign(next(root.iter(SIGNATURE)))
            return etree.tostring(root)

        assert await talk.refusal(make) == "answer-algorithm"

    @pytest.mark.parametrize(
        "uri", ["", "#id-2", "#", "http://127.0.0.1:9/x", "file:///etc/hostname", "#xpointer(/)"]
    )
    async def test_reference_elsewhere(self, talk: Talk, gateway: Partner, uri: str) -> None:
        """A reference to anything but the Body; nothing is fetched for it."""

        def make(came: bytes) -> bytes:
            return signed(content(came), gateway).replace(b'URI="#id-1"', f'URI="{uri}"'.encode())

        assert await talk.refusal(make) == "answer-wrapped"

    @pytest.mark.parametrize(
        "more",
        [
            "<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQAB</ds:Modulus></ds:RSAKeyValue></ds:KeyValue>",
            "<ds:X509Data><ds:X509Certificate>AQAB</ds:X509Certificate></ds:X509Data>",
            "<ds:KeyName>gateway</ds:KeyName>",
        ],
    )
    async def test_other_keys(self, talk: Talk, gateway: Partner, more: str) -> None:
        """A key beside the certificate: nobody is left to choose between two."""

        def make(came: bytes) -> bytes:
            return signed(content(came), gateway).replace(b"</ds:KeyInfo>", f"{more}</ds:KeyInfo>".encode())

        assert await talk.refusal(make) == "answer-certificate"

    @pytest.mark.parametrize(
        ("old", "new", "code"),
        [
            ("X509v3", "X509PKIPathv1", "answer-certificate"),
            ("wsse:KeyIdentifier", "wsse:Reference", "answer-certificate"),
            ('X509v3">', 'X509v3">!', "answer-certificate"),
            (
                f"{TRANSFORM}</ds:Transforms>",
                f"{TRANSFORM.replace('/>', '><a/></ds:Transform>')}</ds:Transforms>",
                "",
            ),
            (f"{TRANSFORM}</ds:Transforms>", "</ds:Transforms>", ""),
        ],
    )
    async def test_other_forms(self, talk: Talk, gateway: Partner, old: str, new: str, code: str) -> None:
        """Ways of showing a certificate, or of transforming, that nobody agreed on."""

        def make(came: bytes) -> bytes:
            made = signed(content(came), gateway)
            assert old.encode() in made
            return made.replace(old.encode(), new.encode())

        assert await talk.refusal(make) == (code or "answer-algorithm")

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("<ds:SignatureValue>", "<ds:SignatureValue>!"),
            ("<ds:DigestValue>", "<ds:DigestValue>!!!!"),
            ("<ds:DigestMethod", " <ds:DigestMethod"),
        ],
    )
    async def test_spoilt(self, talk: Talk, gateway: Partner, old: str, new: str) -> None:
        """What is no base64, or no longer the text that was signed, raises nothing that nobody expects."""

        def make(came: bytes) -> bytes:
            return signed(content(came), gateway).replace(old.encode(), new.encode())

        assert await talk.refusal(make) == "answer-signature"

    async def test_namespaces_that_are_signed_too(self, talk: Talk, gateway: Partner) -> None:
        """What many gateways write, a list of prefixes that are signed though no name uses them, is allowed."""
        listed = f'<ec:InclusiveNamespaces xmlns:ec="{C14N}" PrefixList="soap wsu"/>'
        transform = f'<ds:Transform Algorithm="{C14N}">{listed}</ds:Transform>'
        shape = replace(GOOD, transforms=transform)
        assert await talk.person(lambda came: signed(content(came), gateway, shape)) == people.WOMAN_ENTRY

    async def test_as_java_writes_it(self, talk: Talk, gateway: Partner) -> None:
        """Ids on every part, a time stamp beside the signature, lines of base64 that end with CR and LF."""

        def make(came: bytes) -> bytes:
            lines = "&#13;\n".join(re.findall(".{1,76}", gateway.shown))
            shape = GOOD.signature(gateway).replace(gateway.shown, f"\n{lines}&#13;\n").replace("><ds:", ">\n<ds:")
            shape = shape.replace("<ds:Signature ", '<ds:Signature Id="SIG-1" ')
            shape = shape.replace("<ds:KeyInfo>", '<ds:KeyInfo Id="KI-1">')
            shape = shape.replace("<wsse:SecurityTokenReference>", '<wsse:SecurityTokenReference wsu:Id="STR-1">')
            stamp = '<wsu:Timestamp wsu:Id="TS-1"><wsu:Created>2026-11-26T04:00:00Z</wsu:Created></wsu:Timestamp>'
            return signed("", gateway, text=envelope(content(came), stamp + shape))

        assert await talk.person(make) == people.WOMAN_ENTRY

    async def test_data_with_their_own_signature(self, talk: Talk, gateway: Partner) -> None:
        """A register may sign its data as well: that one is nobody's concern here."""
        data = people.person_data().replace("</persons>", f"</persons>{GOOD.signature(gateway)}")

        def make(came: bytes) -> bytes:
            return signed(content(came, data), gateway)

        assert await talk.person(make) == people.WOMAN_ENTRY
