"""The limits that ran at an instant: those about to pass, and how many by the day on which they are due."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, literal, or_, select, tuple_, union_all

from adapters.database.columns import UtcTime
from adapters.database.supervision.breaches import Place
from adapters.database.supervision.standing import c, what_ran
from models.regulation import Unit
from models.supervision import Sought


def find_at_risk(
    connection: Connection,
    sought: Sought,
    until: Mapping[Unit, datetime],
    limit: int,
    after: Place | None = None,
) -> list[Row[Any]]:
    """What ran and had not passed, and is due by an instant that depends on its unit; the first due first."""
    branches = [select(branch.limit(limit).subquery()) for branch in _at_risk(sought, until, after)]
    rows = connection.execute(union_all(*branches)).all()
    return sorted(rows, key=lambda row: (row.due_at, row.application, row.clock))[:limit]


def _at_risk(sought: Sought, until: Mapping[Unit, datetime], after: Place | None) -> Iterator[Any]:
    columns = (c.application, c.clock, c.channel, c.office, c.unit, c.allowed, c.started_at, c.stopped_at)
    for ran in what_ran(sought):
        stood = (c.overrun, ran.officer.label("officer"), ran.stage.label("stage"), ran.due_at.label("due_at"))
        by_unit = or_(*(and_(c.unit == unit, ran.due_at <= end) for unit, end in until.items()))
        is_near = and_(ran.due_at >= sought.as_of, ran.due_at <= max(until.values()), by_unit)
        near = ran.query.with_only_columns(*columns, *stood).where(is_near)
        yield near.where(*_beyond(ran.due_at, after)).order_by(ran.due_at, c.application, c.clock)


def _beyond(due_at: Any, after: Place | None) -> Iterator[Any]:
    if after is not None:
        last = (literal(after.due_at, UtcTime), literal(after.application), literal(str(after.clock)))
        yield tuple_(due_at, c.application, c.clock) > tuple_(*last)


def count_running(connection: Connection, sought: Sought) -> list[tuple[str, date, bool, int]]:
    """How many ran: by the office, the day on which they are due, and whether they had passed."""
    branches: list[Any] = []
    for ran in what_ran(sought):
        keys = (c.office, ran.due_on, ran.due_at < sought.as_of)
        told = (keys[0], keys[1].label("due_on"), keys[2].label("has_passed"), func.count().label("count"))
        branches.append(ran.query.with_only_columns(*told).group_by(*keys))
    rows = connection.execute(union_all(*branches)).mappings()
    return [(row["office"], row["due_on"], bool(row["has_passed"]), row["count"]) for row in rows]
