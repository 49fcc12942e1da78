"""Who gives which command, and in which stage: the chart and the officer's post come before every other rule."""

import pytest

from models.authority import AUTHORITY, OF_THE_STATE, may_command
from models.lifecycle import Channel, Command
from tests.models.builders import (
    CLERK,
    COUNTERS,
    DEPUTY,
    HEAD,
    OFFICE,
    PORTAL,
    PROVIDER,
    REGULATION,
    SC,
    SPECIALIST,
    Case,
)

every_counter = pytest.mark.parametrize("channel", COUNTERS)


class TestChart:
    """The chart comes first."""

    def test_an_illegal_move_says_what_is_possible(self) -> None:
        """A command that the stage does not know is refused with those that people may give (C1)."""
        (refusal,) = Case().refusals(Command.ACCEPT)
        assert refusal.code == "illegal-move"
        assert refusal.reason == "accept is not possible in stage queued; possible: call, leave"

    def test_after_the_end_nothing_more_is_possible(self) -> None:
        """Once it has ended, an application takes no command at all (C1)."""
        case = Case().do(Command.LEAVE)
        for command in Command:
            assert case.codes(command) == ["illegal-move"]
        assert case.refusals(Command.CALL)[0].reason.endswith("possible: nothing more")

    @every_counter
    def test_an_answer_offers_what_is_possible(self, channel: Channel) -> None:
        """Every answer lists the commands that people may give next, the process's own left out."""
        case = Case(channel).drafted().do(Command.APPROVE)
        offered = {SC: (Command.DELIVER,), PROVIDER: ()}[channel]
        assert case.application.answer(Command.APPROVE, HEAD, "d").allowed == offered


class TestAuthority:
    """Who gives which command, and in which office."""

    @pytest.mark.parametrize("by", [HEAD, SPECIALIST, "process", "clock", "applicant"])
    def test_the_processs_own_moves_are_nobodys(self, by: str) -> None:
        """What the process and its clocks do by themselves nobody may command, in whatever name."""
        cases = {
            Command.VERIFY: Case().accepted(),
            Command.RETENTION_ENDS: Case().ready(),
            Command.KEEP: Case(PROVIDER).ready(),
            Command.ACCEPT_SUBMISSION: Case(PORTAL),
            Command.REFUSE_SUBMISSION: Case(PORTAL),
            Command.PUBLISH: Case(PORTAL).drafted().do(Command.APPROVE),
        }
        codes = {code for command, case in cases.items() for code in case.codes(command, by=by)}
        assert codes == {"not-a-command"}
        assert all(case.codes(command, by=by) for command, case in cases.items())

    def test_at_the_provider_delivery_is_the_processs(self) -> None:
        """At SC an officer delivers when the result arrives; at the provider it is there by itself (R5)."""
        assert Case(PROVIDER).drafted().do(Command.APPROVE).codes(Command.DELIVER) == ["not-a-command"]
        assert Case(SC).drafted().do(Command.APPROVE).codes(Command.DELIVER) == []

    def test_an_unknown_officer_is_refused(self) -> None:
        """A code that the regulation file does not know commands nothing."""
        assert Case().codes(Command.CALL, by="nobody") == ["unknown-officer"]

    @pytest.mark.parametrize(
        ("channel", "by"),
        [
            (SC, "education-intake-1"),
            (PROVIDER, "sc-intake-1"),
            (SC, SPECIALIST),
            (SC, HEAD),
            (SC, "sc-supervisor"),
            (PROVIDER, "education-supervisor"),
        ],
    )
    def test_the_wrong_role_or_office_is_refused(self, channel: Channel, by: str) -> None:
        """At a counter only its own intake officers act, not another office's and not another role."""
        (refusal,) = Case(channel).refusals(Command.CALL, by=by)
        assert refusal.code == "not-authorised"
        assert "intake" in refusal.reason

    @pytest.mark.parametrize("by", ["sc-intake-1", HEAD, "education-supervisor"])
    def test_only_a_specialist_drafts(self, by: str) -> None:
        """A decision is prepared by a specialist of the provider (R20)."""
        assert Case().under_review().codes(Command.PREPARE_DECISION, by=by) == ["not-authorised"]

    @pytest.mark.parametrize("command", [Command.APPROVE, Command.RETURN_DRAFT])
    def test_only_a_head_approves_and_returns(self, command: Command) -> None:
        """A specialist who is no head neither approves nor returns a draft (R20)."""
        case = Case().drafted()
        assert case.codes(command, by=SPECIALIST) == ["not-authorised"]
        assert case.codes(command, by=DEPUTY) == []

    @every_counter
    @pytest.mark.parametrize("command", sorted(set(AUTHORITY) - OF_THE_STATE))
    def test_every_command_has_somebody_and_no_supervisor(self, channel: Channel, command: Command) -> None:
        """In the shipped offices somebody may give each command, and supervisors only look on."""
        may = [one.code for one in REGULATION.officers if may_command(REGULATION, OFFICE[channel], command, one)]
        assert may
        assert not any("supervisor" in code for code in may)

    @pytest.mark.parametrize("office", OFFICE.values())
    def test_the_calendar_is_of_heads_and_supervisors_of_any_office(self, office: str) -> None:
        """The state's calendar is one for all offices, so it does not matter of which one the officer is."""
        command = Command.FOLLOW_CALENDAR
        may = {one.code for one in REGULATION.officers if may_command(REGULATION, office, command, one)}
        assert may == {"head", "deputy-head", "sc-supervisor", "education-supervisor"}

    def test_in_an_unknown_office_nobody_may(self) -> None:
        """An office that the file does not know has no officers."""
        assert not any(may_command(REGULATION, "nowhere", Command.CALL, one) for one in REGULATION.officers)

    def test_a_withdrawal_is_the_applicants(self) -> None:
        """The applicant withdraws, or a specialist or the counter enters it for them, no head does."""
        case = Case().under_review()
        answers = {by: case.codes(Command.WITHDRAW, by=by) for by in ("applicant", SPECIALIST, CLERK[SC], HEAD)}
        assert answers == {"applicant": [], SPECIALIST: [], CLERK[SC]: [], HEAD: ["not-authorised"]}

    def test_on_the_portal_the_department_decides(self) -> None:
        """A request through the portal is handled by the provider's posts; no counter's intake has it (R3)."""
        case = Case(PORTAL).under_review()
        assert case.codes(Command.TAKE) == []
        answers = {by: case.codes(Command.WITHDRAW, by=by) for by in ("applicant", SPECIALIST, *CLERK.values())}
        assert answers.pop("applicant") == answers.pop(SPECIALIST) == []
        assert set(map(tuple, answers.values())) == {("not-authorised",)}

    def test_the_applicant_commands_nothing_else(self) -> None:
        """Being the applicant opens no officer's command."""
        assert Case().codes(Command.CALL, by="applicant") == ["unknown-officer"]
