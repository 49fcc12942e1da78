"""How days, times and amounts are said."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.forms.words import told_amount, told_day, told_instant
from models.sheet import Language

_AMOUNTS = [
    ("kk", "43250", "43 250", "43 250 (қырық үш мың екі жүз елу) теңге"),
    ("kk", "0", "0", "0 (нөл) теңге"),
    ("kk", "1001.05", "1 001,05", "1 001 (бір мың бір) теңге 05 тиын"),
    ("ru", "43250.00", "43 250", "43 250 (сорок три тысячи двести пятьдесят) тенге"),
    ("ru", "1", "1", "1 (один) тенге"),
    ("ru", "2", "2", "2 (два) тенге"),
    ("ru", "21001", "21 001", "21 001 (двадцать одна тысяча один) тенге"),
    ("ru", "1234567", "1 234 567", None),
    ("ru", "5.01", "5,01", "5 (пять) тенге 01 тиын"),
    ("ru", "5.12", "5,12", "5 (пять) тенге 12 тиынов"),
    ("ru", "5.5", "5,50", "5 (пять) тенге 50 тиынов"),
    ("ru", "5.23", "5,23", "5 (пять) тенге 23 тиына"),
]


class TestAmounts:
    """In figures and in words, as decisions say them (R20)."""

    @pytest.mark.parametrize(("language", "amount", "figures", "full"), _AMOUNTS)
    def test_said(self, language: Language, amount: str, figures: str, full: str | None) -> None:
        """Grouped by spaces that no line breaks at; тенге has no plural in Russian, тиын has."""
        told = told_amount(Decimal(amount), language)
        assert told["figures"] == figures.replace(" ", "\xa0")
        assert full is None or told["full"].replace("\xa0", " ") == full

    @pytest.mark.parametrize("amount", ["-1", "0.001", "43250.505"])
    def test_what_cannot_be_paid_is_not_said(self, amount: str) -> None:
        """Nothing below nothing, and no part of a tiyn: an allowance is not rounded on its way to paper."""
        with pytest.raises(ValueError, match="tiyn"):
            told_amount(Decimal(amount), "kk")

    @given(st.integers(0, 10**12))
    def test_figures_are_the_amount(self, tiyn: int) -> None:
        """Whatever the amount, its figures read back as itself."""
        figures = told_amount(Decimal(tiyn) / 100, "ru")["figures"]
        assert Decimal(figures.replace("\xa0", "").replace(",", ".")) * 100 == tiyn


class TestDays:
    """In full, and in sentences."""

    @pytest.mark.parametrize(
        ("language", "way", "said"),
        [
            ("kk", "long", "2026 жылғы 26 қараша"),
            ("kk", "since", "2026 жылғы 26 қарашадан бастап"),
            ("kk", "until", "2026 жылғы 26 қарашаға дейін"),
            ("ru", "long", "26 ноября 2026 года"),
            ("ru", "since", "с 26 ноября 2026 года"),
            ("ru", "until", "по 26 ноября 2026 года"),
            ("ru", "short", "26.11.2026"),
        ],
    )
    def test_said(self, language: Language, way: str, said: str) -> None:
        """The month is declined in either language."""
        assert told_day(date(2026, 11, 26), language)[way].replace("\xa0", " ") == said

    def test_every_month_has_its_endings(self) -> None:
        """Kazakh endings agree with the month's last sound: vowel harmony and voice."""
        said = [told_day(date(2027, month, 1), "kk") for month in range(1, 13)]
        since = [day["since"].replace("\xa0", " ").split()[3] for day in said]
        until = [day["until"].replace("\xa0", " ").split()[3] for day in said]
        assert " ".join(since) == (
            "қаңтардан ақпаннан наурыздан сәуірден мамырдан маусымнан "
            "шілдеден тамыздан қыркүйектен қазаннан қарашадан желтоқсаннан"
        )
        assert " ".join(until) == (
            "қаңтарға ақпанға наурызға сәуірге мамырға маусымға "
            "шілдеге тамызға қыркүйекке қазанға қарашаға желтоқсанға"
        )

    @pytest.mark.parametrize(
        ("language", "said"),
        [("kk", "2026 жылғы 27 қараша, сағат 00:30"), ("ru", "27 ноября 2026 года в 00:30")],
    )
    def test_instants_are_told_in_karaganda(self, language: Language, said: str) -> None:
        """Half past seven in the evening in Greenwich is the next day here."""
        told = told_instant(datetime(2026, 11, 26, 19, 30, tzinfo=UTC), language)
        assert told["at"].replace("\xa0", " ") == said
