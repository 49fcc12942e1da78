"""Numbers that prove themselves: the individual identification number and the account number."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator

_FIRST_PASS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
_SECOND_PASS = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
_CENTURY = {"1": 1800, "2": 1800, "3": 1900, "4": 1900, "5": 2000, "6": 2000}
_FORBIDDEN_CHECK = 10


def iin_check_digit(first_eleven: str) -> int | None:
    """The twelfth digit of an IIN, or None where the number is never issued.

    Two passes modulo 11 (Decree 565 of 11 June 2003): the second one, with shifted weights, is
    used when the first gives 10; a number whose second pass gives 10 too is not issued.
    """
    digits = [int(digit) for digit in first_eleven]
    for weights in (_FIRST_PASS, _SECOND_PASS):
        check = sum(d * w for d, w in zip(digits, weights, strict=True)) % 11
        if check != _FORBIDDEN_CHECK:
            return check
    return None


def iin_birth_date(iin: str) -> date | None:
    """The birth date an IIN carries (YYMMDD and the century digit), or None where there is none."""
    century = _CENTURY.get(iin[6])
    if century is None:
        return None
    try:
        return date(century + int(iin[:2]), int(iin[2:4]), int(iin[4:6]))
    except ValueError:
        return None


def check_iin(value: str) -> str:
    """The IIN itself; ValueError says which of its parts is wrong."""
    if len(value) != 12 or not (value.isascii() and value.isdigit()):
        raise ValueError("an IIN has exactly 12 digits")
    if iin_birth_date(value) is None:
        raise ValueError("the first seven digits of the IIN are no birth date and century")
    if iin_check_digit(value[:11]) != int(value[11]):
        raise ValueError("the check digit of the IIN is wrong")
    return value


def check_iban(value: str) -> str:
    """A Kazakh IBAN (KZ, 2 check digits, 3 of the bank, 13 of the account; ISO 13616, modulo 97)."""
    text = value.replace(" ", "")
    if not text.isascii() or not text.isalnum():
        raise ValueError("an IBAN has Latin letters and digits only")
    text = text.upper()
    if len(text) != 20 or not text.startswith("KZ"):
        raise ValueError("a Kazakh IBAN has 20 characters and begins with KZ")
    if not text[2:7].isdigit():
        raise ValueError("KZ is followed by two check digits and three digits of the bank")
    if not 2 <= int(text[2:4]) <= 98 or iban_remainder(text) != 1:
        raise ValueError("the check digits of the IBAN are wrong")
    return text


def iban_remainder(text: str) -> int:
    """The IBAN as a number (its first four characters moved to the end) modulo 97; 1 is right."""
    return int("".join(str(int(c, 36)) for c in text[4:] + text[:4])) % 97


Iin = Annotated[str, AfterValidator(check_iin)]
Iban = Annotated[str, AfterValidator(check_iban)]
