"""What is signed, and the stand-in that signs and checks it (R15)."""

from typing import Any

import pytest

from adapters.signatures.stand_in import StandInSignatureVerifier, stand_in_signature
from models.lifecycle import Command
from models.messages import Submit
from models.request import Request
from models.signature import SignatureFinding, Signed, signed_content
from tests.models.builders import PORTAL, example

IIN, OTHER = "850505300011", "880312400024"


def backwards(value: Any) -> Any:
    """The same data with every object's keys the other way round."""
    if isinstance(value, dict):
        return {key: backwards(one) for key, one in reversed(value.items())}
    return [backwards(one) for one in value] if isinstance(value, list) else value


async def found(content: str, signature: str) -> SignatureFinding:
    return await StandInSignatureVerifier().verify(Signed(content=content, signature=signature))


class TestContent:
    """The canonical text of a request."""

    def test_neither_order_nor_signature_matter(self) -> None:
        """The same request, however it was written down, signed or not, is the same text."""
        data = example(Command.SUBMIT, PORTAL)
        text = signed_content(Submit.model_validate(data))
        assert signed_content(Submit.model_validate(backwards(data))) == text
        assert signed_content(Submit.model_validate(data | {"signature": None})) == text
        plain = {name: value for name, value in data.items() if name != "signature"}
        assert signed_content(Request.model_validate(plain)) == text

    @pytest.mark.parametrize("field", ["language", "applicant", "account", "documents"])
    def test_everything_else_does(self, field: str) -> None:
        """Whatever a request says is signed."""
        data = example(Command.SUBMIT, PORTAL)
        changes = {
            "language": "ru",
            "applicant": data["applicant"] | {"phone": "+7 700 111 11 11"},
            "account": None,
            "documents": data["documents"][1:],
        }
        other = Submit.model_validate(data | {field: changes[field]})
        assert signed_content(other) != signed_content(Submit.model_validate(data))


class TestStandIn:
    """It says in its name what it is, and still behaves like the real thing."""

    async def test_own_signature_is_valid(self) -> None:
        """Whoever is named has signed, Kazakh letters included."""
        assert await found("мәтін", stand_in_signature("мәтін", IIN)) == SignatureFinding(valid=True, signer=IIN)

    async def test_altered_text_is_invalid(self) -> None:
        """A single letter makes the difference."""
        assert not (await found("мәтін.", stand_in_signature("мәтін", IIN))).valid

    async def test_another_signer_cannot_be_put_in_front(self) -> None:
        """The signer's IIN belongs to what is signed."""
        forged = stand_in_signature("text", IIN).replace(IIN, OTHER)
        assert not (await found("text", forged)).valid

    @pytest.mark.parametrize(
        "signature",
        [
            "",
            "x",
            "stand-in",
            "stand-in.",
            "stand-in..",
            f"stand-in.{IIN}.",
            f"stand-in.{IIN}.%%%",
            "қол",
            "." * 99,
        ],
    )
    async def test_garbage_is_invalid(self, signature: str) -> None:
        """Whatever else comes is invalid, and breaks nothing."""
        assert not (await found("text", signature)).valid
