"""Numbers that prove themselves: IIN and account number."""

from datetime import date

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from adapters.registers.synthetic import make_iban, make_iin
from models.identifiers import check_iban, check_iin, iban_remainder, iin_birth_date, iin_check_digit
from models.request import Account, Person
from tests.models.builders import QUICK, person, randomness

VALID = {
    "850505300011": date(1985, 5, 5),
    "880312400024": date(1988, 3, 12),
    "120603500035": date(2012, 6, 3),
    "151120600044": date(2015, 11, 20),
    "900101300811": date(1990, 1, 1),
}
IBAN = "KZ699990000000000001"

seeds = st.integers(0, 2**32)
days = st.dates(date(1800, 1, 1), date(2099, 12, 31))


def weighted(digits: str, first_weight: int = 1) -> int:
    """The sum of the first eleven digits with the weights of a pass, modulo 11, reckoned anew."""
    return sum(int(d) * ((i + first_weight - 1) % 11 + 1) for i, d in enumerate(digits[:11])) % 11


def with_digit(number: str, place: int, shift: int) -> str:
    """The number with one digit changed: `shift` from 1 to 9 gives each other digit."""
    digit = (int(number[place]) + shift) % 10
    return f"{number[:place]}{digit}{number[place + 1 :]}"


class TestIin:
    """The individual identification number."""

    @pytest.mark.parametrize(("iin", "born"), VALID.items())
    def test_a_valid_one_passes_and_tells_the_birth_date(self, iin: str, born: date) -> None:
        """A valid IIN is returned as it is, and carries its birth date."""
        assert check_iin(iin) == iin
        assert iin_birth_date(iin) == born

    def test_the_second_pass_decides_where_the_first_gives_ten(self) -> None:
        """Where the first weights give 10 the shifted ones give the check digit (Decree 565)."""
        assert weighted("90010130081") == 10
        assert iin_check_digit("90010130081") == weighted("90010130081", first_weight=3) == 1

    def test_a_prefix_that_gives_ten_twice_is_never_issued(self) -> None:
        """Where both passes give 10 there is no IIN at all, whatever the last digit."""
        assert iin_check_digit("90010130080") is None
        for last in range(10):
            with pytest.raises(ValueError, match="check digit"):
                check_iin(f"90010130080{last}")

    @pytest.mark.parametrize(
        ("iin", "reason"),
        [
            ("123456789011", "no birth date"),  # the test certificates of the National Certifying Centre
            ("850230300011", "no birth date"),  # 30 February
            ("850505300012", "check digit"),
            ("85050530001", "exactly 12 digits"),
            ("8505053000111", "exactly 12 digits"),
            ("", "exactly 12 digits"),
            (" 850505300011", "exactly 12 digits"),
            ("85050530001A", "exactly 12 digits"),
            ("-85050530001", "exactly 12 digits"),
        ],
    )
    def test_an_invalid_one_says_which_part_is_wrong(self, iin: str, reason: str) -> None:
        """An invalid IIN is refused with the part that is wrong: its form, its date or its check digit."""
        with pytest.raises(ValueError, match=reason):
            check_iin(iin)

    @pytest.mark.parametrize("zero", ["٠", "०", "０", "𝟎"])
    def test_digits_of_other_scripts_are_refused(self, zero: str) -> None:
        """Only ASCII digits count: digits of other scripts look right to `isdigit` and are refused."""
        foreign = "".join(chr(ord(zero) + int(digit)) for digit in "850505300011")
        assert foreign.isdigit()
        with pytest.raises(ValueError, match="exactly 12 digits"):
            check_iin(foreign)

    def test_superscripts_are_refused(self) -> None:
        """A superscript is a digit to Python and none to an IIN."""
        with pytest.raises(ValueError, match="exactly 12 digits"):
            check_iin("85050530001¹")

    @pytest.mark.parametrize(("digit", "century"), [*zip("123456", (18, 18, 19, 19, 20, 20), strict=True)])
    def test_the_seventh_digit_is_the_century(self, digit: str, century: int) -> None:
        """1 and 2 mean the 1800s, 3 and 4 the 1900s, 5 and 6 the 2000s."""
        assert iin_birth_date(f"010203{digit}00000") == date(century * 100 + 1, 2, 3)

    @pytest.mark.parametrize("digit", "0789")
    def test_another_seventh_digit_is_no_century(self, digit: str) -> None:
        """Any other seventh digit carries no birth date."""
        assert iin_birth_date(f"010203{digit}00000") is None

    def test_29_february_needs_a_leap_year(self) -> None:
        """29 February is a birth date in 2000 and none in 1900."""
        assert iin_birth_date("000229500000") == date(2000, 2, 29)
        assert iin_birth_date("000229300000") is None

    @QUICK
    @given(days, seeds, st.booleans())
    def test_a_synthetic_one_is_always_valid(self, born: date, seed: int, masculine: bool) -> None:
        """Every IIN that trials are given is valid and carries the date it was made for."""
        iin = make_iin(born, randomness(seed), masculine=masculine)
        assert check_iin(iin) == iin
        assert iin_birth_date(iin) == born

    @QUICK
    @given(days, seeds, st.integers(1, 9))
    def test_a_changed_check_digit_is_always_seen(self, born: date, seed: int, shift: int) -> None:
        """The first eleven digits allow one check digit at most, so any other is refused."""
        iin = make_iin(born, randomness(seed), masculine=True)
        with pytest.raises(ValueError, match="check digit"):
            check_iin(with_digit(iin, 11, shift))

    @QUICK
    @given(days, seeds, st.integers(0, 9), st.integers(1, 9))
    @example(date(1985, 5, 5), 0, 9, 1)
    def test_one_changed_digit_is_seen_within_the_first_pass(
        self, born: date, seed: int, place: int, shift: int
    ) -> None:
        """One wrong digit among the first ten never passes where the first weights decide both numbers."""
        iin = make_iin(born, randomness(seed), masculine=False)
        other = with_digit(iin, place, shift)
        assume(10 not in (weighted(iin), weighted(other)))
        assert iin_check_digit(other[:11]) != int(iin[11])
        with pytest.raises(ValueError, match="IIN"):
            check_iin(other)

    @QUICK
    @given(days, seeds, st.integers(1, 9))
    def test_the_eleventh_digit_has_no_weight_in_the_first_pass(self, born: date, seed: int, shift: int) -> None:
        """The law's weight of the eleventh digit is 11, so that digit alone the first pass cannot prove."""
        iin = make_iin(born, randomness(seed), masculine=False)
        assume(weighted(iin) != 10)
        other = with_digit(iin, 10, shift)
        assert check_iin(other) == other


