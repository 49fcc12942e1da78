"""Every question of a supervisor, compared with a plain recount over random histories, on both databases."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from desk.supervision import Supervision, Told
from models.clocks import Outcome
from models.data import local_day
from models.measures import overrun
from models.plan import through
from models.regulation import ClockKind, Unit
from models.supervision import Grouping, Sort, Sought, Spread, Standing, SummaryRow
from tests.models.builders import CALENDAR
from tests.supervision.recount import Stood, grouped, nearest_rank, per_day, stood
from tests.supervision.world import NOW, SEASON, UNITS, File, questions, worlds, written

THOROUGH = settings(
    max_examples=25,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
_MICROSECOND = timedelta(microseconds=1)
ORDERS: dict[Sort, Any] = {
    Sort.OVERRUN: lambda row: (-row[6], row[0], row[1]),
    Sort.DUE: lambda row: (row[2], row[0], row[1]),
    Sort.RECENT: lambda row: (row[2], row[0], row[1]),  # from its end
}


@pytest.fixture
def asked(engine: Engine) -> Supervision:
    return Supervision(engine, CALENDAR)


def told(one: Told) -> tuple[Any, ...]:
    row = one.row
    return (row.application, row.clock, row.due_at, row.office, row.officer, row.stage, one.late_by, one.overrun)


def recounted(one: Stood) -> tuple[Any, ...]:
    late, end = one.late_by // _MICROSECOND, one.stopped_at or one.as_of
    over = overrun(UNITS[one.clock.clock], one.due_at, end, CALENDAR)
    return (one.file.id, one.clock.clock, one.due_at, one.clock.office, one.officer, one.stage, late, over)


def pages(asked: Supervision, sought: Sought, sort: Sort, size: int) -> Iterator[Told]:
    """The whole list, a page at a time."""
    after = None
    for _ in range(200):
        page = asked.breaches(sought, sort, size, after)
        assert page.as_of == sought.as_of
        yield from page.breaches
        after = page.after
        if after is None:
            return
    raise AssertionError("the list has no end")


class TestBreaches:
    """Which limits had passed, in which order."""

    @THOROUGH
    @given(world=worlds(), words=questions(), sort=st.sampled_from(list(Sort)), size=st.integers(1, 4))
    def test_as_recounted(
        self, engine: Engine, asked: Supervision, world: list[File], words: dict[str, Any], sort: Sort, size: int
    ) -> None:
        """Page by page, each breach once, in order, with its office, officer, stage and overrun as of then."""
        written(engine, world)
        sought = Sought(**words)
        expected = [recounted(one) for one in stood(world, sought) if one.has_passed]
        ordered = sorted(expected, key=ORDERS[sort], reverse=sort is Sort.RECENT)
        assert [told(one) for one in pages(asked, sought, sort, size)] == ordered
        assert [told(one) for one in asked.all_breaches(sought, sort, 1000)] == ordered


class TestSummary:
    """The figures of each group."""

    @THOROUGH
    @given(world=worlds(), words=questions(), by=st.sampled_from(list(Grouping)))
    def test_as_recounted(
        self, engine: Engine, asked: Supervision, world: list[File], words: dict[str, Any], by: Grouping
    ) -> None:
        """Counts, shares, percentiles and the worst of every group and unit."""
        written(engine, world)
        sought = Sought(**words)
        groups = grouped(world, sought, by)
        rows = asked.summary(sought, by)
        assert {(row.key, row.unit) for row in rows} == set(groups)
        for row in rows:
            check_row(row, groups[row.key, row.unit])


def check_row(row: SummaryRow, group: list[Stood]) -> None:
    outcomes = Counter(standing(one) for one in group)
    assert row.count == len(group)
    counted = (row.running, row.met, row.passed, row.ended)
    assert counted == tuple(outcomes[o] for o in (Outcome.RUNNING, Outcome.MET, Outcome.PASSED, Outcome.ENDED))
    assert row.on_time == (row.met / (row.met + row.passed) if row.met + row.passed else None)
    stopped = [one for one in group if not one.is_open and standing(one) is not Outcome.ENDED]
    check_spread(row.taken, [one.clock.taken for one in stopped])
    late = [one for one in group if one.has_passed]
    check_spread(row.overrun, [recounted(one)[7] for one in late])
    worst = max(late, key=lambda one: (one.late_by, [-ord(letter) for letter in one.file.id]), default=None)
    assert row.worst == (worst.file.id if worst else None)


def standing(one: Stood) -> Outcome:
    if one.has_passed:
        return Outcome.PASSED
    return Outcome.RUNNING if one.is_open else one.clock.outcome


def check_spread(spread: Spread | None, values: list[Any]) -> None:
    if not values:
        assert spread is None
        return
    assert spread is not None
    ranks = [nearest_rank(values, percent) for percent in (50, 90, 95, 99)]
    assert [spread.p50, spread.p90, spread.p95, spread.p99, spread.most] == [*ranks, max(values)]


class TestRunning:
    """What ran, and what was about to pass."""

    @THOROUGH
    @given(world=worlds(), words=questions(), minutes=st.integers(1, 60 * 24 * 12))
    def test_at_risk(
        self, engine: Engine, asked: Supervision, world: list[File], words: dict[str, Any], minutes: int
    ) -> None:
        """What had not passed and is due by then; each unit has an end of its own."""
        written(engine, world)
        sought = Sought(**words | {"state": Standing.ALL})
        ends = {Unit.MINUTES: sought.as_of + timedelta(minutes=minutes % 90)}
        ends[Unit.WORKING_DAYS] = sought.as_of + timedelta(minutes=minutes)
        near = [
            one
            for one in stood(world, sought)
            if one.is_open and not one.has_passed and one.due_at <= ends[UNITS[one.clock.clock]]
        ]
        expected = sorted((one.due_at, one.file.id, one.clock.clock, one.officer, one.stage) for one in near)
        rows = [one.row for one in asked.at_risk(sought, ends, 1000)]
        assert [(row.due_at, row.application, row.clock, row.officer, row.stage) for row in rows] == expected

    @THOROUGH
    @given(world=worlds(), words=questions())
    def test_buckets(self, engine: Engine, asked: Supervision, world: list[File], words: dict[str, Any]) -> None:
        """How many run in each office with so many working days left; what has passed lies below 0."""
        written(engine, world)
        sought = Sought(**words | {"state": Standing.ALL})
        today = local_day(sought.as_of)
        expected: Counter[tuple[str, int]] = Counter()
        for one in stood(world, sought):
            if one.is_open:
                due = local_day(one.due_at)
                days = sum(CALENDAR.is_working(day) for day in through(min(today, due), max(today, due)))
                first = min(today, due)
                days -= CALENDAR.is_working(first)
                expected[one.clock.office, min(-days, -1) if one.has_passed else days] += 1
        assert {(row.office, row.days_left): row.count for row in asked.buckets(sought)} == expected

    @THOROUGH
    @given(world=worlds(), words=questions(), first=st.integers(0, 70), length=st.integers(1, 20))
    def test_history(
        self,
        engine: Engine,
        asked: Supervision,
        world: list[File],
        words: dict[str, Any],
        first: int,
        length: int,
    ) -> None:
        """What was begun, stopped and passed each day, and what ran at its end."""
        of = words | {"officer": None, "due_from": None, "due_before": None, "state": Standing.ALL, "as_of": NOW}
        still = [one for one in world if not any(clock.former for clock in one.clocks)]
        written(engine, still)
        sought = Sought(**of)
        start = local_day(SEASON) + timedelta(days=first)
        rows = asked.history(sought, start, min(start + timedelta(days=length), local_day(NOW)))
        for row in rows:
            figures = (row.accepted, row.finished, row.passed, row.backlog)
            if row.day < local_day(NOW):
                assert figures == per_day(still, sought, row.day)


class TestKinds:
    """What the worlds of these tests are made of."""

    def test_every_clock_has_a_unit(self) -> None:
        """No clock is left out of the random histories."""
        assert set(UNITS) == set(ClockKind)
