"""When each clock is due, and how it ends (R5-R10)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.clocks import Clock, Outcome, due, on_the_wall
from models.data import ALMATY
from models.lifecycle import Channel
from models.regulation import ClockKind, Minutes, Months, WorkingDays
from tests.models.builders import CALENDAR, PORTAL, PROVIDER, QUICK, REGULATION, RULES, SC, at

DEPARTMENT = RULES.office("education-karaganda")
BRANCH = RULES.office("sc-karaganda")

TEN_DAYS = [
    ("2024-05-03", "2024-05-21", "2024-05-20"),
    ("2024-12-31", "2025-01-17", "2025-01-16"),
    ("2025-03-07", "2025-03-27", "2025-03-26"),
    ("2025-08-22", "2025-09-08", "2025-09-05"),
    ("2025-12-30", "2026-01-16", "2026-01-15"),
    ("2026-03-06", "2026-03-26", "2026-03-20"),
    ("2026-04-30", "2026-05-19", "2026-05-18"),
    ("2026-08-20", "2026-09-03", "2026-09-02"),
    ("2026-10-23", "2026-11-09", "2026-11-06"),
    ("2026-12-30", "2027-01-18", "2027-01-15"),
]
"""Handed in, and the tenth working day: the first day not counted, and counted."""

DUE_AT = at("2026-11-23 10:15")

instants = st.datetimes(datetime(2023, 1, 1), datetime(2034, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def running(*, limit: bool = True) -> Clock:
    """A clock of fifteen minutes that is due at 10:15."""
    return Clock(
        clock=ClockKind.WAITING,
        office="sc-karaganda",
        limit=limit,
        started_at=at("2026-11-23 10:00"),
        due_at=DUE_AT,
    )


def processing(channel: Channel, handed_in_at: datetime) -> datetime:
    """When the shipped regulation's processing clock of a channel is due."""
    term = REGULATION.term(ClockKind.PROCESSING, channel)
    assert term is not None
    return due(term, handed_in_at, CALENDAR, DEPARTMENT)


class TestMinutes:
    """R7, R8: wall time."""

    @pytest.mark.parametrize(
        ("kind", "channel", "minutes"),
        [
            (ClockKind.WAITING, SC, 15),
            (ClockKind.WAITING, PROVIDER, 15),
            (ClockKind.SERVICE, SC, 15),
            (ClockKind.SERVICE, PROVIDER, 30),
        ],
    )
    def test_the_passports_minutes(self, kind: ClockKind, channel: Channel, minutes: int) -> None:
        """Waiting lasts 15 minutes at most, service 15 at SC and 30 at the provider (R7, R8)."""
        term = Minutes(minutes=minutes)
        assert REGULATION.term(kind, channel) == term
        assert due(term, at("2026-11-23 10:00"), CALENDAR, BRANCH) == at(f"2026-11-23 10:{minutes}")

    def test_minutes_run_past_closing_and_midnight(self) -> None:
        """Minutes are wall time: closing hours and rest days do not hold them up (R7)."""
        assert due(Minutes(minutes=15), at("2026-11-21 23:50"), CALENDAR, BRANCH) == at("2026-11-22 00:05")

    @pytest.mark.parametrize("kind", [ClockKind.WAITING, ClockKind.SERVICE, ClockKind.RETENTION, ClockKind.RECALL])
    def test_the_portal_has_no_queue(self, kind: ClockKind) -> None:
        """On the portal only processing has a term (R5, R16)."""
        assert REGULATION.term(kind, PORTAL) is None