class TestPerson:
    """A person with an IIN."""

    def test_a_birth_date_that_agrees_is_kept(self) -> None:
        """A person whose IIN and birth date agree is accepted."""
        assert Person.model_validate(person(date(1985, 5, 5), 1)).birth_date == date(1985, 5, 5)

    @pytest.mark.parametrize("wrong", [date(1985, 5, 6), date(1885, 5, 5), date(2085, 5, 5)])
    def test_another_birth_date_is_refused(self, wrong: date) -> None:
        """A birth date that is not the one in the IIN is refused, the century included."""
        data = person(date(1985, 5, 5), 1) | {"birth_date": wrong}
        with pytest.raises(ValidationError, match="birth_date: it and the date in the IIN differ"):
            Person.model_validate(data)


class TestIban:
    """The account number of the guardian (R11)."""

    def test_a_valid_one_passes(self) -> None:
        """A valid Kazakh IBAN is returned as it is."""
        assert check_iban(IBAN) == IBAN

    @pytest.mark.parametrize("typed", ["KZ69 9990 0000 0000 0001", IBAN.lower(), " kz69 9990000000000001 "])
    def test_blanks_and_small_letters_are_made_plain(self, typed: str) -> None:
        """As people type it, with blanks and small letters, it is the same account."""
        assert check_iban(typed) == IBAN
        assert Account(iban=typed, bank="Үлгі банк").iban == IBAN

    @pytest.mark.parametrize(
        ("iban", "reason"),
        [
            ("KZ709990000000000001", "check digits"),
            ("KZ69999000000000001", "20 characters"),
            ("KZ6999900000000000001", "20 characters"),
            ("DE559990000000000001", "begins with KZ"),
            ("", "letters and digits only"),
            ("KZ6999900000000000-1", "letters and digits only"),
            ("KZA59990000000000001", "KZ is followed by"),
            ("KZ301AB0000000000000", "KZ is followed by"),
            ("KZ009990000000000079", "check digits"),
            ("KZ999990000000000043", "check digits"),
            ("KZ69999000000000000ı", "letters and digits only"),
            ("KZ69999000000000000٣", "letters and digits only"),
            ("KZ69999000000000000Ж", "letters and digits only"),
        ],
    )
    def test_an_invalid_one_says_what_is_wrong(self, iban: str, reason: str) -> None:
        """An invalid IBAN is refused with what is wrong: length, country, characters or check digits."""
        with pytest.raises(ValueError, match=reason):
            check_iban(iban)

    def test_letters_count_from_ten(self) -> None:
        """Letters of the account count as 10 to 35 (ISO 13616): a published Kazakh example passes."""
        assert check_iban("KZ86125KZT5004100100") == "KZ86125KZT5004100100"

    @QUICK
    @given(seeds)
    def test_a_synthetic_one_is_always_valid(self, seed: int) -> None:
        """Every IBAN that trials are given is valid and of a bank that does not exist."""
        iban = make_iban(randomness(seed))
        assert check_iban(iban) == iban
        assert iban[4:7] == "999"

    @QUICK
    @given(seeds, st.integers(2, 19), st.integers(1, 9))
    def test_one_changed_digit_is_always_seen(self, seed: int, place: int, shift: int) -> None:
        """97 is a prime, so one wrong digit anywhere never leaves the remainder right."""
        other = with_digit(make_iban(randomness(seed)), place, shift)
        assert iban_remainder(other) != 1
        with pytest.raises(ValueError, match="check digits"):
            check_iban(other)

    @QUICK
    @given(seeds, st.integers(2, 18))
    def test_two_digits_in_the_wrong_order_are_always_seen(self, seed: int, place: int) -> None:
        """Neighbouring digits that have changed places never leave the remainder right."""
        iban = make_iban(randomness(seed))
        assume(iban[place] != iban[place + 1])
        other = f"{iban[:place]}{iban[place + 1]}{iban[place]}{iban[place + 2 :]}"
        with pytest.raises(ValueError, match="check digits"):
            check_iban(other)
