"""Out of storage again: the recall's clocks, and the story it belongs to (R9, R10)."""

import pytest

from models.clocks import Clock, Outcome
from models.journal import FactName
from models.lifecycle import Channel, Command, Stage
from models.outbound import NoticeKind
from models.recall import after_the_end, stage_of_story
from models.regulation import ClockKind
from tests.models.builders import PORTAL, PROVIDER, SC, Case, at

RECALL, RETENTION = ClockKind.RECALL, ClockKind.RETENTION


def recalled(when: str) -> Case:
    """A recall that SC asks for at an instant."""
    return Case(SC, opened="2026-11-23 08:00").stored().recalled(when=when)


def delivered(when: str) -> Case:
    """A recall whose result reached SC at an instant."""
    return recalled("2026-11-23 12:00").do(Command.SEND_BACK).do(Command.DELIVER, when=when)


def clock(case: Case, kind: ClockKind) -> Clock:
    one: Clock = case.application.clocks[kind]
    return one


class TestRequest:
    """SC asks the provider for a stored result (R10)."""

    @pytest.mark.parametrize(
        ("asked", "due"),
        [
            ("2026-11-23 09:05", "2026-11-24 18:30"),
            ("2026-11-23 17:59", "2026-11-24 18:30"),
            ("2026-11-23 18:31", "2026-11-24 18:30"),  # after closing it is still the day of the request
            ("2026-11-27 12:00", "2026-11-30 18:30"),  # over a weekend
            ("2026-11-28 10:00", "2026-11-30 18:30"),  # SC's open Saturday is no working day
            ("2026-12-15 12:00", "2026-12-17 18:30"),  # 16 December is a holiday
            ("2026-12-31 12:00", "2027-01-05 18:30"),  # over New Year
        ],
    )
    def test_the_day_of_the_request_is_not_counted(self, asked: str, due: str) -> None:
        """It is due at the provider's close of business on the next working day."""
        one = clock(recalled(asked), RECALL)
        assert (one.started_at, one.due_at) == (at(asked), at(due))
        assert (one.office, one.limit) == ("education-karaganda", True)

    def test_it_is_told_by_numbers(self) -> None:
        """The fact says which recall of which application it is."""
        case = recalled("2026-11-23 12:00")
        details = {"recall": 1, "registration_number": "KRG-2026-000001"}
        assert case.fact(FactName.RECALL_REQUESTED).details == details
        assert (case.application.stage, case.application.holder) == (Stage.REQUESTED, None)

    def test_no_other_clock_runs(self) -> None:
        """The application's clocks ended with it; a recall begins with its own alone."""
        assert set(recalled("2026-11-23 12:00").application.clocks) == {RECALL}

    def test_its_answer_names_the_application(self) -> None:
        """An answer says whose recall it is and what people may do next."""
        answer = recalled("2026-11-23 12:00").application.answer(Command.RECALL, "sc-intake-1", "d")
        assert answer.application == "test-state-corporation-recall-1"
        assert answer.recall_of == "test-state-corporation"
        assert answer.registration_number == "KRG-2026-000001"
        assert answer.allowed == (Command.SEND_BACK,)

    def test_calendar_that_ends_is_a_refusal(self) -> None:
        """A recall whose working day the calendar does not know is refused, not guessed."""
        case = Case(SC).stored().taken_up()
        case.now = at("2035-12-31 10:00")
        assert case.codes(Command.RECALL) == ["calendar-ends"]


class TestSending:
    """R10: the provider sends within one working day."""

    def test_sending_in_time_meets_it(self) -> None:
        """At the close of business it is still in time; it stops with the sending, not with the arrival."""
        case = recalled("2026-11-23 12:00").do(Command.SEND_BACK, when="2026-11-24 18:30")
        assert case.application.stage is Stage.SENT
        assert (clock(case, RECALL).stopped_at, clock(case, RECALL).outcome) == (
            at("2026-11-24 18:30"),
            Outcome.MET,
        )
        case.do(Command.DELIVER, when="2026-12-01 10:00")
        assert clock(case, RECALL).outcome is Outcome.MET
        assert case.application.closing().limits_passed == ()
        assert case.notices(NoticeKind.LIMIT_PASSED) == []

    def test_sending_late_passes_it_first(self) -> None:
        """The limit is dated to its due instant, and the provider's supervisor is told, not SC's (C2)."""
        case = recalled("2026-11-23 12:00").do(Command.SEND_BACK, when="2026-11-24 18:31")
        assert case.steps() == [FactName.RECALL_REQUESTED, FactName.LIMIT_PASSED, FactName.RESULT_SENT_BACK]
        fact = case.fact(FactName.LIMIT_PASSED)
        assert (fact.at, fact.by) == (at("2026-11-24 18:30"), "clock")
        about = {"clock": "recall", "office": "education-karaganda"}
        assert fact.details == {**about, "noticed_at": "2026-11-24T18:31:00+05:00"}
        (notice,) = case.notices(NoticeKind.LIMIT_PASSED)
        assert notice.recipient == "education-supervisor"
        assert notice.details == {"clock": "recall", "office": "education-karaganda", "stage": "requested"}
        assert case.application.closing().limits_passed == (RECALL,)

    def test_passing_ends_nothing(self) -> None:
        """The timer writes it once at its instant; the clock runs on, and the result is sent all the same (C2)."""
        case = recalled("2026-11-23 12:00")
        for _ in range(2):
            case.fall_due(RECALL)
        assert clock(case, RECALL).is_running
        case.do(Command.SEND_BACK, when="2026-11-26 10:00")
        assert case.names().count(FactName.LIMIT_PASSED) == len(case.notices(NoticeKind.LIMIT_PASSED)) == 1
        assert (case.application.stage, clock(case, RECALL).outcome) == (Stage.SENT, Outcome.PASSED)


