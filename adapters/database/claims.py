"""One open application per child: claims that two applications, however close, cannot both have."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from adapters.database import tables as t
from adapters.database.dialect import insert_or_ignore


def claim(connection: Connection, application: str, keys: Sequence[str], at: datetime) -> tuple[str, ...]:
    """Claim every child, or none: then the registration numbers of the applications that have one are returned.

    Of two transactions that insert the same key, the second waits for the first to commit and then finds the
    key taken. In the order of the keys no two can wait for each other.
    """
    rows = [{"child_key": key, "application": application, "claimed_at": at} for key in sorted(keys)]
    with connection.begin_nested() as attempt:
        insert_or_ignore(connection, t.claim, rows)
        held = _held_by_others(connection, application, keys)
        if held:
            attempt.rollback()  # what this call claimed, and nothing that the application had before
    return held


def _held_by_others(connection: Connection, application: str, keys: Sequence[str]) -> tuple[str, ...]:
    holder = func.coalesce(t.registration.c.number, t.claim.c.application)
    others = (
        select(holder)
        .select_from(t.claim.outerjoin(t.registration, t.registration.c.application == t.claim.c.application))
        .where(t.claim.c.child_key.in_(keys), t.claim.c.application != application)
        .distinct()
    )
    return tuple(sorted(connection.execute(others).scalars()))


def release(connection: Connection, application: str) -> None:
    """The application has ended: its children are free."""
    connection.execute(delete(t.claim).where(t.claim.c.application == application))
