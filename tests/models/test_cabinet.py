"""What the applicant's personal cabinet is told (R16, R22): by when, when it really was, or why not."""

from models.clocks import Clock, Outcome
from models.journal import FactName
from models.lifecycle import Command, Stage
from models.messages import APPLICANT
from models.outbound import NoticeKind
from models.regulation import ClockKind
from models.submission import by_claims
from tests.models.builders import COUNTERS, PORTAL, Case, at

PROCESSING = ClockKind.PROCESSING


def processing(case: Case) -> Clock:
    clock: Clock = case.application.clocks[PROCESSING]
    return clock


class TestAcceptance:
    """R22: accepted, and by which date and time the result will be there."""

    def test_it_tells_number_and_due_instant(self) -> None:
        """The first notice has the registration number and the due date and time, by the local watch."""
        case = Case(PORTAL).do(Command.ACCEPT_SUBMISSION, when="2026-11-23 10:02")
        (notice,) = case.application.notices
        assert (notice.kind, notice.recipient) == (NoticeKind.SUBMISSION_ACCEPTED, APPLICANT)
        assert notice.at == at("2026-11-23 10:02")
        assert notice.details == {
            "registration_number": "KRG-2026-000001",
            "due_at": "2026-12-04T18:30:00+05:00",
        }

    def test_it_belongs_to_its_fact(self) -> None:
        """Notice and fact say the same, and the fact's number is the notice's key."""
        case = Case(PORTAL).accepted()
        (notice,) = case.application.notices
        fact = case.fact(FactName.APPLICATION_ACCEPTED)
        assert (notice.fact, notice.details) == (fact.number, fact.details)

    def test_a_request_of_the_night_is_told_its_own_due_instant(self) -> None:
        """Sent on a Friday evening, it is due ten working days from Monday on (R5, R22)."""
        (notice,) = Case(PORTAL, opened="2026-11-27 20:00").accepted().application.notices
        assert notice.details["due_at"] == "2026-12-11T18:30:00+05:00"

    def test_the_due_instant_does_not_move(self) -> None:
        """Whatever happens to the request later, the promised date and time stay the clock's (R22)."""
        case = Case(PORTAL).accepted()
        promised = processing(case).due_at
        case.do(Command.VERIFY).do(Command.PREPARE_DECISION).do(Command.RETURN_DRAFT, when="2026-12-01 10:00")
        assert processing(case).due_at == promised == at("2026-12-04 18:30")

    def test_a_late_acceptance_does_not_put_it_off(self) -> None:
        """The term runs from the handing in: a verifier that was silent for days buys no time (R5)."""
        case = Case(PORTAL).do(Command.ACCEPT_SUBMISSION, when="2026-11-30 09:00")
        (notice,) = case.application.notices
        assert notice.details["due_at"] == "2026-12-04T18:30:00+05:00"

    def test_a_counter_tells_the_cabinet_nothing(self) -> None:
        """At a counter the applicant gets a receipt in the hand, no notice (R18)."""
        for channel in COUNTERS:
            assert Case(channel).ready().application.notices == []


class TestResult:
    """R20, R22: the decision is in the cabinet."""

    def test_the_second_notice_has_the_actual_instant(self) -> None:
        """The result's notice tells the date and time at which it really was there, and which decision it is."""
        case = Case(PORTAL).drafted().do(Command.APPROVE).do(Command.PUBLISH, when="2026-11-26 15:20")
        notice = case.application.notices[-1]
        assert (notice.kind, notice.recipient) == (NoticeKind.RESULT_PUBLISHED, APPLICANT)
        assert notice.at == at("2026-11-26 15:20")
        assert notice.details == {
            "registration_number": "KRG-2026-000001",
            "decision": "KRG-2026-000001-1",
            "published_at": "2026-11-26T15:20:00+05:00",
        }
        assert notice.details == case.fact(FactName.RESULT_PUBLISHED).details

    def test_publishing_meets_the_term(self) -> None:
        """The ten days are kept when the result is available, not when it is signed (R5)."""
        case = Case(PORTAL).drafted().do(Command.APPROVE)
        assert processing(case).is_running
        case.do(Command.PUBLISH, when="2026-12-04 18:30")
        assert case.application.stage is Stage.PUBLISHED
        assert (processing(case).stopped_at, processing(case).outcome) == (at("2026-12-04 18:30"), Outcome.MET)
        assert ClockKind.RETENTION not in case.application.clocks

    def test_publishing_late_passes_it_and_tells_both(self) -> None:
        """Too late: the provider's supervisor is told the due instant, the applicant the actual one (C2, R22)."""
        case = Case(PORTAL).drafted().do(Command.APPROVE).do(Command.PUBLISH, when="2026-12-07 09:00")
        (passed,), published = case.notices(NoticeKind.LIMIT_PASSED), case.application.notices[-1]
        assert passed.recipient == "education-supervisor"
        assert (passed.at, passed.details["clock"]) == (at("2026-12-04 18:30"), "processing")
        assert published.details["published_at"] == "2026-12-07T09:00:00+05:00"
        assert case.names()[-2:] == [FactName.LIMIT_PASSED, FactName.RESULT_PUBLISHED]
        assert case.application.closing().limits_passed == (PROCESSING,)

    def test_a_refusal_of_the_allowance_is_published_too(self) -> None:
        """A decision that refuses is a result like any other (R20)."""
        case = Case(PORTAL).under_review()
        case.do(Command.PREPARE_DECISION, {"verdict": "refuse", "grounds": ["not-entitled"]})
        case.do(Command.APPROVE).do(Command.PUBLISH)
        assert case.application.notices[-1].kind is NoticeKind.RESULT_PUBLISHED

    def test_a_withdrawn_request_has_no_second_notice(self) -> None:
        """What was taken back has no result, and its term ended without its goal."""
        case = Case(PORTAL).under_review().do(Command.WITHDRAW)
        assert [notice.kind for notice in case.application.notices] == [NoticeKind.SUBMISSION_ACCEPTED]
        assert processing(case).outcome is Outcome.ENDED


class TestRefusal:
    """R19: a request that is not accepted."""

    def test_the_applicant_is_told_why(self) -> None:
        """A refused request has no number, its term has ended, and the cabinet gets the reason."""
        case = Case(PORTAL).do(Command.REFUSE_SUBMISSION, refusals=tuple(by_claims(["KRG-2026-000009"])))
        (notice,) = case.application.notices
        assert (notice.kind, notice.recipient) == (NoticeKind.SUBMISSION_REFUSED, APPLICANT)
        assert notice.details == {"child-has-open-application": ["KRG-2026-000009"]}
        assert notice.fact == case.fact(FactName.SUBMISSION_REFUSED).number
        assert case.application.registration_number is None
        assert processing(case).outcome is Outcome.ENDED

    def test_refusing_after_the_term_was_too_late(self) -> None:
        """A request that waited longer than its ten days was late, also if it is refused then (C2)."""
        refusals = tuple(by_claims(["KRG-2026-000009"]))
        case = Case(PORTAL).do(Command.REFUSE_SUBMISSION, when="2026-12-07 09:00", refusals=refusals)
        assert processing(case).outcome is Outcome.PASSED
        recipients = [notice.recipient for notice in case.application.notices[-2:]]
        assert recipients == ["education-supervisor", APPLICANT]
