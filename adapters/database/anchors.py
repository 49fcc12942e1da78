"""Which heads of the hash chains were anchored, and whether what was anchored still stands on record."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import islice

from sqlalchemy import Connection, Engine, delete, func, or_, select

from adapters.database import tables as t
from adapters.database.dialect import insert_or_ignore, upsert
from adapters.database.engine import writing
from models.anchor import Head

_PAGE = 5000
_ASKED_AT_ONCE = 400

_a, _d = t.application.c, t.anchored.c


class SqlAnchored:
    """The tables `anchor` and `anchored`. They are a memory, no proof: the proof lies outside of the record.

    But nothing else knows that the newest files are gone, as no file after them names them.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def has(self, day: date) -> bool:
        """Whether the file of a day is known to be out."""
        with self._engine.connect() as connection:
            return connection.execute(select(t.anchor.c.day).where(t.anchor.c.day == day)).first() is not None

    def remembered(self) -> dict[date, str]:
        """The days whose file is known to be out, with the SHA-256 it had when it was written."""
        with self._engine.connect() as connection:
            return {row.day: row.sha256 for row in connection.execute(select(t.anchor.c.day, t.anchor.c.sha256))}

    def forget_heads(self) -> None:
        """Count no head as anchored: the files that held them are gone."""
        with writing(self._engine) as connection:
            connection.execute(delete(t.anchored))

    def last_at(self) -> datetime | None:
        """When the newest anchor was made; None before the first one."""
        with self._engine.connect() as connection:
            return last_anchor_at(connection)

    def applications(self) -> int:
        """How many applications and recalls there are."""
        with self._engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(t.application)).scalar_one()

    def changed(self) -> Iterator[Head]:
        """The heads that are not anchored as they stand, by id; in pages, so that nobody waits for a writer."""
        query = (
            select(_a.id, _a.last_fact, _a.last_hash)
            .join_from(t.application, t.anchored, _a.id == _d.application, isouter=True)
            .where(_a.last_fact > 0, or_(_d.last_fact.is_(None), _d.last_fact != _a.last_fact))
            .order_by(_a.id)
            .limit(_PAGE)
        )
        after = ""
        while True:
            with self._engine.connect() as connection:
                rows = connection.execute(query.where(_a.id > after)).all()
            for row in rows:
                yield Head(application=row.id, last_fact=row.last_fact, last_hash=row.last_hash)
            if len(rows) < _PAGE:
                return
            after = rows[-1].id

    def mark(self, heads: Iterator[Head]) -> None:
        """Note that these were anchored; broken off, the rest is anchored again, which harms nothing."""
        for some in _batches(heads, _PAGE):
            rows = [{"application": head.application, "last_fact": head.last_fact} for head in some]
            with writing(self._engine) as connection:
                upsert(connection, t.anchored, rows)

    def note(self, day: date, at: datetime, changed: int, sha256: str) -> None:
        """Note that the file of a day is out."""
        row = {"day": day, "at": at, "changed": changed, "sha256": sha256}
        with writing(self._engine) as connection:
            insert_or_ignore(connection, t.anchor, [row])

    def standing(self, heads: Iterator[Head]) -> Iterator[tuple[Head, int, str | None]]:
        """Each head with the last fact that the record has of it, and the hash under the head's own number."""
        for some in _batches(heads, _ASKED_AT_ONCE):
            with self._engine.connect() as connection:
                last, hashes = _of(connection, some)
            for head in some:
                yield head, last.get(head.application, 0), hashes.get((head.application, head.last_fact))


def last_anchor_at(connection: Connection) -> datetime | None:
    """When the newest anchor was made, for who watches over the service; None before the first one."""
    return connection.execute(select(func.max(t.anchor.c.at))).scalar()


def _batches(heads: Iterator[Head], size: int) -> Iterator[list[Head]]:
    while some := list(islice(heads, size)):
        yield some


def _of(connection: Connection, heads: Sequence[Head]) -> tuple[dict[str, int], dict[tuple[str, int], str]]:
    """The last fact of each application, and the hash of every fact of theirs."""
    f = t.fact.c
    query = select(f.application, f.number, f.hash).where(f.application.in_([head.application for head in heads]))
    last: dict[str, int] = {}
    hashes: dict[tuple[str, int], str] = {}
    for application, number, hash_ in connection.execute(query):
        hashes[application, number] = hash_
        last[application] = max(last.get(application, 0), number)
    return last, hashes
