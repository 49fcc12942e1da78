"""Whether anything has changed for supervisors: one cheap statement, asked every second."""

from datetime import datetime

from sqlalchemy import Connection, case, func, select

from adapters.database.supervision.present import present
from adapters.database.supervision.standing import c
from models.supervision import Pulse


def feel_pulse(connection: Connection, now: datetime) -> Pulse:
    """How the limits stand that run. A limit passes without any row being written, so time alone changes it."""
    at = present(connection, now)
    has_passed = c.due_at < at
    query = select(
        func.count().label("running"),
        func.count(case((has_passed, 1))).label("passed"),
        func.max(case((has_passed, c.due_at))).label("newest"),
        func.min(case((~has_passed, c.due_at))).label("next_due"),
    ).where(c.limit, c.stopped_at.is_(None))
    return Pulse.model_validate({"at": at, **connection.execute(query).mappings().one()})