class TestWorkingDays:
    """R5, R6: ten working days of the provider."""

    @pytest.mark.parametrize(("handed_in", "exclusive", "inclusive"), TEN_DAYS)
    def test_at_sc_the_day_of_acceptance_is_not_counted(
        self, handed_in: str, exclusive: str, inclusive: str
    ) -> None:
        """At SC the term ends on the tenth working day after acceptance, at 18:30 (R5, R6)."""
        assert inclusive < exclusive
        assert processing(SC, at(f"{handed_in} 11:00")) == at(f"{exclusive} 18:30")

    @pytest.mark.parametrize("channel", [PROVIDER, PORTAL])
    @pytest.mark.parametrize(("handed_in", "exclusive", "inclusive"), TEN_DAYS)
    def test_elsewhere_it_is_day_one(
        self, channel: Channel, handed_in: str, exclusive: str, inclusive: str
    ) -> None:
        """At the provider and on the portal the day of submission is day one (R5, the reading of R6)."""
        assert inclusive < exclusive
        assert processing(channel, at(f"{handed_in} 11:00")) == at(f"{inclusive} 18:30")

    @pytest.mark.parametrize("channel", Channel)
    def test_the_hour_of_handing_in_does_not_matter(self, channel: Channel) -> None:
        """A term is date arithmetic, never multiples of 24 hours: morning and evening end together (R5)."""
        hours = ["00:00", "09:00", "12:30", "18:00", "23:59"]
        assert len({processing(channel, at(f"2026-11-23 {hour}")) for hour in hours}) == 1

    def test_scs_open_saturday_is_no_working_day(self) -> None:
        """Handed in at SC on a Saturday: the ten days are the provider's, from Monday on (R5)."""
        assert BRANCH.saturday is not None
        assert processing(SC, at("2026-11-21 10:00")) == at("2026-12-04 18:30")

    def test_a_worked_saturday_counts(self) -> None:
        """The Saturday that the state worked in place of a weekday is a working day (R5)."""
        one = WorkingDays(working_days=1, first_day="next")
        assert due(one, at("2024-05-03 11:00"), CALENDAR, DEPARTMENT) == at("2024-05-04 18:30")

    def test_the_day_is_karagandas(self) -> None:
        """The day of handing in is the local one, whatever day it is in UTC (R6)."""
        late = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
        assert late.astimezone(ALMATY).date() == date(2026, 11, 23)
        assert processing(SC, late) == processing(SC, at("2026-11-23 11:00"))

    def test_a_term_over_the_change_of_zone_ends_by_the_local_watch(self) -> None:
        """On 1 March 2024 Kazakhstan went to UTC+5: a term from before ends at 18:30 by the new time (R5)."""
        ends = processing(SC, at("2024-02-20 11:00"))
        assert ends == datetime(2024, 3, 5, 13, 30, tzinfo=UTC)

    def test_a_recall_has_one_working_day(self) -> None:
        """The provider sends a stored result by the close of the next working day (R10)."""
        term = REGULATION.term(ClockKind.RECALL, SC)
        assert term is not None
        assert due(term, at("2026-11-27 11:00"), CALENDAR, DEPARTMENT) == at("2026-11-30 18:30")

    @QUICK
    @given(instants, st.sampled_from(Channel))
    def test_it_ends_on_the_wall_of_a_working_day(self, start: datetime, channel: Channel) -> None:
        """Whenever it starts, it ends after that, at 18:30 of one of the provider's working days (R5)."""
        ends = processing(channel, start).astimezone(ALMATY)
        assert ends > start
        assert (ends.hour, ends.minute) == (18, 30)
        assert CALENDAR.is_working(ends.date())


