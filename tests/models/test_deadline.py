"""Every due date is right and explains itself: a golden table, and what holds for every start (R5-R10)."""

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from models.calendar import Calendar
from models.calendar_entries import CalendarEntry, Correction, DayKind
from models.data import ALMATY, local_day
from models.deadline import Deadline, explain
from models.lifecycle import Channel
from models.regulation import ClockKind, WorkingDays
from tests.models.builders import CALENDAR, QUICK, REGULATION

GOLDEN = Path(__file__).parents[1] / "golden"
with (GOLDEN / "deadlines.csv").open(encoding="utf-8") as _file:
    CASES = list(csv.DictReader(_file))
PUBLISHED: dict[int, dict[str, Any]] = yaml.safe_load((GOLDEN / "days_off.yaml").read_text(encoding="utf-8"))
"""Days off and worked weekend days as they were published, one by one."""

RUNNING = [(kind, channel) for kind in ClockKind for channel in Channel if REGULATION.term(kind, channel)]
starts = st.datetimes(
    datetime(2023, 1, 1),  # noqa: DTZ001 - hypothesis wants them naive
    datetime(2034, 6, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


def deadline(kind: ClockKind, channel: Channel, at: datetime, calendar: Calendar = CALENDAR) -> Deadline:
    found = explain(REGULATION, calendar, kind, REGULATION.offices_of(channel)[0], at)
    assert found is not None
    return found


def is_published_as_working(day: date) -> bool:
    year = PUBLISHED[day.year]
    return day in year["days_worked"] or (day.weekday() < 5 and day not in year["days_off"])


class TestGolden:
    """Cases counted from what was published, none of them by our code."""

    def test_there_are_enough(self) -> None:
        assert len(CASES) >= 300
        assert {(case["clock"], case["channel"]) for case in CASES} == set(RUNNING)

    @pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['clock']}-{case['channel']}-{case['at']}")
    def test_due(self, case: dict[str, str]) -> None:
        """The due instant, with the offset of its own day."""
        found = deadline(ClockKind(case["clock"]), Channel(case["channel"]), datetime.fromisoformat(case["at"]))
        assert found.due_at.astimezone(ALMATY).isoformat() == case["due_at"]
        assert found.due_on.isoformat() == case["due_at"][:10]

    @pytest.mark.parametrize("year", PUBLISHED)
    def test_our_calendar_is_what_was_published(self, year: int) -> None:
        """Every single day of the years for which a list was written down."""
        day = date(year, 1, 1)
        while day.year == year:
            assert CALENDAR.is_working(day) == is_published_as_working(day), day
            day += timedelta(days=1)


class TestEveryStart:
    """What holds whenever a clock starts."""

    @QUICK
    @given(st.sampled_from(RUNNING), starts, st.timedeltas(timedelta(), timedelta(days=40)))
    def test_a_later_start_is_never_due_earlier(
        self, clock: tuple[ClockKind, Channel], at: datetime, later: timedelta
    ) -> None:
        assert deadline(*clock, at).due_at <= deadline(*clock, at + later).due_at

    @QUICK
    @given(st.sampled_from(RUNNING), starts)
    def test_days_add_up(self, clock: tuple[ClockKind, Channel], at: datetime) -> None:
        """From the day of the start to the due day without a gap; those that count are numbered through."""
        found, term = deadline(*clock, at), REGULATION.term(*clock)
        dates = [day.date for day in found.days]
        first, last = local_day(at), found.due_on
        assert dates == [first + timedelta(days=n) for n in range((last - first).days + 1)]
        numbers = [day.number for day in found.days if day.counts and day.number is not None]
        assert numbers == list(range(1, len(numbers) + 1))
        if isinstance(term, WorkingDays):
            assert len(numbers) == term.working_days
            assert found.days[-1].counts
            assert all(CALENDAR.is_working(day.date) for day in found.days if day.counts)

    @QUICK
    @given(st.sampled_from([one for one in RUNNING if one[0] in {"processing", "retention", "recall"}]), starts)
    def test_never_on_a_rest_day(self, clock: tuple[ClockKind, Channel], at: datetime) -> None:
        assert CALENDAR.is_working(deadline(*clock, at).due_on)

    @QUICK
    @given(st.sampled_from(RUNNING), starts)
    def test_every_day_has_a_reason_in_every_language(
        self, clock: tuple[ClockKind, Channel], at: datetime
    ) -> None:
        for day in deadline(*clock, at).days:
            assert all((day.reason.kk, day.reason.ru, day.reason.en))


class TestNotSure:
    """A day that nobody can be sure of makes a term provisional, and says so."""

    @pytest.mark.parametrize(
        ("at", "provisional"),
        [
            ("2026-11-23T10:00:00+05:00", False),
            ("2026-12-17T10:00:00+05:00", False),
            ("2026-12-21T10:00:00+05:00", True),
        ],
    )
    def test_year_without_orders(self, at: str, provisional: bool) -> None:
        found = deadline(ClockKind.PROCESSING, Channel.PROVIDER, datetime.fromisoformat(at))
        assert found.provisional is provisional

    def test_an_order_settles_it(self) -> None:
        """Once the orders of a year are out, its terms are sure, save near a feast that is still estimated."""
        settled = CALENDAR.corrected(Correction(settled_through=2027, entries=()))
        early, near = datetime(2027, 2, 1, 5, tzinfo=UTC), datetime(2027, 5, 12, 5, tzinfo=UTC)
        assert not deadline(ClockKind.PROCESSING, Channel.PROVIDER, early, settled).provisional
        assert deadline(ClockKind.PROCESSING, Channel.PROVIDER, near, settled).provisional
        named = CalendarEntry(date=date(2027, 5, 16), kind=DayKind.RELIGIOUS, basis="named")
        sure = settled.corrected(Correction(entries=(named,)))
        assert not deadline(ClockKind.PROCESSING, Channel.PROVIDER, near, sure).provisional
