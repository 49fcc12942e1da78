"""How things stood each day: what was begun, stopped and passed on it, and what ran at its end."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from adapters.database.supervision.running import count_running
from adapters.database.supervision.standing import asked, c, narrowed
from models.data import local_day, local_midnight
from models.plan import through
from models.supervision import HistoryRow, Sought

_ONE_DAY = timedelta(days=1)
_set_running = func.coalesce(c.triggered_at, c.started_at)


def tell_history(connection: Connection, sought: Sought, first: date, last: date) -> list[HistoryRow]:
    """A row for each day; of the day of `as_of` and what lies after it, as far as it has come.

    The backlog is counted back from what ran at `as_of`, so the days between are counted too.
    """
    today = local_day(sought.as_of)
    begun = _by_day(connection, sought, c.begun_on, _set_running, first, today)
    stopped = _by_day(connection, sought, c.stopped_on, c.stopped_at, first, today)
    passed = _passed(connection, sought, first, last)
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
    return connection.execute(select(func.min(c.begun_on)).where(c.limit)).scalar()


def _by_day(
    connection: Connection,
    sought: Sought,
    day: ColumnElement[Any],
    at: ColumnElement[Any],
    first: date,
    today: date,
) -> Counter[date]:
    """What happened on each day up to `as_of`; of whole days an index knows it, without their instants."""
    whole = _counted(connection, day, day >= first, day < today, *asked(sought, c.due_at))
    return whole + _counted(connection, day, day == today, at <= sought.as_of, *asked(sought, c.due_at))


def _passed(connection: Connection, sought: Sought, first: date, last: date) -> Counter[date]:
    """By the day on which it was due: what was stopped too late, and what runs."""
    since, until = local_midnight(first), min(local_midnight(last + _ONE_DAY), sought.as_of)
    within = (c.due_at >= since, c.due_at < until, *narrowed(sought, c.due_at))
    late = _counted(connection, c.due_on, c.late_by.is_not(None), *within)
    return late + _counted(connection, c.due_on, c.stopped_at.is_(None), c.limit, *within)


def _counted(connection: Connection, day: ColumnElement[Any], *conditions: ColumnElement[bool]) -> Counter[date]:
    query = select(day.label("day"), func.count().label("count")).where(*conditions).group_by(day)
    return Counter({row["day"]: row["count"] for row in connection.execute(query).mappings()})
