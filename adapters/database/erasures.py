"""Destroys what the record has of people in an application and its recalls; the journal and its chain stay whole.

The key goes, and with it whatever it encrypted, in every copy of the rows. The rows' ciphertexts go as well, so
that a key out of an old backup opens nothing here; and the keyed hashes that were for look-ups.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Table, delete, select, text, update
from sqlalchemy.orm import aliased

from adapters.database import tables as t
from adapters.database.dialect import insert_or_ignore
from adapters.database.engine import writing
from models.data import local_day, local_midnight
from models.lifecycle import FINAL, Stage
from models.outbound import Form
from models.personal_data import Erasure

_E, _A, _P = t.erasure.c, t.application.c, t.printout.c
_MOST = 1000
_GONE = b""
_DAY = timedelta(days=1)


class SqlErasures:
    """The table `erasure`, and what goes with a row of it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, execution: str) -> Erasure | None:
        """That an application or a recall was erased; None where it was not."""
        with self._engine.connect() as connection:
            return find_erasure(connection, execution)

    def ended_before(self, instant: datetime) -> list[Any]:
        """Applications that ended before then and are not erased, whoever ended first; a thousand at the most.

        What is stored is not among them unless a recall of it was collected.
        """
        recall = aliased(t.application)
        later = select(recall.c.id).where(
            recall.c.recall_of == _A.id, (recall.c.stage.not_in(list(FINAL))) | (recall.c.changed_at >= instant)
        )
        collected = select(recall.c.id).where(recall.c.recall_of == _A.id, recall.c.stage == Stage.COLLECTED)
        query = (
            select(_A.id, _A.registration_number, _A.stage, _A.regulation)
            .outerjoin(t.erasure, _E.application == _A.id)
            .where(_E.application.is_(None), _A.recall_of.is_(None), _A.stage.in_(list(FINAL)))
            .where(_A.changed_at < instant, ~later.exists())
            .where((_A.stage != Stage.STORED) | collected.exists())
            .order_by(_A.changed_at, _A.id)
            .limit(_MOST)
        )
        with self._engine.connect() as connection:
            return list(connection.execute(query))

    def objects(self, executions: Sequence[str]) -> list[str]:
        """The hashes of the files of these executions that nobody else's are: handed in, or printed.

        A list of results in storage names others too; it cannot be printed any more once one of them is erased.
        """
        with self._engine.connect() as connection:
            handed_in = _hashes(connection, t.evidence, executions)
            kept = select(t.evidence.c.sha256).where(
                t.evidence.c.sha256.in_(handed_in), t.evidence.c.application.not_in(_erased_or(executions))
            )
            others = set(connection.execute(kept).scalars())
            printed = _hashes(connection, t.printout, executions) | _lists(connection, executions)
            return sorted((handed_in - others) | printed)

    def erase(self, erasures: Sequence[Erasure]) -> list[Erasure]:
        """Destroy what is personal in these executions and say so on record, in one transaction.

        What was erased before stays as it was said then. Returns the rows that stand now.
        """
        executions = [one.application for one in erasures]
        with writing(self._engine) as connection:
            if connection.dialect.name == "sqlite":
                connection.execute(text("PRAGMA secure_delete = ON"))
            for one in erasures:
                what = one.what | _destroy(connection, one.application)
                insert_or_ignore(connection, t.erasure, [one.model_dump() | {"what": what}])
        self._forget_copies()
        return [found for found in map(self.find, executions) if found is not None]

    def _forget_copies(self) -> None:
        """SQLite keeps what was there in its log until that is written back."""
        if self._engine.dialect.name == "sqlite":
            with self._engine.connect() as connection:
                connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))


def find_erasure(connection: Connection, execution: str) -> Erasure | None:
    """The row of an execution; None where nothing was erased of it."""
    row = connection.execute(select(t.erasure).where(_E.application == execution)).mappings().first()
    return None if row is None else Erasure.model_validate(dict(row))


def _destroy(connection: Connection, execution: str) -> dict[str, int]:
    """How many rows of each table lost something."""
    emptied: list[tuple[Table, dict[str, Any]]] = [
        (t.child, {"personal": _GONE, "iin_hash": ""}),
        (t.document, {"personal": _GONE}),
        (t.remark, {"personal": _GONE}),
        (t.collection, {"personal": _GONE}),
        (t.verification, {"personal": None}),
        (t.decision, {"personal": None}),
        (t.exchange, {"whom": ""}),
    ]
    found = {
        table.name: connection.execute(
            update(table).where(table.c.application == execution).values(values)
        ).rowcount
        for table, values in emptied
    }
    connection.execute(update(t.application).where(_A.id == execution).values(personal=None))
    connection.execute(delete(t.claim).where(t.claim.c.application == execution))
    key = delete(t.application_key).where(t.application_key.c.application == execution)
    found["key"] = connection.execute(key).rowcount
    return {name: count for name, count in found.items() if count}


def _hashes(connection: Connection, table: Table, executions: Sequence[str]) -> set[str]:
    query = select(table.c.sha256).where(table.c.application.in_(executions))
    return set(connection.execute(query).scalars())


def _erased_or(executions: Sequence[str]) -> Any:
    """What counts as nobody else: these, and whoever was erased before."""
    return select(_A.id).where(_A.id.in_(executions)).union(select(_E.application))


def _lists(connection: Connection, executions: Sequence[str]) -> set[str]:
    """The printed lists of storage on which results of these executions stand, whoever they were printed for."""
    p, other = t.paper.c, aliased(t.paper)
    office, theirs = aliased(t.application), aliased(t.application)
    handed_over = connection.execute(
        select(p.at, p.details["list"].as_string().label("list"), office.c.office)
        .join(office, office.c.id == p.application)
        .where(p.application.in_(executions), p.form == Form.STORAGE_LIST)
    ).all()
    found: set[str] = set()
    for one in handed_over:
        day = local_midnight(local_day(one.at))
        query = (
            select(_P.sha256)
            .join(other, (other.c.application == _P.application) & (other.c.fact == _P.fact))
            .join(theirs, theirs.c.id == _P.application)
            .where(_P.form == Form.STORAGE_LIST, other.c.form == Form.STORAGE_LIST)
            .where(theirs.c.office == one.office, other.c.details["list"].as_string() == one.list)
            .where(other.c.at >= day, other.c.at < day + _DAY)
        )
        found |= set(connection.execute(query).scalars())
    return found
