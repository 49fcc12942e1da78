"""PostgreSQL over TLS: the driver's own handshake, with a front that speaks TLS before a real server."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy.engine import make_url

from tests.command_line import Ran, run_program
from tests.databases import created
from tests.tls import Authority, Front, front, server_side


@dataclass(frozen=True)
class Guarded:
    """A PostgreSQL that is reached over TLS alone, and who certified it."""

    front: Front
    ours: Authority
    other: Authority
    folder: Path
    address: str

    async def list(self, *, port: int | None = None, program: str = "starter.py", **query: str) -> Ran:
        url = make_url(self.address).set(host="127.0.0.1", port=port or self.front.port, query=query)
        environment = {
            "TIREK_DATA": str(self.folder / "data"),
            "TIREK_DATABASE_URL": url.render_as_string(hide_password=False),
            "TIREK_DATABASE_PASSWORD_FILE": str(self.folder / "password"),
            "TEMPORAL_ADDRESS": "127.0.0.1:1",
        }
        (self.folder / "password").write_text("vErY-hidden\n")
        arguments = ("list",) if program == "starter.py" else ()
        return await run_program(*arguments, environment=environment, program=program)


@pytest_asyncio.fixture
async def guarded(postgresql: str, tmp_path: Path) -> AsyncIterator[Guarded]:
    ours, other = Authority(tmp_path, "ours"), Authority(tmp_path, "other")
    folder, port = make_url(postgresql).query["host"], make_url(postgresql).port or 5432

    async def behind() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{port}")

    async with front(server_side(ours.certify("db")), behind, is_postgresql=True) as running:
        with created(postgresql, f"{tmp_path.name}_tls") as address:
            yield Guarded(running, ours, other, tmp_path, address)


class TestTls:
    """`sslmode` and `sslrootcert` in TIREK_DATABASE_URL."""

    async def test_verified(self, guarded: Guarded) -> None:
        """With the authority that certified the server, everything is said within TLS."""
        ran = await guarded.list(sslmode="verify-full", sslrootcert=str(guarded.ours.file))
        assert (ran.code, ran.err) == (0, "")
        assert b"tirek" in guarded.front.said or b"alembic_version" in guarded.front.said

    @pytest.mark.parametrize("program", ["starter.py", "worker.py"])
    @pytest.mark.parametrize("wrong", ["authority", "no file"])
    async def test_not_verified(self, guarded: Guarded, wrong: str, program: str) -> None:
        """Another authority, or none: exit code 4, the reason in words, no password, and nothing was said."""
        file = guarded.other.file if wrong == "authority" else guarded.folder / "nowhere.pem"
        ran = await guarded.list(program=program, sslmode="verify-full", sslrootcert=str(file))
        assert ran.code == 4, ran.err
        assert "TIREK_DATABASE_URL" in ran.err
        assert ("certificate verify failed" in ran.err) if wrong == "authority" else ("nowhere.pem" in ran.err)
        assert "vErY-hidden" not in ran.err + ran.out
        assert guarded.front.said == b""

    async def test_without_tls(self, guarded: Guarded) -> None:
        """A server that wants TLS gets nothing in the clear from a client that was told not to use it."""
        ran = await guarded.list(sslmode="disable")
        assert (ran.code, guarded.front.said) == (4, b"")
