"""What each command does to an application: stages, clocks, facts and papers."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from models.clocks import Clock, Outcome
from models.data import ALMATY
from models.decision import Verdict
from models.journal import FactName
from models.library import Rules
from models.lifecycle import Channel, Command, Stage
from models.outbound import Form
from models.regulation import ClockKind
from tests.models.builders import (
    CALENDAR,
    COUNTERS,
    DEPUTY,
    PROVIDER,
    SC,
    SPECIALIST,
    Case,
    at,
    changed,
    switched_off,
)

WAITING, SERVICE = ClockKind.WAITING, ClockKind.SERVICE
PROCESSING, RETENTION = ClockKind.PROCESSING, ClockKind.RETENTION

every_counter = pytest.mark.parametrize("channel", COUNTERS)


def clock(case: Case, kind: ClockKind) -> Clock:
    return case.application.clocks[kind]


def spans(case: Case, kind: ClockKind) -> tuple[datetime, datetime | None, Outcome]:
    """From when until when a clock ran, and how it ended."""
    one = clock(case, kind)
    return one.started_at, one.stopped_at, one.outcome


class TestWaiting:
    """R7: from the ticket to the counter."""

    @every_counter
    def test_a_ticket_starts_it(self, channel: Channel) -> None:
        """Waiting runs from the ticket and is due fifteen minutes later (R7)."""
        case = Case(channel)
        assert case.application.stage is Stage.QUEUED
        assert spans(case, WAITING) == (at("2026-11-23 10:00"), None, Outcome.RUNNING)
        assert clock(case, WAITING).due_at == at("2026-11-23 10:15")

    @every_counter
    def test_a_call_stops_it_and_starts_service(self, channel: Channel) -> None:
        """Being called ends the waiting and begins the service: 15 minutes at SC, 30 at the provider (R7, R8)."""
        case = Case(channel).do(Command.CALL, when="2026-11-23 10:10")
        assert spans(case, WAITING) == (at("2026-11-23 10:00"), at("2026-11-23 10:10"), Outcome.MET)
        assert spans(case, SERVICE) == (at("2026-11-23 10:10"), None, Outcome.RUNNING)
        assert clock(case, SERVICE).due_at == at({SC: "2026-11-23 10:25", PROVIDER: "2026-11-23 10:40"}[channel])

    def test_leaving_ends_it_without_its_goal(self) -> None:
        """Whoever leaves the queue was not served: waiting is ended, not met (R7)."""
        case = Case().do(Command.LEAVE, when="2026-11-23 10:10")
        assert case.application.stage is Stage.LEFT
        assert clock(case, WAITING).outcome is Outcome.ENDED


class TestService:
    """R8: at the counter."""

    @every_counter
    def test_acceptance_stops_it(self, channel: Channel) -> None:
        """Being served ends when the documents are accepted (R8)."""
        case = Case(channel).do(Command.CALL).do(Command.ACCEPT, when="2026-11-23 10:12")
        assert case.application.stage is Stage.ACCEPTED
        assert spans(case, SERVICE) == (at("2026-11-23 10:01"), at("2026-11-23 10:12"), Outcome.MET)

    @every_counter
    def test_a_refusal_stops_it(self, channel: Channel) -> None:
        """Being served ends with a refusal as well, and no processing begins (R8, R19)."""
        case = Case(channel).do(Command.CALL).do(Command.REFUSE_INTAKE)
        assert case.application.stage is Stage.INTAKE_REFUSED
        assert clock(case, SERVICE).outcome is Outcome.MET
        assert PROCESSING not in case.application.clocks

    def test_leaving_the_counter_ends_it_without_its_goal(self) -> None:
        """Whoever leaves the counter handed nothing in: served, but not to the end, and nothing begins (R8)."""
        case = Case().do(Command.CALL).do(Command.LEAVE, when="2026-11-23 10:12")
        assert case.application.stage is Stage.LEFT
        assert spans(case, SERVICE) == (at("2026-11-23 10:01"), at("2026-11-23 10:12"), Outcome.ENDED)
        assert clock(case, WAITING).outcome is Outcome.MET
        assert PROCESSING not in case.application.clocks
        assert (case.application.request, case.application.papers) == (None, [])

    def test_looking_up_does_not_stop_it(self) -> None:
        """Asking the registers is part of the service (R8, R17)."""
        case = Case().do(Command.CALL).do(Command.LOOK_UP)
        assert case.application.stage is Stage.AT_COUNTER
        assert clock(case, SERVICE).is_running


class TestProcessing:
    """R5, R6: from the handing in until the result is available."""

    @pytest.mark.parametrize(("channel", "due"), [(SC, "2026-12-07 18:30"), (PROVIDER, "2026-12-04 18:30")])
    def test_acceptance_starts_it(self, channel: Channel, due: str) -> None:
        """Ten of the provider's working days begin, at SC without the day of acceptance (R5, R6)."""
        case = Case(channel).accepted()
        assert spans(case, PROCESSING) == (at("2026-11-23 10:02"), None, Outcome.RUNNING)
        assert clock(case, PROCESSING).due_at == at(due)
        assert clock(case, PROCESSING).office == "education-karaganda"

    def test_it_starts_at_the_handing_in(self) -> None:
        """The moment is the handing in, not the later click that enters it (R5)."""
        case = Case().do(Command.CALL, when="2026-11-23 23:50")
        handed_in = case.example(Command.ACCEPT) | {"handed_in_at": at("2026-11-23 23:55")}
        case.do(Command.ACCEPT, handed_in, when="2026-11-24 00:10")
        assert clock(case, PROCESSING).started_at == at("2026-11-23 23:55")
        assert clock(case, PROCESSING).due_at == at("2026-12-07 18:30")
        assert case.application.facts[-1].at == at("2026-11-24 00:10")

    def test_a_decision_does_not_stop_it(self) -> None:
        """The term is met when the result is available, not when it is signed (R5)."""
        case = Case().drafted().do(Command.APPROVE)
        assert case.application.stage is Stage.DECIDED
        assert clock(case, PROCESSING).is_running

    @every_counter
    def test_delivery_stops_it(self, channel: Channel) -> None:
        """It ends when the result is where the applicant collects it, at SC the way included (R5)."""
        case = Case(channel).drafted().do(Command.APPROVE).do(Command.DELIVER, when="2026-12-01 12:00")
        assert case.application.stage is Stage.READY
        assert spans(case, PROCESSING) == (at("2026-11-23 10:02"), at("2026-12-01 12:00"), Outcome.MET)

    def test_a_withdrawal_ends_it_without_its_goal(self) -> None:
        """An application that is taken back has not met the term: it is ended."""
        case = Case().under_review().do(Command.WITHDRAW, {"reason": "Үлгі"})
        assert case.application.stage is Stage.WITHDRAWN
        assert clock(case, PROCESSING).outcome is Outcome.ENDED


