"""Reads all journals in one go, to see whether every fact still has the hash that it was written with."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Engine, select

from adapters.database import tables as t
from models.journal import Fact

_PAGE = 200

_a, _f = t.application.c, t.fact.c


class SqlJournals:
    """The journals of applications and recalls, a page of applications at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def broken(self) -> Iterator[tuple[str, str]]:
        """The applications whose chain does not hold, each with what is wrong first."""
        after = ""
        while True:
            with self._engine.connect() as connection:
                query = select(_a.id, _a.last_fact, _a.last_hash).where(_a.id > after).order_by(_a.id)
                rows = connection.execute(query.limit(_PAGE)).all()
                facts = _facts(connection, [row.id for row in rows])
            for row in rows:
                wrong = _wrong(facts.get(row.id, []), row.last_fact, row.last_hash)
                if wrong is not None:
                    yield row.id, wrong
            if len(rows) < _PAGE:
                return
            after = rows[-1].id


def _facts(connection: Connection, applications: list[str]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    query = select(t.fact).where(_f.application.in_(applications)).order_by(_f.application, _f.number)
    for row in connection.execute(query).mappings():
        found.setdefault(row["application"], []).append(dict(row))
    return found


def _wrong(rows: list[dict[str, Any]], last_fact: int, last_hash: str) -> str | None:
    """What is wrong with a journal; None if every hash follows from what stands there and the fact before."""
    before: str | None = None
    for number, row in enumerate(rows, start=1):
        row.pop("application")
        fact = Fact.model_validate(row)
        if fact.number != number:
            return f"fact {number} is missing"
        if not fact.is_intact():
            return f"fact {number} has another content than its hash says"
        if before is not None and fact.previous != before:
            return f"fact {number} does not go on from the one before it"
        before = fact.hash
    if (len(rows), before or "") != (last_fact, last_hash if rows else ""):
        return f"its journal ends with fact {len(rows)}, and its row says {last_fact}, or another hash"
    return None
