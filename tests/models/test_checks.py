"""What the registers are asked, and what came of it (R17)."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest

from models.checks import Check, CheckOutcome, Question, Register, RegisterEntry, compare, questions
from models.journal import FactName
from models.lifecycle import Command
from models.request import Person
from tests.models.builders import REGULATION, Case, at, child, person, request

KNOWN_AFTER = REGULATION.registers.births_known_after
SOMEBODY = person(date(1985, 5, 5), 1)
UNANSWERED = CheckOutcome.UNANSWERED


def asked(*children: dict[str, Any]) -> list[str]:
    """The keys of what is asked about an application for these children."""
    return [question.key for question in questions(request(children, []), KNOWN_AFTER)]


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
        for question in questions(request([child("mother")], []), KNOWN_AFTER):
            assert set(question.person.model_dump()) == set(Person.model_fields)


class TestCompare:
    """The application beside the register."""

    @pytest.mark.parametrize(
        ("says", "outcome", "differing"),
        [
            ({}, CheckOutcome.CONFIRMED, ()),
            ({"surname": f" {SOMEBODY['surname'].upper()} "}, CheckOutcome.CONFIRMED, ()),
            ({"name": "Басқа"}, CheckOutcome.DIFFERS, ("name",)),
            ({"patronymic": None}, CheckOutcome.DIFFERS, ("patronymic",)),
            (
                {"surname": "Басқа", "birth_date": date(1985, 5, 6)},
                CheckOutcome.DIFFERS,
                ("surname", "birth_date"),
            ),
        ],
    )
    def test_what_differs_is_named(
        self, says: dict[str, Any], outcome: CheckOutcome, differing: tuple[str, ...]
    ) -> None:
        """Names are compared without regard to case and blanks; fields that differ are named (R17)."""
        entry = RegisterEntry.model_validate(SOMEBODY | says)
        assert compare(Person.model_validate(SOMEBODY), entry) == (outcome, differing)

    def test_nobody_there_is_not_found(self) -> None:
        """A register that does not know the person says so (R17)."""
        assert compare(Person.model_validate(SOMEBODY), None) == (CheckOutcome.NOT_FOUND, ())

    def test_two_without_a_patronymic_agree(self) -> None:
        """Where neither has a patronymic there is no difference."""
        without = SOMEBODY | {"patronymic": None}
        entry = RegisterEntry.model_validate(without)
        assert compare(Person.model_validate(without), entry)[0] is CheckOutcome.CONFIRMED


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

    def test_a_key_names_register_and_child(self) -> None:
        """A question and its answer share one key."""
        (first, second) = questions(request([child("mother")], []), KNOWN_AFTER)
        assert (first.register_name, second.register_name) == (Register.PERSON, Register.BIRTH)
        assert [check.key for check in answers([first, second])] == ["person", "birth-1"]
