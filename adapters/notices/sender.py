"""Works the outbox off: at least once per notice, with the same message id, however often it fails."""

import logging
from datetime import datetime, timedelta

from sqlalchemy import Engine, Row, or_, select, update

from adapters.database import tables as t
from adapters.database.engine import writing
from adapters.host_clock import host_now
from models.outbound import Notice
from models.ports import NoticeSender

_log = logging.getLogger(__name__)
_FIRST_PAUSE = timedelta(seconds=5)
_LONGEST_PAUSE = timedelta(minutes=30)
_MOST_DOUBLINGS = 10
_BATCH = 100


class Outbox:
    """The rows that wait, and the sender they go to. Pauses run in the host's time: they are no legal term."""

    def __init__(self, engine: Engine, sender: NoticeSender) -> None:
        self._engine = engine
        self._sender = sender

    def deliver_waiting(self) -> int:
        """Try every notice whose turn it is; how many were delivered."""
        now = host_now()
        n = t.notice.c
        query = (
            select(t.notice)
            .where(n.sent_at.is_(None), or_(n.attempts == 0, n.next_attempt_at <= now))
            .order_by(n.at)
            .limit(_BATCH)
        )
        with self._engine.connect() as connection:
            rows = list(connection.execute(query))
        return sum(self._deliver(row, now) for row in rows)

    def _deliver(self, row: Row[tuple[object, ...]], now: datetime) -> bool:
        content = {name: getattr(row, name) for name in Notice.model_fields}
        try:
            self._sender.send(row.id, row.application, Notice.model_validate(content))
        except (OSError, ValueError) as error:  # away, or a notice of a version that we do not know
            pause = min(_FIRST_PAUSE * 2 ** min(row.attempts, _MOST_DOUBLINGS), _LONGEST_PAUSE)
            _log.warning("notice %s not delivered (%s), next try in %s", row.id, type(error).__name__, pause)
            self._note(row.id, next_attempt_at=now + pause, problem=f"{type(error).__name__}: {error}"[:200])
            return False
        self._note(row.id, sent_at=now, next_attempt_at=None, problem=None)
        return True

    def _note(self, notice: str, **values: datetime | str | None) -> None:
        change = update(t.notice).where(t.notice.c.id == notice, t.notice.c.sent_at.is_(None))
        with writing(self._engine) as connection:
            connection.execute(change.values(attempts=t.notice.c.attempts + 1, **values))
