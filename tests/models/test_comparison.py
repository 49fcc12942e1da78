"""The application beside a register's answer, field by field (R17)."""

from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.registers.synthetic import birth_of, make_iban
from models.checks import CheckOutcome, Question, beside, compare
from models.comparison import Appointment, Verdict, plain
from models.registers import AccountEntry, Guardianship, LifeStatus, PersonEntry, Register
from models.request import Person
from tests.models.builders import QUICK, child, person

AGREES, DIFFERS, NOT_GIVEN = Verdict
SOMEBODY = person(date(1985, 5, 5), 1)
CHILD = {name: value for name, value in child().items() if name in Person.model_fields}
GUARDIAN = Person.model_validate(SOMEBODY)
IBAN = make_iban(Random(1))


def question(register: Register, **more: Any) -> Question:
    """A question about the child; of the register of persons, about the guardian."""
    whom = SOMEBODY if register is Register.PERSON else CHILD
    return Question(register_name=register, person=Person.model_validate(whom), guardian=GUARDIAN, **more)


def entry(whom: dict[str, Any] = SOMEBODY, **says: Any) -> PersonEntry:
    alive = {"life_status": LifeStatus.ALIVE} if whom is SOMEBODY else {}
    return PersonEntry.model_validate(whom | alive | says)


def verdicts(asked: Question, answer: Any) -> dict[str, Verdict]:
    return {finding.field: finding.verdict for finding in compare(asked, answer)[1]}


def appointed(**says: Any) -> Guardianship:
    given = {"decision_number": "12/3", "decision_date": date(2024, 2, 1)} | says
    return Guardianship(**{"guardian": entry(), "child": entry(CHILD)} | given)


APPOINTMENT = Appointment(number="12/3", issued_on=date(2024, 2, 1))


class TestPlain:
    """Names as they are compared: as they are read, not as they are stored."""

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("ҚАСЫМОВ", "Қасымов"),
            (" Әлиев ", "Əлиев"),  # the Latin schwa
            ("Ахметов", "Axметов"),  # A and x of Latin
            ("АХМЕТОВ", "AXMETOB"),
            ("Іскендер", "Iскендер"),
            ("Өркен", "Ɵркен"),
            ("Наһила", "Нahила"),
            ("Королёв", "Королев"),
            ("Нур-Али", "Нур – Али"),
            ("Бек  Сұлтан", "Бек Сұлтан"),
            ("Ай'гүл", "Ай’гүл"),
            ("Й", "И\u0306"),  # one character, and a letter with its mark
        ],
    )
    def test_what_reads_alike_is_alike(self, one: str, other: str) -> None:
        """Case, blanks, hyphens, letters of Latin, and the ways to write one letter make no difference."""
        assert plain(one) == plain(other)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Қасымов", "Касымов"),
            ("Әсел", "Асел"),
            ("Өркен", "Оркен"),
            ("Үсен", "Усен"),
            ("Ұлан", "Улан"),
            ("Ғалым", "Галым"),
            ("Іңкәр", "Инкар"),
            ("Ким", "Кім"),
            ("Нур-Али", "Нурали"),
        ],
    )
    def test_another_letter_is_another_name(self, one: str, other: str) -> None:
        """A Kazakh letter and the Russian one beside it are two letters: a specialist looks at both."""
        assert plain(one) != plain(other)

    @QUICK
    @given(st.text(max_size=40))
    def test_it_is_stable(self, name: str) -> None:
        """What is plain stays as it is."""
        assert plain(plain(name)) == plain(name)


class TestPerson:
    """The register of persons."""

    def test_everything_agrees(self) -> None:
        """Every field is compared, and every one agrees."""
        found = verdicts(question(Register.PERSON), entry())
        names = ["iin", "surname", "name", "patronymic", "birth_date", "life_status"]
        assert found == dict.fromkeys(names, AGREES)
        assert compare(question(Register.PERSON), entry())[0] is CheckOutcome.CONFIRMED

    @pytest.mark.parametrize(
        ("says", "differing"),
        [
            ({"surname": f" {SOMEBODY['surname'].upper()} "}, ()),
            ({"name": "Басқа"}, ("name",)),
            ({"surname": "Басқа", "birth_date": date(1985, 5, 6)}, ("surname", "birth_date")),
            ({"iin": CHILD["iin"]}, ("iin",)),
            ({"life_status": LifeStatus.DEAD}, ("life_status",)),
            ({"life_status": LifeStatus.MISSING}, ("life_status",)),
            ({"life_status": LifeStatus.UNKNOWN}, ("life_status",)),
            ({"life_status": None}, ()),
        ],
    )
    def test_what_differs_is_named(self, says: dict[str, Any], differing: tuple[str, ...]) -> None:
        """Somebody dead or missing differs from an applicant, and so does what nobody here can read."""
        outcome, fields = compare(question(Register.PERSON), entry(**says))
        assert tuple(one.field for one in fields if one.verdict is DIFFERS) == differing
        assert outcome is (CheckOutcome.DIFFERS if differing else CheckOutcome.CONFIRMED)

    @pytest.mark.parametrize(
        ("given", "said", "verdict"),
        [
            ("Серікұлы", "Серікұлы", AGREES),
            ("Серікұлы", "Болатұлы", DIFFERS),
            ("Серікұлы", None, NOT_GIVEN),
            (None, "Серікұлы", NOT_GIVEN),
            (None, None, NOT_GIVEN),
            ("Серікұлы", "  ", NOT_GIVEN),
        ],
    )
    def test_a_patronymic_may_be_absent(self, given: str | None, said: str | None, verdict: Verdict) -> None:
        """Where one side has none it is said so, and nobody is accused of a difference."""
        asked = Question(
            register_name=Register.PERSON, person=Person.model_validate(SOMEBODY | {"patronymic": given})
        )
        assert verdicts(asked, entry(patronymic=said))["patronymic"] is verdict
        assert (compare(asked, entry(patronymic=said))[0] is CheckOutcome.DIFFERS) is (verdict is DIFFERS)

    def test_nobody_there_is_not_found(self) -> None:
        """A register that does not know the person says so, and nothing is compared."""
        assert compare(question(Register.PERSON), None) == (CheckOutcome.NOT_FOUND, ())

    def test_both_values_stand_side_by_side(self) -> None:
        """As they were written, not as they are compared."""
        said = SOMEBODY["surname"].upper()
        [surname] = [
            one for one in beside(question(Register.PERSON), entry(surname=said)) if one.field == "surname"
        ]
        assert (surname.given, surname.said, surname.verdict) == (SOMEBODY["surname"], said, AGREES)


