"""What the record says for those on call: right beside a count of every row, and read through an index."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, insert, select, text

from adapters.database import figures
from adapters.database import tables as t
from adapters.database.reader import RecordReader
from adapters.keys import KeyRing
from models.lifecycle import FINAL, OPEN, Stage
from tests.supervision.conftest import UNTIL, Seeded


def every(seeded: Seeded, table: Any) -> list[Any]:
    with seeded.engine.connect() as connection:
        return list(connection.execute(select(table)))


def asked(seeded: Seeded, question: Callable[[Connection], Any]) -> Any:
    with seeded.engine.connect() as connection:
        return question(connection)


def came_at(journal: list[tuple[int, str, datetime]], stage: str) -> datetime:
    """When an application came to the stage in which it stands, read backwards."""
    for (_, before, _), (_, _, at) in reversed(list(pairwise(journal))):
        if before != stage:
            return at
    return journal[0][2]


class TestFigures:
    """Beside what every row says."""

    def test_standing(self, history: Seeded) -> None:
        """Open and ended together are all that there is, by stage and channel."""
        told = asked(history, lambda one: [*figures.standing(one, OPEN), *figures.standing(one, figures.ENDED)])
        rows = every(history, t.application)
        assert len(rows) > 300
        counted = Counter((row.stage, row.channel) for row in rows)
        assert {(one.stage, one.channel): one.count for one in told} == counted

    def test_oldest_step(self, history: Seeded) -> None:
        """The one counts that has stood in its stage longest, whatever fell due to it meanwhile."""
        journals: dict[str, list[tuple[int, str, datetime]]] = {}
        for fact in every(history, t.fact):
            journals.setdefault(fact.application, []).append((fact.number, fact.stage, fact.at))
        oldest: dict[str, datetime] = {}
        for row in every(history, t.application):
            if row.stage not in FINAL:
                came = came_at(sorted(journals[row.id]), row.stage)
                oldest[row.stage] = min(oldest.get(row.stage, came), came)
        assert len(oldest) > 1
        assert asked(history, figures.oldest_steps) == oldest

    def test_limits(self, history: Seeded) -> None:
        """Passed are those that were stopped too late and those that are said to have passed; late run on."""
        rows = [row for row in every(history, t.clock) if row.limit]
        passed = Counter(
            (row.clock, row.office) for row in rows if row.late_by is not None or row.outcome == "passed"
        )
        late = Counter((row.clock, row.office) for row in rows if row.stopped_at is None and row.due_at < UNTIL)
        assert passed
        assert late
        told = asked(history, figures.limits_passed)
        assert {(one.clock, one.office): one.count for one in told} == passed
        told = asked(history, lambda one: figures.limits_late(one, UNTIL))
        assert {(one.clock, one.office): one.count for one in told} == late

    def test_notices(self, history: Seeded) -> None:
        """What waits, and since when."""
        assert asked(history, figures.notices_waiting).count == 0
        application = every(history, t.application)[0].id
        row = {"application": application, "fact": 1, "kind": "k", "recipient": "r", "details": {}}
        rows = [{**row, "id": f"waiting-{n}", "at": UNTIL, "sent_at": UNTIL if n == 2 else None} for n in range(3)]
        with history.engine.connect() as connection:
            connection.execute(insert(t.notice), rows)
            assert figures.notices_waiting(connection) == figures.Waiting(count=2, since=UNTIL)
            connection.rollback()


@contextmanager
def plans_of(engine: Engine) -> Iterator[list[str]]:
    """How the database goes about each statement that is asked meanwhile."""
    plans: list[str] = []
    is_sqlite = engine.dialect.name == "sqlite"
    explain = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN "

    def explained(connection: Connection, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            cursor = connection.connection.cursor()
            cursor.execute(explain + statement, parameters)
            plans.append("\n".join(str(row) for row in cursor.fetchall()))

    event.listen(engine, "after_cursor_execute", explained)
    try:
        yield plans
    finally:
        event.remove(engine, "after_cursor_execute", explained)


class TestCost:
    """Nothing that is asked every quarter of a minute reads a whole table."""

    @pytest.mark.parametrize(
        ("index", "question"),
        [
            ("ix_application_stage", lambda one: figures.standing(one, OPEN)),
            ("ix_application_stage", figures.oldest_steps),
            ("ix_clock_late", figures.limits_passed),
            ("ix_clock_running", lambda one: figures.limits_late(one, UNTIL)),
            ("ix_notice_waiting", figures.notices_waiting),
        ],
    )
    def test_goes_by_an_index(self, history: Seeded, index: str, question: Callable[[Connection], Any]) -> None:
        with history.engine.connect() as connection, plans_of(history.engine) as plans:
            if history.engine.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL enable_seqscan = off"))
            question(connection)
        [plan] = plans
        assert index in plan
        reads_no_whole_table(plan)

    def test_what_is_open(self, history: Seeded, key_ring: KeyRing) -> None:
        """Whoever looks for what is stuck is told the few that are open, and no ended one is read for it."""
        with plans_of(history.engine) as plans:
            told = RecordReader(history.engine, key_ring).open_executions()
        assert set(told) == {row.id for row in every(history, t.application) if row.stage not in FINAL}
        if history.engine.dialect.name == "sqlite":  # the other reads so few rows as a whole, rather than an index
            reads_no_whole_table(plans[0])


def reads_no_whole_table(plan: str) -> None:
    for table in ("application", "clock", "fact", "notice"):
        assert f"Seq Scan on {table}" not in plan
        assert f"SCAN {table}'" not in plan


def test_every_stage_is_open_or_ended() -> None:
    assert {*OPEN, *figures.ENDED} == set(Stage)
    assert not set(OPEN) & set(figures.ENDED)
