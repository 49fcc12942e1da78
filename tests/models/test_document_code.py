"""Short codes: what is typed by hand leads to what was printed."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.document_code import code_of, read_code
from tests.models.builders import QUICK

DIGESTS = st.integers(min_value=0, max_value=2**256 - 1).map(lambda number: f"{number:064x}")


class TestCode:
    """Twelve signs in three groups."""

    def test_is_the_beginning_of_a_digest(self) -> None:
        """Sixty bits of it, five to a sign; written out by hand."""
        assert code_of("0" * 64) == "0000-0000-0000"
        assert code_of("f" * 64) == "ZZZZ-ZZZZ-ZZZZ"
        assert code_of("08421084210842" + "0" * 50) == "1111-1111-1110"

    @QUICK
    @given(DIGESTS)
    def test_has_no_sign_that_looks_like_another(self, digest: str) -> None:
        """No I, L, O and U."""
        assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}", code_of(digest))

    @QUICK
    @given(DIGESTS, st.randoms(use_true_random=False))
    def test_typed_by_hand(self, digest: str, random: object) -> None:
        """In lower case, without hyphens, with O for 0 and I or L for 1, it is the same code."""
        code = code_of(digest)
        one = random.choice("iIlL")  # type: ignore[attr-defined]
        typed = code.replace("-", random.choice(["", " ", "-"])).lower()  # type: ignore[attr-defined]
        assert read_code(f" {typed} ") == code
        assert read_code(typed.replace("0", "o").replace("1", one)) == code

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "-",
            "0000-0000-000",
            "0000-0000-00000",
            "UUUU-0000-0000",
            "0000_0000_0000",
            "АААА-0000-0000",
            "0" * 101,
        ],
    )
    def test_what_cannot_be_one(self, text: str) -> None:
        """Too short, too long, or with a sign that no code has."""
        assert read_code(text) is None
