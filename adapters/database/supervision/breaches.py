"""Every limit that had passed at an instant, a page at a time: from what was late, and from what still ran."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    literal,
    literal_column,
    null,
    or_,
    select,
    tuple_,
    union_all,
)

from adapters.database.columns import UtcTime
from adapters.database.supervision.standing import (
    WITH_FORMER,
    asked,
    c,
    f,
    held_at,
    is_planned_so,
    narrowed,
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


@dataclass(frozen=True, slots=True)
class Breach:
    """A limit that had passed; `overrun` (seconds, or working days) as it was stopped, None if it was not."""

    application: str
    clock: ClockKind
    channel: str
    office: str
    officer: str | None
    stage: str | None
    unit: str
    allowed: int | None
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    overrun: int | None


Limit = Breach | Row[Any]
"""A limit that had passed or, with the same names, one that may."""


def find_breaches(
    connection: Connection, sought: Sought, sort: Sort, limit: int, after: Place | None = None
) -> list[Breach]:
    """The first breaches after a place, in order."""
    branches = [_cut(branch, limit) for branch in _branches(sought, sort, after)]
    if not branches:
        return []
    rows = connection.execute(union_all(*branches)).all()
    late = {_key(row): late_by(row, sought.as_of) for row in rows}
    if sort is Sort.OVERRUN:
        ordered = sorted(rows, key=lambda row: (-late[_key(row)], *_key(row)))
    else:
        ordered = sorted(rows, key=lambda row: (row.due_at, *_key(row)), reverse=sort is Sort.RECENT)
    return _whole(connection, ordered[:limit])


def late_by(breach: Limit, as_of: datetime) -> int:
    """Microseconds past the due instant, up to the stop or to the instant that is asked about."""
    end = breach.stopped_at if breach.stopped_at is not None and breach.stopped_at <= as_of else as_of
    return (end - breach.due_at) // _MICROSECOND


def _key(row: Row[Any]) -> tuple[str, str]:
    return row.application, row.clock


def _whole(connection: Connection, found: Sequence[Row[Any]]) -> list[Breach]:
    """What else is told of the few that are shown."""
    columns = (c.application, c.clock, c.channel, c.office, c.officer, c.stage, c.unit, c.allowed, c.started_at)
    query = select(*columns, c.overrun).where(c.application.in_({row.application for row in found}))
    rows = {(row["application"], row["clock"]): row for row in connection.execute(query).mappings()}
    breaches: list[Breach] = []
    for one in found:
        then: dict[str, Any] = {"due_at": one.due_at, "stopped_at": one.stopped_at}
        if one.was_moved:
            then |= {"officer": one.officer, "stage": one.stage}
        breaches.append(Breach(**{**rows[_key(one)], **then}))
    return breaches


def _cut(branch: Select[Any], limit: int) -> Select[Any]:
    # Each branch has an index that is already in order, so it stops after a page; SQLite wants it wrapped.
    return select(branch.limit(limit).subquery())


def _branches(sought: Sought, sort: Sort, after: Place | None) -> Iterator[Select[Any]]:
    """Stopped too late by then; stopped later still; running; and running by a due instant of that time.

    The first two ask for nothing but columns of their indexes, so that no filter makes them read the rows.
    """
    as_of = sought.as_of
    by_due, beyond = _by_due(c.due_at, sort), tuple(_due_after(c.due_at, sought, sort, after))
    of_now = (*narrowed(sought, c.due_at), c.due_at < as_of, is_planned_so(as_of))
    found, is_late = _keys(c.due_at).where(*of_now), c.late_by.is_not(None)
    if wants(sought, Standing.CLOSED):
        closed = found.where(c.stopped_at <= as_of)
        if sort is Sort.OVERRUN:
            by_lateness = (c.late_by.desc(), c.application, c.clock)
            yield from (part.order_by(*by_lateness) for part in _late_after(closed, after))
        else:
            yield closed.where(is_late, *beyond).order_by(*by_due)
    if wants(sought, Standing.OPEN):
        yield found.where(is_late, c.stopped_at > as_of, *beyond).order_by(*by_due)
        running = _keys(c.due_at).where(c.limit, c.stopped_at.is_(None), *of_now, *beyond)
        yield running.order_by(*by_due)
        yield _moved_since(sought, sort, after)


def _moved_since(sought: Sought, sort: Sort, after: Place | None) -> Select[Any]:
    as_of, officer = sought.as_of, held_at(f.due_at)
    ran_then = and_(was_planned_so(as_of), or_(c.stopped_at.is_(None), c.stopped_at > as_of))
    former = _keys(f.due_at, officer, stood_at(f.due_at)).select_from(WITH_FORMER)
    former = former.where(ran_then, f.due_at < as_of, *asked(sought, f.due_at, officer))
    return former.where(*_due_after(f.due_at, sought, sort, after)).order_by(*_by_due(f.due_at, sort))


def _by_due(due_at: Any, sort: Sort) -> tuple[Any, ...]:
    keys = (due_at, c.application, c.clock)
    return tuple(key.desc() for key in keys) if sort is Sort.RECENT else keys


def _keys(due_at: Any, officer: Any = None, stage: Any = None) -> Any:
    """With whom and where it stood is told of what was moved since; of the rest it stands in the row."""
    who, where = (null() if told is None else told for told in (officer, stage))
    was_moved = literal_column("0" if officer is None else "1")
    told = (who.label("officer"), where.label("stage"), was_moved.label("was_moved"))
    return select(c.application, c.clock, due_at.label("due_at"), c.stopped_at, *told)


def _late_after(late: Any, after: Place | None) -> Iterator[Any]:
    """What is late by as much and comes behind, and what is late by less: in one, it would have no order."""
    if after is None:
        yield late.where(c.late_by.is_not(None))
        return
    yield late.where(c.late_by == after.late_by, tuple_(c.application, c.clock) > tuple_(*_last(after)))
    yield late.where(c.late_by < after.late_by)


def _due_after(
    due_at: ColumnElement[Any], sought: Sought, sort: Sort, after: Place | None
) -> Iterator[ColumnElement[bool]]:
    """What runs is the later the earlier it was due, so all orders are orders of the due instant."""
    if after is None:
        return
    since = sought.as_of - after.late_by * _MICROSECOND if sort is Sort.OVERRUN else after.due_at
    place, last = tuple_(due_at, c.application, c.clock), tuple_(literal(since, UtcTime), *_last(after))
    yield place < last if sort is Sort.RECENT else place > last


def _last(after: Place) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    return literal(after.application), literal(str(after.clock))