class TestRetention:
    """R9: SC keeps the result for a month."""

    def test_delivery_to_sc_starts_it(self) -> None:
        """The month begins when the result reaches SC, and the branch answers for it (R9)."""
        case = Case().drafted().do(Command.APPROVE).do(Command.DELIVER, when="2026-11-24 12:00")
        assert spans(case, RETENTION) == (at("2026-11-24 12:00"), None, Outcome.RUNNING)
        assert clock(case, RETENTION).due_at == at("2026-12-24 18:00")
        assert clock(case, RETENTION).office == "sc-karaganda"

    def test_at_the_provider_it_does_not_run(self) -> None:
        """At the provider an uncollected result simply stays: no month runs (R9)."""
        assert RETENTION not in Case(PROVIDER).ready().application.clocks

    def test_collecting_ends_it(self) -> None:
        """A result that is collected within the month is kept no longer (R9)."""
        case = Case().ready().do(Command.COLLECT)
        assert case.application.stage is Stage.COLLECTED
        assert clock(case, RETENTION).outcome is Outcome.ENDED

    def test_its_end_makes_the_hand_over_due_and_passes_no_limit(self) -> None:
        """The end of the month makes the handing over due; it is a term, no limit (R9)."""
        case = Case().ready().do(Command.RETENTION_ENDS, when="2026-12-23 18:00")
        assert case.application.stage is Stage.DUE_FOR_STORAGE
        assert clock(case, RETENTION).outcome is Outcome.MET
        assert FactName.LIMIT_PASSED not in case.names()

    def test_after_the_month_it_can_still_be_collected(self) -> None:
        """Until it is handed over the result is issued as before (R9)."""
        case = Case().ready().do(Command.RETENTION_ENDS, when="2026-12-23 18:00").do(Command.COLLECT)
        assert case.application.stage is Stage.COLLECTED

    def test_the_hand_over_is_on_a_list(self) -> None:
        """Handing over is an act of people, with a list that names the receiver's post (R9)."""
        case = Case().ready().do(Command.RETENTION_ENDS, when="2026-12-23 18:00").do(Command.HAND_OVER)
        assert case.application.stage is Stage.STORED
        listed = {"list": "T-1", "received_by": "education-intake-1"}
        assert case.fact(FactName.RESULT_HANDED_OVER).details == listed
        assert case.application.papers[-1].form is Form.STORAGE_LIST
        assert case.application.papers[-1].details == listed | {"handed_over_by": "sc-intake-1"}

    def test_the_provider_keeps_what_nobody_collects(self) -> None:
        """After the provider's own term the execution ends and the result is kept (R9)."""
        case = Case(PROVIDER).ready().do(Command.KEEP, when="2027-11-23 18:30")
        assert case.application.stage is Stage.STORED
        assert case.names()[-1] is FactName.RESULT_KEPT


