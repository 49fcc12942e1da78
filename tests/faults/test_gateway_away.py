"""Half an hour without the gateway, at a thirtieth of its length: nobody is late, nobody is forgotten (R17).

Patience and pauses are as much shorter. The gateway is first not there, then silent, then it fails; two hundred
applications come meanwhile, and reach review without it.
"""

import asyncio
import itertools
import time
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
import pytest_asyncio
from sqlalchemy import select

from adapters.database import tables as t
from adapters.regulations import load_library
from demo.visit import Visit
from desk.reconcile import differences
from models.checks import CheckOutcome
from models.journal import FactName
from models.library import Library, install
from models.lifecycle import Channel, Command, Stage
from models.messages import PROCESS
from tests.faults.figures import Figures
from tests.faults.gateway import Gateway, running_gateway
from tests.faults.premises import Premises, premises
from tests.shipped import with_registers

APPLICATIONS, AT_ONCE = 200, 20
OUTAGE_SECONDS, PATIENCE_SECONDS = 60, 30
RETRY, PROBE = {"first": 1, "factor": 2, "longest": 8}, {"first": 1, "factor": 2, "longest": 4}
PER_SECOND = 20
_SLACK = timedelta(milliseconds=100)
"""By so much may the clocks of server and worker round a pause."""

Exchange = tuple[datetime, str, str]


@dataclass(frozen=True)
class Outage:
    """A house whose gateway is in our hands."""

    here: Premises
    gateway: Gateway

    async def arrive(self, number: int) -> Visit:
        """An application of one child, accepted at the provider."""
        visit = await Visit.open(self.here.desk(), Channel.PROVIDER, Random(number))
        await visit.do(Command.CALL, visit.clerk)
        await visit.do(Command.ACCEPT, visit.clerk, visit.example(Command.ACCEPT, children=1))
        return visit

    def exchanges(self) -> dict[tuple[str, str], list[Exchange]]:
        """Of each check when it was asked, by whom, and what came of it."""
        x, found = t.exchange.c, defaultdict[tuple[str, str], list[Exchange]](list)
        with self.here.record.connect() as connection:
            for row in connection.execute(select(t.exchange).order_by(x.sent_at)):
                found[row.application, row.check].append((row.sent_at, row.by, row.outcome))
        return found

    def open_checks(self) -> Counter[str]:
        with self.here.record.connect() as connection:
            return Counter(connection.execute(select(t.verification.c.outcome)).scalars())


@pytest_asyncio.fixture
async def outage(tmp_path: Path, library: Library, address: str) -> AsyncGenerator[Outage]:
    haste = {"patience_after_acceptance": PATIENCE_SECONDS, "retry": RETRY, "probe": PROBE}
    regulations = with_registers(tmp_path / "regulations", **haste)
    rules = load_library(regulations)
    install(rules)
    async with running_gateway(tmp_path / "gateway") as gateway:
        more = {"regulations": regulations, "gateway_file": gateway.file, "registers_per_second": PER_SECOND}
        async with premises(tmp_path / "data", rules, address, **more) as here:
            yield Outage(here, gateway)
    install(library)


class TestGatewayAway:
    """No state of the gateway stops the ten-day clock or loses an application."""

    @pytest.mark.timeout(420)
    async def test_for_half_an_hour(self, outage: Outage, database: str, figures: Figures) -> None:
        """Everybody reaches review in time, everybody is answered afterwards, and no pause is cut short."""
        for _ in range(2):
            await outage.here.start_worker()
        visits, took = await _live_through(outage)
        _nobody_waited_too_long(outage, visits)
        _no_pause_was_cut_short(outage, visits)
        _nothing_in_the_journal_but_answers(outage, visits)
        asked = sum(map(len, outage.exchanges().values()))
        figures.note(
            f"the gateway away for {OUTAGE_SECONDS} s",
            database,
            len(visits),
            f"every check answered {took:.0f} s after its return, {asked} exchanges in all",
        )
        for visit in visits[:5]:
            found = await differences(outage.here.client, outage.here.reader, outage.here.ring, visit.application)
            assert found == []


async def _live_through(outage: Outage) -> tuple[list[Visit], float]:
    """The applications, and how long it took after the gateway's return until every check was answered."""
    began, at_once = time.monotonic(), asyncio.Semaphore(AT_ONCE)

    async def arrive(number: int) -> Visit:
        async with at_once:
            return await outage.arrive(number)

    await outage.gateway.be("down")
    arriving = asyncio.gather(*(arrive(number) for number in range(APPLICATIONS)))
    for state in ("silent", "failing"):
        await asyncio.sleep(OUTAGE_SECONDS / 3)
        await outage.gateway.be(state)
    visits = await arriving
    desk = outage.here.desk()
    reached = await desk.until(lambda: all(v.stage() is Stage.UNDER_REVIEW for v in visits), PATIENCE_SECONDS + 60)
    assert reached, "somebody did not reach review without the gateway"
    assert set(outage.open_checks()) == {CheckOutcome.UNANSWERED}
    await asyncio.sleep(max(0.0, OUTAGE_SECONDS - (time.monotonic() - began)))
    await outage.gateway.be("up")
    back_at = time.monotonic()
    assert await desk.until(lambda: set(outage.open_checks()) == {CheckOutcome.CONFIRMED}, 120)
    return visits, time.monotonic() - back_at


def _nobody_waited_too_long(outage: Outage, visits: list[Visit]) -> None:
    """From acceptance to review no more than the patience, and an attempt that was under way at its end."""
    late: list[timedelta] = []
    for visit in visits:
        facts = {fact.fact: fact.at for fact in outage.here.reader.facts(visit.application)}
        waited = facts[FactName.APPLICATION_VERIFIED] - facts[FactName.APPLICATION_ACCEPTED]
        if waited > timedelta(seconds=PATIENCE_SECONDS + 6):
            late.append(waited)
    assert late == []


def _no_pause_was_cut_short(outage: Outage, visits: list[Visit]) -> None:
    """After the n-th silence nobody asks before the n-th pause is over; after the patience, before a probe's."""
    reviews = {visit.application: _verified_at(outage, visit) for visit in visits}
    cut: list[tuple[str, str, int, timedelta]] = []
    for (application, check), asked in outage.exchanges().items():
        for number, (before, after) in enumerate(itertools.pairwise(asked)):
            retry = min(RETRY["first"] * RETRY["factor"] ** number, RETRY["longest"])
            rule = PROBE["first"] if after[0] >= reviews[application] else retry
            if before[2] == "failed" and after[0] - before[0] < timedelta(seconds=rule) - _SLACK:
                cut.append((application, check, number, after[0] - before[0]))
    assert cut == []


def _verified_at(outage: Outage, visit: Visit) -> datetime:
    facts = outage.here.reader.facts(visit.application)
    return next(fact.at for fact in facts if fact.fact is FactName.APPLICATION_VERIFIED)


def _nothing_in_the_journal_but_answers(outage: Outage, visits: list[Visit]) -> None:
    """A trial leaves no fact; each application was told at most once for each of its registers."""
    for visit in visits:
        facts = outage.here.reader.facts(visit.application)
        again = [fact for fact in facts if fact.fact is FactName.REGISTERS_ASKED_AGAIN]
        assert {fact.by for fact in again} == {PROCESS}
        assert all(value == "confirmed" for fact in again for value in fact.details.values())
        assert len(again) <= 2
