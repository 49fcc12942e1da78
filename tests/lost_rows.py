"""What a restored copy of yesterday does to the record of one application: its rows as they were then."""

from typing import Any

from sqlalchemy import Connection, Engine, Table, delete, insert, select

from adapters.database import tables as t
from adapters.database.engine import writing

Rows = list[tuple[Table, list[dict[str, Any]]]]

_TABLES = [table for table in t.metadata.sorted_tables if "application" in table.c and table is not t.access]
"""Whatever belongs to an application, the referred before the referring."""


def rows_of(engine: Engine, application: str) -> Rows:
    """Every row of an application, as it is now."""
    with engine.connect() as connection:
        return [
            (table, [dict(row) for row in connection.execute(query).mappings()])
            for table, query in _queries(application)
        ]


def put_back(engine: Engine, application: str, rows: Rows) -> None:
    """Make the record of an application what it was then; with no rows it was not there yet."""
    with writing(engine) as connection:
        _forget(connection, application)
        for table, then in rows:
            if then:
                connection.execute(insert(table), then)


def _queries(application: str) -> list[tuple[Table, Any]]:
    own = (t.application, select(t.application).where(t.application.c.id == application))
    return [own, *((table, select(table).where(table.c.application == application)) for table in _TABLES)]


def _forget(connection: Connection, application: str) -> None:
    for table in reversed(_TABLES):
        connection.execute(delete(table).where(table.c.application == application))
    connection.execute(delete(t.application).where(t.application.c.id == application))