class TestPapers:
    """What the applicant is given (R18-R20)."""

    @every_counter
    def test_an_acceptance_gives_a_receipt(self, channel: Channel) -> None:
        """Whoever hands in gets a receipt: number, due instant and the documents, which stand encrypted (R18)."""
        case = Case(channel).accepted()
        (receipt,) = case.application.papers
        assert case.application.request is not None
        assert receipt.form is Form.ACCEPTANCE_RECEIPT
        assert receipt.details["documents"] == len(case.application.request.documents)
        assert receipt.details["registration_number"] == "KRG-2026-000001"
        assert receipt.details["due_at"] == clock(case, PROCESSING).due_at.astimezone(ALMATY).isoformat()
        assert receipt.details["officer"] == case.usual(Command.ACCEPT)
        assert receipt.details["gaps"] == []

    @pytest.mark.parametrize(("channel", "form"), [(SC, Form.REFUSAL_RECEIPT), (PROVIDER, Form.REFUSAL_NOTE)])
    def test_a_refusal_names_what_is_missing(self, channel: Channel, form: Form) -> None:
        """SC gives the refusal receipt, the provider a note; both name each missing document (R19)."""
        case = Case(channel).do(Command.CALL)
        case.do(Command.REFUSE_INTAKE, case.example(Command.REFUSE_INTAKE, children=2, missing=["child-income"]))
        (given,) = case.application.papers
        assert given.form is form
        assert given.details["missing"] == ["child-income/1", "child-income/2"]
        assert given.fact == len(case.application.facts)

    def test_gaps_are_recorded_where_the_provider_may_not_refuse(self) -> None:
        """With the switch off the provider accepts, and the gaps stand in journal and receipt (R19)."""
        case = Case(PROVIDER, rules=switched_off()).do(Command.CALL)
        lacking = {"missing": ["identity-document", "appointment-decision"]}
        case.do(Command.ACCEPT, case.example(Command.ACCEPT, **lacking))
        gaps = ["identity-document", "appointment-decision/1"]
        assert case.fact(FactName.APPLICATION_ACCEPTED).details["gaps"] == gaps
        assert case.application.papers[-1].details["gaps"] == gaps

    def test_an_approval_gives_the_decision(self) -> None:
        """The result is the decision, with its number, its verdict and the amounts (R20)."""
        case = Case().drafted().do(Command.APPROVE, by=DEPUTY)
        decision, given = case.application.decision, case.application.papers[-1]
        assert decision is not None
        assert given.form is Form.DECISION
        assert given.details["decision"] == decision.number == "KRG-2026-000001-1"
        assert given.details["amounts"] == ["43250"]
        assert (decision.approved_by, decision.draft.prepared_by) == (DEPUTY, SPECIALIST)


