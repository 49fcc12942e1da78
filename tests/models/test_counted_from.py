"""From which instant a term counts: a portal request out of hours from the next opening (R5)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calendar import UnknownYearError
from models.clocks import Clock, counted_from, due
from models.data import ALMATY
from models.journal import FactName
from models.library import Rules
from models.lifecycle import Channel, Command
from models.regulation import ClockKind, Minutes, Months, WorkingDays
from tests.models.builders import (
    CALENDAR,
    COUNTERS,
    PORTAL,
    PROVIDER,
    QUICK,
    REGULATION,
    RULES,
    SC,
    Case,
    at,
    changed,
)

DEPARTMENT = RULES.office("education-karaganda")
ROLLED = WorkingDays(working_days=10, first_day="same", outside_hours="next-opening", common_first_day="next")

instants = st.datetimes(datetime(2024, 3, 1), datetime(2034, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001

WITHIN = [
    "2026-11-23 09:00",  # at opening
    "2026-11-23 09:00:01",
    "2026-11-23 10:00",
    "2026-11-23 13:00",  # lunch lies within the hours: it begins,
    "2026-11-23 13:45",  # goes on
    "2026-11-23 14:30",  # and ends
    "2026-11-23 18:29:59",
    "2026-11-23 18:30",  # so does the close of business itself
    "2024-05-04 11:00",  # the Saturday that the state worked
]
OUTSIDE = [
    ("2026-11-23 00:00", "2026-11-23 09:00"),
    ("2026-11-23 08:59:59", "2026-11-23 09:00"),  # a second before opening
    ("2026-11-23 18:30:01", "2026-11-24 09:00"),  # a second after closing
    ("2026-11-23 23:59:59", "2026-11-24 09:00"),
    ("2026-11-27 20:00", "2026-11-30 09:00"),  # Friday evening
    ("2026-11-28 11:00", "2026-11-30 09:00"),  # Saturday, while SC is open
    ("2026-11-29 23:00", "2026-11-30 09:00"),  # Sunday
    ("2026-12-15 18:31", "2026-12-17 09:00"),  # the evening before the holiday of 16 December
    ("2026-12-16 10:00", "2026-12-17 09:00"),  # the holiday
    ("2026-12-31 19:00", "2027-01-05 09:00"),  # New Year, the weekend and the Monday off for it
    ("2024-05-03 18:31", "2024-05-04 09:00"),  # before the Saturday that the state worked
]
"""When a request came, and from when it counts."""


def rolled(when: datetime) -> datetime:
    return counted_from(ROLLED, when, CALENDAR, DEPARTMENT)


def processing(case: Case) -> Clock:
    clock: Clock = case.application.clocks[ClockKind.PROCESSING]
    return clock


class TestNextOpening:
    """The reading of R5 for a request outside the provider's working hours."""

    def test_the_shipped_portal_is_read_so(self) -> None:
        """The regulation file chooses the reading for the portal, and for no other channel."""
        assert REGULATION.term(ClockKind.PROCESSING, PORTAL) == ROLLED
        terms = [term for rule in REGULATION.clocks.values() for term in rule.terms.values()]
        assert [term for term in terms if isinstance(term, WorkingDays) and term.outside_hours != "count"] == [
            ROLLED
        ]

    @pytest.mark.parametrize("when", WITHIN)
    def test_within_the_hours_it_counts_from_itself(self, when: str) -> None:
        """From opening to close of business, both included and lunch too, nothing is put off (R5)."""
        assert rolled(at(when)) == at(when)

    @pytest.mark.parametrize(("came", "counts"), OUTSIDE)
    def test_outside_it_counts_from_the_next_opening(self, came: str, counts: str) -> None:
        """Before opening: the same morning; after closing and on rest days: the next working day (R5)."""
        assert rolled(at(came)) == at(counts)

    def test_the_hours_are_karagandas(self) -> None:
        """20:00 UTC is one o'clock at night in Karaganda, of the day that opens at 4:00 UTC (R5)."""
        late = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
        assert rolled(late) == datetime(2026, 11, 24, 4, 0, tzinfo=UTC)

    def test_a_year_without_a_calendar_is_not_guessed(self) -> None:
        """After the last evening that the calendar knows there is no next opening."""
        with pytest.raises(UnknownYearError):
            rolled(at(f"{CALENDAR.last_year}-12-31 19:00"))

    @QUICK
    @given(instants)
    def test_it_is_an_instant_within_the_hours(self, came: datetime) -> None:
        """It never lies before the request, always within a working day's hours, and counts from itself (R5)."""
        counts = rolled(came)
        local = counts.astimezone(ALMATY)
        assert counts >= came
        assert CALENDAR.is_working(local.date())
        assert DEPARTMENT.weekdays.opens <= local.time() <= DEPARTMENT.weekdays.closes
        assert rolled(counts) == counts

    @QUICK
    @given(instants, st.timedeltas(timedelta(0), timedelta(days=7)))
    def test_who_comes_later_is_never_due_earlier(self, came: datetime, later: timedelta) -> None:
        """The order of requests is the order from which they count and of their due instants (R5)."""
        first, second = rolled(came), rolled(came + later)
        assert first <= second
        assert due(ROLLED, first, CALENDAR, DEPARTMENT) <= due(ROLLED, second, CALENDAR, DEPARTMENT)


