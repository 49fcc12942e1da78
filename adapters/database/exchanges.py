"""Every exchange with a register, on record: who was asked for is kept as a keyed hash only."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, insert, or_, select, update

from adapters.database import tables as t
from adapters.database.engine import writing
from adapters.keys import KeyRing
from models.checks import CheckOutcome
from models.data import Data, Instant
from models.lifecycle import Stage
from models.registers import Exchange, ExchangeEnd, ExchangeOutcome, Register


class Silent(Data):
    """A check of an application under review that a register has left unanswered."""

    application: str
    check: str
    register_name: Register
    regulation: str


class Unanswered(Data):
    """The same, as an operator needs it; `failure`: the code of what asking again does not mend."""

    application: str
    check: str
    failure: str | None
    asked_at: Instant


_MOST_SILENT = 1000


class SqlExchanges:
    """`ExchangeLog` on SQL."""

    def __init__(self, engine: Engine, ring: KeyRing) -> None:
        self._engine = engine
        self._ring = ring

    def begin(self, exchange: Exchange) -> None:
        row = exchange.model_dump(exclude={"asking", "iin"}) | exchange.asking.model_dump()
        row |= {"whom": self._ring.lookup_hash("iin", exchange.iin), "outcome": ExchangeOutcome.SENT}
        with writing(self._engine) as connection:
            connection.execute(insert(t.exchange), [row])

    def end(self, end: ExchangeEnd) -> None:
        of_it = t.exchange.c.message_id == end.message_id
        with writing(self._engine) as connection:
            connection.execute(update(t.exchange).where(of_it).values(end.model_dump(exclude={"message_id"})))

    def of_application(self, application: str) -> list[dict[str, Any]]:
        """The exchanges of an application, in the order in which they were sent."""
        query = select(t.exchange).where(t.exchange.c.application == application)
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(t.exchange.c.sent_at, t.exchange.c.message_id)).mappings()
            return [{name: value for name, value in row.items() if name != "whom"} for row in rows]

    def silent(self, register: Register, *, failed: bool = False) -> list[Silent]:
        """The checks that wait for a register, whoever was asked longest ago first; a thousand at the most.

        `failed`: those that wait for an operator instead.
        """
        v, a = t.verification.c, t.application.c
        waits = v.failure.is_not(None) if failed else v.failure.is_(None)
        query = (
            select(v.application, v.check, v.register.label("register_name"), a.regulation)
            .join_from(t.verification, t.application)
            .where(v.outcome == CheckOutcome.UNANSWERED, waits, v.register == register)
            .where(a.stage == Stage.UNDER_REVIEW)
            .order_by(v.asked_at, v.application, v.check)
            .limit(_MOST_SILENT)
        )
        with self._engine.connect() as connection:
            return [Silent.model_validate(dict(row)) for row in connection.execute(query).mappings()]

    def unanswered(self, before: datetime) -> list[Unanswered]:
        """The checks under review that failed for good, or were asked before that instant and had no answer."""
        v, a = t.verification.c, t.application.c
        query = (
            select(v.application, v.check, v.failure, v.asked_at)
            .join_from(t.verification, t.application)
            .where(v.outcome == CheckOutcome.UNANSWERED, or_(v.failure.is_not(None), v.asked_at < before))
            .where(a.stage == Stage.UNDER_REVIEW)
            .order_by(v.asked_at, v.application, v.check)
            .limit(_MOST_SILENT)
        )
        with self._engine.connect() as connection:
            return [Unanswered.model_validate(dict(row)) for row in connection.execute(query).mappings()]

    def attempts(self, application: str) -> dict[str, dict[str, Any]]:
        """What `attempts_of` tells, of an application's exchanges."""
        return attempts_of(self.of_application(application))


def attempts_of(exchanges: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """How often each check was asked, when last, and what came of that: by the check, of exchanges in order."""
    found: dict[str, dict[str, Any]] = {}
    for row in exchanges:
        before = found.get(row["check"], {"attempts": 0})
        found[row["check"]] = {
            "attempts": before["attempts"] + 1,
            "last_sent_at": row["sent_at"],
            "last_outcome": row["outcome"],
            "last_code": row["code"],
        }
    return found