class TestMonths:
    """R9: SC keeps the result for one calendar month."""

    @pytest.mark.parametrize(
        ("start", "ends"),
        [
            ("2025-01-31", "2025-02-28"),  # 31 January: the last day of February
            ("2024-01-31", "2024-02-29"),  # in a leap year
            ("2026-01-31", "2026-03-02"),  # 28 February 2026 is a Saturday
            ("2026-11-24", "2026-12-24"),
            ("2025-02-08", "2025-03-11"),  # 8 March is a Saturday, its Monday is off
            ("2026-12-01", "2027-01-05"),  # New Year, a weekend and the Monday off for it
            ("2024-04-04", "2024-05-04"),  # a Saturday that the state worked
        ],
    )
    def test_a_month_ends_on_a_working_day(self, start: str, ends: str) -> None:
        """The month ends on its day or the month's last, and on a rest day not before the next working day."""
        term = Months(months=1)
        assert REGULATION.term(ClockKind.RETENTION, SC) == term
        assert due(term, at(f"{start} 15:00"), CALENDAR, BRANCH) == at(f"{ends} 18:00")

    def test_the_provider_keeps_it_by_its_own_term(self) -> None:
        """How long the provider waits for an applicant is its own data, and ends at its own closing (R9)."""
        assert DEPARTMENT.keeps_result is not None
        assert due(DEPARTMENT.keeps_result, at("2026-11-23 15:00"), CALENDAR, DEPARTMENT) == at("2027-11-23 18:30")


class TestOutcome:
    """How a clock ends (C2)."""

    def test_it_begins_running(self) -> None:
        """A clock that nobody stopped runs."""
        assert running().is_running
        assert running().outcome is Outcome.RUNNING

    @pytest.mark.parametrize(
        ("late", "reached", "outcome"),
        [
            (-60, True, Outcome.MET),
            (0, True, Outcome.MET),
            (0.000001, True, Outcome.PASSED),
            (60, True, Outcome.PASSED),
            (-60, False, Outcome.ENDED),
            (0, False, Outcome.ENDED),
            (60, False, Outcome.PASSED),
        ],
    )
    def test_a_limit_is_met_until_its_due_instant(self, late: float, reached: bool, outcome: Outcome) -> None:
        """A stop at the due instant is met, any later one passed, one without its goal only ended (C2)."""
        stopped = running().stopped(DUE_AT + timedelta(seconds=late), reached=reached)
        assert stopped.outcome is outcome
        assert not stopped.is_running

    @pytest.mark.parametrize("reached", [True, False])
    @pytest.mark.parametrize("late", [-60, 0, 60])
    def test_what_has_passed_stays_passed(self, late: int, reached: bool) -> None:
        """Once passed, no stop makes it met or ended again (C2)."""
        stopped = running().passed().stopped(DUE_AT + timedelta(seconds=late), reached=reached)
        assert stopped.outcome is Outcome.PASSED

    def test_passing_ends_nothing(self) -> None:
        """A clock whose limit has passed runs on (C2)."""
        assert running().passed().is_running

    @pytest.mark.parametrize(("reached", "outcome"), [(True, Outcome.MET), (False, Outcome.ENDED)])
    @pytest.mark.parametrize("late", [-60, 0, 60, 10**7])
    def test_a_term_is_never_passed(self, late: int, reached: bool, outcome: Outcome) -> None:
        """Retention is a term, no limit: however late it is stopped, nothing was passed (R9)."""
        stopped = running(limit=False).stopped(DUE_AT + timedelta(seconds=late), reached=reached)
        assert stopped.outcome is outcome

    def test_only_retention_is_no_limit(self) -> None:
        """Of the passport's five clocks four are limits; the month at SC is a term (R9)."""
        assert [kind for kind, rule in REGULATION.clocks.items() if not rule.limit] == [ClockKind.RETENTION]

    def test_stopping_leaves_the_clock_as_it_was(self) -> None:
        """Clocks are values: stopping one makes another and changes none."""
        clock = running()
        clock.stopped(DUE_AT, reached=True)
        assert clock == running()


class TestClosing:
    """The close of business as an instant."""

    def test_it_is_local_time(self) -> None:
        """18:30 in Karaganda is 13:30 UTC since 2024, and was 12:30 before."""
        closes = DEPARTMENT.weekdays.closes
        assert on_the_wall(date(2026, 11, 23), closes) == datetime(2026, 11, 23, 13, 30, tzinfo=UTC)
        assert on_the_wall(date(2023, 11, 23), closes) == datetime(2023, 11, 23, 12, 30, tzinfo=UTC)