class TestDrafts:
    """What a decision says (R20)."""

    def test_a_grant_is_the_policys_amount_for_every_child(self) -> None:
        """Without other words each child is granted ten indices of the year in which it is drafted (R20)."""
        (draft,) = Case().drafted(children=3).application.drafts
        assert [(grant.child, grant.monthly_amount) for grant in draft.grants] == [(n, 43250) for n in (1, 2, 3)]
        assert {(grant.starts_on, grant.ends_on) for grant in draft.grants} == {
            (date(2026, 11, 1), date(2026, 12, 31))
        }

    def test_a_child_may_be_granted_otherwise(self) -> None:
        """The specialist gives a child another amount with a reason, or another period (R20)."""
        special = [
            {"child": 2, "monthly_amount": "100.50", "reason": "Үлгі: алимент"},
            {"child": 3, "period": {"starts_on": "2026-12-01", "ends_on": "2026-12-15"}},
        ]
        case = Case().under_review(children=3)
        case.do(Command.PREPARE_DECISION, case.example(Command.PREPARE_DECISION) | {"children": special})
        first, second, third = case.application.drafts[0].grants
        assert (first.monthly_amount, second.monthly_amount) == (43250, Decimal("100.50"))
        assert (third.monthly_amount, third.ends_on) == (43250, date(2026, 12, 15))
        assert [remark.text for remark in case.application.remarks] == ["Үлгі: алимент"]

    def test_a_refusal_grants_nothing_and_names_its_grounds(self) -> None:
        """A refusal has grounds and no amounts (R20)."""
        case = Case().under_review()
        case.do(Command.PREPARE_DECISION, {"verdict": "refuse", "grounds": ["not-entitled"]})
        case.do(Command.APPROVE)
        (draft,) = case.application.drafts
        assert (draft.verdict, draft.grants, draft.grounds) == (Verdict.REFUSE, (), ("not-entitled",))
        assert case.fact(FactName.DECISION_APPROVED).details["grounds"] == ["not-entitled"]

    def test_the_year_is_karagandas(self) -> None:
        """A draft of New Year's first hours has the new year's amount, though in UTC it is still the old."""
        policy = {"indices": 10, "index": {2025: 3932, 2026: 4325}}
        case = Case(rules=Rules(changed(amount=policy), CALENDAR))
        case.under_review().do(Command.PREPARE_DECISION, when="2026-01-01 03:00")
        assert case.application.drafts[0].grants[0].monthly_amount == 43250

    def test_drafts_are_numbered(self) -> None:
        """A draft that was returned and drafted again is the second, and the decision carries its number (R20)."""
        case = Case().drafted().do(Command.RETURN_DRAFT).do(Command.PREPARE_DECISION).do(Command.APPROVE)
        assert [draft.number for draft in case.application.drafts] == [1, 2]
        assert case.application.decision is not None
        assert case.application.decision.number == "KRG-2026-000001-2"
        assert [remark.text for remark in case.application.remarks] == ["Үлгі: төлем кезеңін нақтылау қажет"]
