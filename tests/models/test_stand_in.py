"""The stand-in for digital signatures: it says in its name what it is, and behaves like the real thing (R15)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.signatures.stand_in import StandInSignatureVerifier, stand_in_signature
from demo.examples import signed, signed_again
from models.lifecycle import Command
from models.messages import Submit
from models.signature import SignatureFinding, Signed, signed_content
from models.submission import by_signature
from tests.models.builders import PORTAL, QUICK, REGULATION, example

IIN, OTHER = "850505300011", "880312400024"
TEXT = '{"name":"Әділет"}'
OWN = stand_in_signature(TEXT, IIN)
INVALID = SignatureFinding(valid=False)

GARBAGE = {
    "nothing": "",
    "a word": "x",
    "its mark alone": "stand-in",
    "its mark and a dot": "stand-in.",
    "empty parts": "stand-in..",
    "more empty parts": "stand-in...",
    "no signature": f"stand-in.{IIN}.",
    "no signer": OWN.replace(IIN, ""),
    "no base64": f"stand-in.{IIN}.%%%",
    "letters that are not ASCII": f"stand-in.{IIN}.қол",
    "not ASCII at all": "қол",
    "dots": "." * 99,
    "a signature of other length": f"stand-in.{IIN}.AAAA",
    "zeros": f"stand-in.{IIN}.{'A' * 86}==",
    "its end cut off": OWN[:-4],
    "its beginning cut off": OWN.removeprefix("stand-in."),
    "another mark": OWN.replace("stand-in", "eds"),
    "its mark in capitals": OWN.replace("stand-in", "STAND-IN"),
    "a space in front": f" {OWN}",
    "the text itself": TEXT,
}
"""What may come in the place of a signature."""


async def found(content: str, signature: str) -> SignatureFinding:
    return await StandInSignatureVerifier().verify(Signed(content=content, signature=signature))


class TestOwnSignatures:
    """What it has signed it knows again."""

    @pytest.mark.parametrize("content", [TEXT, "text", "мәтін", "", "a\nb", "😀", "x" * 100_000])
    async def test_valid_and_whose(self, content: str) -> None:
        """Whoever is named has signed, whatever the text: Kazakh, empty or long."""
        assert await found(content, stand_in_signature(content, IIN)) == SignatureFinding(valid=True, signer=IIN)

    def test_the_same_again(self) -> None:
        """The same text in the same name has the same signature, so that every example can be repeated."""
        assert stand_in_signature(TEXT, IIN) == OWN
        assert OWN.startswith(f"stand-in.{IIN}.")

    async def test_another_signer_is_told(self) -> None:
        """It signs for whoever is named; the rules judge whether that is the applicant (R15)."""
        assert (await found(TEXT, stand_in_signature(TEXT, OTHER))).signer == OTHER

    def test_it_fits_into_a_message(self) -> None:
        """A signature is ASCII and short."""
        assert OWN.isascii()
        assert len(OWN) == len(f"stand-in.{IIN}.") + 88


class TestForgeries:
    """What it has not signed is invalid, and nobody's."""

    @QUICK
    @given(st.integers(0, len(TEXT) - 1), st.characters(codec="utf-8"))
    async def test_a_single_letter_makes_the_difference(self, place: int, letter: str) -> None:
        """Any letter put in the place of another makes the signature invalid."""
        altered = TEXT[:place] + letter + TEXT[place + 1 :]
        assert await found(altered, OWN) == (
            SignatureFinding(valid=True, signer=IIN) if altered == TEXT else INVALID
        )

    @pytest.mark.parametrize("altered", [f"{TEXT} ", f" {TEXT}", TEXT[:-1], "", TEXT.upper(), f"{TEXT}\n"])
    async def test_altered_text_is_invalid(self, altered: str) -> None:
        """A space more or a letter less, and the signature is of another text."""
        assert await found(altered, OWN) == INVALID

    async def test_another_signer_cannot_be_put_in_front(self) -> None:
        """The signer's IIN belongs to what is signed."""
        assert await found(TEXT, OWN.replace(IIN, OTHER)) == INVALID

    async def test_another_texts_signature_is_invalid(self) -> None:
        """A signature cannot be taken from one request to another."""
        assert await found(TEXT, stand_in_signature("text", IIN)) == INVALID

    @pytest.mark.parametrize("signature", GARBAGE)
    async def test_garbage_is_invalid(self, signature: str) -> None:
        """Whatever else comes is invalid, and breaks nothing."""
        assert await found(TEXT, GARBAGE[signature]) == INVALID

    @QUICK
    @given(st.text(max_size=120))
    async def test_nothing_breaks_it(self, signature: str) -> None:
        """Any text at all, also behind its own mark, is answered and not an error."""
        assert await found(TEXT, signature) == INVALID
        assert await found(TEXT, f"stand-in.{IIN}.{signature}") == INVALID


class TestRequests:
    """Signer, text and rules together, as the process puts them (R15)."""

    async def found_in(self, submit: Submit) -> list[str]:
        finding = await found(signed_content(submit), submit.signature or "")
        return [refusal.code for refusal in by_signature(submit, finding, REGULATION)]

    async def test_an_example_is_signed_by_its_applicant(self) -> None:
        """Nothing speaks against a request that its applicant has signed."""
        assert await self.found_in(Submit.model_validate(example(Command.SUBMIT, PORTAL))) == []

    async def test_an_edited_request_has_to_be_signed_anew(self) -> None:
        """Edited after signing it is refused; signed again it is not."""
        edited = Submit.model_validate(example(Command.SUBMIT, PORTAL) | {"language": "ru"})
        assert await self.found_in(edited) == ["signature-invalid"]
        assert await self.found_in(Submit.model_validate(signed(edited))) == []

    async def test_somebody_else_has_signed(self) -> None:
        """A valid signature of another person is refused for what it is."""
        again = Submit.model_validate(signed_again(example(Command.SUBMIT, PORTAL), OTHER))
        assert await self.found_in(again) == ["signature-of-another"]
