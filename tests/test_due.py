"""What falls due, on a real server: each clock warned, met, passed and stopped late."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest_asyncio

from adapters.host_clock import host_today
from demo.visit import INTAKE, Visit
from desk.reconcile import differences
from models.clocks import Clock, Outcome
from models.data import local_iso
from models.journal import FALLING_DUE, Fact, FactName
from models.lifecycle import Channel, Command
from models.plan import plan
from models.regulation import ClockKind
from tests.conftest import House, strangers

SC, PROVIDER = Channel.STATE_CORPORATION, Channel.PROVIDER
WAITING, SERVICE = ClockKind.WAITING, ClockKind.SERVICE
PROCESSING, RETENTION, RECALL = ClockKind.PROCESSING, ClockKind.RETENTION, ClockKind.RECALL


@pytest_asyncio.fixture
async def visit(house: House) -> AsyncIterator[Visit]:
    yield await Visit.open(house.desk, SC, strangers())


async def recall(visit: Visit) -> None:
    """The month runs out, the result goes into storage, and is asked for again."""
    await visit.skip_past(RETENTION)
    await visit.do(Command.HAND_OVER, visit.clerk)
    await visit.be_recalled()


async def stop(visit: Visit, kind: ClockKind) -> None:
    """Do what the clock waits for; the month is left to run out."""
    if kind is WAITING:
        await visit.do(Command.CALL, visit.clerk)
    elif kind is SERVICE:
        await visit.accept()
    elif kind is PROCESSING:
        await visit.be_decided()
        await visit.be_delivered()
    elif kind is RECALL:
        await visit.do(Command.SEND_BACK, INTAKE[PROVIDER])


def clock_of(visit: Visit, kind: ClockKind) -> Clock:
    return next(clock for clock in visit.clocks() if clock.clock is kind)


def fallen_due(house: House, visit: Visit, kind: ClockKind) -> list[Fact]:
    facts = house.reader.facts(house.desk.story(visit.application)[-1])
    return [fact for fact in facts if fact.fact in FALLING_DUE and fact.details["clock"] == kind]


def first_warning(house: House, clock: Clock) -> datetime:
    regulation = house.desk.library.in_force(host_today())
    office = regulation.office(clock.office)
    assert office is not None
    calendar = max(house.desk.library.calendars.values(), key=lambda one: one.code)
    found = plan(regulation, calendar, clock.clock, SC, office, clock.set_running_at)
    assert found is not None
    return found.warnings[0].at


async def same(house: House, visit: Visit) -> bool:
    execution = house.desk.story(visit.application)[-1]
    return await differences(house.engine.client, house.reader, house.ring, execution) == []


async def skip_to(house: House, visit: Visit, instant: datetime) -> None:
    last = house.reader.facts(house.desk.story(visit.application)[-1])[-1].at
    await visit.skip(seconds=(instant - last).total_seconds())


class TestEachClock:
    """Every clock of the passport on its way, in one life each (R5-R10, C2)."""

    async def test_warned_and_met(self, house: House, visit: Visit) -> None:
        """Half of each term is used up: one warning at its instant, and what it warns of is done in time."""
        for kind in (WAITING, SERVICE, PROCESSING, RETENTION, RECALL):
            if kind is RECALL:
                await recall(visit)
            half = first_warning(house, clock_of(visit, kind))
            await skip_to(house, visit, half + timedelta(seconds=1))
            assert clock_of(visit, kind).warned == 50
            [warned] = fallen_due(house, visit, kind)
            assert (warned.fact, warned.at, warned.details["percent"]) == (FactName.WARNING_REACHED, half, 50)
            noticed_at = datetime.fromisoformat(str(warned.details["noticed_at"]))
            assert timedelta() <= noticed_at - half < timedelta(seconds=30)
            await stop(visit, kind)
        assert {clock.outcome for clock in visit.clocks()} == {Outcome.MET}
        [ended] = [f for f in house.reader.facts(visit.application) if f.fact is FactName.RETENTION_ENDED]
        assert ended.at == clock_of(visit, RETENTION).due_at
        assert ended.details["noticed_at"] >= local_iso(ended.at)
        assert await same(house, visit)

    async def test_passed_and_stopped_late(self, house: House, visit: Visit) -> None:
        """Three warnings and the limit, each at its instant; passing ends nothing, the stop comes late."""
        for kind in (WAITING, SERVICE, PROCESSING, RECALL):
            if kind is RECALL:
                await recall(visit)
            await visit.skip_past(kind)
            told = fallen_due(house, visit, kind)
            assert [fact.details.get("percent") for fact in told] == [50, 75, 90, None]
            passed, clock = told[-1], clock_of(visit, kind)
            assert (passed.fact, passed.at) == (FactName.LIMIT_PASSED, clock.due_at)
            assert (clock.outcome, clock.warned, clock.stopped_at) == (Outcome.PASSED, 90, None)
            await stop(visit, kind)
            assert clock_of(visit, kind).outcome is Outcome.PASSED
            assert fallen_due(house, visit, kind) == told
        facts = [fact for fact in house.reader.facts(visit.application) if fact.fact in FALLING_DUE]
        assert [(fact.details["clock"], fact.details.get("percent")) for fact in facts] == [
            *((kind, percent) for kind in (WAITING, SERVICE, PROCESSING) for percent in (50, 75, 90, None)),
            *((RETENTION, percent) for percent in (50, 75, 90)),
        ]
        assert await same(house, visit)
