"""The codec server as a program, and the hash of a password."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import argon2
import httpx
import pytest
import pytest_asyncio
from google.protobuf.json_format import MessageToDict
from sqlalchemy import Engine
from temporalio.api.common.v1 import Payload

from adapters.database.codec_accesses import CodecAccess, codec_accesses
from adapters.keys import load_key_ring
from adapters.temporal.codec import EncryptionCodec
from operations.operators import password_hash
from tests.command_line import run_program, start_program

PASSWORD = "correct horse battery"  # noqa: S105 - of nobody


@dataclass(frozen=True)
class Running:
    """A codec server that runs, over a record."""

    process: asyncio.subprocess.Process
    address: str
    data: Path


@pytest.fixture
def environment(tmp_path: Path, address: str) -> dict[str, str]:
    operators = tmp_path / "operators.json"
    operators.write_text(f'{{"aidar": "{password_hash(PASSWORD)}"}}')
    return {
        "TIREK_DATA": str(tmp_path),
        "TIREK_DATABASE_URL": address,
        "TIREK_OPERATORS_FILE": str(operators),
        "TIREK_TEMPORAL_UI": "http://127.0.0.1:8233",
    }


@pytest_asyncio.fixture
async def running(environment: dict[str, str], engine: Engine, tmp_path: Path) -> AsyncIterator[Running]:
    load_key_ring(tmp_path / "keys.json", may_create=True)
    process = await start_program("codec", "--port", "0", environment=environment)
    assert process.stdout is not None
    said = (await asyncio.wait_for(process.stdout.readline(), 30)).decode()
    yield Running(process, said.split()[-1].rstrip("/"), tmp_path)
    if process.returncode is None:
        process.terminate()
        await process.wait()


class TestCodec:
    """`starter.py codec`."""

    async def test_reads_and_writes_down(self, running: Running, engine: Engine) -> None:
        """Over HTTP, with the record's own key ring; the record says who read, and it ends when it is told to."""
        ring = load_key_ring(running.data / "keys.json", may_create=False)
        plain = Payload(metadata={"encoding": b"json/plain"}, data=b'"x"')
        [sealed] = await EncryptionCodec(ring).encode([plain])
        async with httpx.AsyncClient(base_url=running.address) as browser:
            assert (await browser.get("/live")).text == "live\n"
            form = {"name": "aidar", "password": PASSWORD}
            assert (await browser.post("/sign-in", data=form)).status_code == 303
            headers = {"Origin": "http://127.0.0.1:8233", "X-Namespace": "default"}
            body = {"payloads": [MessageToDict(sealed)]}
            answer = await browser.post("/decode", json=body, headers=headers)
        assert answer.json() == {"payloads": [MessageToDict(plain)]}
        assert codec_accesses(engine) == [CodecAccess("aidar", "default", None, 1)]
        running.process.terminate()
        _, words = await running.process.communicate()
        assert running.process.returncode == 0
        assert "aidar had 1 payloads of default decrypted" in words.decode()
        assert PASSWORD not in words.decode()

    async def test_without_operators(self, environment: dict[str, str]) -> None:
        """Nobody could sign in: it does not start."""
        ran = await run_program("codec", environment=environment | {"TIREK_OPERATORS_FILE": ""})
        assert (ran.code, "TIREK_OPERATORS_FILE" in ran.err) == (2, True)

    async def test_where_others_reach_it(self, environment: dict[str, str]) -> None:
        """Passwords over plain HTTP to another machine are not a thing that happens by itself."""
        ran = await run_program("codec", "--host", "0.0.0.0", environment=environment)  # noqa: S104 - it is refused
        assert (ran.code, "TIREK_CODEC_HOST" in ran.err, "--public" in ran.err) == (2, True, True)


class TestPassword:
    """`starter.py operator-password`."""

    async def test_hash(self) -> None:
        """Of standard input, the way the file has it: argon2id, and this password's."""
        ran = await run_program("operator-password", stdin=f"{PASSWORD}\n")
        assert ran.code == 0
        assert argon2.PasswordHasher().verify(ran.out.strip(), PASSWORD)
        assert argon2.extract_parameters(ran.out.strip()).type is argon2.Type.ID

    @pytest.mark.parametrize("password", ["short", "", "p" * 1025])
    async def test_refused(self, password: str) -> None:
        ran = await run_program("operator-password", stdin=f"{password}\n")
        assert (ran.code, ran.out) == (2, "")
