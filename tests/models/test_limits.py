"""A limit that has passed: written at its instant, told to the supervisor, ending nothing (C2)."""

from datetime import timedelta

import pytest

from models.clocks import Outcome
from models.data import local_iso
from models.journal import FactName
from models.lifecycle import Channel, Command, Stage
from models.outbound import NoticeKind
from models.regulation import ClockKind
from tests.models.builders import COUNTERS, PROVIDER, SC, Case, at

WAITING, SERVICE = ClockKind.WAITING, ClockKind.SERVICE
PROCESSING, RETENTION = ClockKind.PROCESSING, ClockKind.RETENTION

SUPERVISOR = {SC: "sc-supervisor", PROVIDER: "education-supervisor"}
CLOSING = {SC: "2026-12-07 18:30", PROVIDER: "2026-12-04 18:30"}

every_counter = pytest.mark.parametrize("channel", COUNTERS)


def late(channel: Channel, kind: ClockKind) -> Case:
    """An application whose clock was stopped some time after its due instant."""
    case = Case(channel)
    if kind is WAITING:
        return case.do(Command.CALL, when="2026-11-23 10:20")
    case.do(Command.CALL)
    if kind is SERVICE:
        return case.do(Command.ACCEPT, when="2026-11-23 11:00")
    case.do(Command.ACCEPT).do(Command.VERIFY).do(Command.PREPARE_DECISION).do(Command.APPROVE)
    return case.do(Command.DELIVER, when="2026-12-24 10:00")


class TestPassedByAStop:
    """The stop comes after the due instant, before the timer could write it."""

    @every_counter
    @pytest.mark.parametrize("kind", [WAITING, SERVICE, PROCESSING])
    def test_it_is_written_with_its_due_instant(self, channel: Channel, kind: ClockKind) -> None:
        """A stop after the due instant first writes that the limit passed, dated to that instant (C2)."""
        case = late(channel, kind)
        fact, clock = case.fact(FactName.LIMIT_PASSED), case.application.clocks[kind]
        assert (fact.at, fact.by) == (clock.due_at, "clock")
        assert fact.cause.startswith("update:"), "the command that came too late brought it to light"
        told = {"clock": kind, "office": clock.office, "noticed_at": local_iso(case.application.facts[-1].at)}
        common = {"due_as_commonly_counted": local_iso(clock.common_due_at)} if clock.common_due_at else {}
        assert fact.details == told | common
        assert fact.number == len(case.application.facts) - 1
        assert clock.outcome is Outcome.PASSED
        assert not clock.is_running

    @pytest.mark.parametrize(
        ("channel", "kind", "supervisor"),
        [
            (SC, WAITING, "sc-supervisor"),
            (SC, SERVICE, "sc-supervisor"),
            (SC, PROCESSING, "education-supervisor"),
            (PROVIDER, WAITING, "education-supervisor"),
            (PROVIDER, SERVICE, "education-supervisor"),
            (PROVIDER, PROCESSING, "education-supervisor"),
        ],
    )
    def test_the_answerable_offices_supervisor_is_told(
        self, channel: Channel, kind: ClockKind, supervisor: str
    ) -> None:
        """The queue is the counter's, the ten days are the provider's: each supervisor hears of theirs (C2)."""
        case = late(channel, kind)
        (notice,) = case.notices(NoticeKind.LIMIT_PASSED)
        assert notice.recipient == supervisor
        assert notice.at == case.application.clocks[kind].due_at
        assert notice.fact == case.fact(FactName.LIMIT_PASSED).number
        assert notice.details["clock"] == kind

    @every_counter
    def test_passing_ends_nothing(self, channel: Channel) -> None:
        """The command that came too late is carried out all the same (C2)."""
        case = late(channel, PROCESSING)
        assert case.application.stage is Stage.READY
        assert case.do(Command.COLLECT).application.closing().limits_passed == (PROCESSING,)

    def test_at_the_due_instant_it_is_still_met(self) -> None:
        """A stop at the due instant itself is in time (C2)."""
        case = Case().do(Command.CALL, when="2026-11-23 10:15")
        assert case.application.clocks[WAITING].outcome is Outcome.MET
        assert case.application.closing().limits_passed == ()

    def test_leaving_late_is_passed_too(self) -> None:
        """Whoever leaves after fifteen minutes did wait too long (R7)."""
        case = Case().do(Command.LEAVE, when="2026-11-23 10:16")
        assert case.application.clocks[WAITING].outcome is Outcome.PASSED
        assert case.steps() == [FactName.TICKET_TAKEN, FactName.LIMIT_PASSED, FactName.APPLICANT_LEFT]

    def test_leaving_the_counter_late_passes_the_service(self) -> None:
        """Whoever leaves the counter after the quarter of an hour was served too slowly, the wait was met (R8)."""
        case = Case().do(Command.CALL).do(Command.LEAVE, when="2026-11-23 10:30")
        assert case.application.clocks[WAITING].outcome is Outcome.MET
        assert case.application.closing().limits_passed == (SERVICE,)
        assert case.names()[-2:] == [FactName.LIMIT_PASSED, FactName.APPLICANT_LEFT]

    def test_withdrawing_late_is_passed_too(self) -> None:
        """An application withdrawn after its ten days was late (R5)."""
        case = Case().under_review().do(Command.WITHDRAW, when="2026-12-08 09:00")
        assert case.application.clocks[PROCESSING].outcome is Outcome.PASSED

    def test_refusing_late_passes_the_service(self) -> None:
        """A refusal after the quarter of an hour at SC was served too slowly (R8)."""
        case = Case().do(Command.CALL).do(Command.REFUSE_INTAKE, when="2026-11-23 10:30")
        assert case.application.closing().limits_passed == (SERVICE,)

    def test_several_limits_are_each_told_once(self) -> None:
        """Waiting, service and processing passed in one life: three facts, three notices (C2)."""
        case = Case().do(Command.CALL, when="2026-11-23 10:30").do(Command.ACCEPT, when="2026-11-23 11:30")
        case.do(Command.VERIFY).do(Command.PREPARE_DECISION).do(Command.APPROVE)
        case.do(Command.DELIVER, when="2026-12-24 10:00")
        assert case.names().count(FactName.LIMIT_PASSED) == len(case.notices(NoticeKind.LIMIT_PASSED)) == 3
        assert case.application.closing().limits_passed == (WAITING, SERVICE, PROCESSING)


