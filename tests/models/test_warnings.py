"""Warnings on the way to a due instant: where they lie, that each is written once, and who hears of them (C2)."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.data import ALMATY, local_iso
from models.journal import FactName
from models.lifecycle import Channel, Command
from models.outbound import NoticeKind
from models.plan import Plan, plan
from models.regulation import ClockKind, ClockRule
from tests.models.builders import PORTAL, PROVIDER, RULES, SC, Case, at

WAITING, SERVICE = ClockKind.WAITING, ClockKind.SERVICE
PROCESSING, RETENTION, RECALL = ClockKind.PROCESSING, ClockKind.RETENTION, ClockKind.RECALL
PROVIDERS = RULES.office("education-karaganda")


def planned(kind: ClockKind, channel: Channel, start: str) -> Plan:
    found = plan(RULES.regulation, RULES.calendar, kind, channel, PROVIDERS, at(start))
    assert found is not None
    return found


def points(kind: ClockKind, channel: Channel, start: str) -> list[tuple[int, str]]:
    warnings = planned(kind, channel, start).warnings
    return [(one.percent, f"{one.at.astimezone(ALMATY):%Y-%m-%d %H:%M:%S}") for one in warnings]


class TestWhere:
    """50, 75 and 90 per cent, as the regulation file says; the days are counted by hand from the calendar."""

    def test_of_ten_working_days_whole_days_end_at_closing(self) -> None:
        """Day one is 24 November: five days are over on the 30th, seven and a half in the middle of the eighth."""
        assert points(PROCESSING, SC, "2026-11-23 10:00") == [
            (50, "2026-11-30 18:30:00"),
            (75, "2026-12-03 13:45:00"),
            (90, "2026-12-04 18:30:00"),
        ]

    def test_of_one_working_day_they_lie_in_its_hours(self) -> None:
        """From nine to half past six: half of it is over at a quarter to two (R10)."""
        assert points(RECALL, SC, "2026-11-23 10:00") == [
            (50, "2026-11-24 13:45:00"),
            (75, "2026-11-24 16:07:30"),
            (90, "2026-11-24 17:33:00"),
        ]

    def test_of_minutes_they_lie_on_the_wall(self) -> None:
        """A quarter of an hour (R7)."""
        assert points(WAITING, SC, "2026-11-23 10:00") == [
            (50, "2026-11-23 10:07:30"),
            (75, "2026-11-23 10:11:15"),
            (90, "2026-11-23 10:13:30"),
        ]

    def test_rest_days_use_nothing_up(self) -> None:
        """Nauryz: of the ten days from 19 March 2026, the fifth is the 27th, as 23 to 25 March are off."""
        assert points(PROCESSING, PROVIDER, "2026-03-19 09:00")[0] == (50, "2026-03-30 18:30:00")

    @given(
        minutes=st.integers(0, 5 * 365 * 24 * 60),
        where=st.sampled_from([(PROCESSING, SC), (PROCESSING, PROVIDER), (PROCESSING, PORTAL), (RECALL, SC)]),
    )
    def test_they_rise_between_the_start_and_the_due_instant(
        self, minutes: int, where: tuple[ClockKind, Channel]
    ) -> None:
        """Whenever a term of working days starts, its warnings lie on its way, in order."""
        start = at("2024-01-01 00:00") + timedelta(minutes=minutes)
        found = plan(RULES.regulation, RULES.calendar, *where, PROVIDERS, start)
        assert found is not None
        way = [found.started_at, *(point.at for point in found.warnings), found.due_at]
        assert way == sorted(way)
        assert found.warnings[-1].at < found.due_at


class TestRule:
    """What the regulation file may say."""

    @pytest.mark.parametrize("wrong", [[0], [100], [75, 50], [50, 50], ["x"]])
    def test_percentages_rise_between_one_and_ninety_nine(self, wrong: list[object]) -> None:
        with pytest.raises(ValidationError, match="warnings"):
            ClockRule.model_validate(RULES.regulation.clocks[WAITING].model_dump() | {"warnings": wrong})

    def test_a_file_that_says_nothing_warns_three_times(self) -> None:
        rule = RULES.regulation.clocks[WAITING].model_dump(exclude={"warnings"})
        assert ClockRule.model_validate(rule).warnings == (50, 75, 90)


class TestWritten:
    """Each once, dated to its instant, with the instant at which it was noticed."""

    def test_by_the_timer(self) -> None:
        """At the instant itself; the next one is still ahead."""
        case = Case().under_review()
        half = at("2026-11-30 18:30")
        assert case.application.falls_due_at(PROCESSING) == half
        case.application.fall_due(PROCESSING, noticed_at=half, cause="timer")
        fact = case.fact(FactName.WARNING_REACHED)
        assert (fact.at, fact.by, fact.stage) == (half, "clock", "under_review")
        assert fact.details == {
            "clock": "processing",
            "office": "education-karaganda",
            "percent": 50,
            "due_at": "2026-12-07T18:30:00+05:00",
            "noticed_at": "2026-11-30T18:30:00+05:00",
        }
        assert case.application.falls_due_at(PROCESSING) == at("2026-12-03 13:45")
        assert case.application.clocks[PROCESSING].warned == 50

    def test_the_answerable_offices_supervisor_is_told(self) -> None:
        """The ten days are the provider's; the notice says how much is left to whom."""
        case = Case().under_review().fall_due(PROCESSING, -timedelta(days=4))
        first, second = case.notices(NoticeKind.WARNING_REACHED)
        assert (first.recipient, first.at) == ("education-supervisor", at("2026-11-30 18:30"))
        assert second.details == {
            "clock": "processing",
            "office": "education-karaganda",
            "percent": 75,
            "due_at": "2026-12-07T18:30:00+05:00",
            "stage": "under_review",
        }

    def test_all_at_once_by_a_worker_that_was_down(self) -> None:
        """Four facts, each at its own instant, all noticed when the worker came back; after that nothing more."""
        case = Case().under_review().fall_due(PROCESSING, timedelta(days=2))
        due = [f for f in case.application.facts if f.by == "clock"]
        assert [f.fact for f in due] == [FactName.WARNING_REACHED] * 3 + [FactName.LIMIT_PASSED]
        assert [f.at for f in due] == [
            at("2026-11-30 18:30"),
            at("2026-12-03 13:45"),
            at("2026-12-04 18:30"),
            at("2026-12-07 18:30"),
        ]
        assert {f.details["noticed_at"] for f in due} == {"2026-12-09T18:30:00+05:00"}
        assert case.application.falls_due_at(PROCESSING) is None
        case.fall_due(PROCESSING, timedelta(days=3))
        assert len([f for f in case.application.facts if f.by == "clock"]) == len(due)

    def test_by_a_stop_that_comes_first(self) -> None:
        """A command that stops the clock before the timer was seen writes what lay before it, and no more."""
        case = Case().do(Command.CALL, when="2026-11-23 10:12")
        warned = [f for f in case.application.facts if f.fact is FactName.WARNING_REACHED]
        assert [(f.details["percent"], f.at) for f in warned] == [
            (50, at("2026-11-23 10:07:30")),
            (75, at("2026-11-23 10:11:15")),
        ]
        assert {f.details["noticed_at"] for f in warned} == {local_iso(at("2026-11-23 10:12"))}
        assert case.application.falls_due_at(WAITING) is None

    def test_a_stop_at_the_point_itself_is_in_time(self) -> None:
        """As at the due instant: what is done at that instant was done in time."""
        assert FactName.WARNING_REACHED not in Case().do(Command.CALL, when="2026-11-23 10:07:30").names()

    def test_the_month_warns_too(self) -> None:
        """R9: the applicant can still be called before the result goes into storage; a month is no limit."""
        case = Case().ready().fall_due(RETENTION)
        assert [f.details["percent"] for f in case.application.facts if f.by == "clock"] == [50, 75, 90]
        assert case.application.falls_due_at(RETENTION) == case.application.clocks[RETENTION].due_at

    def test_the_state_does_not_change_backwards(self) -> None:
        """A fact that is dated back does not make the application older than it was."""
        case = Case().do(Command.CALL, when="2026-11-23 10:30")
        before = case.application.state().changed_at
        case.application.fall_due(SERVICE, noticed_at=at("2026-11-23 10:40"), cause="timer")
        assert case.application.facts[-1].at > before
        case.do(Command.ACCEPT, when="2026-11-23 10:50").fall_due(PROCESSING)
        assert case.application.state().changed_at == max(f.at for f in case.application.facts)