class TestFromItself:
    """Whatever else counts from the instant at which it starts."""

    @pytest.mark.parametrize(("came", "counts"), OUTSIDE)
    @pytest.mark.parametrize(
        "term",
        [
            WorkingDays(working_days=10, first_day="next"),
            WorkingDays(working_days=10, first_day="same"),
            Minutes(minutes=15),
            Months(months=1),
        ],
    )
    def test_another_term_is_not_put_off(
        self, term: WorkingDays | Minutes | Months, came: str, counts: str
    ) -> None:
        """Days of the counters, minutes and months start when they start, out of hours too (R5-R10)."""
        assert counted_from(term, at(came), CALENDAR, DEPARTMENT) == at(came) < at(counts)

    @pytest.mark.parametrize(
        ("channel", "handed_in", "due_at"),
        [
            (SC, "2026-11-21 12:30", "2026-12-04 18:30"),  # SC's open Saturday
            (SC, "2026-11-23 18:45", "2026-12-07 18:30"),  # a visit that went on after closing
            (PROVIDER, "2026-11-23 18:45", "2026-12-04 18:30"),
            (PROVIDER, "2026-11-28 11:00", "2026-12-11 18:30"),
        ],
    )
    def test_counters_are_unaffected(self, channel: Channel, handed_in: str, due_at: str) -> None:
        """At a counter the term starts at the handing in, whatever the hour (R5, R6)."""
        case = Case(channel, opened=handed_in).do(Command.CALL, when=handed_in)
        clock = processing(case.do(Command.ACCEPT, when=handed_in))
        assert (clock.started_at, clock.due_at) == (at(handed_in), at(due_at))


class TestPortalTerm:
    """R5: both instants of a request are kept, and its ten days end at the provider's close of business."""

    @pytest.mark.parametrize(
        ("received", "counts_from", "due_at"),
        [
            ("2026-11-23 10:00", "2026-11-23 10:00", "2026-12-04 18:30"),
            ("2026-11-23 08:59", "2026-11-23 09:00", "2026-12-04 18:30"),
            ("2026-11-23 09:00", "2026-11-23 09:00", "2026-12-04 18:30"),
            ("2026-11-23 13:30", "2026-11-23 13:30", "2026-12-04 18:30"),
            ("2026-11-23 18:30", "2026-11-23 18:30", "2026-12-04 18:30"),
            ("2026-11-23 18:30:01", "2026-11-24 09:00", "2026-12-07 18:30"),
            ("2026-11-27 20:00", "2026-11-30 09:00", "2026-12-11 18:30"),
            ("2026-11-28 11:00", "2026-11-30 09:00", "2026-12-11 18:30"),
            ("2026-12-15 19:00", "2026-12-17 09:00", "2026-12-30 18:30"),
            ("2026-12-16 12:00", "2026-12-17 09:00", "2026-12-30 18:30"),
        ],
    )
    def test_both_instants_are_kept(self, received: str, counts_from: str, due_at: str) -> None:
        """The day from which it counts is day one; the journal has received, counts from and due (R5, R6)."""
        case = Case(PORTAL, opened=received)
        fact, clock = case.fact(FactName.APPLICATION_SUBMITTED), processing(case)
        assert (clock.started_at, clock.due_at) == (at(counts_from), at(due_at))
        assert fact.at == at(received), "the fact is dated to the arrival, not to the opening"
        told = [
            datetime.fromisoformat(str(fact.details[name])) for name in ("received_at", "counts_from", "due_at")
        ]
        assert told == [at(received), at(counts_from), at(due_at)]

    def test_they_are_told_by_the_local_watch(self) -> None:
        """A fact tells its instants with the offset of Karaganda."""
        details = Case(PORTAL, opened="2026-11-27 20:00").fact(FactName.APPLICATION_SUBMITTED).details
        assert details["received_at"] == "2026-11-27T20:00:00+05:00"
        assert details["counts_from"] == "2026-11-30T09:00:00+05:00"

    def test_the_provider_answers_for_it(self) -> None:
        """The portal decides nothing: the ten days are the education department's (R3, R5)."""
        clock = processing(Case(PORTAL))
        assert (clock.office, clock.limit) == ("education-karaganda", True)

    def test_no_other_clock_runs(self) -> None:
        """On the portal nobody waits, is served, or fetches a result: one clock runs (R7, R8, R9)."""
        assert set(Case(PORTAL).published().application.clocks) == {ClockKind.PROCESSING}

    def test_the_reading_can_be_changed(self) -> None:
        """A file that lets such a request count from itself is followed: the evening is day one (R5)."""
        clocks = REGULATION.model_dump(exclude_unset=True)["clocks"]
        clocks[ClockKind.PROCESSING]["terms"][PORTAL]["outside_hours"] = "count"
        case = Case(PORTAL, rules=Rules(changed(clocks=clocks), CALENDAR), opened="2026-11-23 20:00")
        clock = processing(case)
        assert (clock.started_at, clock.due_at) == (at("2026-11-23 20:00"), at("2026-12-04 18:30"))

    def test_foreseen_and_started_agree(self) -> None:
        """What is told before the request begins is what its clock says afterwards (R22)."""
        for received in ("2026-11-23 10:00", "2026-11-27 20:00"):
            case = Case(PORTAL, opened=received)
            provider = case.application.provider
            assert case.application.due_at(ClockKind.PROCESSING, at(received), provider) == processing(case).due_at

    @pytest.mark.parametrize("channel", [*COUNTERS, PORTAL])
    def test_a_clock_that_does_not_run_is_due_never(self, channel: Channel) -> None:
        """Where the regulation gives a channel no term, nothing is foreseen either."""
        application = Case(channel).application
        kinds = {
            kind for kind in ClockKind if application.due_at(kind, at("2026-11-23 10:00"), application.provider)
        }
        everywhere = {ClockKind.PROCESSING}
        visit = {ClockKind.WAITING, ClockKind.SERVICE}
        assert kinds == {SC: set(ClockKind), PROVIDER: everywhere | visit, PORTAL: everywhere}[channel]