class TestPassedByTheTimer:
    """The timer of the clock writes it at the instant."""

    @every_counter
    def test_the_clock_runs_on(self, channel: Channel) -> None:
        """Passing is written at closing of the last day, and the clock runs on (C2)."""
        case = Case(channel).under_review()
        case.fall_due(PROCESSING)
        assert case.fact(FactName.LIMIT_PASSED).at == at(CLOSING[channel])
        assert case.application.clocks[PROCESSING].is_running
        assert case.application.stage is Stage.UNDER_REVIEW
        assert [one.recipient for one in case.notices(NoticeKind.LIMIT_PASSED)] == ["education-supervisor"]

    @every_counter
    def test_it_is_written_once(self, channel: Channel) -> None:
        """However often it is told, and whatever stops the clock later, a limit passes once (C2)."""
        case = Case(channel)
        for _ in range(3):
            case.fall_due(WAITING)
        case.do(Command.CALL, when="2026-11-23 10:30")
        case.fall_due(WAITING)
        assert case.names().count(FactName.LIMIT_PASSED) == 1
        assert [one.recipient for one in case.notices(NoticeKind.LIMIT_PASSED)] == [SUPERVISOR[channel]]

    def test_a_limit_that_was_met_never_passes(self) -> None:
        """A timer that comes after the stop writes nothing (C2)."""
        case = Case().do(Command.CALL)
        case.fall_due(WAITING)
        assert case.names() == [FactName.TICKET_TAKEN, FactName.APPLICANT_CALLED]

    def test_the_month_never_passes(self) -> None:
        """Retention is a term: it makes the hand-over due and is no breach (R9)."""
        case = Case().ready()
        case.fall_due(RETENTION)
        assert case.application.clocks[RETENTION].outcome is Outcome.RUNNING
        assert case.notices(NoticeKind.LIMIT_PASSED) == []

    def test_the_notice_says_where_the_application_stood(self) -> None:
        """The supervisor reads in the notice the clock, the office and the stage (C2)."""
        case = Case().under_review()
        case.fall_due(PROCESSING)
        (notice,) = case.notices(NoticeKind.LIMIT_PASSED)
        assert notice.details == {
            "clock": "processing",
            "office": "education-karaganda",
            "stage": "under_review",
        }

    @pytest.mark.parametrize(
        ("stopped", "by_reading_only"),
        [("2026-12-04 18:30", False), ("2026-12-07 18:30", True), ("2026-12-07 18:31", False)],
    )
    def test_passed_under_this_reading_only_is_labelled(self, stopped: str, by_reading_only: bool) -> None:
        """R6: at the provider the day of submission is day one; by general practice it is a day later."""
        case = Case(PROVIDER).drafted().do(Command.APPROVE).do(Command.DELIVER, when=stopped)
        clock = case.application.clocks[PROCESSING]
        assert clock.common_due_at == at("2026-12-07 18:30")
        assert clock.passed_under_this_reading_only is by_reading_only

    def test_at_the_state_corporation_nobody_counts_otherwise(self) -> None:
        """R6 says itself that the day of acceptance is not counted there."""
        case = late(SC, PROCESSING)
        assert case.application.clocks[PROCESSING].common_due_at is None
        assert not case.application.clocks[PROCESSING].passed_under_this_reading_only

    def test_a_clock_without_a_term_does_not_run(self) -> None:
        """Where the regulation gives a channel no term for a clock, that clock does not start there."""
        case = Case(PROVIDER)
        case.application.start(RETENTION, case.now, case.application.office)
        assert RETENTION not in case.application.clocks

    def test_a_stopped_clock_does_not_start_again(self) -> None:
        """Stopping a clock that stands, or one that never ran, changes nothing."""
        case = Case().do(Command.CALL)
        before = dict(case.application.clocks)
        case.application.stop(WAITING, case.now + timedelta(days=1), reached=True, cause="update")
        case.application.stop(PROCESSING, case.now, reached=True, cause="update")
        assert case.application.clocks == before