class TestKeptAgain:
    """R10: if nobody collects it then, R9 applies again."""

    @pytest.mark.parametrize(
        ("arrived", "due"),
        [
            ("2026-11-25 11:00", "2026-12-25 18:00"),
            ("2026-12-31 11:00", "2027-02-01 18:00"),  # 31 January 2027 is a Sunday
            ("2026-12-01 11:00", "2027-01-05 18:00"),  # New Year, a weekend and the Monday off for it
        ],
    )
    def test_the_month_begins_anew_with_the_delivery(self, arrived: str, due: str) -> None:
        """SC keeps it for a month again from when it reaches SC, and answers for it."""
        one = clock(delivered(arrived), RETENTION)
        assert (one.started_at, one.due_at) == (at(arrived), at(due))
        assert (one.office, one.limit, one.is_running) == ("sc-karaganda", False, True)

    def test_sending_does_not_start_it(self) -> None:
        """What is on its way is not kept yet."""
        assert RETENTION not in recalled("2026-11-23 12:00").do(Command.SEND_BACK).application.clocks

    def test_its_end_makes_the_hand_over_due(self) -> None:
        """After the month it is handed over once more, and no limit was passed."""
        case = delivered("2026-11-25 11:00").do(Command.RETENTION_ENDS, when="2026-12-25 18:00")
        assert (case.application.stage, clock(case, RETENTION).outcome) == (Stage.DUE_FOR_STORAGE, Outcome.MET)
        case.do(Command.HAND_OVER)
        assert case.application.stage is Stage.STORED
        assert case.application.closing().limits_passed == ()

    def test_collecting_ends_it(self) -> None:
        """Collected within the month, the keeping ends without its term."""
        case = delivered("2026-11-25 11:00").do(Command.COLLECT)
        assert (case.application.stage, clock(case, RETENTION).outcome) == (Stage.COLLECTED, Outcome.ENDED)

    def test_until_the_hand_over_it_can_be_collected(self) -> None:
        """The end of the month takes nothing from the applicant."""
        case = delivered("2026-11-25 11:00").do(Command.RETENTION_ENDS, when="2026-12-25 18:00")
        assert case.do(Command.COLLECT).application.stage is Stage.COLLECTED

    def test_a_second_recall_has_a_day_of_its_own(self) -> None:
        """What was stored again is asked for again, with a clock that starts anew."""
        again = delivered("2026-11-25 11:00").do(Command.RETENTION_ENDS).do(Command.HAND_OVER)
        second = again.recalled(when="2027-01-11 10:00")
        assert clock(second, RECALL).due_at == at("2027-01-12 18:30")
        assert second.fact(FactName.RECALL_REQUESTED).details["recall"] == 2


class TestStory:
    """An application and its recall are one story."""

    @pytest.mark.parametrize(
        "recall",
        [None, Stage.NEW, Stage.REQUESTED, Stage.SENT, Stage.READY, Stage.DUE_FOR_STORAGE, Stage.STORED],
    )
    def test_it_stays_stored_until_collected(self, recall: Stage | None) -> None:
        """Whatever a recall does meanwhile, the story is stored."""
        assert stage_of_story(Stage.STORED, recall) is Stage.STORED

    def test_a_collected_recall_collects_it(self) -> None:
        """Once the applicant has the result, the story is collected."""
        assert stage_of_story(Stage.STORED, Stage.COLLECTED) is Stage.COLLECTED

    @pytest.mark.parametrize("stage", Stage)
    def test_without_a_recall_it_is_the_applications(self, stage: Stage) -> None:
        """An application that nobody recalled stands where it stands."""
        assert stage_of_story(stage, None) is stage

    def test_a_kept_result_is_collected_at_once(self) -> None:
        """At the provider a visit is a plain collection: no request, no clock."""
        case = Case(PROVIDER).stored().recalled(Command.COLLECT)
        assert case.names() == [FactName.RESULT_COLLECTED]
        assert case.fact(FactName.RESULT_COLLECTED).details == {"collected_by": "applicant"}
        assert (case.application.stage, case.application.clocks) == (Stage.COLLECTED, {})

    @pytest.mark.parametrize(("channel", "possible"), [(SC, Command.RECALL), (PROVIDER, Command.COLLECT)])
    @pytest.mark.parametrize("stage", Stage)
    def test_only_what_is_stored_comes_out_again(self, channel: Channel, possible: Command, stage: Stage) -> None:
        """At SC by its request, at the provider by a visit; in any other stage nothing is possible."""
        assert after_the_end(channel, stage) == ([possible] if stage is Stage.STORED else [])

    @pytest.mark.parametrize("end", [Stage.PUBLISHED, Stage.SUBMISSION_REFUSED, Stage.WITHDRAWN])
    def test_nothing_comes_out_of_the_portal(self, end: Stage) -> None:
        """What is published lies in the cabinet for good, and nothing else is left."""
        assert after_the_end(PORTAL, end) == []
