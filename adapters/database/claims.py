"""One open application per child: claims that two applications, however close, cannot both have."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from adapters.database import tables as t
from adapters.database.dialect import insert_or_ignore


def claim(connection: Connection, application: str, keys: Sequence[str], at: datetime) -> tuple[str, ...]:
    """Claim every child, or none: then the registration numbers of the applications that have one are returned.

    Of two transactions that insert the same key, the second waits for the first to commit and then leaves the
    row alone. In the order of the keys no two can wait for each other. A row that was in the way may be gone
    when we look, as its application has ended: then it is tried again, until every row is there and ours.
    """
    rows = [{"child_key": key, "application": application, "claimed_at": at} for key in sorted(set(keys))]
    while True:
        with connection.begin_nested() as attempt:
            insert_or_ignore(connection, t.claim, rows)
            owners = _owners(connection, keys)
            held = {number for owner, number in owners if owner != application}
            if not held and len(owners) == len(rows):
                return ()
            attempt.rollback()  # what this call claimed, and nothing that the application had before
        if held:
            return tuple(sorted(held))


def _owners(connection: Connection, keys: Sequence[str]) -> list[tuple[str, str]]:
    """Of each claimed child its application and that one's number, in one look."""
    number = func.coalesce(t.registration.c.number, t.claim.c.application)
    query = (
        select(t.claim.c.application, number)
        .select_from(t.claim.outerjoin(t.registration, t.registration.c.application == t.claim.c.application))
        .where(t.claim.c.child_key.in_(keys))
    )
    return [(row[0], row[1]) for row in connection.execute(query)]


def keep_only(connection: Connection, application: str, keys: Sequence[str]) -> None:
    """Let go of whatever else it has claimed: for an acceptance that its history does not have."""
    of_it = t.claim.c.application == application
    connection.execute(delete(t.claim).where(of_it, t.claim.c.child_key.not_in(keys)))


def release(connection: Connection, application: str) -> None:
    """The application has ended: its children are free."""
    connection.execute(delete(t.claim).where(t.claim.c.application == application))
