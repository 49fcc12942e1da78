"""Registers that were away: applications go on without them, and are asked again by themselves (R17)."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

import worker as program
from adapters.database.duties import SqlDuties
from adapters.database.exchanges import Silent, SqlExchanges
from adapters.database.records import SqlApplicationRecords
from adapters.registers.stand_in import StandInRegisters
from adapters.temporal.connection import connect as connect_server
from adapters.temporal.plugin import tirek_plugin
from demo.visit import SPECIALIST, Visit
from desk.asking_again import AskingAgain, Probe, ask_again_until
from desk.desk import Desk
from desk.reconcile import differences
from models.errors import UnavailableError
from models.journal import FactName
from models.lifecycle import Channel, Command, Stage
from models.messages import PROCESS
from models.ports import RegisterRefusedError, RegisterUnavailableError
from models.registers import Asking, BirthRecord, PersonEntry, Register
from models.regulation import RetryRule
from tests.conftest import House, make_desk, strangers
from tests.signing import verifier


class Away(StandInRegisters):
    """Registers that can be away, and count who was asked for what."""

    def __init__(self, log: Any) -> None:
        super().__init__(log)
        self.away: set[Register] = set(Register)
        self.refuses: str | None = None
        self.untold: set[str] = set()
        self.asked: Counter[tuple[str, str, str]] = Counter()

    async def find_person(self, iin: str, asking: Asking) -> PersonEntry | None:
        await self._met(Register.PERSON, iin, asking)
        return await super().find_person(iin, asking)

    async def find_birth(self, iin: str, asking: Asking) -> BirthRecord | None:
        await self._met(Register.BIRTH, iin, asking)
        return await super().find_birth(iin, asking)

    def of(self, visit: Visit) -> dict[str, int]:
        """How often each check of an application was asked."""
        asked: dict[str, int] = Counter()
        for (application, check, _), count in self.asked.items():
            if application == visit.application:
                asked[check] += count
        return asked

    async def _met(self, register: Register, iin: str, asking: Asking) -> None:
        self.asked[(asking.application, asking.check, asking.by)] += 1
        if self.refuses is None and register not in self.away and iin not in self.untold:
            return
        async with self._exchange(register, iin, asking):
            if self.refuses:
                raise RegisterRefusedError(self.refuses, "not so")
            raise RegisterUnavailableError("network", "away")


class OwnExchanges(SqlExchanges):
    """Of the checks that wait those of this test; other tests leave silent ones in the same record."""

    mine: frozenset[str] = frozenset()

    def silent(self, register: Register, *, failed: bool = False) -> list[Silent]:
        return [one for one in super().silent(register, failed=failed) if one.application in self.mine]


class Ours:
    """A duty that is ours, whoever else looks at this record meanwhile."""

    def take(self, _name: str, _holder: str, _seconds: float) -> bool:
        return True

    def give_back(self, _name: str, _holder: str) -> None:
        """There is nobody to take it."""


@dataclass(frozen=True)
class Scene:
    """A desk whose worker's registers are in our hands, and what asks them again."""

    desk: Desk
    registers: Away
    again: AskingAgain

    async def open(self) -> Visit:
        visit = await Visit.open(self.desk, Channel.PROVIDER, strangers())
        exchanges = self.desk.reader.exchanges
        assert isinstance(exchanges, OwnExchanges)
        exchanges.mine |= {visit.application}
        return visit

    async def under_review(self) -> Visit:
        """An application whose registers stayed silent through all its patience."""
        visit = await self.open()
        await visit.do(Command.CALL, visit.clerk)
        package = visit.example(Command.ACCEPT, children=1)
        await visit.do(Command.ACCEPT, visit.clerk, package)
        await visit.skip(hours=5)
        assert await self.desk.until(lambda: visit.stage() is Stage.UNDER_REVIEW)
        return visit

    def outcomes(self, visit: Visit) -> dict[str, str]:
        return {row["check"]: row["outcome"] for row in self.desk.reader.rows(visit.application)["verification"]}

    async def look(self) -> None:
        """The worker's looks, of which the first finds who is silent; what a probe's pause waits for has come."""
        for _ in range(2):
            for probe in self.again.probes.values():
                probe.next_at = 0
            await self.again.look(asyncio.Event())


@asynccontextmanager
async def scene_of(house: House) -> AsyncGenerator[Scene]:
    client, records = house.engine.client, SqlApplicationRecords(house.record, house.ring)
    settings = house.settings.model_copy(update={"task_queue": f"away-{house.settings.task_queue}"})
    registers = Away(house.reader.exchanges)
    async with (
        program.make_asker(client, settings, registers),
        program.make_worker(client, settings, records, verifier()),
    ):
        desk = make_desk(settings, house.ring, client, house.desk.library, house.record)
        desk.reader.exchanges = OwnExchanges(house.record, house.ring)
        ours: Any = Ours()
        yield Scene(desk, registers, AskingAgain(desk, registers, ours, per_second=50, has_begun=True))


