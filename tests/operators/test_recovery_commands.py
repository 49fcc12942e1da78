"""The commands of the day after: `reconcile --repair` and `revive --all`, over a record of their own."""

import secrets
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from adapters.host_clock import host_now
from adapters.settings import Settings
from adapters.temporal.server import Place, Server, free_port, running_server
from demo.visit import Visit
from models.data import local_day
from models.library import Library
from models.lifecycle import Channel, Command, Stage
from models.state import Entry
from tests.command_line import Ran, run_program
from tests.conftest import House, house_of, strangers
from tests.lost_rows import put_back, rows_of
from tests.outside import reviver_of
from workflows import operators

SC, PROVIDER = Channel.STATE_CORPORATION, Channel.PROVIDER


@pytest.fixture
async def alone(server: Server, library: Library, address: str, tmp_path: Path) -> AsyncGenerator[House]:
    """A house that shares neither its record nor its queue."""
    settings = Settings(data=tmp_path, database_url=address, task_queue=f"alone-{secrets.token_hex(4)}")
    async with house_of(settings, server, library) as house:
        yield house


async def some(house: House) -> list[Visit]:
    """One that waits, one under review, one that has ended."""
    visits = [await Visit.open(house.desk, channel, strangers()) for channel in (SC, PROVIDER, SC)]
    await visits[1].be_accepted()
    await visits[2].do(Command.LEAVE, visits[2].clerk)
    await house.desk.until(lambda: visits[2].stage() is Stage.LEFT)
    return visits


async def run(house: House, *arguments: str) -> Ran:
    return await run_program(*arguments, "--json", environment=house.environment)


def told(house: House, visits: list[Visit]) -> list[Entry | None]:
    return [house.reader.entry(visit.application) for visit in visits]


class TestRepair:
    """`reconcile --repair`."""

    async def test_record_of_yesterday(self, alone: House) -> None:
        """1 while it differs, 0 once repaired with what was done, and 0 with nothing to do."""
        visits = await some(alone)
        before = told(alone, visits)
        then = rows_of(alone.record, visits[0].application)
        for visit in visits[1:]:
            put_back(alone.record, visit.application, [])
        put_back(alone.record, visits[0].application, then)
        plain, repaired, again = [
            await run(alone, *command)
            for command in (("reconcile",), ("reconcile", "--repair"), ("reconcile", "--repair"))
        ]
        assert (plain.code, repaired.code, again.code) == (1, 0, 0)
        assert {one["execution"] for one in repaired.json["repaired"]} == {v.application for v in visits[1:]}
        assert repaired.json["differences"] == again.json["repaired"] == []
        assert told(alone, visits) == before


class TestNumbers:
    """`numbers`."""

    async def test_counted_on(self, alone: House) -> None:
        """After a loss the next family gets a number that nobody holds, and who saw to that is noted."""
        year = local_day(host_now()).year
        ran = await run(alone, "numbers", "--after", f"KRG-{year}-000041", "--as", "education-supervisor")
        assert (ran.code, ran.json) == (0, [{"year": year, "last": f"KRG-{year}-000041"}])
        noted = alone.reader.accesses(f"KRG-{year}-000041")
        assert noted == [("education-supervisor", "numbers", "counted-on")]
        visit = await Visit.open(alone.desk, PROVIDER, strangers())
        await visit.be_accepted()
        assert alone.reader.registration(visit.application)[0] == f"KRG-{year}-000042"
        wrong = await run(alone, "numbers", "--after", "41")
        assert (wrong.code, wrong.json["error"]["fields"][0]["field"]) == (2, "--after")


class TestReviveAll:
    """`revive --all`."""

    async def test_server_that_lost_everything(self, library: Library, address: str, tmp_path: Path) -> None:
        """Whatever is open on record goes on, the rest is left alone; the second time nothing is to be done."""
        settings = Settings(data=tmp_path, database_url=address)
        place = Place(None, tmp_path / "temporal.log", free_port(), None, operators.flags())
        async with running_server(place, print) as first, house_of(settings, first, library) as house:
            visits = await some(house)
            before = told(house, visits)
        async with running_server(place, print) as second:  # workers come later, as docs/recovery.md says
            done, again = await run(house, "revive", "--all"), await run(house, "revive", "--all")
            assert (done.code, again.code) == (0, 0)
            assert again.json == {"revived": [], "failed": []}
            revived = {one["execution"]: one["stage"] for one in done.json["revived"]}
            assert revived == {visits[0].application: "queued", visits[1].application: "under_review"}
            async with house_of(settings, second, library) as house:
                assert told(house, visits) == before
                for visit in visits:
                    visit.desk = house.desk
                await visits[0].do(Command.CALL, visits[0].clerk)
                await visits[1].be_decided()
                assert visits[1].stage() is Stage.READY

    async def test_trial_that_was_moved_ahead(self, library: Library, address: str, tmp_path: Path) -> None:
        """Only a worker can follow it to its own time: without one it is told, and the others go on."""
        settings = Settings(data=tmp_path, database_url=address, wait_seconds=2)
        place = Place(None, tmp_path / "temporal.log", free_port(), None, operators.flags())
        async with running_server(place, print) as first, house_of(settings, first, library) as house:
            visits = await some(house)
            await visits[1].skip(days=30)
        async with running_server(place, print) as second:
            early = await run(house, "revive", "--all")
            assert early.code == 3
            assert [one["execution"] for one in early.json["revived"]] == [visits[0].application]
            [failed] = early.json["failed"]
            assert (failed["execution"], failed["code"]) == (visits[1].application, "unavailable")
            async with house_of(settings, second, library) as house:
                late = await run(house, "revive", "--all")
                assert late.code == 0
                assert [one["execution"] for one in late.json["revived"]] == [visits[1].application]

    async def test_without_a_server(self, alone: House) -> None:
        """4, and nothing is half done."""
        environment = {**alone.environment, "TEMPORAL_ADDRESS": "127.0.0.1:1", "TIREK_WAIT_SECONDS": "1"}
        ran = await run_program("revive", "--all", "--json", environment=environment)
        assert (ran.code, ran.json["error"]["code"]) == (4, "unavailable")

    async def test_what_has_ended_since(self, house: House) -> None:
        """Whoever ends between the list and the look at it needs no help, and nothing has failed."""
        visit = await Visit.open(house.desk, SC, strangers())
        await visit.do(Command.LEAVE, visit.clerk)
        assert await house.desk.until(lambda: visit.stage() is Stage.LEFT)
        assert await reviver_of(house.desk, house.record).revive_all([visit.application]) == ([], [])
