"""As of when things are told that stand now: by the host, or later where a trial has skipped time."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, union_all

from adapters.database.supervision.standing import c
from models.clocks import Outcome
from models.data import local_day

_MICROSECOND = timedelta(microseconds=1)
_SLACK = timedelta(seconds=10)
"""The clocks of two machines differ by a little: nobody has skipped that."""


def present(connection: Connection, now: datetime) -> datetime:
    """The host's now, or the latest instant on record: in trials somebody may have skipped time ahead of it.

    Only clocks are asked, by their indexes: a stop, a start on a later day, a limit that is said to have passed.
    """
    today, ahead = local_day(now), now + _SLACK
    stops = select(func.max(c.stopped_at).label("at")).where(c.stopped_on >= today)
    starts = select(func.max(c.started_at)).where(c.begun_on > today)
    passed = select(func.max(c.due_at)).where(
        c.stopped_at.is_(None), c.due_at > ahead, c.outcome == Outcome.PASSED
    )
    found: list[datetime | None] = list(connection.execute(union_all(stops, starts, passed)).scalars())
    return max([now, *(at + _MICROSECOND for at in found if at is not None and at > ahead)])
