"""Writes and reads what stands beside an application's files: who collected the result, and the head's signature.

Both are personal data, encrypted with the application's own key.
"""

from typing import Any

from sqlalchemy import Connection, select, update

from adapters.database import document_tables as d
from adapters.database import tables as t
from adapters.database.dialect import insert_or_ignore
from adapters.database.personal import Vault
from models.evidence import Evidence
from models.state import Collection, Entry, State


def evidence_rows(state: State) -> list[dict[str, Any]]:
    """The files of an application, as its read model has them."""
    return [one.model_dump() for one in state.evidence]


def read_evidence(connection: Connection, application: str) -> tuple[Evidence, ...]:
    """The files of an application, in the order in which they came."""
    e = d.evidence.c
    query = select(d.evidence).where(e.application == application).order_by(e.attached_at, e.id)
    rows = [dict(row) for row in connection.execute(query).mappings()]
    return tuple(Evidence.model_validate({name: row[name] for name in Evidence.model_fields}) for row in rows)


def write_signed_and_collected(connection: Connection, entry: Entry, vault: Vault) -> None:
    """Each once, with the fact that brought it."""
    application, decision = entry.state.opening.application, entry.state.decision
    if entry.approval is not None and decision is not None:
        of_it = (t.decision.c.application == application) & (t.decision.c.draft == decision.draft.number)
        locked = vault.lock("approval", entry.approval)
        connection.execute(update(t.decision).where(of_it).values(personal=locked))
    if entry.collection is not None:
        row = {
            "application": application,
            "fact": entry.collection.fact,
            "personal": vault.lock("collection", entry.collection.model_dump(mode="json")),
        }
        insert_or_ignore(connection, d.collection, [row])


def read_approval(connection: Connection, application: str, vault: Vault) -> str | None:
    """The head's signature over the decision; None where there is none, or it has been erased."""
    c = t.decision.c
    query = select(c.personal).where(c.application == application, c.approved_at.is_not(None))
    return vault.open("approval", connection.execute(query).scalar())


def read_collection(connection: Connection, application: str, vault: Vault) -> Collection | None:
    """Who collected the result; None where nobody did, it has been erased, or an older order told nothing."""
    query = select(d.collection.c.personal).where(d.collection.c.application == application)
    content = vault.open("collection", connection.execute(query).scalar())
    return None if content is None else Collection.model_validate(content)
