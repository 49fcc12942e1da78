"""What is no signature is told so, and neither breaks nor holds up anything, however hostile it is."""

import base64
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.signatures.cms import MOST_CERTIFICATES, MOST_TEXT
from adapters.signatures.shape import DEEPEST, ShapeError, check_shape
from adapters.signatures.stand_in.certificates import Leaf
from models.signature import Flaw
from tests.models.builders import QUICK
from tests.signatures.making import GOOD, IIN, TEXT, changed, flawed, found, signed_by
from tests.signing import authority

MALFORMED = flawed(Flaw.MALFORMED)
GARBAGE = {
    "nothing": "",
    "a word": "x",
    "spaces": " \n ",
    "the first stand-in's": f"stand-in.{IIN}.{'A' * 88}",
    "letters that are not ASCII": "қол",
    "no base64": "MIAG%%%",
    "half a group": "MIAGC",
    "too long": "A" * (MOST_TEXT + 4),
    "zeros": "A" * 4000,
    "another PEM": "-----BEGIN CERTIFICATE-----\nMIAG\n-----END CERTIFICATE-----",
    "PEM of two names": "-----BEGIN CMS-----\nMIAG\n-----END PKCS7-----",
    "the text itself": TEXT,
}


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def nested(depth: int, tag: bytes = b"\x30") -> bytes:
    """A value in a value in a value, by the indefinite form."""
    return (tag + b"\x80") * depth + b"\x00\x00" * depth


HOSTILE = {
    "a length of all there is": b"\x30\x84\xff\xff\xff\xff\x00",
    "a length of many digits": b"\x30\xff" + b"\xff" * 127,
    "a length that begins with zeros": b"\x30\x88" + b"\x00" * 8,
    "a length and nothing behind it": b"\x30\x82\x10\x00",
    "a tag of many digits": b"\x3f" + b"\xff" * 5000,
    "deep": nested(10_000),
    "deep octet strings": nested(10_000, b"\x24"),
    "no end": b"\x30\x80" * 20_000,
    "many parts": b"\x31\x83\x01\x00\x00" + b"\x05\x00" * 0x8000,
    "a boolean": b"\x01\x01\xff",
    "one byte": b"\x30",
    "an end alone": b"\x00\x00",
    "another kind of content": bytes.fromhex("300b06092a864886f70d010701"),
}


class TestGarbage:
    """Whatever comes in the place of a signature."""

    @pytest.mark.parametrize("signature", GARBAGE.values(), ids=GARBAGE)
    async def test_it_is_malformed(self, signature: str) -> None:
        """It is told what it is, and breaks nothing."""
        assert await found(signature) == MALFORMED

    @pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
    async def test_hostile_der(self, data: bytes) -> None:
        """Lengths that lie, depths and numbers without end are refused within a moment."""
        began = time.monotonic()
        assert await found(encoded(data)) == MALFORMED
        assert time.monotonic() - began < 1

    @QUICK
    @given(st.text(max_size=120))
    async def test_any_text(self, text: str) -> None:
        """Any text at all is answered."""
        assert await found(text) == MALFORMED

    @QUICK
    @given(st.binary(max_size=300))
    async def test_any_bytes(self, data: bytes) -> None:
        """So are any bytes, as a signature and within the head of one."""
        assert await found(encoded(data)) == MALFORMED
        head = bytes.fromhex("06092a864886f70d010702")
        inner = b"\xa0\x82" + len(data).to_bytes(2) + data
        whole = b"\x30\x82" + (len(head) + len(inner)).to_bytes(2) + head + inner
        assert await found(encoded(whole)) == MALFORMED


class TestShape:
    """The walk over the outer shape."""

    def test_allowed_depth(self) -> None:
        """As deep as any signature is allowed, one more is not."""
        check_shape(nested(DEEPEST))
        with pytest.raises(ShapeError):
            check_shape(nested(DEEPEST + 1))

    @pytest.mark.parametrize(
        "data", [b"\x30\x03\x02\x02\x01", b"\x30\x02\x05\x00\x00", b"\x30\x80\x05\x00", b"\x05\x80\x00\x00"]
    )
    def test_parts_that_do_not_fit(self, data: bytes) -> None:
        """A part that reaches out of its whole, something behind the end, no end, no length."""
        with pytest.raises(ShapeError):
            check_shape(data)


