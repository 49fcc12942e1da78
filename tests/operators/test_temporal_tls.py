"""Temporal over TLS by the standard TEMPORAL_*: a front that speaks TLS stands before the real server."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from adapters.temporal.server import Server
from tests.command_line import run_program, start_program
from tests.tls import Authority, Front, Identity, front, server_side

KEY = "area"  # of letters whose codes stand below
_HUFFMAN = {" ": "010100", "B": "1011101", "a": "00011", "e": "00101", "r": "101100"}
"""RFC 7541, Appendix B: how HTTP/2 writes these in a header."""


@dataclass(frozen=True)
class Guarded:
    """A server that lets in only whom its authority has certified; the environment with which one is let in."""

    front: Front
    ours: Authority
    other: Authority
    environment: dict[str, str]


def named(identity: Identity) -> dict[str, str]:
    return {
        "TEMPORAL_TLS_CLIENT_CERT_PATH": str(identity.certificate),
        "TEMPORAL_TLS_CLIENT_KEY_PATH": str(identity.key),
    }


@pytest_asyncio.fixture
async def guarded(server: Server, tmp_path: Path) -> AsyncIterator[Guarded]:
    ours, other = Authority(tmp_path, "ours"), Authority(tmp_path, "other")
    context = server_side(ours.certify("server"), clients=ours.file)
    host, port = server.address.split(":")
    async with front(context, lambda: asyncio.open_connection(host, int(port))) as running:
        environment = {
            "TIREK_DATA": str(tmp_path / "data"),
            "TEMPORAL_ADDRESS": f"127.0.0.1:{running.port}",
            "TEMPORAL_TLS_SERVER_CA_CERT_PATH": str(ours.file),
            **named(ours.certify("worker")),
        }
        yield Guarded(running, ours, other, environment)


def in_a_header(text: str) -> bytes:
    """A text as HPACK writes it, padded with ones."""
    bits = "".join(_HUFFMAN[letter] for letter in text)
    bits += "1" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8)


class TestTls:
    """Both sides show a certificate."""

    async def test_let_in(self, guarded: Guarded) -> None:
        """The command is carried out, and everything that it says goes through TLS."""
        ran = await run_program("setup", environment=guarded.environment)
        assert ran.code == 0, ran.err
        assert guarded.front.said.startswith(b"PRI * HTTP/2.0")

    async def test_api_key(self, guarded: Guarded) -> None:
        """TEMPORAL_API_KEY comes to the server as a bearer token, and without it none does."""
        await run_program("setup", environment=guarded.environment)
        assert in_a_header(f"Bearer {KEY}") not in guarded.front.said
        ran = await run_program("setup", environment=guarded.environment | {"TEMPORAL_API_KEY": KEY})
        assert ran.code == 0, ran.err
        assert in_a_header(f"Bearer {KEY}") in guarded.front.said

    async def test_worker_begins(self, guarded: Guarded) -> None:
        """A worker works over it too, and ends when it is told to."""
        environment = guarded.environment | {"TIREK_TASK_QUEUE": "over-tls"}
        process = await start_program(environment=environment, program="worker.py")
        assert process.stderr is not None
        words = b""
        while b"working on task queue over-tls" not in words:
            line = await asyncio.wait_for(process.stderr.readline(), 30)
            assert line, words.decode()
            words += line
        process.terminate()
        await process.communicate()
        assert process.returncode == 0

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ("authority", "TEMPORAL_TLS_SERVER_CA_CERT_PATH"),
            ("no authority", "TEMPORAL_TLS_SERVER_CA_CERT_PATH"),
            ("name", "TEMPORAL_TLS_SERVER_NAME"),
            ("certificate", "TEMPORAL_TLS_CLIENT_CERT_PATH"),
            ("no certificate", "TEMPORAL_TLS_CLIENT_CERT_PATH"),
            ("no TLS", "TEMPORAL_TLS"),
        ],
    )
    @pytest.mark.parametrize("program", ["starter.py", "worker.py"])
    async def test_refused(self, guarded: Guarded, tmp_path: Path, program: str, wrong: str, says: str) -> None:
        """Exit code 4, what is wrong in words, the variables to look at; nothing was said to the server."""
        arguments = ("setup",) if program == "starter.py" else ()
        ran = await run_program(*arguments, environment=spoilt(guarded, tmp_path, wrong), program=program)
        assert (ran.code, says in ran.err) == (4, True), ran.err
        assert guarded.front.said == b""

    @pytest.mark.parametrize("name", ["TEMPORAL_TLS_CLIENT_CERT_PATH", "TEMPORAL_TLS_CLIENT_KEY_PATH"])
    @pytest.mark.parametrize(("value", "code"), [("none.pem", 4), ("away.pem", 2), ("", 2), (None, 2)])
    @pytest.mark.parametrize("program", ["starter.py", "worker.py"])
    async def test_own_certificate(
        self, guarded: Guarded, tmp_path: Path, program: str, value: str | None, code: int, name: str
    ) -> None:
        """What cannot be read as ours, is not there, empty or not set beside the other one is named."""
        (tmp_path / "none.pem").write_text("none")
        environment = {key: text for key, text in guarded.environment.items() if key != name}
        if value is not None:
            environment[name] = str(tmp_path / value) if value else ""
        arguments = ("setup",) if program == "starter.py" else ()
        ran = await run_program(*arguments, environment=environment, program=program)
        assert (ran.code, name in ran.err, "Traceback" in ran.err) == (code, True, False), ran.err
        assert guarded.front.said == b""


def spoilt(guarded: Guarded, folder: Path, wrong: str) -> dict[str, str]:
    """The environment with one thing wrong in it."""
    (folder / "none.pem").write_text("none")
    changes = {
        "authority": {"TEMPORAL_TLS_SERVER_CA_CERT_PATH": str(guarded.other.file)},
        "no authority": {"TEMPORAL_TLS_SERVER_CA_CERT_PATH": str(folder / "none.pem")},
        "name": {"TEMPORAL_TLS_SERVER_NAME": "another.example.kz"},
        "certificate": named(guarded.other.certify("stranger")),
        "no TLS": {"TEMPORAL_TLS": "false"},
    }
    if wrong != "no certificate":
        return guarded.environment | changes[wrong]
    return {name: value for name, value in guarded.environment.items() if "CLIENT" not in name}
