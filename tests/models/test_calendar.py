"""The working days of the state, and counting in them."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from adapters.calendars import build_calendar
from models.calendar import Calendar, add_months
from models.library import content_hash
from tests.models.builders import CALENDAR, QUICK

ONE_DAY = timedelta(days=1)

days = st.dates(date(2023, 1, 1), date(2034, 12, 31))
numbers = st.integers(1, 40)


def calendar(*entries: dict[str, Any], **fields: Any) -> Calendar:
    """A calendar of 2025 and 2026 with these entries."""
    data = {"code": "test", "first_year": 2025, "last_year": 2026, "basis": "test", "entries": entries}
    return Calendar.model_validate(data | fields)


def entry(day: str, kind: str) -> dict[str, Any]:
    return {"date": day, "kind": kind, "name": "Үлгі"}


def working_days(first: date, last: date) -> int:
    """How many working days there are from the first to the last, both included."""
    return sum(CALENDAR.is_working(first + ONE_DAY * n) for n in range((last - first).days + 1))


class TestShippedCalendar:
    """The committed file."""

    @pytest.mark.parametrize("day", [date(2023, 7, 1), date(2024, 5, 4), date(2025, 1, 5)])
    def test_a_weekend_day_may_be_a_working_day(self, day: date) -> None:
        """Days off are swapped: these Saturdays and this Sunday were worked."""
        assert day.weekday() >= 5
        assert CALENDAR.is_working(day)

    @pytest.mark.parametrize("day", [date(2023, 7, 7), date(2024, 5, 8), date(2025, 1, 3)])
    def test_the_day_it_was_swapped_for_is_off(self, day: date) -> None:
        """The weekday for which a weekend day was worked is a rest day."""
        assert not CALENDAR.is_working(day)

    @pytest.mark.parametrize(
        "day", [date(2025, 3, 10), date(2025, 9, 1), date(2025, 10, 27), date(2026, 3, 9), date(2026, 10, 26)]
    )
    def test_a_holiday_on_a_weekend_moves_to_monday(self, day: date) -> None:
        """A holiday that falls on a weekend gives the next working day off."""
        assert day.weekday() == 0
        assert not CALENDAR.is_working(day)

    def test_7_january_does_not_move(self) -> None:
        """Orthodox Christmas is a day off, and when it falls on a weekend it is not made up for."""
        assert not CALENDAR.is_working(date(2026, 1, 7))
        assert CALENDAR.is_working(date(2024, 1, 8))
        assert CALENDAR.is_working(date(2023, 1, 9))

    def test_kurban_ait_is_a_day_off(self) -> None:
        """The first day of Kurban-ait is a day off."""
        assert not CALENDAR.is_working(date(2026, 5, 27))

    def test_31_august_2026_is_an_ordinary_day(self) -> None:
        """Since the constitution of 2026 the 30th of August is no holiday, so nothing moves to the 31st."""
        assert CALENDAR.is_working(date(2026, 8, 31))

    @pytest.mark.parametrize(("year", "number"), [(2025, 246), (2026, 247)])
    def test_a_year_has_so_many_working_days(self, year: int, number: int) -> None:
        """The year has as many working days as the official calendar says."""
        assert working_days(date(year, 1, 1), date(year, 12, 31)) == number

    def test_it_is_what_the_package_gives(self) -> None:
        """The committed file is what `make calendar` writes today: nothing has drifted (content hash too)."""
        built = build_calendar()
        assert built == CALENDAR
        assert content_hash(built) == content_hash(CALENDAR)

    @pytest.mark.parametrize("day", [date(2022, 12, 31), date(2036, 1, 1)])
    def test_a_year_it_does_not_cover_is_refused(self, day: date) -> None:
        """About a year outside its range it says nothing rather than something wrong."""
        with pytest.raises(ValueError, match="knows 2023-2035"):
            CALENDAR.is_working(day)

    def test_counting_past_its_end_is_refused(self) -> None:
        """A term that would end after the last year is refused, never guessed."""
        with pytest.raises(ValueError, match="knows 2023-2035"):
            CALENDAR.working_day(10, date(2035, 12, 28), start_counts=False)


class TestContradictions:
    """A calendar that contradicts itself is not loaded."""

    @pytest.mark.parametrize(
        ("entries", "reason"),
        [
            ([entry("2025-03-10", "rest"), entry("2025-03-10", "rest")], "2025-03-10 stands twice"),
            ([entry("2025-03-08", "rest")], "2025-03-08: a rest day says nothing"),
            ([entry("2025-03-10", "working")], "2025-03-10: a working day says nothing"),
            ([entry("2024-03-11", "rest")], "2024-03-11 is outside 2025-2026"),
            ([entry("2027-03-08", "rest")], "2027-03-08 is outside 2025-2026"),
        ],
    )
    def test_an_entry_that_contradicts_is_refused(self, entries: list[dict[str, Any]], reason: str) -> None:
        """A date twice, one that its weekday says already, or one outside the years is refused by its date."""
        with pytest.raises(ValidationError, match=reason):
            calendar(*entries)

    def test_years_in_the_wrong_order_are_refused(self) -> None:
        """The first year is not after the last."""
        with pytest.raises(ValidationError, match="first_year is after last_year"):
            calendar(first_year=2027)

    def test_one_year_is_enough(self) -> None:
        """A calendar may cover a single year."""
        assert calendar(entry("2025-03-10", "rest"), last_year=2025).is_working(date(2025, 3, 11))

    def test_a_calendar_without_entries_is_monday_to_friday(self) -> None:
        """Without entries the weekday decides."""
        plain = calendar()
        assert [plain.is_working(date(2026, 11, 23) + ONE_DAY * n) for n in range(7)] == [True] * 5 + [False] * 2


class TestCounting:
    """Counting in working days."""

    @QUICK
    @given(days, numbers, st.booleans())
    def test_it_never_ends_on_a_rest_day(self, start: date, number: int, start_counts: bool) -> None:
        """The last day of a term is a working day (R5)."""
        assert CALENDAR.is_working(CALENDAR.working_day(number, start, start_counts=start_counts))

    @QUICK
    @given(days, numbers, st.booleans())
    def test_exactly_so_many_days_are_counted(self, start: date, number: int, start_counts: bool) -> None:
        """From the first day that counts to the last there are exactly as many working days as the term has."""
        last = CALENDAR.working_day(number, start, start_counts=start_counts)
        assert working_days(start if start_counts else start + ONE_DAY, last) == number

    @QUICK
    @given(days, numbers, st.booleans())
    def test_a_later_start_never_ends_earlier(self, start: date, number: int, start_counts: bool) -> None:
        """Whoever hands in a day later is never served earlier."""
        now = CALENDAR.working_day(number, start, start_counts=start_counts)
        assert now <= CALENDAR.working_day(number, start + ONE_DAY, start_counts=start_counts)

    @QUICK
    @given(days, numbers, st.booleans())
    def test_a_longer_term_ends_later(self, start: date, number: int, start_counts: bool) -> None:
        """One working day more ends on the next working day."""
        last = CALENDAR.working_day(number, start, start_counts=start_counts)
        more = CALENDAR.working_day(number + 1, start, start_counts=start_counts)
        assert more == CALENDAR.roll_forward(last + ONE_DAY)

    @QUICK
    @given(days, numbers)
    def test_counting_the_first_day_is_at_most_a_working_day_earlier(self, start: date, number: int) -> None:
        """The two readings of R6 differ by one working day if the first day is one, else not at all."""
        same = CALENDAR.working_day(number, start, start_counts=True)
        after = CALENDAR.working_day(number, start, start_counts=False)
        extra = 1 if CALENDAR.is_working(start) else 0
        assert working_days(same, after) == 1 + extra

    @QUICK
    @given(days)
    def test_rolling_forward_finds_the_next_working_day(self, day: date) -> None:
        """A rest day becomes the next working day, a working day stays."""
        rolled = CALENDAR.roll_forward(day)
        assert rolled >= day
        assert working_days(day, rolled) == 1


class TestMonths:
    """Calendar months (R9)."""

    @pytest.mark.parametrize(
        ("day", "months", "then"),
        [
            (date(2025, 1, 31), 1, date(2025, 2, 28)),
            (date(2024, 1, 31), 1, date(2024, 2, 29)),
            (date(2025, 1, 28), 1, date(2025, 2, 28)),
            (date(2025, 3, 31), 1, date(2025, 4, 30)),
            (date(2025, 12, 15), 1, date(2026, 1, 15)),
            (date(2025, 11, 30), 3, date(2026, 2, 28)),
            (date(2024, 2, 29), 12, date(2025, 2, 28)),
            (date(2024, 12, 31), 12, date(2025, 12, 31)),
        ],
    )
    def test_the_same_day_or_the_months_last(self, day: date, months: int, then: date) -> None:
        """A month later is the same day, or the month's last day where there is no such day (R9)."""
        assert add_months(day, months) == then

    @QUICK
    @given(days, st.integers(0, 60))
    def test_the_month_is_always_the_right_one(self, day: date, months: int) -> None:
        """Adding months goes on by exactly so many months and never forward within the month."""
        then = add_months(day, months)
        assert (then.year - day.year) * 12 + then.month - day.month == months
        assert then.day == day.day or (then + ONE_DAY).day == 1
