"""How the limits stood at an instant, and which of them are asked about."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, case, func, literal, literal_column, or_, select

from adapters.database import tables as t
from adapters.database.columns import UtcTime
from adapters.database.tables import LONG_DAYS, LONG_SECONDS
from models.data import local_day
from models.journal import FALLING_DUE
from models.supervision import Sought, Standing

c = t.clock.c
f = t.former_due.c

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_LONG = literal_column(str(LONG_SECONDS))  # a bound value hides the index
_SOME_DAYS = timedelta(days=LONG_DAYS + 20)
"""A clock that was stopped within so many days was set running at most so long before, waiting included."""

WITH_FORMER: FromClause = t.former_due.join(t.clock, and_(c.application == f.application, c.clock == f.clock))
"""What a clock was due at before, beside the clock."""


def is_planned_so(as_of: datetime) -> ColumnElement[bool]:
    """Whether the clock's present due instant was the one that stood then."""
    # In one, not as an alternative: PostgreSQL would look for each of the two, and read the rows.
    return func.coalesce(c.replanned_at, literal(_LONG_AGO, UtcTime)) <= literal(as_of, UtcTime)


def was_planned_so(as_of: datetime) -> ColumnElement[bool]:
    """Whether a former due instant was the one that stood then."""
    return and_(f.until > as_of, or_(f.since.is_(None), f.since <= as_of))


def asked(sought: Sought, due_at: ColumnElement[Any], officer: ColumnElement[Any] | None = None) -> Iterator[Any]:
    """The conditions of what is asked about, but for whether it runs."""
    yield c.limit
    yield from narrowed(sought, due_at, officer)


def narrowed(
    sought: Sought, due_at: ColumnElement[Any], officer: ColumnElement[Any] | None = None
) -> Iterator[Any]:
    """The filters alone; whatever was late is a limit."""
    who = c.officer if officer is None else officer
    for column, value in ((c.clock, sought.clock), (c.channel, sought.channel), (c.office, sought.office)):
        if value is not None:
            yield column == value
    if sought.officer is not None:
        yield who == sought.officer
    if sought.due_from is not None:
        yield due_at >= sought.due_from
    if sought.due_before is not None:
        yield due_at < sought.due_before


@dataclass(frozen=True)
class Ran:
    """A part of what ran at an instant: how it is selected, and what stood then in place of its columns."""

    query: Select[Any]
    due_at: ColumnElement[Any]
    due_on: ColumnElement[Any]
    due_hour: ColumnElement[Any]
    officer: ColumnElement[Any]
    stage: ColumnElement[Any]


def what_ran(sought: Sought) -> Iterator[Ran]:
    """What is asked about and ran then: still running, stopped since, and by a due instant of that time."""
    as_of = sought.as_of
    begun = func.coalesce(c.triggered_at, c.started_at) <= as_of
    is_settled = c.due_at < as_of
    officer, stage = (
        case((is_settled, column), else_=then)
        for column, then in ((c.officer, held_at(as_of)), (c.stage, stood_at(as_of)))
    )
    now = (c.due_at, c.due_on, c.due_hour, officer, stage)
    present = select(c.application).where(begun, is_planned_so(as_of))
    yield _ran(sought, present.where(c.stopped_at.is_(None)), *now)
    day = local_day(as_of)
    since = and_(c.begun_on <= day, c.stopped_on >= day, c.stopped_at > as_of)
    # Nearly all are short: these few days of an index, and the long ones from another.
    shortly = and_(since, c.begun_on >= day - _SOME_DAYS, c.ran <= _LONG)
    yield _ran(sought, present.where(shortly), *now)
    yield _ran(sought, present.where(since, c.ran > _LONG), *now)
    former = select(c.application).select_from(WITH_FORMER).where(begun, was_planned_so(as_of))
    settled_at = case((f.due_at < as_of, f.due_at), else_=as_of)
    then = (f.due_at, f.due_on, f.due_hour, held_at(settled_at), stood_at(settled_at))
    yield _ran(sought, former.where(or_(c.stopped_at.is_(None), c.stopped_at > as_of)), *then)


def _ran(sought: Sought, query: Select[Any], *columns: Any) -> Ran:
    due_at, due_on, due_hour, officer, stage = columns
    return Ran(query.where(*asked(sought, due_at, officer)), due_at, due_on, due_hour, officer, stage)


def wants(sought: Sought, standing: Standing) -> bool:
    return sought.state in (Standing.ALL, standing)


def held_at(instant: Any) -> Any:
    """Who had the file at an instant: a value, or a column beside the clock."""
    h = t.holding.c
    held = select(h.officer).where(h.application == c.application, h.since <= instant)
    held = held.where(or_(h.until.is_(None), h.until > instant))
    return held.order_by(h.number.desc()).limit(1).correlate_except(t.holding).scalar_subquery()


def stood_at(instant: Any) -> Any:
    """In which stage the file was at an instant: a value, or a column beside the clock."""
    q = t.fact.c
    stood = select(q.stage).where(q.application == c.application, q.at <= instant)
    stood = stood.where(q.fact.not_in(sorted(FALLING_DUE)))
    return stood.order_by(q.number.desc()).limit(1).correlate_except(t.fact).scalar_subquery()
