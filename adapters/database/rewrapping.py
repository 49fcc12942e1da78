"""Wraps the keys of applications with the active key of the ring, so that a former one can be taken out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, or_, select, update

from adapters.database import tables as t
from adapters.database.engine import writing
from adapters.database.personal import wrapping_context
from adapters.host_clock import host_now
from adapters.keys import KeyRing, UnreadableError
from models.lifecycle import FINAL

_AT_ONCE = 200
"""Rows of one transaction: it ends within milliseconds, and nobody who writes has to wait for long."""

_K = t.application_key.c


@dataclass(frozen=True)
class Rewrapped:
    """How many application keys were under another key, and how many of these no key of the ring opens."""

    rewritten: int
    unreadable: int


def rewrap(engine: Engine, ring: KeyRing) -> Rewrapped:
    """Wrap anew whatever is under another key than the active one. Broken off, it is simply run again."""
    now = ring.now()
    rewritten = unreadable = 0
    last = ""
    while True:
        with writing(engine) as connection:
            rows = _next(connection, now.active, last)
            for row in rows:
                opened = _rewrap(connection, now, row)
                rewritten += opened
                unreadable += not opened
        if not rows:
            return Rewrapped(rewritten, unreadable)
        last = rows[-1].application


def note_retired(engine: Engine, key_id: str) -> None:
    """From now on no worker misses this key."""
    of_it = t.ring_check.c.ring_key == key_id
    with writing(engine) as connection:
        connection.execute(update(t.ring_check).where(of_it).values(retired_at=host_now()))


def count_lasting(engine: Engine, begun_before: datetime, ended_after: datetime) -> int:
    """How many applications and recalls were begun before an instant and were open still at a later one."""
    a = t.application.c
    lasts = or_(a.stage.not_in(sorted(FINAL)), a.changed_at > ended_after)
    query = select(func.count()).select_from(t.application).where(a.opened_at < begun_before, lasts)
    with engine.connect() as connection:
        return connection.execute(query).scalar_one()


def _next(connection: Connection, active: str, last: str) -> Sequence[Any]:
    query = select(_K.application, _K.ring_key, _K.wrapped).where(_K.ring_key != active, _K.application > last)
    return connection.execute(query.order_by(_K.application).limit(_AT_ONCE)).all()


def _rewrap(connection: Connection, ring: KeyRing, row: Row[Any]) -> bool:
    context = wrapping_context(row.application)
    try:
        key = ring.decrypt(row.ring_key, row.wrapped, context)
    except UnreadableError:
        return False
    ring_key, wrapped = ring.encrypt(key, context)
    same = (_K.application == row.application) & (_K.wrapped == row.wrapped)
    connection.execute(update(t.application_key).where(same).values(ring_key=ring_key, wrapped=wrapped))
    return True
