"""The head's signature over the decision's text (R20)."""

import json

import pytest

from models.approval import by_approver, decision_text, text_to_approve
from models.journal import FactName
from models.library import Rules
from models.lifecycle import Command
from models.messages import Approve
from models.signature import Flaw, SignatureFinding
from tests.models.builders import CALENDAR, HEAD, PORTAL, REGULATION, SC, Case, changed

SIGNED = Approve(signature="c2lnbmVk")


def signing() -> Rules:
    """The rules of an office whose head has to sign."""
    switches = REGULATION.switches.model_copy(update={"approval_needs_signature": True})
    return Rules(changed(switches=switches.model_dump()), CALENDAR)


class TestText:
    """What the head signs is the draft as it stands, and whom it is about."""

    def test_text_is_canonical(self) -> None:
        """JSON with sorted keys and no spaces, under the number that the decision will have."""
        case = Case().drafted(children=2)
        text = text_to_approve(case.application)
        assert text is not None
        content = json.loads(text)
        assert text == json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        assert content["decision"] == "KRG-2026-000001-1"
        assert [grant["child"] for grant in content["draft"]["grants"]] == [1, 2]
        assert len(content["children"]) == 2

    def test_next_draft_is_another_text(self) -> None:
        """A signature over what was sent back counts for nothing that is drafted later, be it worded alike."""
        case = Case().drafted()
        first = text_to_approve(case.application)
        case.do(Command.RETURN_DRAFT).do(Command.PREPARE_DECISION)
        assert text_to_approve(case.application) != first

    def test_everybody_named_is_part_of_it(self) -> None:
        case = Case().drafted(children=2)
        application = case.application
        draft, asked = application.drafts[-1], application.request
        other = asked.model_copy(update={"children": asked.children[:1]})
        number = application.registration_number
        assert decision_text(number, draft, asked) != decision_text(number, draft, other)

    def test_without_a_draft_there_is_nothing_to_sign(self) -> None:
        assert text_to_approve(Case().under_review().application) is None


class TestRule:
    """The regulation file says whether an approval needs a signature; one that is there always counts."""

    @pytest.mark.parametrize("channel", [SC, PORTAL])
    def test_unsigned_approval_where_a_signature_is_required(self, channel: object) -> None:
        case = Case(channel, rules=signing()).drafted()  # type: ignore[arg-type]
        (refusal,) = case.refusals(Command.APPROVE)
        assert (refusal.code, refusal.requirement) == ("no-signature", "R20")
        assert case.codes(Command.APPROVE, SIGNED) == []

    def test_where_none_is_required_earlier_inputs_stay_valid(self) -> None:
        """The shipped file requires none: an approval without words is what it was."""
        assert Case().drafted().codes(Command.APPROVE, {}) == []

    def test_signed_approval_says_so_and_is_kept(self) -> None:
        """The fact tells that it was signed; the signature itself goes to the record, once, with its fact."""
        case = Case().drafted().do(Command.APPROVE, SIGNED)
        assert case.fact(FactName.DECISION_APPROVED).details["signed"] is True
        approved = case.fact(FactName.DECISION_APPROVED).number
        assert case.application.entry(after=approved - 1).approval == SIGNED.signature
        assert case.application.entry(after=approved).approval is None

    def test_unsigned_approval_tells_what_it_always_told(self) -> None:
        assert "signed" not in Case().drafted().do(Command.APPROVE).fact(FactName.DECISION_APPROVED).details


class TestFinding:
    """What the verifier finds decides."""

    def test_a_signature_for_that_post(self) -> None:
        finding = SignatureFinding(valid=True, signer="850505300011", posts=("deputy-head", HEAD))
        assert list(by_approver(finding, HEAD)) == []

    def test_a_signature_of_somebody_else(self) -> None:
        """A valid signature of a person who may not sign for the post is none."""
        finding = SignatureFinding(valid=True, signer="850505300011", posts=("specialist-1",))
        assert [one.code for one in by_approver(finding, HEAD)] == ["signature-of-another"]

    @pytest.mark.parametrize("flaw", Flaw)
    def test_each_flaw_is_a_reason_of_its_own(self, flaw: Flaw) -> None:
        finding = SignatureFinding(valid=False, flaw=flaw, posts=(HEAD,))
        (refusal,) = by_approver(finding, HEAD)
        assert (refusal.code, refusal.requirement) == (flaw, "R20")
        assert "850505300011" not in refusal.reason
