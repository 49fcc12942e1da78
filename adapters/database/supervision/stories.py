"""What happened to some applications up to an instant: facts, and with whom the file was."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, RowMapping, func, select

from adapters.database import tables as t

_A = t.application.c


@dataclass
class Story:
    """One application, or recall; the number of a recall is its application's."""

    registration_number: str | None = None
    regulation: str = ""
    facts: list[RowMapping] = field(default_factory=list)
    holdings: list[RowMapping] = field(default_factory=list)


def find_stories(
    connection: Connection, applications: Sequence[str], as_of: datetime, *, with_facts: bool = True
) -> dict[str, Story]:
    """The stories of applications, by id, in two statements or three."""
    stories: defaultdict[str, Story] = defaultdict(Story)
    if not applications:
        return stories
    parent = t.application.alias("parent")
    number = func.coalesce(_A.registration_number, parent.c.registration_number).label("number")
    files = select(_A.id, number, _A.regulation).outerjoin(parent, parent.c.id == _A.recall_of)
    for row in connection.execute(files.where(_A.id.in_(applications))):
        stories[row.id].registration_number, stories[row.id].regulation = row.number, row.regulation
    h = t.holding.c
    held = select(t.holding).where(h.application.in_(applications), h.since <= as_of)
    for row in connection.execute(held.order_by(h.application, h.number)).mappings():
        stories[row["application"]].holdings.append(row)
    if with_facts:
        q = t.fact.c
        facts = select(q.application, q.number, q.at, q.fact, q.by, q.stage)
        facts = facts.where(q.application.in_(applications), q.at <= as_of)
        for row in connection.execute(facts.order_by(q.application, q.number)).mappings():
            stories[row["application"]].facts.append(row)
    return stories