@pytest_asyncio.fixture
async def scene(house: House) -> AsyncGenerator[Scene]:
    async with scene_of(house) as one:
        yield one


class TestAway:
    """While the registers are away."""

    async def test_it_goes_on_and_is_asked_when_they_are_back(self, house: House, scene: Scene) -> None:
        """It reaches review in time; one question tries each register, and when they answer, so does the check."""
        visit = await scene.under_review()
        assert set(scene.outcomes(visit).values()) == {"unanswered"}
        attempts = house.reader.exchanges.attempts(visit.application)
        assert {check: one["attempts"] for check, one in attempts.items()} == scene.registers.of(visit)
        assert min(one["attempts"] for one in attempts.values()) > 2
        assert {one["last_code"] for one in attempts.values()} == {"network"}
        facts = house.reader.last_fact(visit.application)
        before = scene.registers.asked.copy()
        await scene.look()
        tried = scene.registers.asked - before
        assert 1 <= sum(tried.values()) <= len(Register), "one question for each register that is away"
        assert house.reader.last_fact(visit.application) == facts, "a trial leaves no trace in a journal"
        scene.registers.away = {Register.BIRTH}
        await scene.look()
        assert await scene.desk.until(lambda: scene.outcomes(visit)["person"] == "confirmed")
        assert scene.outcomes(visit)["birth-1"] == "unanswered"
        scene.registers.away = set()
        await scene.look()
        assert await scene.desk.until(lambda: scene.outcomes(visit)["birth-1"] == "confirmed")
        asked = [
            one for one in house.reader.facts(visit.application) if one.fact is FactName.REGISTERS_ASKED_AGAIN
        ]
        assert [fact.by for fact in asked] == [PROCESS, PROCESS]
        assert [fact.details for fact in asked] == [{"person": "confirmed"}, {"birth-1": "confirmed"}]
        assert await differences(house.engine.client, house.reader, house.ring, visit.application) == []
        await visit.withdraw()

    async def test_a_worker_that_begins_asks_what_was_mended(self, house: House, scene: Scene) -> None:
        """Whoever renews a certificate starts the workers anew; what failed still leaves no new fact."""
        scene.registers.refuses = "SCE005"
        visit = await scene.open()
        await visit.be_accepted(children=1)
        facts = house.reader.last_fact(visit.application)
        scene.again.has_begun = False
        await scene.look()
        assert house.reader.last_fact(visit.application) == facts
        scene.registers.refuses, scene.registers.away = None, set()
        scene.again.has_begun = False
        await scene.look()
        assert await scene.desk.until(lambda: set(scene.outcomes(visit).values()) == {"confirmed"})
        await visit.withdraw()

    async def test_one_who_cannot_be_told_of_holds_up_nobody(self, house: House, scene: Scene) -> None:
        """A register that fails for one person alone is asked for the others; of that one nothing is written."""
        first, second = await asyncio.gather(scene.under_review(), scene.under_review())
        request = house.reader.request(first.application)
        assert request is not None
        scene.registers.away, scene.registers.untold = set(), {request.children[0].iin}
        facts = house.reader.last_fact(first.application)
        for _ in range(3):
            await scene.look()
        assert await scene.desk.until(lambda: set(scene.outcomes(second).values()) == {"confirmed"})
        assert scene.outcomes(first) == {"person": "confirmed", "birth-1": "unanswered"}
        assert house.reader.last_fact(first.application) == facts + 1
        told_in_vain = scene.registers.asked[(first.application, "birth-1", PROCESS)]
        await scene.look()
        assert scene.registers.asked[(first.application, "birth-1", PROCESS)] == told_in_vain, "it rests now"
        for visit in (first, second):
            await visit.withdraw()

    async def test_a_failure_that_lasts_is_told_and_not_repeated(self, house: House, scene: Scene) -> None:
        """Review goes on at once, with the code; only a specialist asks again, and then the answer counts."""
        scene.registers.refuses = "SCE004"
        visit = await scene.open()
        await visit.be_accepted(children=1)
        assert visit.stage() is Stage.UNDER_REVIEW
        rows = house.reader.rows(visit.application)["verification"]
        assert {(row["outcome"], row["failure"]) for row in rows} == {("unanswered", "SCE004")}
        asked = scene.registers.asked.total()
        await scene.look()
        waiting = [one for register in Register for one in scene.desk.reader.exchanges.silent(register)]
        assert (waiting, scene.registers.asked.total()) == ([], asked)
        scene.registers.refuses, scene.registers.away = None, set()
        await visit.do(Command.ASK_AGAIN, SPECIALIST)
        assert set(scene.outcomes(visit).values()) == {"confirmed"}
        await visit.withdraw()