class TestForms:
    """The ways in which programs write the same signature down."""

    async def test_lines_and_pem(self) -> None:
        """Base64 in lines, and PEM by either name."""
        signature = authority().sign(TEXT, IIN)
        lines = "\n".join(signature[place : place + 64] for place in range(0, len(signature), 64))
        for text in (lines, f" {lines}\r\n", *(pem(lines, name) for name in ("CMS", "PKCS7"))):
            assert await found(text) == GOOD

    async def test_indefinite_lengths(self) -> None:
        """As the usual Java library writes it: the wholes end with a mark, and the content is in parts."""
        for attached in (False, True):
            signature = signed_by(Leaf(IIN), attached=attached)
            loose = indefinite(base64.b64decode(signature), TEXT.encode())
            assert loose.count(b"\x30\x80") == (3 if attached else 2)
            assert await found(encoded(loose)) == GOOD

    async def test_two_signers(self) -> None:
        """There is one signer: of two, one could be shown and the other checked."""
        assert await found(signed_by(Leaf(IIN), signers=2)) == MALFORMED
        assert await found(changed(authority().sign(TEXT, IIN), no_signer)) == MALFORMED

    async def test_many_certificates(self) -> None:
        """A bag of certificates beyond any chain is not looked through."""
        one = authority()
        others = [one.issue(Leaf(IIN)) for _ in range(MOST_CERTIFICATES)]
        assert await found(one.signed_with(TEXT, others[0], chain=others[1:])) == GOOD
        full = one.signed_with(TEXT, one.issue(Leaf(IIN)), chain=others)
        assert await found(full) == MALFORMED

    async def test_without_the_signers_certificate(self) -> None:
        """Nobody looks elsewhere for it; nor may it stand there twice."""

        def drop(signed: object) -> None:
            signed["certificates"] = [one for one in signed["certificates"] if one.chosen.ca]  # type: ignore[index]

        def double(signed: object) -> None:
            bag = list(signed["certificates"])  # type: ignore[index]
            signed["certificates"] = [*bag, *(one for one in bag if not one.chosen.ca)]  # type: ignore[index]

        for change in (drop, double):
            assert await found(changed(authority().sign(TEXT, IIN), change)) == MALFORMED

    @pytest.mark.parametrize("name", ["content_type", "message_digest"])
    async def test_attributes_that_have_to_be_there(self, name: str) -> None:
        """Without the kind and the digest of what was signed there is nothing to compare."""
        assert await found(signed_by(Leaf(IIN), attributes={name: None})) == MALFORMED

    async def test_another_kind_of_content(self) -> None:
        """What was signed as something else is not a text."""
        assert await found(signed_by(Leaf(IIN), attributes={"content_type": "tst_info"})) == MALFORMED

    @pytest.mark.parametrize("name", ["signing_time", "signing_certificate_v2"])
    async def test_attributes_that_may_be_missing(self, name: str) -> None:
        """Neither the time nor the certificate has to be signed."""
        assert await found(signed_by(Leaf(IIN), attributes={name: None})) == GOOD

    async def test_no_signed_attributes(self) -> None:
        """A signature over the bare text could be one over attributes that look like a text."""

        def strip(signed: object) -> None:
            del signed["signer_infos"][0]["signed_attrs"]  # type: ignore[index]

        assert await found(changed(authority().sign(TEXT, IIN), strip)) == MALFORMED


def pem(body: str, name: str) -> str:
    return f"-----BEGIN {name}-----\n{body}\n-----END {name}-----\n"


def no_signer(signed: object) -> None:
    signed["signer_infos"] = []  # type: ignore[index]


def indefinite(der: bytes, content: bytes) -> bytes:
    """The outer values of a signature with marks at their ends in the place of lengths."""
    parts: list[bytes] = []
    rest = der
    for _ in range(3):  # ContentInfo, [0], SignedData
        head, inner = split_head(rest)
        if head[0] == 0x30 and inner[0] == 0x06:
            parts.append(b"\x30\x80" + inner[:11])
            rest = inner[11:]
        else:
            parts.append(head[:1] + b"\x80")
            rest = inner
    octets = b"\x04" + length(len(content)) + content
    carried = b"\xa0" + length(len(octets)) + octets
    whole = b"\x06\x09" + bytes.fromhex("2a864886f70d010701")
    plain = b"\x30" + length(len(whole) + len(carried)) + whole + carried
    half = len(content) // 2
    pieces = b"".join(b"\x04" + length(len(one)) + one for one in (content[:half], content[half:]))
    loose = b"\x30\x80" + whole + b"\xa0\x80\x24\x80" + pieces + b"\x00\x00" * 3
    return b"".join(parts) + rest.replace(plain, loose) + b"\x00\x00" * 3


def split_head(data: bytes) -> tuple[bytes, bytes]:
    count = 2 + (data[1] & 0x7F if data[1] & 0x80 else 0)
    return data[:count], data[count:]


def length(number: int) -> bytes:
    return bytes([number]) if number < 128 else b"\x82" + number.to_bytes(2)
