"""The clock of the worker's machine jumps an hour forth and back: the service's time is the server's."""

import asyncio
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import select

from adapters.database import tables as t
from adapters.host_clock import host_now
from desk.beginnings import take_ticket
from models.journal import Fact, FactName
from models.lifecycle import Channel
from models.messages import Ticket
from tests.faults.figures import Figures
from tests.faults.premises import Premises
from tests.faults.traffic import Traffic, all_of

AHEAD_SECONDS = 90
_AN_HOUR = timedelta(hours=1)
_NEARLY = timedelta(minutes=55)
_WAITING = 5
_WRITTEN_WITHIN = timedelta(seconds=15)
_CLOCKS_DIFFER = timedelta(seconds=1)


class Hands:
    """The clock of one process: libfaketime reads a file at every look at the time, only the wall clock moves."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.set(timedelta())

    def set(self, ahead: timedelta) -> None:
        draft = self._file.with_suffix(".draft")
        draft.write_text(f"{ahead.total_seconds():+.0f}\n")
        draft.replace(self._file)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(_library()),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }


def _library() -> Path:
    found = find_spec("libfaketime")
    assert found is not None, "libfaketime is not here: its package is made for Linux on x86-64 alone"
    assert found.origin is not None
    return Path(found.origin).parent / "vendor" / "libfaketime" / "src" / "libfaketime.so.1"


class TestClockJumps:
    """No term is passed early or late because a machine's clock is wrong."""

    @pytest.mark.timeout(420)
    async def test_an_hour_forth_and_back(
        self, tmp_path: Path, closing: Premises, closes: datetime, database: str, figures: Figures
    ) -> None:
        """Facts keep the real time, limits pass at theirs, and notices leave, whatever the worker's clock says."""
        began, hands = host_now(), Hands(tmp_path / "clock")
        worker = await closing.start_worker(hands.environment)
        traffic = Traffic(closing, closing.desk(wait=10))
        early, waiting = traffic.some("before"), await _tickets(traffic)
        await all_of(one.reach_review() for one in early)
        hands.set(_AN_HOUR)
        await all_of(one.go_on() for one in (*early, *traffic.some("ahead")))
        assert await _clock_was_off(closing, _NEARLY), "the worker's clock did not jump forth"
        assert _passed(traffic, waiting) == [], "a limit has passed too early"
        hands.set(-_AN_HOUR)
        await all_of(one.go_on() for one in traffic.some("behind"))
        assert host_now() < closes, "this took so long that the limits are past; nothing was tried"
        assert await _clock_was_off(closing, -_NEARLY), "the worker's clock did not jump back"
        await asyncio.sleep((closes + _WRITTEN_WITHIN - host_now()).total_seconds())
        assert [fact.at for fact in _passed(traffic, waiting)] == [closes] * _WAITING
        hands.set(timedelta())
        assert await _problems(traffic, waiting, began) == []
        assert not worker.has_ended()
        text = f"no fact off the real time, {_WAITING} limits passed at their instant"
        figures.note(
            "the worker's clock an hour ahead and behind", database, len(traffic.journeys) + _WAITING, text
        )


async def _tickets(traffic: Traffic) -> list[str]:
    """People who are never called: their wait ends when the provider closes."""
    ticket = Ticket(channel=Channel.PROVIDER)
    told = await asyncio.gather(*(take_ticket(traffic.desk, ticket, f"waiting-{n}") for n in range(_WAITING)))
    return [answer.application for answer, _ in told]


def _passed(traffic: Traffic, applications: list[str]) -> list[Fact]:
    facts = [fact for one in applications for fact in traffic.desk.reader.facts(one)]
    return [fact for fact in facts if fact.fact is FactName.LIMIT_PASSED]


async def _clock_was_off(here: Premises, ahead: timedelta) -> bool:
    """Whether some notice was sent so far from the real time: its sender notes the time of its own machine."""
    off = host_now() + ahead
    sent_at = select(t.notice.c.sent_at).where(t.notice.c.sent_at.is_not(None))
    for _ in range(10):
        with here.record.connect() as connection:
            sent = list(connection.execute(sent_at).scalars())
        if any(at > off if ahead > timedelta() else at < off for at in sent):
            return True
        await asyncio.sleep(1)
    return False


async def _problems(traffic: Traffic, waiting: list[str], began: datetime) -> list[str]:
    traffic.some("after", each=1)
    found = await traffic.problems(others=waiting)
    ended = host_now()
    for execution in traffic.desk.reader.executions():
        for fact in traffic.desk.reader.facts(execution):
            if not began - _CLOCKS_DIFFER <= fact.at <= ended + _CLOCKS_DIFFER:
                found.append(f"{execution}: fact {fact.number} is dated {fact.at}, between {began} and {ended}")
    return found
