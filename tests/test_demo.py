"""The demo fails when anything differs, and a repeated key holds across restarts of everything."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import delete, update
from temporalio.client import Client

from adapters.child import Child, start_child
from adapters.database import tables as t
from adapters.database.engine import writing
from adapters.keys import load_key_ring
from adapters.settings import Settings
from adapters.temporal.server import Place, Server, free_port, skips_time
from cli.engine import running_engine
from demo.run import Lived, conclude, live
from demo.stories import STORIES
from models.lifecycle import Stage
from tests.command_line import run_program
from tests.conftest import House
from workflows import operators

_STARTS = 3

STRAIGHT, WITHDRAWN = STORIES[0], STORIES[11]


@pytest.fixture
async def lived(house: House) -> list[Lived]:
    """Two applications that have lived."""
    return await live(house.desk, [STRAIGHT, WITHDRAWN], print)


class TestReconciliation:
    """The demo's exit code says whether history and record agree."""

    async def test_agreement_is_0(self, house: House, lived: list[Lived]) -> None:
        """Nothing was touched: exit code 0."""
        assert await conclude(house.desk, house.ring, lived, print) == 0

    async def test_deleted_row_is_seen(
        self, house: House, lived: list[Lived], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """One fact is missing on record: exit code 1, and the fact is named."""
        with writing(house.record) as connection:
            connection.execute(
                delete(t.fact).where(t.fact.c.application == lived[0].application, t.fact.c.number == 3)
            )
        assert await conclude(house.desk, house.ring, lived, print) == 1
        assert "fact 3 (ApplicantCalled) is missing on record" in capsys.readouterr().out

    async def test_altered_stage_is_seen(
        self, house: House, lived: list[Lived], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The read model says another stage than history: exit code 1, and the field is named."""
        with writing(house.record) as connection:
            change = update(t.application).where(t.application.c.id == lived[1].application)
            connection.execute(change.values(stage=Stage.COLLECTED))
        assert await conclude(house.desk, house.ring, lived, print) == 1
        assert "stage differ: withdrawn in history, collected on record" in capsys.readouterr().out

    async def test_story_that_ends_otherwise_is_a_problem(self, house: House, lived: list[Lived]) -> None:
        """A story with a problem makes the demo fail even if history and record agree."""
        wrong = Lived(STRAIGHT, lived[0].application, "ended otherwise")
        assert await conclude(house.desk, house.ring, [wrong], print) == 1


class TestWithoutTimeSkipping:
    """A server that cannot skip time is fine for everything but the demo."""

    async def test_demo_ends_with_4(self, server: Server, tmp_path: Path) -> None:
        """The demo says why and ends with 4; a ticket on the same server works."""
        async with plain_server(server, tmp_path) as address:
            environment = {"TEMPORAL_ADDRESS": address, "TIREK_DATA": str(tmp_path / "data")}
            ran = await run_program("demo", environment=environment)
            assert (ran.code, "no time skipping" in ran.err) == (4, True), ran.out + ran.err


@asynccontextmanager
async def plain_server(server: Server, folder: Path) -> AsyncGenerator[str]:
    """The server program of this run, started without its time skipping."""
    child = server.child
    assert child is not None
    plain, address = await _plain_child(str(child.process.args[0]), folder)  # type: ignore[index]
    try:
        yield address
    finally:
        await plain.stop()


async def _plain_child(program: str, folder: Path) -> tuple[Child, str]:
    """Started again on another port where somebody took the first one, or one beside it, in between."""
    words = ""
    for _ in range(_STARTS):
        port = free_port()
        arguments = ["server", "start-dev", "--port", str(port), "--headless", "--log-level", "warn"]
        plain = start_child([program, *arguments], log=folder / f"plain-{port}.log")
        if await _is_up(plain, f"127.0.0.1:{port}"):
            return plain, f"127.0.0.1:{port}"
        words = plain.last_words()
        await plain.stop()
    raise AssertionError(f"a plain server does not start: {words}")


async def _is_up(plain: Child, address: str) -> bool:
    """Whether it answers, within half a minute and while it lives."""
    with suppress(TimeoutError):
        async with asyncio.timeout(30):
            while not plain.has_ended():
                try:
                    assert not await skips_time(await Client.connect(address))
                except RuntimeError:
                    await asyncio.sleep(0.1)
                else:
                    return True
    return False


class TestRestart:
    """Everything is stopped and started again on the same data."""

    async def test_repeated_key_answers_the_same(self, address: str, tmp_path: Path) -> None:
        """Ticket, command and final command answer to the letter what they answered before the restart."""
        settings = Settings(data=tmp_path, database_url=address)
        refused = (await run_program("example", "refuse-intake", "--seed", "5")).out
        first = await self._visit(settings, refused)
        again = await self._visit(settings, refused)
        assert first == again
        assert [ran[0] for ran in first] == [0, 0, 0]

    async def _visit(self, settings: Settings, package: str) -> list[tuple[int, str]]:
        ring = load_key_ring(settings.key_file, may_create=True)
        place = Place(
            settings.data / "temporal.sqlite", settings.data / "t.log", free_port(), None, operators.flags()
        )
        async with running_engine(settings, ring, place, print) as engine:
            environment = {
                "TEMPORAL_ADDRESS": engine.server.address,
                "TIREK_DATA": str(settings.data),
                "TIREK_DATABASE_URL": settings.record_url,
            }
            ticket = await run_program(
                "ticket", "--channel", "provider", "--id", "t", "--json", environment=environment
            )
            application = ticket.json["application"]
            answers = [(ticket.code, ticket.out)]
            for command, key in (("call", "c"), ("refuse-intake", "r")):
                given = ["--with", "-"] if command != "call" else []
                ran = await run_program(
                    *("do", application, command, "--id", key, "--json", *given),
                    environment=environment,
                    stdin=package,
                )
                answers.append((ran.code, ran.out))
            return answers
