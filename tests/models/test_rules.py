"""What is refused, why, and by which requirement."""

from datetime import timedelta
from typing import Any

import pytest

from models.lifecycle import Channel, Command, Stage
from tests.models.builders import COUNTERS, DEPUTY, HEAD, PROVIDER, SC, Case, switched_off

CARD = {"kind": "identity-card", "number": "000000001"}
POWER = {"number": "77-1", "issued_on": "2026-01-15", "notarised": True}

every_counter = pytest.mark.parametrize("channel", COUNTERS)


def collect(**fields: Any) -> dict[str, Any]:
    """What is shown when a result is collected: everything, but for the fields given."""
    return {"receipt_shown": True, "collected_by": "applicant", "identity_document": CARD} | fields


def at_counter(channel: Channel = SC, **options: Any) -> Case:
    return Case(channel, **options).do(Command.CALL)


class TestIntake:
    """R14, R17, R19: at the counter."""

    @every_counter
    def test_a_complete_package_is_accepted(self, channel: Channel) -> None:
        """Nothing speaks against a complete package whose originals are back (R11, R14)."""
        assert at_counter(channel).codes(Command.ACCEPT) == []

    @every_counter
    def test_an_incomplete_package_is_refused_with_what_is_missing(self, channel: Channel) -> None:
        """An incomplete package cannot be accepted, and the refusal lists what is missing of which child (R19)."""
        case = at_counter(channel)
        package = case.example(Command.ACCEPT, children=2, missing=["child-income", "application-form"])
        (refusal,) = case.refusals(Command.ACCEPT, package)
        assert (refusal.code, refusal.requirement) == ("incomplete-package", "R19")
        lacks = [(needed.item, needed.child) for needed in refusal.missing]
        assert lacks == [("application-form", None), ("child-income", 1), ("child-income", 2)]

    @every_counter
    def test_a_complete_package_is_not_refused(self, channel: Channel) -> None:
        """Incompleteness is the only ground to refuse, so a complete package cannot be refused (R19)."""
        case = at_counter(channel)
        (refusal,) = case.refusals(Command.REFUSE_INTAKE, case.example(Command.ACCEPT))
        assert (refusal.code, refusal.requirement) == ("package-complete", "R19")

    def test_a_provider_without_the_power_accepts_and_cannot_refuse(self) -> None:
        """With its switch off the provider accepts what is incomplete, and refuses nothing (R19)."""
        case = at_counter(PROVIDER, rules=switched_off())
        assert case.codes(Command.ACCEPT, case.example(Command.ACCEPT, missing=["child-income"])) == []
        assert case.codes(Command.REFUSE_INTAKE) == ["no-power-to-refuse"]

    def test_the_switch_is_the_providers_alone(self) -> None:
        """SC's duty to refuse an incomplete package stands whatever the provider's switch says (R19)."""
        case = at_counter(SC, rules=switched_off())
        package = case.example(Command.ACCEPT, missing=["child-income"])
        assert case.codes(Command.ACCEPT, package) == ["incomplete-package"]
        assert case.codes(Command.REFUSE_INTAKE) == []

    @every_counter
    @pytest.mark.parametrize("command", [Command.ACCEPT, Command.REFUSE_INTAKE])
    @pytest.mark.parametrize(
        ("field", "code"),
        [
            ("originals_compared", "originals-not-compared"),
            ("originals_returned", "originals-not-returned"),
        ],
    )
    def test_originals_are_compared_and_given_back(
        self, channel: Channel, command: Command, field: str, code: str
    ) -> None:
        """The originals are compared and back with the applicant first, also when intake is refused (R14)."""
        case = at_counter(channel)
        (refusal,) = case.refusals(command, case.example(command) | {field: False})
        assert (refusal.code, refusal.requirement) == (code, "R14")

    def test_an_unknown_kind_of_document_is_refused(self) -> None:
        """A document of a kind that the file does not know is named, not lost."""
        case = at_counter()
        package = case.example(Command.ACCEPT)
        package["documents"].append({"kind": "library-card"})
        (refusal,) = case.refusals(Command.ACCEPT, package)
        assert refusal.code == "unknown-document-kind"
        assert "library-card" in refusal.reason

    @pytest.mark.parametrize("command", [Command.LOOK_UP, Command.ACCEPT, Command.REFUSE_INTAKE])
    def test_nobody_is_born_in_the_future(self, command: Command) -> None:
        """A child whose birth date lies in the future is a slip, and refused; a child of today is not."""
        case = at_counter()
        tomorrow = case.example(command, born=case.now.date() + timedelta(days=1))
        (refusal,) = case.refusals(command, tomorrow)
        assert refusal.code == "born-in-the-future"
        assert refusal.reason.startswith("children.0.birth_date")
        assert case.codes(command, case.example(command, born=case.now.date())) == []

    @pytest.mark.parametrize(
        ("minutes", "codes"), [(-1, ["handing-in-time"]), (0, []), (5, []), (6, ["handing-in-time"])]
    )
    def test_the_handing_in_lies_within_the_visit(self, minutes: int, codes: list[str]) -> None:
        """Documents are handed in after the call and not after the message that says so (R5)."""
        case = at_counter()
        called_at = case.now
        case.now += timedelta(minutes=5)
        handed_in = {"handed_in_at": called_at + timedelta(minutes=minutes)}
        assert case.codes(Command.ACCEPT, case.example(Command.ACCEPT) | handed_in) == codes

    def test_every_reason_is_told_at_once(self) -> None:
        """Whoever is refused reads every reason, not the first alone."""
        case = at_counter()
        package = case.example(Command.ACCEPT, missing=["child-income"])
        codes = case.codes(Command.ACCEPT, package | {"originals_compared": False, "originals_returned": False})
        assert codes == ["originals-not-compared", "originals-not-returned", "incomplete-package"]


