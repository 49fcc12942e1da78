"""Works the outbox off: at least once per notice and way, with the same message id, however often it fails."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, exists, or_, select, true, update

from adapters.database import tables as t
from adapters.database.dialect import insert_or_ignore
from adapters.database.engine import writing
from adapters.host_clock import host_now
from models.outbound import Notice, NoticeKind
from models.ports import NotDeliveredError, NoticeSender

_log = logging.getLogger(__name__)
_FIRST_PAUSE = timedelta(seconds=5)
_LONGEST_PAUSE = timedelta(minutes=30)
_MOST_DOUBLINGS = 10
_BATCH = 100
_ROUND_SECONDS = 30
"""After so long a round begins anew, so that what has come meanwhile does not wait behind what fails slowly."""


@dataclass(frozen=True)
class Way:
    """One way out of the house: its name on record, who goes it, and which kinds it takes; None takes all."""

    name: str
    sender: NoticeSender
    kinds: frozenset[NoticeKind] | None = None

    @property
    def takes(self) -> ColumnElement[bool]:
        return true() if self.kinds is None else t.notice.c.kind.in_(sorted(self.kinds))


class Outbox:
    """The rows that wait, and the ways they go. Pauses run in the host's time: they are no legal term."""

    def __init__(self, engine: Engine, ways: Sequence[Way], round_seconds: float = _ROUND_SECONDS) -> None:
        self._engine = engine
        self.ways = tuple(ways)
        self._round_seconds = round_seconds

    def settle(self) -> None:
        """Close what waited only for a way that is not there any more."""
        with writing(self._engine) as connection:
            self._close(connection, true(), host_now())

    def deliver_waiting(self, way: Way, must_stop: Callable[[], bool] = lambda: False) -> int:
        """Try every notice whose turn it is on one way, until told to stop; how many were delivered.

        What is waited for on one way holds nothing up on another: each may run in a thread of its own.
        """
        until, delivered = time.monotonic() + self._round_seconds, 0
        new_problems = Counter[str]()
        for row in self._waiting(way):
            if must_stop() or time.monotonic() > until:
                break
            problem = self._deliver(way, row)
            delivered += problem is None
            if problem is not None and problem != row.problem:
                new_problems[problem] += 1
        for problem, count in new_problems.items():  # told once, however often it is met again
            _log.warning("%s: %s notices not delivered, and tried again: %s", way.name, count, problem)
        return delivered

    def _waiting(self, way: Way) -> Sequence[Row[Any]]:
        """What was never tried comes first, then whose turn is oldest: nothing that fails can starve the rest."""
        n, d = t.notice.c, t.delivery.c
        of_this_way = and_(d.notice == n.id, d.way == way.name)
        query = (
            select(t.notice, d.attempts, d.problem)
            .join_from(t.notice, t.delivery, of_this_way, isouter=True)
            .where(n.sent_at.is_(None), d.sent_at.is_(None), way.takes)
            .where(or_(d.attempts.is_(None), d.next_attempt_at <= host_now()))
            .order_by(d.attempts.is_not(None), d.next_attempt_at, n.at, n.id)
            .limit(_BATCH)
        )
        with self._engine.connect() as connection:
            return connection.execute(query).all()

    def _deliver(self, way: Way, row: Row[Any]) -> str | None:
        """The problem that it met, None if it was delivered; either is on record."""
        content = {name: getattr(row, name) for name in Notice.model_fields}
        attempts = row.attempts or 0
        try:
            way.sender.send(row.id, row.application, Notice.model_validate(content))
        except NotDeliveredError as error:
            return self._failed(way, row.id, _MOST_DOUBLINGS if error.is_lasting else attempts, str(error))
        except (OSError, ValueError) as error:  # away, or a notice of a version that we do not know
            return self._failed(way, row.id, attempts, f"{type(error).__name__}: {error}")
        now = host_now()
        self._note(way, row.id, now, sent_at=now, next_attempt_at=None, problem=None)
        return None

    def _failed(self, way: Way, notice: str, doublings: int, problem: str) -> str:
        pause = min(_FIRST_PAUSE * 2 ** min(doublings, _MOST_DOUBLINGS), _LONGEST_PAUSE)
        now, kept = host_now(), problem[:200]
        self._note(way, notice, now, next_attempt_at=now + pause, problem=kept)
        return kept

    def _note(self, way: Way, notice: str, now: datetime, **values: datetime | str | None) -> None:
        """One transaction; of two ways that deliver at once, the second sees what the first has noted."""
        d = t.delivery.c
        this = t.notice.c.id == notice
        change = update(t.delivery).where(d.notice == notice, d.way == way.name, d.sent_at.is_(None))
        with writing(self._engine) as connection:
            connection.execute(select(t.notice.c.id).where(this).with_for_update())
            insert_or_ignore(connection, t.delivery, [{"notice": notice, "way": way.name, "attempts": 0}])
            connection.execute(change.values(attempts=d.attempts + 1, **values))
            self._close(connection, this, now)

    def _close(self, connection: Connection, which: ColumnElement[bool], now: datetime) -> None:
        """Mark what every way that takes it has delivered."""
        waits = t.notice.c.sent_at.is_(None)
        done = [or_(~way.takes, _has_gone(way)) for way in self.ways]
        connection.execute(update(t.notice).where(which, waits, *done).values(sent_at=now))


def _has_gone(way: Way) -> ColumnElement[bool]:
    d = t.delivery.c
    return exists().where(d.notice == t.notice.c.id, d.way == way.name, d.sent_at.is_not(None))
