"""Months that are kept ready say what a recount says, whatever is written late, and by whomever they are kept."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, func, select

from adapters.database import tables as t
from adapters.database.engine import snapshot, writing
from adapters.database.records import SqlApplicationRecords
from adapters.database.supervision.months import count_month, keep_months
from adapters.host_clock import host_now, host_today
from adapters.keys import KeyRing
from desk.supervision import Supervision
from models.data import local_day
from models.lifecycle import Command
from models.supervision import Grouping, Sought, SummaryRow
from tests.models.builders import CALENDAR
from tests.proceedings import Life, life
from tests.supervision.world import NOW, File, questions, worlds, written

LONG_AGO = datetime(2026, 3, 10, 5, 0, tzinfo=UTC)
APRIL = datetime(2026, 4, 10, 5, 0, tzinfo=UTC)
KEPT = (t.kept_month, t.month_figures, t.late_write)


def forget(engine: Engine) -> None:
    with writing(engine) as connection:
        for table in KEPT:
            connection.execute(delete(table))


def both(asked: Supervision, sought: Sought, by: Grouping) -> tuple[list[SummaryRow], list[SummaryRow]]:
    return asked.summary(sought, by, kept=True), asked.summary(sought, by, kept=False)


def waiting(name: str, at: datetime) -> Life:
    """Somebody who has taken a ticket then."""
    one = life(name=name)
    one.now = at
    return one.do(Command.TAKE_TICKET)


def rows(engine: Engine, table: Any) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


@pytest.fixture
def asked(engine: Engine) -> Supervision:
    return Supervision(engine, CALENDAR)


class TestKeptMonths:
    """The same figures, from what is kept and from every clock."""

    @settings(
        max_examples=12,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(
        world=worlds(),
        words=questions(),
        by=st.sampled_from(list(Grouping)),
        months=st.integers(1, 4),
    )
    def test_equal_a_recount(
        self,
        engine: Engine,
        asked: Supervision,
        world: list[File],
        words: dict[str, Any],
        by: Grouping,
        months: int,
    ) -> None:
        """Under any filters and as of any instant, with some of the months kept or all of them."""
        forget(engine)
        written(engine, world)
        keep_months(engine, months)
        kept, recounted = both(asked, Sought(**words), by)
        assert kept == recounted

    def test_are_used(self, engine: Engine, asked: Supervision, key_ring: KeyRing) -> None:
        """A summary by month reads no clock that was stopped in a kept month."""
        records = SqlApplicationRecords(engine, key_ring)
        records.record(waiting("app-1", LONG_AGO).later(minutes=3).do(Command.CALL, Command.LEAVE).entry())
        while keep_months(engine, 12):
            pass
        with writing(engine) as connection:
            connection.execute(delete(t.clock).where(t.clock.c.stopped_at.is_not(None)))
        kept, recounted = both(asked, Sought(as_of=NOW), Grouping.MONTH)
        assert [(row.key, row.count) for row in kept] == [("2026-03", 2)]
        assert recounted == []

    def test_nothing_is_left_to_keep(self, engine: Engine, key_ring: KeyRing) -> None:
        """Every month from the first clock's to the last one over, each once."""
        SqlApplicationRecords(engine, key_ring).record(waiting("app-1", LONG_AGO).entry())
        counted = keep_months(engine, 1000)
        assert counted == rows(engine, t.kept_month) >= 8
        assert keep_months(engine, 1000) == 0


class TestLateWrites:
    """What is stopped after its month was kept is never left out."""

    def test_counted_at_once(self, engine: Engine, asked: Supervision, key_ring: KeyRing) -> None:
        """From the very transaction that writes the stop on, and the month is counted anew when its turn comes."""
        records = SqlApplicationRecords(engine, key_ring)
        one = waiting("app-1", LONG_AGO)
        records.record(one.entry())
        keep_months(engine, 1000)
        before = one.proceeding.state().last_fact
        records.record(one.later(minutes=60 * 24 * 40).do(Command.CALL, Command.LEAVE).entry(after=before))
        assert rows(engine, t.late_write) == 2
        kept, recounted = both(asked, Sought(as_of=NOW), Grouping.MONTH)
        assert kept == recounted
        assert sum(row.passed for row in kept) == 1
        assert keep_months(engine, 1000) == 2
        assert rows(engine, t.late_write) == 0
        kept, recounted = both(asked, Sought(as_of=NOW), Grouping.MONTH)
        assert kept == recounted
        assert sum(row.passed for row in kept) == 1

    def test_an_earlier_instant_is_counted_from_the_clocks(
        self, engine: Engine, asked: Supervision, key_ring: KeyRing
    ) -> None:
        """Before the late stop, the month stood otherwise than it is kept."""
        one = waiting("app-1", LONG_AGO).later(minutes=60 * 24 * 40).do(Command.CALL, Command.LEAVE)
        SqlApplicationRecords(engine, key_ring).record(one.entry())
        keep_months(engine, 1000)
        [then] = asked.summary(Sought(as_of=APRIL), Grouping.MONTH)
        assert (then.key, then.passed, then.taken) == ("2026-03", 1, None)

    def test_a_stop_while_the_month_is_counted(self, engine: Engine, key_ring: KeyRing, database: str) -> None:
        """A stop that whoever counts could not see keeps its row, so the month is counted once more."""
        records = SqlApplicationRecords(engine, key_ring)
        one = waiting("app-1", LONG_AGO)
        records.record(one.entry())
        before = one.proceeding.state().last_fact
        one.later(minutes=20).do(Command.CALL)
        march = local_day(LONG_AGO).replace(day=1)
        if database == "postgresql":  # on SQLite there is one writer at a time
            with snapshot(engine, writes=True) as connection:
                connection.execute(select(t.clock)).all()
                records.record(one.entry(after=before))
                count_month(connection, march)
        else:
            records.record(one.entry(after=before))
        assert rows(engine, t.late_write) == 1
        kept, recounted = both(Supervision(engine, CALENDAR), Sought(as_of=NOW), Grouping.MONTH)
        assert kept == recounted
        assert sum(row.passed for row in kept) == 2

    def test_two_at_once(self, engine: Engine, key_ring: KeyRing) -> None:
        """Two that count the same months at the same time: each month stands once, and neither fails."""
        SqlApplicationRecords(engine, key_ring).record(waiting("app-1", LONG_AGO).entry())
        with ThreadPoolExecutor(2) as pool:
            counted = list(pool.map(lambda _: keep_months(engine, 1000), range(2)))
        keep_months(engine, 1000)
        assert sum(counted) >= rows(engine, t.kept_month) >= 8

    def test_not_before_the_month_is_over(self, engine: Engine, key_ring: KeyRing) -> None:
        """The month that runs is never kept."""
        SqlApplicationRecords(engine, key_ring).record(waiting("app-1", host_now() - timedelta(hours=1)).entry())
        keep_months(engine, 1000)
        with engine.connect() as connection:
            months = connection.execute(select(t.kept_month.c.month)).scalars().all()
        assert host_today().replace(day=1) not in months