class TestUntilTold:
    """It goes on until it is told to stop, whatever happens, and then at once."""

    @pytest.mark.parametrize(
        "error", [OperationalError("", {}, Exception()), UnavailableError("away"), OverflowError()]
    )
    async def test_nothing_ends_it(self, error: Exception, caplog: pytest.LogCaptureFixture) -> None:
        """A record or a server that is away, and what nobody foresaw: it is said, and the next look comes."""
        stop, looks = asyncio.Event(), 0

        class Failing(AskingAgain):
            async def look(self, stop: asyncio.Event) -> bool:
                nonlocal looks
                looks += 1
                raise error

        duties: Any = Ours()
        unused: Any = None
        going = asyncio.create_task(ask_again_until(stop, Failing(unused, unused, duties, per_second=1)))
        async with asyncio.timeout(5):
            while not caplog.messages:  # noqa: ASYNC110 - a log sends no events
                await asyncio.sleep(0.01)
        assert not going.done()
        stop.set()
        await asyncio.wait_for(going, 5)
        assert (looks, type(error).__name__ in caplog.text) == (1, True)

    async def test_a_look_that_hangs_is_left(self) -> None:
        """Whoever stops a worker does not wait for a gateway."""
        stop, began = asyncio.Event(), asyncio.Event()

        class Hanging(AskingAgain):
            async def look(self, stop: asyncio.Event) -> bool:
                began.set()
                await asyncio.sleep(60)
                return True

        duties: Any = Ours()
        unused: Any = None
        going = asyncio.create_task(ask_again_until(stop, Hanging(unused, unused, duties, per_second=1)))
        await began.wait()
        stop.set()
        done, _ = await asyncio.wait((going,), timeout=5)
        assert done == {going}


class TestRate:
    """A gateway that has come back is not run down."""

    async def test_the_server_keeps_it_for_all_workers(self, house: House) -> None:
        """Two workers together ask no faster than the setting says, however much waits."""
        settings = house.settings.model_copy(
            update={"task_queue": f"rated-{house.settings.task_queue}", "registers_per_second": 8}
        )
        client, records = house.engine.client, SqlApplicationRecords(house.record, house.ring)
        address = house.engine.server.address
        other = await connect_server(tirek_plugin(house.ring), settings, own_server=address)
        registers = Away(house.reader.exchanges)
        registers.away = set()
        async with (
            program.make_asker(client, settings, registers),
            program.make_asker(other, settings, registers),
            program.make_worker(client, settings, records, verifier()),
        ):
            desk = make_desk(settings, house.ring, client, house.desk.library, house.record)
            visits = await asyncio.gather(*(Visit.open(desk, Channel.PROVIDER, strangers()) for _ in range(24)))
            await asyncio.gather(*(visit.do(Command.CALL, visit.clerk) for visit in visits))
            began = time.monotonic()
            packages = [visit.example(Command.ACCEPT, children=1) for visit in visits]
            await asyncio.gather(
                *(v.do(Command.ACCEPT, v.clerk, p) for v, p in zip(visits, packages, strict=True))
            )
            assert await desk.until(lambda: all(visit.stage() is Stage.UNDER_REVIEW for visit in visits), 60)
            took = time.monotonic() - began
            # The server lets a burst of one second's worth through at once.
            assert took >= (24 - 2 * 8) / 8, f"24 rounds at 8 a second took {took:.1f} s"
            await asyncio.gather(*(visit.withdraw() for visit in visits))


class TestDuty:
    """One worker of all has the duty."""

    def test_it_is_ones_at_a_time(self, engine: Engine) -> None:
        """Whoever has it keeps it, another one waits; given back or run out, it is anybody's."""
        duties = SqlDuties(engine)
        assert duties.take("asking-again", "one", 60)
        assert not duties.take("asking-again", "other", 60)
        assert duties.take("asking-again", "one", 60)
        duties.give_back("asking-again", "other")
        assert not duties.take("asking-again", "other", 60)
        duties.give_back("asking-again", "one")
        assert duties.take("asking-again", "other", 0)
        time.sleep(0.01)
        assert duties.take("asking-again", "one", 60)


def test_a_probe_waits_longer_each_time() -> None:
    """By the regulation's rule, up to its longest pause."""
    rule, probe = RetryRule(first=30, factor=2, longest=100), Probe()
    pauses = []
    for _ in range(4):
        probe.was_silent(rule)
        pauses.append(probe.pause)
        assert not probe.is_due()
    assert pauses == [30, 60, 100, 100]
