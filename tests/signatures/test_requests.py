"""Signer, text and rules together, as the process puts them (R15)."""

import pytest

from demo.examples import signed, signed_again
from models.lifecycle import Command
from models.messages import Submit
from models.signature import Flaw, SignatureFinding, Signed, signed_content
from models.submission import by_signature
from tests.models.builders import PORTAL, REGULATION, example, submission
from tests.signatures.making import OTHER
from tests.signing import verifier


async def codes(submit: Submit) -> list[str]:
    signature = Signed(content=signed_content(submit), signature=submit.signature or "")
    finding = await verifier().verify(signature)
    return [refusal.code for refusal in by_signature(submit, finding, REGULATION)]


class TestRequests:
    """What the stand-in signs, and what becomes of it."""

    async def test_an_example_is_signed_by_its_applicant(self) -> None:
        """Nothing speaks against a request that its applicant has signed."""
        assert await codes(Submit.model_validate(example(Command.SUBMIT, PORTAL))) == []

    async def test_an_edited_request_has_to_be_signed_anew(self) -> None:
        """Edited after signing it is refused; signed again it is not."""
        edited = Submit.model_validate(example(Command.SUBMIT, PORTAL) | {"language": "ru"})
        assert await codes(edited) == ["signature-of-other-content"]
        assert await codes(Submit.model_validate(signed(edited))) == []

    async def test_somebody_else_has_signed(self) -> None:
        """A valid signature of another person is refused for what it is."""
        again = Submit.model_validate(signed_again(example(Command.SUBMIT, PORTAL), OTHER))
        assert await codes(again) == ["signature-of-another"]

    @pytest.mark.parametrize("flaw", Flaw)
    def test_every_flaw_has_its_own_words(self, flaw: Flaw) -> None:
        """A person is told which one it is, by R15, and never a bare code."""
        [refusal] = by_signature(submission(), SignatureFinding(valid=False, flaw=flaw), REGULATION)
        assert (refusal.code, refusal.requirement) == (flaw.value, "R15")
        assert " " in refusal.reason
