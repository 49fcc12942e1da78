"""Who has the file in hand, since when, and who may take it from whom."""

import pytest

from models.journal import FactName
from models.lifecycle import Command, Stage
from tests.models.builders import DEPUTY, HEAD, OTHER_SPECIALIST, SPECIALIST, Case, at

TO_OTHER = {"to": OTHER_SPECIALIST}


class TestHolder:
    """The file in hand."""

    def test_nobody_has_a_file_that_nobody_took(self) -> None:
        """A file that goes to review lies there until somebody takes it."""
        assert Case().under_review().application.holder is None

    def test_take_and_release(self) -> None:
        """Who takes the file has it, and who puts it down has it no more; both instants are kept."""
        case = Case().under_review().do(Command.TAKE, when="2026-11-24 09:00")
        assert case.application.holder == SPECIALIST
        case.do(Command.RELEASE, when="2026-11-24 17:00")
        assert case.application.holder is None
        _at_the_counter, holding = case.application.holdings
        assert (holding.since, holding.until) == (at("2026-11-24 09:00"), at("2026-11-24 17:00"))
        assert case.fact(FactName.FILE_RELEASED).details == {"held_by": SPECIALIST}

    def test_holding_moves_nothing(self) -> None:
        """Taking, giving and putting down leave the application in its stage."""
        case = Case().under_review().do(Command.TAKE).do(Command.REASSIGN, TO_OTHER)
        assert case.do(Command.RELEASE, by=OTHER_SPECIALIST).application.stage is Stage.UNDER_REVIEW

    def test_a_specialist_hands_on_only_what_they_hold(self) -> None:
        """Whoever has the file may hand it on; another specialist may not take it from them that way."""
        case = Case().under_review().do(Command.TAKE)
        to_another = {"to": OTHER_SPECIALIST}
        assert case.codes(Command.REASSIGN, to_another, by=OTHER_SPECIALIST)[0] == "held-by-another"
        assert case.codes(Command.REASSIGN, to_another, by=SPECIALIST) == []

    def test_reassign_gives_it_to_another(self) -> None:
        """A head takes the file from one and gives it to another, without a gap."""
        case = Case().under_review().do(Command.TAKE).do(Command.REASSIGN, TO_OTHER, when="2026-11-24 09:00")
        _at_the_counter, first, second = case.application.holdings
        assert case.application.holder == OTHER_SPECIALIST
        assert first.until == second.since == at("2026-11-24 09:00")
        assert case.fact(FactName.FILE_REASSIGNED).details == {"to": OTHER_SPECIALIST}

    def test_a_draft_is_put_down_for_the_head(self) -> None:
        """Who has drafted the decision has the file no more, so that the head can take it."""
        case = Case().under_review().do(Command.TAKE).do(Command.PREPARE_DECISION)
        assert case.application.holder is None
        assert case.do(Command.TAKE, by=HEAD).application.holder == HEAD

    @pytest.mark.parametrize("preparer", [SPECIALIST, OTHER_SPECIALIST, DEPUTY])
    def test_a_returned_draft_goes_back_to_its_preparer(self, preparer: str) -> None:
        """A draft that the head returns is in its preparer's hands, whoever had it meanwhile."""
        case = Case().under_review().do(Command.PREPARE_DECISION, by=preparer).do(Command.TAKE, by=HEAD)
        case.do(Command.RETURN_DRAFT)
        assert case.application.stage is Stage.UNDER_REVIEW
        assert case.application.holder == preparer
        assert case.fact(FactName.DRAFT_RETURNED).details == {"draft": 1, "to": preparer}

    @pytest.mark.parametrize("last", [Command.APPROVE, Command.WITHDRAW])
    def test_what_is_finished_nobody_holds(self, last: Command) -> None:
        """With the approval or a withdrawal the file leaves whoever had it."""
        case = Case().drafted().do(Command.TAKE, by=HEAD).do(last)
        assert case.application.holder is None
        assert case.application.holdings[-1].until == case.now


class TestRefusedHolding:
    """Whose hands a file may not leave or reach."""

    @pytest.mark.parametrize("command", [Command.TAKE, Command.ASK_AGAIN, Command.PREPARE_DECISION])
    def test_a_file_in_anothers_hand_is_left_alone(self, command: Command) -> None:
        """While a specialist has the file no other takes it, asks for it or drafts on it."""
        case = Case().under_review().do(Command.TAKE)
        assert case.codes(command, by=OTHER_SPECIALIST) == ["held-by-another"]

    @pytest.mark.parametrize("command", [Command.APPROVE, Command.RETURN_DRAFT])
    def test_a_draft_in_anothers_hand_is_left_alone(self, command: Command) -> None:
        """While the deputy has the draft in hand the head neither approves nor returns it."""
        case = Case().drafted().do(Command.TAKE, by=DEPUTY)
        assert case.codes(command, by=HEAD) == ["held-by-another"]
        assert case.codes(command, by=DEPUTY) == []

    def test_the_refusal_says_who_has_it(self) -> None:
        """Who is refused reads in whose hands the file is."""
        (refusal,) = Case().under_review().do(Command.TAKE).refusals(Command.TAKE, by=HEAD)
        assert refusal.reason == "specialist-1 has the file"
        assert refusal.requirement is None

    def test_nobody_takes_a_file_twice(self) -> None:
        """Whoever has the file cannot take it again."""
        assert Case().under_review().do(Command.TAKE).codes(Command.TAKE) == ["already-held"]

    def test_a_file_that_nobody_has_cannot_be_put_down(self) -> None:
        """There is nothing to release when nobody has it."""
        assert Case().under_review().codes(Command.RELEASE) == ["not-held"]

    def test_another_specialist_cannot_put_it_down(self) -> None:
        """Only its holder puts a file down, or a head for them."""
        case = Case().under_review().do(Command.TAKE)
        assert case.codes(Command.RELEASE, by=OTHER_SPECIALIST) == ["held-by-another"]
        assert case.codes(Command.RELEASE, by=HEAD) == []
        assert case.codes(Command.RELEASE, by=DEPUTY) == []

    @pytest.mark.parametrize("to", ["sc-intake-1", "education-intake-1", "education-supervisor", "nobody"])
    def test_only_who_may_take_it_can_be_given_it(self, to: str) -> None:
        """A file is given to a specialist or head of the provider and to nobody else."""
        assert Case().under_review().codes(Command.REASSIGN, {"to": to}) == ["unknown-officer"]

    def test_it_is_not_given_to_its_holder(self) -> None:
        """Giving the file to whoever has it is refused."""
        case = Case().under_review().do(Command.TAKE)
        assert case.codes(Command.REASSIGN, {"to": SPECIALIST}) == ["already-held"]

    def test_a_withdrawal_asks_no_holder(self) -> None:
        """The applicant takes the application back whoever has the file."""
        case = Case().under_review().do(Command.TAKE)
        assert case.codes(Command.WITHDRAW) == []
        assert case.codes(Command.WITHDRAW, by=OTHER_SPECIALIST) == []
