"""What the registers are asked, and what came of it (R17)."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest

from models.checks import Check, CheckOutcome, Question, Said, questions
from models.journal import FactName
from models.lifecycle import Command
from models.messages import PROCESS, AskAgain
from models.registers import PersonEntry, Register
from models.request import Person
from tests.models.builders import (
    OTHER_SPECIALIST,
    REGULATION,
    SPECIALIST,
    Case,
    at,
    child,
    paper,
    request,
)

REGISTERS = REGULATION.registers
UNANSWERED = CheckOutcome.UNANSWERED


def asked(*children: dict[str, Any]) -> list[str]:
    """The keys of what is asked about an application for these children."""
    return [question.key for question in questions(request(children, []), REGISTERS)]


def answers(asked: Iterable[Question], outcome: CheckOutcome = CheckOutcome.CONFIRMED) -> tuple[Check, ...]:
    """The same answer to every question."""
    then = at("2026-11-23 10:05")
    return tuple(
        Check(
            register_name=question.register_name,
            child=question.child,
            outcome=outcome,
            asked_at=then,
            answered_at=None if outcome is UNANSWERED else then,
        )
        for question in asked
    )


class TestQuestions:
    """Who is asked for."""

    @pytest.mark.parametrize(
        ("born", "place", "keys"),
        [
            (date(2007, 8, 13), "kz", ["person"]),
            (date(2007, 8, 14), "kz", ["person", "birth-1"]),
            (date(2007, 8, 13), "abroad", ["person"]),
            (date(2015, 3, 2), "abroad", ["person", "birth-1"]),
        ],
    )
    def test_births_after_13_august_2007_are_asked_for(self, born: date, place: str, keys: list[str]) -> None:
        """The applicant always, and each child born after 13 August 2007, born abroad as well (R12, R17)."""
        assert asked(child("mother", born=born, place=place)) == keys

    def test_a_child_keeps_its_number(self) -> None:
        """A question carries the number that its child has in the application (R17)."""
        old, young = child("mother", born=date(2007, 1, 1), seed=11), child("mother", seed=12)
        assert asked(old, young) == ["person", "birth-2"]

    def test_a_question_asks_for_no_more_than_the_person(self) -> None:
        """The registers are given the person alone: no address, no parents, no papers."""
        for question in questions(request([child("mother")], []), REGISTERS):
            assert set(question.person.model_dump()) == set(Person.model_fields)


class TestSwitches:
    """Two more registers, each behind a switch of the regulation file."""

    def keys(self, **switches: bool) -> list[str]:
        registers = REGISTERS.model_copy(update=switches)
        handed_in = request([child("mother"), child("mother", born=date(2007, 1, 1), seed=11)], PAPERS)
        return [question.key for question in questions(handed_in, registers)]

    def test_off_they_are_not_asked(self) -> None:
        """R17 names persons and births, and the shipped file has no more."""
        assert self.keys() == ["person", "birth-1"]

    def test_on_they_are(self) -> None:
        """Of every child whether its guardian is appointed, and once whether the account is the guardian's."""
        assert self.keys(guardianship=True) == ["person", "birth-1", "guardianship-1", "guardianship-2"]
        assert self.keys(account=True) == ["person", "birth-1", "account"]

    def test_without_an_account_there_is_nothing_to_check(self) -> None:
        """A provider that accepts with gaps may have none (R19)."""
        registers = REGISTERS.model_copy(update={"account": True})
        bare = request([child("mother")], []).model_copy(update={"account": None})
        assert [question.key for question in questions(bare, registers)] == ["person", "birth-1"]

    def test_the_decision_goes_along(self) -> None:
        """Number and date of document 3, of the child's own paper or of one for all children (R11)."""
        registers = REGISTERS.model_copy(update={"guardianship": True})
        handed_in = request([child("mother"), child("mother", seed=11)], PAPERS)
        asked = [one for one in questions(handed_in, registers) if one.register_name is Register.GUARDIANSHIP]
        assert [one.appointment.number for one in asked if one.appointment] == ["12/1", "12/2"]


PAPERS = [
    paper("appointment-decision", child=1) | {"number": "12/1", "issued_on": "2024-02-01"},
    paper("appointment-decision", child=2) | {"number": "12/2"},
]


