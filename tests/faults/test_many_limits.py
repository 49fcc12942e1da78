"""A thousand limits that pass at one instant: which have passed is known at once, and their facts follow."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select

from adapters.database import tables as t
from adapters.host_clock import host_now
from desk.beginnings import take_ticket
from desk.reconcile import reconcile
from desk.supervision import Supervision
from models.journal import FactName
from models.lifecycle import Channel
from models.messages import Ticket
from models.supervision import Sort, Sought
from tests.faults.figures import Figures
from tests.faults.notices import notice_differences
from tests.faults.premises import Premises
from tests.models.builders import CALENDAR

AHEAD_SECONDS = 120
_MANY = 1000
_AT_ONCE = 16
_WITHIN = 30
_LAST = 100


class TestManyLimits:
    """No limit is missed because many pass at once."""

    @pytest.mark.timeout(600)
    async def test_a_thousand_at_one_instant(
        self, closing: Premises, closes: datetime, database: str, figures: Figures
    ) -> None:
        """Right after the instant all of them are told as passed, within half a minute their facts are on record,
        dated to the instant, and every supervisor's notice leaves the house."""
        await closing.start_worker()
        record = closing.record
        opened = set(await _queue(closing))
        assert host_now() < closes, "the tickets took longer than the time until the instant; nothing was measured"
        assert _told(record, closes) == set()
        await asyncio.sleep((closes - host_now()).total_seconds() + 0.2)
        told, on_record = _told(record, host_now()), _passed(record)
        assert told == opened
        assert len(on_record) < _MANY, "every fact was there already; the clocks were not needed to tell"
        took = await _until_all_on_record(record, closes)
        assert _passed(record) == [closes] * _MANY
        figures.note("many limits at one instant", database, _MANY, f"all facts on record after {took:.1f} s")
        assert took < _WITHIN
        assert await _problems(closing, sorted(opened)) == []


async def _queue(here: Premises) -> list[str]:
    desk, turns = here.desk(), asyncio.Semaphore(_AT_ONCE)

    async def one(number: int) -> str:
        async with turns:
            answer, _ = await take_ticket(desk, Ticket(channel=Channel.PROVIDER), f"many-{number}")
            return answer.application

    return await asyncio.gather(*(one(number) for number in range(_MANY)))


def _told(record: Engine, as_of: datetime) -> set[str]:
    found = Supervision(record, CALENDAR).all_breaches(Sought(as_of=as_of), Sort.DUE, 2 * _MANY)
    return {one.row.application for one in found}


def _passed(record: Engine) -> list[datetime]:
    with record.connect() as connection:
        return list(
            connection.execute(select(t.fact.c.at).where(t.fact.c.fact == FactName.LIMIT_PASSED)).scalars()
        )


async def _until_all_on_record(record: Engine, instant: datetime) -> float:
    count = select(func.count()).where(t.fact.c.fact == FactName.LIMIT_PASSED)
    async with asyncio.timeout(300):
        while True:
            with record.connect() as connection:
                if connection.execute(count).scalar_one() >= _MANY:
                    return (host_now() - instant) / timedelta(seconds=1)
            await asyncio.sleep(0.1)


async def _problems(here: Premises, opened: list[str]) -> list[str]:
    """What reconciliation says of all, and whether exactly the right notices of the last ones have left."""
    report = await reconcile(here.client, here.reader, here.ring, here.settings.task_queue)
    found = [str(one) for one in report.differences]
    if report.compared != _MANY:
        found.append(f"{report.compared} were compared")
    sent = list((here.settings.data / "notices").glob("*.json"))
    if len(sent) != _MANY:
        found.append(f"{len(sent)} notices have left the house")
    for execution in opened[-_LAST:]:
        found += await notice_differences(here, execution)
    return found