class TestBirth:
    """The civil registry."""

    RECORD = birth_of(CHILD["iin"])

    def test_it_says_nothing_of_who_lives(self) -> None:
        """The child is compared, and that the guardian is none of the parents."""
        found = verdicts(question(Register.BIRTH), self.RECORD)
        assert found == dict.fromkeys(
            ["iin", "surname", "name", "patronymic", "birth_date", "not_a_parent"], AGREES
        )

    @pytest.mark.parametrize("parent", ["mother", "father"])
    def test_a_guardian_who_is_a_parent_differs(self, parent: str) -> None:
        """By number, or by names and birth date under another number; and a parent may be absent."""
        for said in (entry(), entry(iin=CHILD["iin"]), entry(iin=None, patronymic=None)):
            record = self.RECORD.model_copy(update={"mother": None, "father": None} | {parent: said})
            assert verdicts(question(Register.BIRTH), record)["not_a_parent"] is DIFFERS

    def test_a_namesake_is_no_parent(self) -> None:
        """Another birth date, another person; and two names alone prove nothing."""
        other = SOMEBODY["birth_date"] + timedelta(days=1)
        for said in (entry(iin=None, birth_date=other), entry(iin=None, birth_date=None, patronymic=None)):
            record = self.RECORD.model_copy(update={"mother": said, "father": None})
            assert verdicts(question(Register.BIRTH), record)["not_a_parent"] is AGREES


class TestGuardianship:
    """The register of guardianships confirms document 3 of R11."""

    ASKED = question(Register.GUARDIANSHIP, appointment=APPOINTMENT)

    def test_everything_agrees(self) -> None:
        """Guardian, child, decision, and that it is in force."""
        found = verdicts(self.ASKED, appointed())
        assert set(found.values()) == {AGREES}
        assert {"guardian_iin", "child_birth_date", "not_the_child", "decision_number", "in_force"} < set(found)

    @pytest.mark.parametrize(
        ("says", "differing"),
        [
            ({"ended_on": date(2025, 1, 1)}, "in_force"),
            ({"decision_number": "12/4"}, "decision_number"),
            ({"decision_date": date(2024, 2, 2)}, "decision_date"),
            ({"guardian": entry(name="Басқа")}, "guardian_name"),
            ({"child": entry(CHILD, surname="Басқа")}, "child_surname"),
        ],
    )
    def test_what_differs_is_named(self, says: dict[str, Any], differing: str) -> None:
        """An appointment that has ended, another decision, another person."""
        found = verdicts(self.ASKED, appointed(**says))
        assert [field for field, verdict in found.items() if verdict is DIFFERS] == [differing]

    def test_guardian_and_child_are_two_persons(self) -> None:
        """A register that has one person in both places is told so."""
        found = verdicts(self.ASKED, appointed(child=entry()))
        assert found["not_the_child"] is DIFFERS

    def test_a_paper_without_number_gives_none(self) -> None:
        """What the package does not say cannot differ."""
        found = verdicts(question(Register.GUARDIANSHIP), appointed())
        assert found["decision_number"] is found["decision_date"] is NOT_GIVEN


class TestAccount:
    """The check of the bank account confirms document 6 of R11."""

    @pytest.mark.parametrize(
        ("said", "differing"),
        [
            (AccountEntry(iban=IBAN, is_open=True), []),
            (AccountEntry(iban=IBAN, is_open=False), ["is_open"]),
            (AccountEntry(iban=make_iban(Random(2)), is_open=True), ["iban"]),
        ],
    )
    def test_it_is_theirs_and_open(self, said: AccountEntry, differing: list[str]) -> None:
        """Another account, or a closed one, differs."""
        found = verdicts(question(Register.ACCOUNT, iban=IBAN), said)
        assert [field for field, verdict in found.items() if verdict is DIFFERS] == differing


def test_an_answer_of_another_register_is_none() -> None:
    """A programming error must not look like an outcome."""
    with pytest.raises(ValueError, match="no answer of the register"):
        compare(question(Register.BIRTH), entry())
