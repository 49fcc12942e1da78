"""Every limit that had passed at an instant, a page at a time: from what was late, and from what still ran."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)

from adapters.database.supervision.standing import (
    WITH_FORMER,
    asked,
    c,
    f,
    held_at,
    is_planned_so,
    stood_at,
    wants,
    was_planned_so,
)
from models.data import Data, Instant
from models.regulation import ClockKind
from models.supervision import Sort, Sought, Standing

_MICROSECOND = timedelta(microseconds=1)


class Place(Data):
    """Where a list goes on: after this limit. `late_by` in microseconds."""

    due_at: Instant
    late_by: int
    application: str
    clock: ClockKind


def find_breaches(
    connection: Connection, sought: Sought, sort: Sort, limit: int, after: Place | None = None
) -> list[Row[Any]]:
    """The first breaches after a place, in order; each with `late_by` as of then."""
    branches = [_cut(branch, limit) for branch in _branches(sought, sort, after)]
    if not branches:
        return []
    rows = connection.execute(union_all(*branches)).all()
    late = {_key(row): late_by(row, sought.as_of) for row in rows}
    if sort is Sort.OVERRUN:
        ordered = sorted(rows, key=lambda row: (-late[_key(row)], *_key(row)))
    else:
        ordered = sorted(rows, key=lambda row: (row.due_at, *_key(row)), reverse=sort is Sort.RECENT)
    return ordered[:limit]


def late_by(row: Row[Any], as_of: datetime) -> int:
    """Microseconds past the due instant, up to the stop or to the instant that is asked about."""
    end = row.stopped_at if row.stopped_at is not None and row.stopped_at <= as_of else as_of
    return (end - row.due_at) // _MICROSECOND


def _key(row: Row[Any]) -> tuple[str, str]:
    return row.application, row.clock


def _cut(branch: Select[Any], limit: int) -> Select[Any]:
    # Each branch has an index that is already in order, so it stops after a page; SQLite wants it wrapped.
    return select(branch.limit(limit).subquery())


def _branches(sought: Sought, sort: Sort, after: Place | None) -> Iterator[Select[Any]]:
    """Stopped too late by then; stopped later still; running; and running by a due instant of that time."""
    as_of, present = sought.as_of, is_planned_so(sought.as_of)
    by_due = _by_due(c.due_at, sort)
    is_late = c.late_by.is_not(None)
    of_now = (*asked(sought, c.due_at), c.due_at < as_of, present)
    if wants(sought, Standing.CLOSED):
        late = _columns(c.due_at).where(is_late, c.stopped_at <= as_of, *of_now)
        if sort is Sort.OVERRUN:
            yield _late_after(late, after).order_by(c.late_by.desc(), c.application, c.clock)
        else:
            yield late.where(*_due_after(c.due_at, sought, sort, after)).order_by(*by_due)
    if wants(sought, Standing.OPEN):
        beyond = tuple(_due_after(c.due_at, sought, sort, after))
        later = _columns(c.due_at).where(is_late, c.stopped_at > as_of, *of_now, *beyond)
        running = _columns(c.due_at).where(c.stopped_at.is_(None), *of_now, *beyond)
        yield later.order_by(*by_due)
        yield running.order_by(*by_due)
        ran_then = and_(was_planned_so(as_of), or_(c.stopped_at.is_(None), c.stopped_at > as_of))
        officer = held_at(f.due_at)
        former = _columns(f.due_at, officer, stood_at(f.due_at)).select_from(WITH_FORMER)
        former = former.where(ran_then, f.due_at < as_of, *asked(sought, f.due_at, officer))
        former = former.where(*_due_after(f.due_at, sought, sort, after))
        yield former.order_by(*_by_due(f.due_at, sort))


def _by_due(due_at: Any, sort: Sort) -> tuple[Any, ...]:
    keys = (due_at, c.application, c.clock)
    return tuple(key.desc() for key in keys) if sort is Sort.RECENT else keys


def _columns(due_at: Any, officer: Any = c.officer, stage: Any = c.stage) -> Any:
    return select(
        c.application,
        c.clock,
        c.channel,
        c.office,
        officer.label("officer"),
        stage.label("stage"),
        c.unit,
        c.allowed,
        c.started_at,
        due_at.label("due_at"),
        c.stopped_at,
        c.overrun,
    )


def _late_after(late: Select[Any], after: Place | None) -> Select[Any]:
    if after is None:
        return late
    beyond = tuple_(c.application, c.clock) > tuple_(literal(after.application), literal(str(after.clock)))
    return late.where(
        c.late_by <= after.late_by, or_(c.late_by < after.late_by, and_(c.late_by == after.late_by, beyond))
    )


def _due_after(
    due_at: ColumnElement[Any], sought: Sought, sort: Sort, after: Place | None
) -> Iterator[ColumnElement[bool]]:
    """What runs is the later the earlier it was due, so all orders are orders of the due instant."""
    if after is None:
        return
    since = sought.as_of - after.late_by * _MICROSECOND if sort is Sort.OVERRUN else after.due_at
    key, last = tuple_(c.application, c.clock), tuple_(literal(after.application), literal(str(after.clock)))
    if sort is Sort.RECENT:
        yield due_at <= since
        yield or_(due_at < since, and_(due_at == since, key < last))
    else:
        yield due_at >= since
        yield or_(due_at > since, and_(due_at == since, key > last))
