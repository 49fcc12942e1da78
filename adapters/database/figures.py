"""What the record says for those on call, each by one statement that reads an index or the few rows that are open.

Whole counts of what has ended read the whole table; whoever asks keeps them for a while (operations/metrics.py).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, literal_column, select, union_all
from sqlalchemy.orm import aliased

from adapters.database import tables as t
from models.clocks import Outcome
from models.data import Data, Instant
from models.lifecycle import FINAL, OPEN, Channel, Stage

ENDED = tuple(stage for stage in Stage if stage in FINAL)

_a, _c, _f, _n = t.application.c, t.clock.c, t.fact.c, t.notice.c


class Standing(Data):
    """How many applications and recalls of a channel stand in a stage."""

    stage: Stage
    channel: Channel
    count: int


class Limits(Data):
    """How many limits of a kind, under an office."""

    clock: str
    office: str
    count: int


class Waiting(Data):
    """Notices that some way out of the house has not taken yet; `since`: the instant of the oldest one."""

    count: int
    since: Instant | None = None


def standing(connection: Connection, stages: Iterable[Stage]) -> list[Standing]:
    """How many stand in each of these stages, by channel."""
    query = select(_a.stage, _a.channel, func.count().label("count")).where(_a.stage.in_(list(stages)))
    rows = connection.execute(query.group_by(_a.stage, _a.channel)).mappings()
    return [Standing.model_validate(dict(row)) for row in rows]


def oldest_steps(connection: Connection) -> dict[Stage, datetime]:
    """For each open stage, when the application came there that has stood there longest."""
    earlier, since = aliased(t.fact), aliased(t.fact)
    elsewhere = (
        select(func.max(earlier.c.number))
        .where(earlier.c.application == _a.id, earlier.c.stage != _a.stage)
        .correlate(t.application)
        .scalar_subquery()
    )
    came = (
        select(func.min(since.c.at))
        .where(since.c.application == _a.id, since.c.number > func.coalesce(elsewhere, 0))
        .correlate(t.application)
        .scalar_subquery()
    )
    of_each = select(_a.stage, came.label("at")).where(_a.stage.in_(OPEN)).subquery()
    query = select(of_each.c.stage, func.min(of_each.c.at)).group_by(of_each.c.stage)
    return {Stage(stage): at for stage, at in connection.execute(query) if at is not None}


def limits_passed(connection: Connection) -> list[Limits]:
    """Every limit that has passed since the record began: stopped too late, or running on."""
    late = select(_c.clock, _c.office, func.count().label("n")).where(_c.late_by.is_not(None))
    runs_on = select(_c.clock, _c.office, func.count().label("n")).where(
        _c.stopped_at.is_(None), _c.limit, _c.outcome == Outcome.PASSED
    )
    both = union_all(*(one.group_by(_c.clock, _c.office) for one in (late, runs_on))).subquery()
    query = select(both.c.clock, both.c.office, func.sum(both.c.n)).group_by(both.c.clock, both.c.office)
    return _limits(connection.execute(query))


def limits_late(connection: Connection, now: datetime) -> list[Limits]:
    """The limits that run and are past their due instant."""
    query = select(_c.clock, _c.office, func.count()).where(_c.stopped_at.is_(None), _c.limit, _c.due_at < now)
    return _limits(connection.execute(query.group_by(_c.clock, _c.office)))


def _limits(rows: Iterable[Any]) -> list[Limits]:
    return [Limits(clock=clock, office=office, count=count) for clock, office, count in rows]


def notices_waiting(connection: Connection) -> Waiting:
    """The notices that have not left the house by every way that takes them."""
    count, since = connection.execute(select(func.count(), func.min(_n.at)).where(_n.sent_at.is_(None))).one()
    return Waiting(count=count, since=since)


def answers(connection: Connection) -> None:
    """The cheapest question; SQLAlchemyError if the record does not answer it."""
    connection.execute(select(literal_column("1")))
