"""Answers which limits have passed, from the clocks themselves.

A limit passes at its instant, and the fact that says so is written some moments later. So nobody counts facts
here: a clock that is due and has not been stopped in time has passed, whether or not its fact is on record.
"""

from datetime import datetime

from sqlalchemy import Engine, or_, select

from adapters.database import tables as t
from models.data import Code, Data, Instant
from models.regulation import ClockKind


class PassedLimit(Data):
    """A clock whose limit has passed, and the office that answers for it."""

    application: str
    clock: ClockKind
    office: Code
    due_at: Instant
    stopped_at: Instant | None


def passed_limits(engine: Engine, as_of: datetime) -> list[PassedLimit]:
    """Every limit that had passed at an instant, the longest ago first; a stop at the due instant is in time."""
    c = t.clock.c
    query = (
        select(c.application, c.clock, c.office, c.due_at, c.stopped_at)
        .where(c.limit, c.due_at < as_of, or_(c.stopped_at.is_(None), c.stopped_at > c.due_at))
        .order_by(c.due_at, c.application, c.clock)
    )
    with engine.connect() as connection:
        return [PassedLimit.model_validate(row) for row in connection.execute(query).mappings()]
