"""Who asks for a stored result, who sends it, who hands it out, and on what (R9, R10, R21)."""

import pytest

from models.authority import AUTHORITY, may_command
from models.lifecycle import Channel, Command
from models.regulation import Role
from tests.models.builders import HEAD, OFFICE, PORTAL, PROVIDER, REGULATION, SC, SPECIALIST, Case

SC_INTAKE = {"sc-intake-1", "sc-intake-2"}
SENDERS = {"education-intake-1", "specialist-1", "specialist-2", "deputy-head"}
OFFICERS = [officer.code for officer in REGULATION.officers]


def requested() -> Case:
    return Case(SC).stored().recalled()


def sent() -> Case:
    return requested().do(Command.SEND_BACK)


def delivered() -> Case:
    return sent().do(Command.DELIVER)


def due_for_storage() -> Case:
    return delivered().do(Command.RETENTION_ENDS)


class TestOfficers:
    """By their posts and offices."""

    @pytest.mark.parametrize(
        ("command", "able"),
        [
            (Command.RECALL, SC_INTAKE),
            (Command.SEND_BACK, SENDERS),
            (Command.DELIVER, SC_INTAKE),
            (Command.COLLECT, SC_INTAKE),
            (Command.HAND_OVER, SC_INTAKE),
        ],
    )
    def test_a_result_of_sc(self, command: Command, able: set[str]) -> None:
        """SC's intake asks, receives, issues and hands over; the provider sends (R9, R10)."""
        officers = {one.code for one in REGULATION.officers if may_command(REGULATION, OFFICE[SC], command, one)}
        assert officers == able

    def test_a_result_of_the_provider(self) -> None:
        """What lies at the provider is handed out by the provider's own intake (R21)."""
        may = {
            one.code
            for one in REGULATION.officers
            if may_command(REGULATION, OFFICE[PROVIDER], Command.COLLECT, one)
        }
        assert may == {"education-intake-1"}

    @pytest.mark.parametrize("officer", OFFICERS)
    def test_the_rules_follow_the_posts(self, officer: str) -> None:
        """Each officer of the file is refused just where their post does not allow the command."""
        story = Case(SC).stored()
        cases = {
            Command.RECALL: (story.taken_up(), SC_INTAKE),
            Command.SEND_BACK: (requested(), SENDERS),
            Command.DELIVER: (sent(), SC_INTAKE),
            Command.COLLECT: (delivered(), SC_INTAKE),
            Command.HAND_OVER: (due_for_storage(), SC_INTAKE),
        }
        for command, (case, able) in cases.items():
            assert case.codes(command, by=officer) == ([] if officer in able else ["not-authorised"]), command

    @pytest.mark.parametrize("who", ["applicant", "process", "clock", "nobody"])
    def test_nobody_else_asks_or_sends(self, who: str) -> None:
        """Who is no officer of the file cannot recall, the applicant neither: SC asks for them (R10)."""
        assert Case(SC).stored().taken_up().codes(Command.RECALL, by=who) == ["unknown-officer"]
        assert requested().codes(Command.SEND_BACK, by=who) == ["unknown-officer"]

    def test_supervisors_only_look_on(self) -> None:
        """No command of a recall is a supervisor's."""
        assert not any(Role.SUPERVISOR in AUTHORITY[command] for command in (Command.RECALL, Command.SEND_BACK))

    def test_the_end_of_the_month_is_the_clocks(self) -> None:
        """Nobody declares that the month has ended (R9)."""
        assert delivered().codes(Command.RETENTION_ENDS, by=HEAD) == ["not-a-command"]


class TestMoves:
    """What a recall does not know."""

    @pytest.mark.parametrize(
        "command",
        [
            Command.WITHDRAW,
            Command.TAKE,
            Command.APPROVE,
            Command.KEEP,
            Command.PUBLISH,
            Command.CALL,
            Command.LEAVE,
        ],
    )
    def test_an_applications_command_is_no_move(self, command: Command) -> None:
        """What was decided is not opened again by a recall."""
        for case in (requested(), sent(), delivered(), due_for_storage()):
            assert case.codes(command) == ["illegal-move"]

    def test_each_step_waits_for_the_one_before(self) -> None:
        """Nothing is delivered before it is sent, and nothing handed out before it is there (R10)."""
        assert [requested().codes(c) for c in (Command.DELIVER, Command.COLLECT)] == [["illegal-move"]] * 2
        assert sent().codes(Command.COLLECT) == ["illegal-move"]
        assert delivered().codes(Command.HAND_OVER) == ["illegal-move"]
        assert requested().codes(Command.RECALL) == ["illegal-move"]

    def test_the_refusal_says_what_is_possible(self) -> None:
        """Who is refused reads what can be done with the recall now."""
        (refusal,) = requested().refusals(Command.DELIVER)
        assert refusal.reason == "deliver is not possible in stage requested; possible: send-back"

    @pytest.mark.parametrize("channel", [PROVIDER, PORTAL])
    def test_only_sc_recalls(self, channel: Channel) -> None:
        """The provider keeps its results itself, and the portal has none to fetch."""
        story = Case(channel).stored() if channel is PROVIDER else Case(channel).published()
        assert story.taken_up().codes(Command.RECALL, by=SPECIALIST) == ["illegal-move"]

    def test_sc_does_not_collect_from_afar(self) -> None:
        """A result of SC that lies in storage has to be sent first (R10)."""
        assert Case(SC).stored().taken_up().codes(Command.COLLECT) == ["illegal-move"]

    def test_after_its_end_nothing_more_is_possible(self) -> None:
        """A recall that has ended takes no command; what is stored again is another recall's."""
        for case in (delivered().do(Command.COLLECT), due_for_storage().do(Command.HAND_OVER)):
            assert {code for command in Command for code in case.codes(command)} == {"illegal-move"}


class TestShown:
    """R21 holds for what was recalled as for any other result."""

    @pytest.mark.parametrize(
        ("fields", "code"),
        [
            ({"receipt_shown": False}, "no-receipt"),
            ({"identity_document": None}, "no-identity-document"),
            ({"collected_by": "representative"}, "no-power-of-attorney"),
        ],
    )
    def test_receipt_and_identity_again(self, fields: dict[str, object], code: str) -> None:
        """At SC after a recall and at the provider after the keeping the same papers are shown."""
        for case in (delivered(), due_for_storage(), Case(PROVIDER).stored().taken_up()):
            assert case.codes(Command.COLLECT, case.example(Command.COLLECT) | fields) == [code]

    @pytest.mark.parametrize("receiver", ["sc-intake-2", "nobody"])
    def test_only_the_provider_receives(self, receiver: str) -> None:
        """What is handed over again goes to an officer of the provider (R9)."""
        handed = {"list_number": "T-2", "received_by": receiver}
        assert due_for_storage().codes(Command.HAND_OVER, handed) == ["unknown-officer"]
