"""Fine points of handling that once were wrong."""

from datetime import UTC, date, datetime

import pytest

from models.checks import Check, CheckOutcome
from models.lifecycle import Channel, Command
from models.messages import HandOver
from models.package import examine
from models.registers import Register
from tests.models.builders import CALENDAR, PROVIDER, REGULATION, SC, Case, at, child, paper, request

NOON = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def confirmed(register: Register, number: int | None = None) -> Check:
    outcome = CheckOutcome.CONFIRMED
    return Check(register_name=register, child=number, outcome=outcome, asked_at=NOON, answered_at=NOON)


class TestRequest:
    """What is kept of a request."""

    def test_channel_is_the_one_it_came_in_by(self) -> None:
        """A message that names no channel, or another one, is kept under the application's own."""
        case = Case(PROVIDER).do(Command.CALL)
        package = case.example(Command.ACCEPT) | {"channel": Channel.STATE_CORPORATION}
        case.do(Command.ACCEPT, package)
        assert case.application.request is not None
        assert case.application.request.channel is PROVIDER

    def test_checks_of_others_are_dropped(self) -> None:
        """What was looked up about somebody whom the accepted request does not name is no check of it (R17)."""
        case = Case(SC).do(Command.CALL)
        package = case.example(Command.ACCEPT, children=2)
        checks = (confirmed(Register.PERSON), confirmed(Register.BIRTH, 1), confirmed(Register.BIRTH, 2))
        case.do(Command.LOOK_UP, package, checks=checks)
        case.seed = 9  # other children
        case.do(Command.ACCEPT, case.example(Command.ACCEPT, children=1) | {"applicant": package["applicant"]})
        assert set(case.application.checks) == {"person"}
        assert [question.key for question in case.application.open_questions()] == ["birth-1"]


class TestFoundling:
    """A child whose parents the application does not name (R13)."""

    def test_another_childs_parent_is_not_theirs(self) -> None:
        """A shared paper about the mother of one child says nothing about a child of unknown parents."""
        children = [child("mother"), child(seed=12)]
        death = paper("death-certificate", parents=["mother"])
        missing = examine(request(children, [death]), SC, REGULATION).missing
        assert [n.child for n in missing if n.item == "parental-care-absence"] == [2]

    def test_an_act_that_names_nobody_is_enough(self) -> None:
        """A record of abandonment that covers no named parent satisfies it."""
        act = paper("abandonment-act", child=1)
        missing = examine(request([child()], [act]), SC, REGULATION).missing
        assert "parental-care-absence" not in {needed.item for needed in missing}


class TestKeeping:
    """How long an execution waits at the provider for a result that nobody collects (R9)."""

    @pytest.mark.parametrize(
        ("since", "until"),
        [
            ("2026-11-23 15:00", "2027-11-23 18:30"),
            ("2026-11-21 15:00", "2027-11-22 18:30"),  # 21 November 2027 is a Sunday
        ],
    )
    def test_it_is_the_offices_own_term(self, since: str, until: str) -> None:
        """Twelve months of the department's own data, ending at its close of business on a working day."""
        assert Case(PROVIDER).application.kept_until(at(since)) == at(until)

    def test_past_the_calendar_it_waits_until_it_is_collected(self) -> None:
        """Where the calendar ends no end is guessed: the result stays."""
        assert Case(PROVIDER).application.kept_until(at(f"{CALENDAR.last_year}-06-01 10:00")) is None


class TestEdges:
    """Where data ends."""

    def test_calendar_that_ends_is_a_refusal(self) -> None:
        """A term that runs past the last year of the calendar is refused, not counted without rest days."""
        case = Case(SC, opened="2035-12-28 10:00").do(Command.CALL)
        assert case.codes(Command.ACCEPT) == ["calendar-ends"]

    def test_paper_of_tomorrow_is_refused(self) -> None:
        """A document that says it was issued in the future is refused, by its place."""
        case = Case(SC).do(Command.CALL)
        package = case.example(Command.ACCEPT)
        package["documents"][1]["issued_on"] = date(2026, 11, 24)
        [refusal] = case.refusals(Command.ACCEPT, package)
        assert (refusal.code, "documents.1" in refusal.reason) == ("issued-in-the-future", True)

    def test_ticket_again_is_refused_and_not_an_error(self) -> None:
        """A second ticket for an application is an illegal move."""
        assert Case(SC).codes(Command.TAKE_TICKET) == ["illegal-move"]

    @pytest.mark.parametrize("number", ["850505300011", "T-850505300011"])
    def test_list_number_is_nobodys_number(self, number: str) -> None:
        """The number of a storage list stands in the journal, so it cannot look like an IIN."""
        with pytest.raises(ValueError, match="twelve digits"):
            HandOver(list_number=number, received_by="education-intake-1")
