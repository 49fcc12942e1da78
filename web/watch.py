"""Watches the record for everybody who has the board open: one question a second, and one at each due instant.

A limit passes by time alone, without any row being written. So the next due instant is known beforehand, and
the board looks again right after it.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from adapters.host_clock import host_now
from models.supervision import Pulse

_log = logging.getLogger("tirek.board")
_SECOND, _MILLISECOND = timedelta(seconds=1), timedelta(milliseconds=1)
_AFTER = 2 * _MILLISECOND
_FRESH = 1.5 * _SECOND
_KEEP_ALIVE_SECONDS = 15
AWAY = "away"


@dataclass(frozen=True)
class Moment:
    """An instant, and a mark of how things stood then: another mark, and something has changed."""

    at: datetime
    mark: str


class Watch:
    """The one watcher of a process. Pages are told as of its last look, so that all of them agree."""

    def __init__(self, feel: Callable[[datetime], Pulse], now: Callable[[], datetime] = host_now) -> None:
        self._feel = feel
        self._now = now
        self._moment: Moment | None = None
        self._next_due: datetime | None = None
        self._news = asyncio.Event()
        self._is_closed = False

    def moment(self) -> Moment:
        """As of when something is told that is asked now."""
        now = self._now()
        if self._moment is None or now - self._moment.at > _FRESH:
            return Moment(_floored(now, _SECOND), self._moment.mark if self._moment else "")
        return self._moment

    async def run(self) -> None:
        """Look until cancelled; a record that is away is asked again."""
        while True:
            now = self._now()
            self._see(await self._look(now))
            await asyncio.sleep(max(self._next_look(now) - self._now(), _MILLISECOND) / _SECOND)

    async def _look(self, now: datetime) -> Moment:
        at = _floored(now, _SECOND)
        if self._next_due is not None and at <= self._next_due < now:
            at = _floored(now, _MILLISECOND)  # a limit has passed within this second
        try:
            pulse = await asyncio.to_thread(self._feel, at)
        except SQLAlchemyError as error:
            _log.warning("the record does not answer (%s)", type(error).__name__)
            self._next_due = None
            return Moment(at, AWAY)
        self._next_due = pulse.next_due
        return Moment(max(at, pulse.at), _mark(pulse))

    def _see(self, moment: Moment) -> None:
        is_news = self._moment is None or moment.mark != self._moment.mark
        self._moment = moment
        if is_news:
            self._tell()

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    def _next_look(self, last: datetime) -> datetime:
        on_the_second = _floored(last, _SECOND) + _SECOND
        return min(on_the_second, self._next_due + _AFTER) if self._next_due else on_the_second

    def close(self) -> None:
        """Nobody is told anything any more: whoever listens goes."""
        self._is_closed = True
        self._tell()

    async def marks(self) -> AsyncIterator[str | None]:
        """The mark now, and each that follows; None now and then, so that a connection that died is noticed."""
        told = None
        while not self._is_closed:
            news, moment = self._news, self._moment
            if moment is not None and moment.mark != told:
                told = moment.mark
                yield told
                continue
            try:
                await asyncio.wait_for(news.wait(), _KEEP_ALIVE_SECONDS)
            except TimeoutError:
                yield None


def _mark(pulse: Pulse) -> str:
    newest = int(pulse.newest.timestamp() * 1000) if pulse.newest else 0
    return f"{pulse.running}-{pulse.passed}-{newest}"


def _floored(at: datetime, to: timedelta) -> datetime:
    """The whole second, or millisecond, in which an instant lies."""
    return at - (at - datetime.min.replace(tzinfo=at.tzinfo)) % to
