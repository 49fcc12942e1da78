"""How long each document is in force."""

from datetime import date

import pytest

from models.lifecycle import Channel, Command
from models.outbound import Form
from models.papers import issued
from models.standing import standing
from tests.models.builders import PORTAL, PROVIDER, SC, TODAY, Case
from tests.models.test_papers import on_record, refused_at_the_counter

REFUSAL = {"verdict": "refuse", "period": None, "children": [], "grounds": ["not-entitled"]}


def how(form: Form, case: Case, *recalls: Case, on: date = TODAY, place: int = -1) -> str:
    """How the newest document of a form stands; with a place another one."""
    record = on_record(case, *recalls)
    document = [one for one in issued(record) if one.form is form][place]
    found = standing(record, document, on)
    assert found.in_force == (found.code == "in-force")
    return found.code


class TestReceipt:
    """R18, R21: the result is given on it."""

    @pytest.mark.parametrize("channel", [SC, PROVIDER])
    def test_until_the_result_is_collected(self, channel: Channel) -> None:
        """Not a day longer."""
        case = Case(channel).ready()
        assert how(Form.ACCEPTANCE_RECEIPT, case) == "in-force"
        case.do(Command.COLLECT)
        assert how(Form.ACCEPTANCE_RECEIPT, case) == "result-given"

    def test_in_storage_and_through_a_recall(self) -> None:
        """A stored result is still to be collected; a recall that is collected gives it."""
        case = Case(SC).stored()
        recall = case.recalled().do(Command.SEND_BACK).do(Command.DELIVER)
        assert how(Form.ACCEPTANCE_RECEIPT, case, recall) == "in-force"
        recall.do(Command.COLLECT)
        assert how(Form.ACCEPTANCE_RECEIPT, case, recall) == "result-given"

    def test_until_the_application_is_withdrawn(self) -> None:
        """And the application with it."""
        case = Case(SC).under_review()
        assert how(Form.APPLICATION, case) == "in-force"
        case.do(Command.WITHDRAW)
        assert how(Form.APPLICATION, case) == how(Form.ACCEPTANCE_RECEIPT, case) == "withdrawn"


class TestApplication:
    """What was asked for."""

    def test_stays_after_the_decision(self) -> None:
        """It is what was decided on."""
        assert how(Form.APPLICATION, Case(PORTAL).published()) == "in-force"

    def test_of_a_refused_package(self) -> None:
        """It was not accepted (R19); the refusal itself stays true for good."""
        case = refused_at_the_counter(SC)
        assert how(Form.APPLICATION, case) == "not-accepted"
        assert how(Form.REFUSAL_RECEIPT, case, on=date(2099, 1, 1)) == "in-force"

    def test_of_a_refused_request(self) -> None:
        """On the portal as well; its notice stays true."""
        case = Case(PORTAL).do(Command.REFUSE_SUBMISSION)
        assert (how(Form.APPLICATION, case), how(Form.NOTICE, case)) == ("not-accepted", "in-force")


class TestDecision:
    """R20: it grants for a period, or refuses."""

    def test_until_its_last_day(self) -> None:
        """Of the child whose period is the longest; the last day is included."""
        case = Case(SC).under_review(children=2)
        content = case.example(Command.PREPARE_DECISION, children=2)
        content["period"] = {"starts_on": "2026-11-01", "ends_on": "2026-12-31"}
        content["children"][1]["period"] = {"starts_on": "2026-11-01", "ends_on": "2027-01-31"}
        case.do(Command.PREPARE_DECISION, content).do(Command.APPROVE)
        on = [date(2026, 11, 23), date(2027, 1, 31), date(2027, 2, 1)]
        assert [how(Form.DECISION, case, on=day) for day in on] == ["in-force", "in-force", "period-ended"]

    def test_collected_or_not(self) -> None:
        """That it was handed out ends nothing."""
        assert how(Form.DECISION, Case(SC).ready().do(Command.COLLECT)) == "in-force"

    def test_refusal_for_good(self) -> None:
        """There is no last day."""
        case = Case(SC).under_review().do(Command.PREPARE_DECISION, REFUSAL).do(Command.APPROVE)
        assert how(Form.DECISION, case, on=date(2099, 1, 1)) == "in-force"

    def test_of_another_number(self) -> None:
        """A document of a decision that the application has not."""
        record = on_record(Case(SC).ready())
        document = issued(record)[-1].model_copy(update={"number": "KRG-2026-000001-9"})
        assert standing(record, document, TODAY).code == "not-the-decision"


class TestStorageList:
    """R9, R10: what lies in storage."""

    def test_until_it_is_recalled(self) -> None:
        """The first list then holds no more; the second one does."""
        case = Case(SC).stored()
        assert how(Form.STORAGE_LIST, case) == "in-force"
        recall = case.recalled()
        assert how(Form.STORAGE_LIST, case, recall) == "recalled"
        recall.do(Command.SEND_BACK).do(Command.DELIVER).do(Command.RETENTION_ENDS).do(Command.HAND_OVER)
        codes = [how(Form.STORAGE_LIST, case, recall, place=place) for place in (0, 1)]
        assert codes == ["recalled", "in-force"]


class TestNotice:
    """R22: the latest one tells the date."""

    def test_replaced_by_a_later_one(self) -> None:
        """Moved by the calendar, then published."""
        case = Case(PORTAL).accepted()
        assert how(Form.NOTICE, case) == "in-force"
        case.do(Command.FOLLOW_CALENDAR)
        assert [how(Form.NOTICE, case, place=place) for place in (0, 1)] == ["replaced", "in-force"]
        case.do(Command.VERIFY).do(Command.PREPARE_DECISION).do(Command.APPROVE).do(Command.PUBLISH)
        codes = [how(Form.NOTICE, case, place=place) for place in (0, 1, 2)]
        assert codes == ["replaced", "replaced", "in-force"]

    def test_of_what_was_withdrawn(self) -> None:
        """No result will come."""
        assert how(Form.NOTICE, Case(PORTAL).under_review().do(Command.WITHDRAW)) == "withdrawn"
