"""When limits were due that have passed: how many on each weekday and in each hour of it."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, func, select

from adapters.database.supervision.standing import c, is_planned_so, narrowed, wants, what_ran
from models.supervision import HeatRow, Sought, Standing


def tell_heat(connection: Connection, sought: Sought) -> list[HeatRow]:
    """A row for each weekday and hour in which anything was due that had passed by then."""
    counts = Counter[tuple[int, int]]()
    for query in _passed(sought):
        for row in connection.execute(query).mappings():
            counts[row["due_on"].isoweekday(), row["due_hour"]] += row["count"]
    return [HeatRow(weekday=day, hour=hour, count=count) for (day, hour), count in sorted(counts.items())]


def _passed(sought: Sought) -> Iterator[Any]:
    """How many by day and hour: of what was stopped too late by then, and of what ran on."""
    as_of, count = sought.as_of, func.count().label("count")
    if wants(sought, Standing.CLOSED):
        late = select(c.due_on, c.due_hour, count).where(c.late_by.is_not(None), c.stopped_at <= as_of)
        late = late.where(is_planned_so(as_of), *narrowed(sought, c.due_at))
        yield late.group_by(c.due_on, c.due_hour)
    if wants(sought, Standing.OPEN):
        for ran in what_ran(sought):
            late = ran.query.with_only_columns(ran.due_on.label("due_on"), ran.due_hour.label("due_hour"), count)
            yield late.where(ran.due_at < as_of).group_by(ran.due_on, ran.due_hour)