class TestSaid:
    """What the registers said is kept beside the checks as they stand."""

    def said(self, *keys: str) -> tuple[Said, ...]:
        return tuple(Said(check=key, answer=PersonEntry(surname="Ким")) for key in keys)

    def test_it_goes_to_the_record_with_the_facts_that_brought_checks(self) -> None:
        """An answer is written once, with its fact, and not again with every other one."""
        case = Case().accepted()
        asked = case.application.open_questions()
        case.do(Command.VERIFY, checks=answers(asked), said=self.said("person", "birth-1"))
        verified = len(case.application.facts)
        assert {one.check for one in case.application.entry(after=verified - 1).said} == {"person", "birth-1"}
        case.do(Command.TAKE)
        assert case.application.entry(after=verified).said == ()

    def test_silence_takes_no_answer_away(self) -> None:
        """A register that is silent now has said before that somebody is another one: that stands."""
        case = Case().accepted()
        asked = case.application.open_questions()
        case.do(Command.VERIFY, checks=answers(asked, CheckOutcome.DIFFERS), said=self.said("person", "birth-1"))
        case.do(Command.ASK_AGAIN, checks=answers(asked, UNANSWERED))
        assert set(case.application.said) == {"person", "birth-1"}
        assert {check.outcome for check in case.application.checks.values()} == {CheckOutcome.DIFFERS}
        assert set(case.fact(FactName.REGISTERS_ASKED_AGAIN).details.values()) == {"unanswered"}
        case.do(Command.ASK_AGAIN, checks=answers(asked), said=self.said("person"))
        assert (set(case.application.said), case.application.unconfirmed_questions()) == ({"person"}, [])

    def test_what_was_said_of_others_is_dropped(self) -> None:
        """As their checks are, when the package names other people."""
        case = Case().do(Command.CALL)
        case.seed = 2
        other = case.read(Command.LOOK_UP, case.example(Command.ACCEPT))
        looked_up = answers(case.application.questions(other).values())
        case.do(Command.LOOK_UP, other, checks=looked_up, said=self.said("person", "birth-1"))
        case.seed = 1
        case.do(Command.ACCEPT)
        assert case.application.said == {}


