"""What a worker says of its health: that it lives, whether it is ready, and what it lacks."""

import asyncio
import json
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from temporalio.client import Client

from adapters.database.engine import connect
from adapters.settings import Settings
from adapters.temporal.server import Server, free_port
from demo.visit import Visit
from models.library import Library
from models.lifecycle import Channel, Command
from operations.health import RECORD, SERVER, WORKERS, Health, create_app
from operations.metrics import page_of
from tests.command_line import run_program, start_program
from tests.conftest import House, strangers
from tests.watched import told, watched


def health_at_work() -> Health:
    return Health(page_of(None, 0), is_at_work=True)


async def ready(health: Health) -> tuple[int, list[str]]:
    transport = httpx.ASGITransport(create_app(health))
    async with httpx.AsyncClient(transport=transport, base_url="http://worker") as client:
        answer = await client.get("/ready")
        assert answer.json()["ready"] is (answer.status_code == 200)
        return answer.status_code, answer.json()["missing"]


class TestReady:
    """Whether all is there that a worker needs."""

    async def test_all_is_there(self, house: House) -> None:
        health = health_at_work()
        health.needs(house.record, house.engine.client)
        assert await ready(health) == (200, [])

    async def test_before_and_after_its_work(self, house: House) -> None:
        """While it has not begun to poll, or has stopped, it is not ready, whoever answers it."""
        health = Health(page_of(None, 0))
        assert await ready(health) == (503, [WORKERS])
        health.needs(house.record, house.engine.client)
        assert await ready(health) == (503, [WORKERS])

    async def test_record_is_away(self, house: House, tmp_path: Path) -> None:
        """Its name is told and nothing else: no address, no password."""
        health = health_at_work()
        away = connect(f"postgresql://tirek:secret@127.0.0.1:{free_port()}/tirek")
        health.needs(away, house.engine.client)
        assert await ready(health) == (503, [RECORD])

    async def test_server_is_away(self, house: House) -> None:
        health = health_at_work()
        nobody = await Client.connect(f"127.0.0.1:{free_port()}", lazy=True)
        health.needs(house.record, nobody)
        assert await ready(health) == (503, [SERVER])

    async def test_who_hangs_is_asked_once(self) -> None:
        """A look that does not come back is missing after two seconds, and no second one is begun beside it."""
        health, looks, go_on = health_at_work(), 0, asyncio.Event()

        async def hang() -> None:
            nonlocal looks
            looks += 1
            await go_on.wait()

        health.looks = {RECORD: hang}
        began = time.monotonic()
        assert await asyncio.gather(ready(health), ready(health)) == [(503, [RECORD])] * 2
        assert 1.5 < time.monotonic() - began < 10
        assert looks == 1
        go_on.set()
        await asyncio.sleep(0)
        assert await ready(health) == (200, [])


class TestWorker:
    """A real one."""

    async def test_it_tells(self, tmp_path: Path, address: str, server: Server, library: Library) -> None:
        """It lives, it is ready, and every line of its log is an object; when it has ended, nobody is told."""
        async with watched(tmp_path, address, server, library, log_level="DEBUG") as house:
            assert (await told(house.settings, "live")).json() == {"live": True}
            assert (await told(house.settings, "ready")).json() == {"ready": True, "missing": []}
            assert (await told(house.settings, "other")).status_code == 404
            visit = await Visit.open(house.desk, Channel.PROVIDER, strangers())
            await visit.do(Command.CALL, visit.clerk)
            await visit.do(Command.LEAVE, visit.clerk)
            worker = house.engine.worker
            worker.process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(worker.process.wait, 30) == 0
        lines = [json.loads(line) for line in worker.words().splitlines()]
        assert {"timestamp", "level", "logger", "event", "process"} <= set.intersection(*map(set, lines))
        assert any("working on task queue" in line["event"] for line in lines)
        with pytest.raises(httpx.ConnectError):
            await told(house.settings, "live")

    async def test_it_lives_while_it_begins(self, tmp_path: Path) -> None:
        """A record that lets it wait, as while its schema is brought to its newest: it lives, and is not ready."""
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            record = f"postgresql://tirek@127.0.0.1:{silent.getsockname()[1]}/tirek"
            settings = Settings(data=tmp_path, health_port=free_port())
            environment = {"TIREK_DATABASE_URL": record, "TIREK_HEALTH_PORT": str(settings.health_port)}
            worker = await start_program(program="worker.py", environment=environment)
            found: list[httpx.Response] = []
            while worker.returncode is None and len(found) < 2:
                with suppress(httpx.TransportError):
                    found = [await told(settings, "live"), await told(settings, "ready")]
                await asyncio.sleep(0.05)
            _, said = await worker.communicate()
        assert [one.status_code for one in found] == [200, 503]
        assert found[1].json()["missing"] == [WORKERS]
        assert (worker.returncode, b"TIREK_DATABASE_URL" in said) == (4, True)

    async def test_taken_port(self, tmp_path: Path) -> None:
        """It does not begin where its health cannot be told, and says which setting names the port."""
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = str(other.getsockname()[1])
            environment = {"TIREK_DATA": str(tmp_path), "TIREK_HEALTH_PORT": port}
            ran = await run_program(program="worker.py", environment=environment)
        assert ran.code == 4
        assert "TIREK_HEALTH_PORT" in ran.err
