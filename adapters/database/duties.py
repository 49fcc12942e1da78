"""Duties that one worker of all has at a time: whoever holds one keeps it while it goes on, else it falls free."""

from datetime import timedelta

from sqlalchemy import Engine, delete, or_, select, update

from adapters.database import tables as t
from adapters.database.dialect import insert_or_ignore
from adapters.database.engine import writing
from adapters.host_clock import host_now


class SqlDuties:
    """Taken and held in the record, by the clocks of the hosts: two that differ by seconds only do it in turn."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def take(self, name: str, holder: str, seconds: float) -> bool:
        """Take a duty that is free, or hold on to it, for so long; whether it is ours."""
        now, d = host_now(), t.duty.c
        until = now + timedelta(seconds=seconds)
        is_ours = update(t.duty).where(d.name == name, or_(d.holder == holder, d.until < now))
        with writing(self._engine) as connection:
            insert_or_ignore(connection, t.duty, [{"name": name, "holder": holder, "until": until}])
            connection.execute(is_ours.values(holder=holder, until=until))
            return connection.execute(select(d.holder).where(d.name == name)).scalar() == holder

    def give_back(self, name: str, holder: str) -> None:
        """Let another one take it at once."""
        with writing(self._engine) as connection:
            connection.execute(delete(t.duty).where(t.duty.c.name == name, t.duty.c.holder == holder))