class TestAsking:
    """What an application still has to ask."""

    def test_before_a_request_there_is_nothing_to_ask(self) -> None:
        """Without an accepted request no question is open (R17)."""
        assert Case().application.open_questions() == []

    def test_an_accepted_one_asks_for_everybody(self) -> None:
        """Whatever nobody looked up at the counter is asked after acceptance (R17)."""
        case = Case().accepted(children=2)
        assert [question.key for question in case.application.open_questions()] == ["person", "birth-1", "birth-2"]

    def test_what_was_looked_up_is_not_asked_again(self) -> None:
        """Answers given at the counter stand, if the package is the one that was looked up (R17)."""
        case = Case().do(Command.CALL)
        package = case.read(Command.LOOK_UP, case.example(Command.ACCEPT))
        given = answers(case.application.questions(package).values())
        case.do(Command.LOOK_UP, package, checks=given).do(Command.ACCEPT)
        assert case.application.open_questions() == []
        outcomes = {"person": "confirmed", "birth-1": "confirmed"}
        assert case.fact(FactName.REGISTERS_LOOKED_UP).details == outcomes
        assert case.do(Command.VERIFY).fact(FactName.APPLICATION_VERIFIED).details == outcomes

    def test_an_answer_about_another_person_does_not_count(self) -> None:
        """If somebody else was looked up, the person who applies is asked for all the same (R17)."""
        case = Case().do(Command.CALL)
        case.seed = 2
        other = case.read(Command.LOOK_UP, case.example(Command.ACCEPT))
        case.do(Command.LOOK_UP, other, checks=answers(case.application.questions(other).values()))
        case.seed = 1
        case.do(Command.ACCEPT)
        assert [question.key for question in case.application.open_questions()] == ["person", "birth-1"]

    def test_silence_is_shown_and_asked_again(self) -> None:
        """A register that was silent leaves its question open, and a specialist asks once more (R17)."""
        case = Case().accepted()
        case.do(Command.VERIFY, checks=answers(case.application.open_questions(), UNANSWERED))
        assert case.application.checks["person"].outcome is UNANSWERED
        still = case.application.open_questions()
        assert [question.key for question in still] == ["person", "birth-1"]
        case.do(Command.ASK_AGAIN, checks=answers(still))
        assert case.application.open_questions() == []
        assert case.fact(FactName.REGISTERS_ASKED_AGAIN).details["person"] == "confirmed"

    @pytest.mark.parametrize("outcome", [CheckOutcome.DIFFERS, CheckOutcome.NOT_FOUND])
    def test_an_unwelcome_answer_is_an_answer(self, outcome: CheckOutcome) -> None:
        """What differs or is not found is an answer and holds nobody up: the specialist judges (R17)."""
        case = Case().accepted()
        case.do(Command.VERIFY, checks=answers(case.application.open_questions(), outcome))
        assert case.application.open_questions() == []
        assert case.codes(Command.PREPARE_DECISION) == []

    @pytest.mark.parametrize("outcome", CheckOutcome)
    def test_what_is_not_confirmed_can_be_told(self, outcome: CheckOutcome) -> None:
        """Silence, a difference and a missing record are all unconfirmed; only agreement is not (R17)."""
        case = Case().accepted()
        asked = [question.key for question in case.application.unconfirmed_questions()]
        case.do(Command.VERIFY, checks=answers(case.application.open_questions(), outcome))
        unconfirmed = [question.key for question in case.application.unconfirmed_questions()]
        assert asked == ["person", "birth-1"]
        assert unconfirmed == ([] if outcome is CheckOutcome.CONFIRMED else asked)

    def test_the_process_asks_what_was_silent_alone(self) -> None:
        """By itself it asks what nobody answered, of the register that is back; a specialist asks all (R17)."""
        case = Case().accepted(children=2)
        person, first, second = case.application.open_questions()
        case.do(
            Command.VERIFY,
            checks=(
                *answers([person], UNANSWERED),
                *answers([first], CheckOutcome.DIFFERS),
                *answers([second], UNANSWERED),
            ),
        )
        births = AskAgain(registers=(Register.BIRTH,))
        application = case.application
        assert [one.key for one in application.questions_again(births, PROCESS)] == ["birth-2"]
        assert [one.key for one in application.questions_again(AskAgain(), PROCESS)] == ["person", "birth-2"]
        assert [one.key for one in application.questions_again(births, SPECIALIST)] == ["birth-1", "birth-2"]

    def test_what_an_operator_has_to_mend_is_not_asked_by_itself(self) -> None:
        """A failure that lasts is told with its code; the process asks no more, a specialist may (R17)."""
        case = Case().accepted()
        refused = [
            one.model_copy(update={"failure": "SCE005"})
            for one in answers(case.application.open_questions(), UNANSWERED)
        ]
        case.do(Command.VERIFY, checks=tuple(refused))
        assert case.fact(FactName.APPLICATION_VERIFIED).details["person"] == "unanswered (SCE005)"
        assert case.application.questions_again(AskAgain(), PROCESS) == []
        assert case.codes(Command.ASK_AGAIN, AskAgain(), by=PROCESS) == ["nothing-to-ask"]
        assert case.codes(Command.ASK_AGAIN, AskAgain()) == []
        assert len(case.application.questions_again(AskAgain(), SPECIALIST)) == 2

    def test_the_process_asks_whoever_has_the_file(self) -> None:
        """An officer who has the file in hand keeps other officers from asking, and never the process (R17)."""
        case = Case().accepted()
        case.do(Command.VERIFY, checks=answers(case.application.open_questions(), UNANSWERED)).do(Command.TAKE)
        assert case.codes(Command.ASK_AGAIN, by=OTHER_SPECIALIST) == ["held-by-another"]
        assert case.codes(Command.ASK_AGAIN, by=PROCESS) == []
        assert case.codes(Command.APPROVE, by=PROCESS) != []

    def test_a_key_names_register_and_child(self) -> None:
        """A question and its answer share one key."""
        (first, second) = questions(request([child("mother")], []), REGISTERS)
        assert (first.register_name, second.register_name) == (Register.PERSON, Register.BIRTH)
        assert [check.key for check in answers([first, second])] == ["person", "birth-1"]
