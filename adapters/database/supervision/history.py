"""How things stood each day: what was begun, stopped and passed on it, and what ran at its end."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select

from adapters.database.supervision.running import count_running
from adapters.database.supervision.standing import asked, c
from models.data import local_day
from models.plan import through
from models.supervision import HistoryRow, Sought

_ONE_DAY = timedelta(days=1)


def tell_history(connection: Connection, sought: Sought, first: date, last: date) -> list[HistoryRow]:
    """A row for each day; of the day of `as_of` and what lies after it, as far as it has come.

    The backlog is counted back from what ran at `as_of`, so the days between are counted too.
    """
    today = local_day(sought.as_of)
    set_running = func.coalesce(c.triggered_at, c.started_at)
    begun = _by_day(connection, sought, c.begun_on, set_running <= sought.as_of, first, today)
    stopped = _by_day(connection, sought, c.stopped_on, c.stopped_at <= sought.as_of, first, today)
    is_late = or_(c.late_by.is_not(None), c.stopped_at.is_(None))
    passed = _by_day(connection, sought, c.due_on, is_late & (c.due_at < sought.as_of), first, last)
    backlog = sum(count for *_, count in count_running(connection, sought))
    rows: list[HistoryRow] = []
    for day in reversed(list(through(first, today))):
        figures = {"accepted": begun[day], "finished": stopped[day], "passed": passed[day], "backlog": backlog}
        if day <= last:
            rows.append(HistoryRow.model_validate({"day": day, **figures}))
        backlog += stopped[day] - begun[day]
    return rows[::-1]


def first_day(connection: Connection) -> date | None:
    """The day on which the first clock of the record was set running; None: there is none."""
    return connection.execute(select(func.min(c.begun_on))).scalar()


def _by_day(
    connection: Connection,
    sought: Sought,
    day: ColumnElement[Any],
    condition: ColumnElement[bool],
    first: date,
    last: date,
) -> Counter[date]:
    query = (
        select(day.label("day"), func.count().label("count"))
        .where(day >= first, day <= last, condition, *asked(sought, c.due_at))
        .group_by(day)
    )
    return Counter({row["day"]: row["count"] for row in connection.execute(query).mappings()})
