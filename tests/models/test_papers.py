"""Which documents an application has at which stage, and why not another one (R9, R11, R18-R22)."""

import pytest

from models.lifecycle import Channel, Command
from models.outbound import Form
from models.papers import Issued, OnRecord, choose, issued, part_of
from models.refusals import Refusal
from tests.models.builders import PORTAL, PROVIDER, SC, Case

NUMBER = "KRG-2026-000001"
A, R, X, D, L, N = (
    Form.APPLICATION,
    Form.ACCEPTANCE_RECEIPT,
    Form.REFUSAL_RECEIPT,
    Form.DECISION,
    Form.STORAGE_LIST,
    Form.NOTICE,
)


def on_record(case: Case, *recalls: Case) -> OnRecord:
    parts = [part_of(one.application.entry(after=0)) for one in (case, *recalls)]
    return OnRecord(application=parts[0], recalls=tuple(parts[1:]))


def told(case: Case, *recalls: Case) -> list[tuple[Form, str]]:
    return [(one.form, one.number) for one in issued(on_record(case, *recalls))]


def refused(case: Case, form: Form, fact: int | None = None) -> Refusal:
    found = choose(on_record(case), form, fact)
    assert isinstance(found, Refusal)
    return found


def refused_at_the_counter(channel: Channel) -> Case:
    return Case(channel).do(Command.CALL).do(Command.REFUSE_INTAKE)


class TestIssued:
    """Each document is given by a fact, and has a number for ever."""

    def test_from_ticket_to_storage(self) -> None:
        """At SC: the application, the receipt, the decision, the list."""
        case = Case(SC)
        assert told(case) == []
        case.accepted()
        assert told(case) == [(A, f"{NUMBER}-A1"), (R, f"{NUMBER}-R1")]
        case.do(Command.VERIFY).do(Command.PREPARE_DECISION).do(Command.APPROVE)
        assert told(case)[2:] == [(D, f"{NUMBER}-1")]
        case.do(Command.DELIVER).do(Command.RETENTION_ENDS).do(Command.HAND_OVER)
        assert told(case)[3:] == [(L, f"{NUMBER}-L1")]

    def test_lists_are_numbered_through_recalls(self) -> None:
        """A result that is stored again stands on a second list, which belongs to the recall."""
        case = Case(SC).stored()
        recall = case.recalled().do(Command.SEND_BACK).do(Command.DELIVER)
        recall.do(Command.RETENTION_ENDS).do(Command.HAND_OVER)
        assert told(case, recall)[-2:] == [(L, f"{NUMBER}-L1"), (L, f"{NUMBER}-L2")]
        newest = choose(on_record(case, recall), L)
        assert isinstance(newest, Issued)
        assert newest.application == recall.application.opening.application

    @pytest.mark.parametrize(("channel", "form"), [(SC, X), (PROVIDER, Form.REFUSAL_NOTE)])
    def test_refusal_goes_by_the_id(self, channel: Channel, form: Form) -> None:
        """What was never registered has no other number; at the provider it is a note (R19)."""
        case = refused_at_the_counter(channel)
        assert told(case) == [(A, f"test-{channel}-A1"), (form, f"test-{channel}-X1")]
        found = choose(on_record(case), Form.REFUSAL_RECEIPT)
        assert isinstance(found, Issued)
        assert found.form is form

    def test_cabinet(self) -> None:
        """On the portal: the application, and a notice for each thing that is told; the newest is meant."""
        case = Case(PORTAL).accepted().do(Command.FOLLOW_CALENDAR)
        assert told(case) == [(A, f"{NUMBER}-A1"), (N, f"{NUMBER}-N1"), (N, f"{NUMBER}-N2")]
        newest, first = (choose(on_record(case), N, fact) for fact in (None, 2))
        assert [one.number for one in (newest, first) if isinstance(one, Issued)] == [
            f"{NUMBER}-N2",
            f"{NUMBER}-N1",
        ]

    def test_decision_goes_by_its_own_number(self) -> None:
        """The second draft was approved."""
        case = Case(PROVIDER).drafted().do(Command.RETURN_DRAFT)
        case.do(Command.PREPARE_DECISION).do(Command.APPROVE)
        assert told(case)[-1] == (D, f"{NUMBER}-2")


class TestWhyNot:
    """A stage that has not the document says so."""

    @pytest.mark.parametrize("form", [A, R, X, D, L])
    def test_not_yet(self, form: Form) -> None:
        """While somebody waits there is nothing."""
        found = refused(Case(SC), form)
        assert found.code == "no-such-document-yet"
        assert found.reason.endswith("yet: stage queued")

    def test_decision_is_not_approved(self) -> None:
        """In plain words, with the requirement."""
        found = refused(Case(SC).under_review(), D)
        assert (found.reason, found.requirement) == (
            "the decision is not approved yet: stage under_review",
            "R20",
        )

    def test_never(self) -> None:
        """After the end, or where the documents were accepted, nothing is said of later."""
        withdrawn = Case(SC).under_review().do(Command.WITHDRAW)
        left = Case(SC).do(Command.LEAVE)
        cases = [(withdrawn, D), (withdrawn, L), (left, A), (left, X), (Case(SC).accepted(), X)]
        assert {refused(case, form).code for case, form in cases} == {"no-such-document"}
        assert refused(withdrawn, D).reason == "the decision is not approved, and will not be: stage withdrawn"

    @pytest.mark.parametrize(
        ("channel", "form"), [(PORTAL, R), (PORTAL, X), (PORTAL, L), (PROVIDER, L), (PROVIDER, N), (SC, N)]
    )
    def test_of_another_channel(self, channel: Channel, form: Form) -> None:
        """The portal has no receipts, a counter no cabinet, and only SC hands over."""
        found = refused(Case(channel).accepted(), form)
        assert found.code == "no-such-document"
        assert "stage" not in found.reason

    def test_of_another_fact(self) -> None:
        """A fact that gave no such document is named, with those that did."""
        assert refused(Case(PORTAL).accepted(), N, 1).reason == "fact 1 gave no notice; there is 2"
        assert refused(Case(SC).accepted(), N, 3).reason == "fact 3 gave no notice; there is none"
