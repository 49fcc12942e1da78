"""The views for other tools say what the questions of supervisors say, in the same columns, on both databases."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Engine, column, func, inspect, select, table

from adapters.database import tables as t
from adapters.database.columns import UtcTime
from adapters.database.supervision.days import keep_days
from adapters.host_clock import host_now
from desk.sla_views import AT_RISK, BREACH, BUCKETS, HEAT, HISTORY, SUMMARY, breach_row, risk_row, summary_rows
from desk.supervision import Supervision
from desk.views import told
from models.data import local_day
from models.library import Library
from models.regulation import ClockKind, Unit
from models.supervision import Grouping, Sort, Sought
from tests.models.builders import CALENDAR
from tests.supervision.world import SEASON, File, worlds, written

RANDOM = settings(
    max_examples=12,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
COLUMNS: dict[str, Sequence[str]] = {
    "sla_breaches": BREACH,
    "sla_at_risk": AT_RISK,
    "sla_summary": ("by", *SUMMARY),
    "sla_buckets": BUCKETS,
    "sla_history": ("clock", *HISTORY),
    "sla_heat": HEAT,
}
TIMES = ("started_at", "due_at", "stopped_at")
GOES_ON = ("overrun", "late_minutes", "left_minutes", "held_minutes", "waited_minutes")
"""What changes between two questions while a limit runs."""


@pytest.fixture
def asked(engine: Engine) -> Supervision:
    keep_days(engine, CALENDAR)
    return Supervision(engine, CALENDAR)


def view(engine: Engine, name: str, **only: str) -> list[dict[str, Any]]:
    """Everything that a view says."""
    columns = [column(each, UtcTime() if each in TIMES else None) for each in COLUMNS[name]]
    rows = select(table(name, *columns)).where(*(column(each) == value for each, value in only.items()))
    with engine.connect() as connection:
        return [{each: plain(value) for each, value in row.items()} for row in connection.execute(rows).mappings()]


def plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return told(value)
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


def keyed(rows: Sequence[Mapping[str, Any]], *by: str) -> dict[Any, Mapping[str, Any]]:
    return {tuple(str(row[each]) for each in by): row for row in rows}


def check_alike(rows: Sequence[Mapping[str, Any]], expected: Sequence[Mapping[str, Any]], *by: str) -> None:
    """Every row is there once, and says the same; what goes on meanwhile within a second or the next minute."""
    found, wanted = keyed(rows, *by), keyed(expected, *by)
    assert len(rows) == len(found)
    assert set(found) == set(wanted)
    for key, row in found.items():
        for name, value in row.items():
            if name in GOES_ON or isinstance(value, float):
                assert value == pytest.approx(wanted[key][name], abs=1.001, rel=0), (key, name)
            else:
                assert value == wanted[key].get(name, value), (key, name)


class TestViews:
    """Each view, beside the question of its name as it is answered now."""

    @pytest.mark.parametrize("name", COLUMNS)
    def test_columns(self, engine: Engine, name: str) -> None:
        """The columns of the question, in its order."""
        assert [told["name"] for told in inspect(engine).get_columns(name)] == list(COLUMNS[name])

    @RANDOM
    @given(world=worlds())
    def test_breaches_and_at_risk(
        self, engine: Engine, asked: Supervision, library: Library, world: list[File]
    ) -> None:
        """Every limit that has passed, and every other that runs."""
        written(engine, world)
        now = host_now()
        passed = asked.all_breaches(Sought(as_of=now), Sort.DUE, 1000)
        expected = [breach_row(one, now, library) for one in passed]
        check_alike(view(engine, "sla_breaches"), expected, "application", "clock")
        ends = dict.fromkeys(Unit, now + timedelta(days=4000))
        near = [risk_row(one, now, library) for one in asked.at_risk(Sought(as_of=now), ends, 1000)]
        check_alike(view(engine, "sla_at_risk"), near, "application", "clock")

    @RANDOM
    @given(world=worlds())
    def test_summary(self, engine: Engine, asked: Supervision, world: list[File]) -> None:
        """The figures of every grouping."""
        written(engine, world)
        for by in Grouping:
            rows = summary_rows(asked.summary(Sought(as_of=host_now()), by))
            check_alike(view(engine, "sla_summary", by=by), rows, "key", "unit")

    @RANDOM
    @given(world=worlds())
    def test_buckets_heat_and_history(self, engine: Engine, asked: Supervision, world: list[File]) -> None:
        """What runs by the days that are left, when what has passed was due, and how each day ended."""
        written(engine, world)
        sought = Sought(as_of=host_now())
        buckets = [row.model_dump() for row in asked.buckets(sought)]
        check_alike(view(engine, "sla_buckets"), buckets, "office", "days_left")
        heat = [row.model_dump() for row in asked.heat(sought)]
        check_alike(view(engine, "sla_heat"), heat, "weekday", "hour")
        begun = [clock for file in world for clock in file.clocks if clock.clock is ClockKind.PROCESSING]
        of = sought.model_copy(update={"clock": ClockKind.PROCESSING})
        rows = [row.model_dump(mode="json") for row in asked.history(of, local_day(SEASON), local_day(of.as_of))]
        days = {row["day"]: row for row in rows} if begun else {}
        for row in view(engine, "sla_history", clock=ClockKind.PROCESSING):
            assert row == {"clock": "processing", **days[row["day"]]}
        assert bool(view(engine, "sla_history", clock=ClockKind.PROCESSING)) == bool(begun)


class TestKeptDays:
    """The calendar's days beside the record."""

    def test_by_many_at_once(self, engine: Engine) -> None:
        """Workers that start together on an empty record write them once, whoever comes first."""
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda _: keep_days(engine, CALENDAR), range(4)))
        with engine.connect() as connection:
            days = connection.execute(select(func.count(), func.count(t.counted_day.c.day.distinct()))).one()
        assert days[0] == days[1] == len(CALENDAR.numbered_days)