class TestDecision:
    """R20: drafted by one, approved by another."""

    def test_nobody_approves_what_they_prepared(self) -> None:
        """A deputy head who drafted the decision cannot approve it; the head can."""
        case = Case().under_review().do(Command.PREPARE_DECISION, by=DEPUTY)
        assert case.codes(Command.APPROVE, by=DEPUTY) == ["four-eyes"]
        assert case.codes(Command.APPROVE, by=HEAD) == []

    def test_the_last_draft_counts(self) -> None:
        """Who drafted first may approve what another drafted after it was returned."""
        case = Case().under_review().do(Command.PREPARE_DECISION, by=DEPUTY).do(Command.RETURN_DRAFT)
        case.do(Command.RELEASE, by=DEPUTY).do(Command.PREPARE_DECISION)
        assert case.codes(Command.APPROVE, by=DEPUTY) == []

    def test_an_unknown_ground_is_refused(self) -> None:
        """A refusal names grounds of the regulation file (R20)."""
        draft = {"verdict": "refuse", "grounds": ["not-entitled", "bad-luck"]}
        (refusal,) = Case().under_review().refusals(Command.PREPARE_DECISION, draft)
        assert (refusal.code, refusal.requirement) == ("unknown-ground", "R20")
        assert "bad-luck" in refusal.reason

    def test_a_child_that_is_not_there_is_refused(self) -> None:
        """A draft speaks of the children of the application and no others."""
        case = Case().under_review(children=2)
        three = case.example(Command.PREPARE_DECISION, children=3)
        (refusal,) = case.refusals(Command.PREPARE_DECISION, three)
        assert refusal.code == "unknown-child"
        assert "no child 3" in refusal.reason

    def test_a_year_without_an_index_is_not_guessed(self) -> None:
        """In a year whose index is not known each child needs an amount from the specialist (R20)."""
        case = Case(opened="2027-01-11 10:00").under_review(children=2)
        assert case.codes(Command.PREPARE_DECISION) == ["no-amount", "no-amount"]
        one = case.example(Command.PREPARE_DECISION, children=1)
        (refusal,) = case.refusals(Command.PREPARE_DECISION, one)
        assert "2027" in refusal.reason
        assert "child 2" in refusal.reason

    def test_given_amounts_are_taken_for_such_a_year(self) -> None:
        """With an amount and a reason for every child the draft is taken, also without an index (R20)."""
        case = Case(opened="2027-01-11 10:00").under_review(children=2)
        case.do(Command.PREPARE_DECISION, case.example(Command.PREPARE_DECISION, children=2))
        assert case.application.stage is Stage.AWAITING_APPROVAL

    def test_a_refusal_needs_no_index(self) -> None:
        """A refusal is drafted in any year (R20)."""
        case = Case(opened="2027-01-11 10:00").under_review()
        assert case.codes(Command.PREPARE_DECISION, {"verdict": "refuse", "grounds": ["not-entitled"]}) == []


class TestCollecting:
    """R21, the same at SC and at the provider."""

    @every_counter
    @pytest.mark.parametrize(
        ("shown", "codes"),
        [
            (collect(), []),
            (collect(receipt_shown=False), ["no-receipt"]),
            (collect(identity_document=None), ["no-identity-document"]),
            (collect(collected_by="representative"), ["no-power-of-attorney"]),
            (collect(collected_by="representative", power_of_attorney=POWER), []),
            (
                collect(collected_by="representative", power_of_attorney=POWER | {"notarised": False}),
                ["no-power-of-attorney"],
            ),
            (
                collect(collected_by="representative", power_of_attorney=POWER, identity_document=None),
                ["no-identity-document"],
            ),
            (
                collect(collected_by="representative", power_of_attorney=POWER, receipt_shown=False),
                ["no-receipt"],
            ),
            (
                collect(collected_by="representative", receipt_shown=False, identity_document=None),
                ["no-receipt", "no-identity-document", "no-power-of-attorney"],
            ),
        ],
    )
    def test_what_has_to_be_shown(self, channel: Channel, shown: dict[str, Any], codes: list[str]) -> None:
        """The receipt and an identity document always, of a representative a notarised power too (R21)."""
        found = Case(channel).ready().refusals(Command.COLLECT, shown)
        assert [refusal.code for refusal in found] == codes
        assert {refusal.requirement for refusal in found} <= {"R21"}


class TestHandOver:
    """R9: to the provider, on a list."""

    @pytest.mark.parametrize("receiver", ["sc-intake-2", "nobody"])
    def test_only_the_provider_receives(self, receiver: str) -> None:
        """A result is handed over to an officer of the provider and to nobody else (R9)."""
        case = Case().ready().do(Command.RETENTION_ENDS)
        (refusal,) = case.refusals(Command.HAND_OVER, {"list_number": "T-1", "received_by": receiver})
        assert (refusal.code, refusal.requirement) == ("unknown-officer", "R9")

    def test_before_the_month_has_ended_nothing_is_handed_over(self) -> None:
        """While SC keeps the result it is not due for storage (R9)."""
        assert Case().ready().codes(Command.HAND_OVER) == ["illegal-move"]
