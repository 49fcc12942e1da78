"""What supervisors ask often never reads a whole table, and a page takes so many statements, no more."""

import json
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event

from desk.asking import read_within
from desk.supervision import Supervision
from models.data import local_day
from models.lifecycle import Channel
from models.regulation import ClockKind
from models.supervision import Grouping, Sort, Sought, Standing
from tests.supervision.conftest import UNTIL, Seeded

Asked = list[tuple[str, Any]]
Ask = Callable[[Supervision, Sought], Any]

LARGE = ("clock", "fact", "holding", "application")
FEW_ROWS = ("ix_clock_running", "ix_clock_long", "ix_clock_late")
"""Indexes that hold what is rare: they may be read as a whole."""

FILTERS: dict[str, dict[str, Any]] = {
    "none": {},
    "clock": {"clock": ClockKind.WAITING},
    "channel": {"channel": Channel.PORTAL},
    "office and officer": {"office": "sc-karaganda", "officer": "sc-intake-1"},
    "state": {"state": Standing.CLOSED},
    "period": {"due_from": UNTIL - timedelta(days=30), "due_before": UNTIL},
    "as of then": {"as_of": UNTIL - timedelta(days=200)},
}
QUESTIONS: dict[str, Ask] = {
    "the longest overrun": lambda asked, sought: asked.breaches(sought, Sort.OVERRUN, 10),
    "the earliest due": lambda asked, sought: asked.breaches(sought, Sort.DUE, 10),
    "the latest due": lambda asked, sought: asked.breaches(sought, Sort.RECENT, 10),
    "at risk": lambda asked, sought: asked.at_risk_page(
        sought, read_within("2d", sought.as_of, asked.calendar), 10
    ),
    "buckets": lambda asked, sought: asked.buckets(sought),
    "history": lambda asked, sought: asked.history(
        sought, local_day(UNTIL) - timedelta(days=30), local_day(UNTIL)
    ),
    "pulse": lambda asked, sought: asked.pulse(sought.as_of),
    "one month": lambda asked, sought: asked.summary(
        sought.model_copy(update=FILTERS["period"]), Grouping.OFFICE, kept=False
    ),
}


@contextmanager
def statements(engine: Engine) -> Generator[Asked]:
    sent: Asked = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            sent.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def whole_tables(engine: Engine, asked: Asked) -> list[str]:
    """What each statement would read from its first row to its last."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            return [
                found
                for statement, parameters in asked
                for found in sqlite_scans(
                    connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                )
            ]
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # so few rows are always read as a whole
        plans = [
            connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
            for statement, parameters in asked
        ]
    return [found for [plan] in plans for found in postgresql_scans(plan["Plan"])]


def sqlite_scans(rows: Any) -> Iterator[str]:
    for row in rows:
        words = str(row.detail)
        is_large = words.startswith(tuple(f"SCAN {table}" for table in LARGE))
        if is_large and not any(index in words for index in FEW_ROWS):
            yield words


def postgresql_scans(node: dict[str, Any]) -> Iterator[str]:
    if node.get("Relation Name") in LARGE and "Scan" in node["Node Type"]:
        is_narrowed = "Index Cond" in node or node["Node Type"] == "Bitmap Heap Scan"
        if not is_narrowed and not node.get("Index Name", "").startswith(FEW_ROWS):
            yield json.dumps(node)
    for below in node.get("Plans", ()):
        yield from postgresql_scans(below)


class TestPlans:
    """Every hot question has its index, on both databases."""

    @pytest.mark.parametrize("question", QUESTIONS)
    def test_no_table_is_read_as_a_whole(self, history: Seeded, supervision: Supervision, question: str) -> None:
        """Whatever the filter, neither clocks nor facts nor applications are gone through from end to end."""
        for filters in FILTERS.values():
            sought = Sought(**{"as_of": UNTIL, **filters})
            with statements(history.engine) as asked:
                QUESTIONS[question](supervision, sought)
            assert asked
            assert whole_tables(history.engine, asked) == []

    def test_a_whole_table_would_be_seen(self, history: Seeded) -> None:
        """The check finds a statement that has no index."""
        assert len(whole_tables(history.engine, [("SELECT count(*) FROM clock WHERE provisional", ())])) == 1

    @pytest.mark.parametrize("sort", Sort)
    def test_statements_of_a_page(self, history: Seeded, supervision: Supervision, sort: Sort) -> None:
        """As many for one breach as for fifty, whatever is asked."""
        counts: set[int] = set()
        for limit in (1, 10, 50):
            for filters in FILTERS.values():
                with statements(history.engine) as asked:
                    page = supervision.breaches(Sought(**{"as_of": UNTIL, **filters}), sort, limit)
                counts |= {len(asked)} if page.breaches else set()
        assert counts == {5}
