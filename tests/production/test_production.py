"""`make production`: an application of each kind on PostgreSQL and a real Temporal cluster, across a restart.

Nothing skips time here: what needs a month in the world (a result that nobody collects) needs a minute.
"""

import asyncio
import io
import socket
import ssl
import subprocess
import sys
import tarfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random

import httpx
import psycopg
import pytest
import pytest_asyncio

from demo.stories import REFUSAL
from demo.visit import Visit
from desk.reconcile import Report, reconcile
from models.lifecycle import Channel, Command, Stage
from production.programs import find_postgresql
from production.secret_files import SecretFiles
from production.sizes import Sizes, measure_sizes
from production.temporal_server import INTERNAL_PORTS, INTERNAL_PORTS_ABOVE
from tests.production.stack import RETENTION_MINUTES, Stack, place, running

SC, PROVIDER, PORTAL = Channel.STATE_CORPORATION, Channel.PROVIDER, Channel.PORTAL


async def _accepted(visit: Visit) -> None:
    await visit.be_accepted()


async def _delivered(visit: Visit) -> None:
    await visit.be_accepted()
    await visit.be_decided()
    await visit.be_delivered()


async def _submitted(visit: Visit) -> None:
    await visit.submit()


async def _collected(visit: Visit) -> None:
    await visit.be_decided()
    await visit.be_delivered()
    await visit.collect()


async def _recalled(visit: Visit) -> None:
    await visit.desk.until(lambda: any(clock.stopped_at for clock in visit.clocks() if clock.clock == "retention"))
    await visit.do(Command.HAND_OVER, visit.clerk)
    assert visit.stage() is Stage.STORED
    await visit.be_recalled()
    await visit.do(Command.SEND_BACK, "education-intake-1")
    await visit.be_delivered()
    await visit.collect()


async def _refused(visit: Visit) -> None:
    await visit.be_decided(verdict=REFUSAL)
    await visit.collect()


async def _withdrawn(visit: Visit) -> None:
    await visit.withdraw()


async def _published(visit: Visit) -> None:
    await visit.be_decided()


Step = Callable[[Visit], Awaitable[None]]
KINDS: dict[str, tuple[Channel, Step, Step, Stage]] = {
    "SC, collected": (SC, _accepted, _collected, Stage.COLLECTED),
    "SC, stored and recalled": (SC, _delivered, _recalled, Stage.COLLECTED),
    "provider": (PROVIDER, _accepted, _collected, Stage.COLLECTED),
    "portal": (PORTAL, _submitted, _published, Stage.PUBLISHED),
    "refused": (PROVIDER, _accepted, _refused, Stage.COLLECTED),
    "withdrawn": (SC, _accepted, _withdrawn, Stage.WITHDRAWN),
}
"""How each begins, how it goes on after the restart, and where it must end."""


@dataclass(frozen=True)
class Lived:
    """What came of it."""

    ends: dict[str, Stage]
    report: Report
    starts: tuple[float, float]
    stranger_to_temporal: str
    parts_in_the_clear: list[int]
    stranger_to_postgresql: str
    page: dict[str, object]
    board: int
    backup: bytes


@pytest_asyncio.fixture(scope="module")
async def lived() -> Lived:
    """Each kind begins, everything is stopped and started again, each goes on to its end. Figures are printed."""
    with place() as given:
        async with running(given) as stack:
            before = await asyncio.to_thread(_sizes, stack)
            began = time.monotonic()
            visits = await _begin(stack)
            first, started = time.monotonic() - began, stack.seconds
        async with running(given) as stack:
            began = time.monotonic()
            await _go_on(stack, visits)
            second = time.monotonic() - began
            report = await reconcile(stack.client, stack.desk.reader, stack.desk.ring, stack.settings.task_queue)
            after = await asyncio.to_thread(_sizes, stack)
            ui, board = stack.told("Temporal UI").split(",")[0], stack.told("board").split()[0]
            lived = Lived(
                {name: visit.stage() for name, visit in visits.items()},
                report,
                (started, stack.seconds),
                await asyncio.to_thread(_without_a_certificate, stack),
                await asyncio.to_thread(_answering_in_the_clear, stack),
                await asyncio.to_thread(_without_tls, stack),
                (await asyncio.to_thread(httpx.get, f"{ui}/api/v1/settings")).json(),
                (await asyncio.to_thread(httpx.get, board, timeout=20)).status_code,
                await asyncio.to_thread(_back_up, stack),
            )
    _tell(lived.starts, first, second, before, after)
    return lived


@pytest.mark.timeout(1500)
class TestProduction:
    """The parts of production, natively."""

    @pytest.mark.parametrize("kind", KINDS)
    async def test_an_application_of_each_kind_ends_as_it_must(self, lived: Lived, kind: str) -> None:
        """Begun before everything was stopped, ended after it was started again."""
        assert lived.ends[kind] is KINDS[kind][3]

    async def test_history_and_record_agree(self, lived: Lived) -> None:
        """Of every application, and of the recall, which has a history of its own."""
        assert lived.report.differences == ()
        assert lived.report.compared == len(KINDS) + 1

    async def test_strangers_are_turned_away(self, lived: Lived) -> None:
        """Temporal knows nobody without a certificate, PostgreSQL nobody without TLS."""
        assert "certificate required" in lived.stranger_to_temporal
        assert "no pg_hba.conf entry" in lived.stranger_to_postgresql

    async def test_parts_of_temporal_do_not_listen_to_strangers(self, lived: Lived) -> None:
        """History, matching and worker would end or change any execution for whoever reaches their ports."""
        assert lived.parts_in_the_clear == []

    async def test_pages_answer_and_change_nothing(self, lived: Lived) -> None:
        """Temporal's page has its write actions off; the board answers."""
        assert lived.page["DisableWriteActions"] is True
        assert lived.board == 200

    async def test_a_backup_is_taken_while_it_runs(self, lived: Lived) -> None:
        """The command of docs/production.md brings the whole cluster, as one archive."""
        with tarfile.open(fileobj=io.BytesIO(lived.backup)) as archive:
            names = set(archive.getnames())
        assert {"PG_VERSION", "backup_label", "global/pg_control"} <= names
        assert any(name.startswith("pg_wal/0") for name in names)

    async def test_a_second_start_is_fast(self, lived: Lived) -> None:
        """What was made at the first start is found at the second."""
        assert lived.starts[1] < 40


async def _begin(stack: Stack) -> dict[str, Visit]:
    visits: dict[str, Visit] = {}
    for number, (name, (channel, begin, _, _)) in enumerate(KINDS.items()):
        visit = await Visit.open(stack.desk, channel, Random(7000 + number), stack.settings.signature_stand_in)
        await begin(visit)
        visits[name] = visit
    return visits


async def _go_on(stack: Stack, visits: dict[str, Visit]) -> None:
    for name, (_, _, go_on, _) in KINDS.items():
        visit = visits[name]
        visit.desk = stack.desk
        await go_on(visit)


def _without_a_certificate(stack: Stack) -> str:
    """How Temporal answers whoever speaks TLS and has none."""
    host, port = stack.told("Temporal server").split(",")[0].split(":")
    trusting = ssl.create_default_context(cafile=stack.data / "secrets" / "authority.pem")
    with (
        socket.create_connection((host, int(port)), 10) as plain,
        trusting.wrap_socket(plain, server_hostname=host) as connection,
    ):
        try:
            connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            return f"it is let in: {connection.recv(1)!r}"
        except ssl.SSLError as error:
            return str(error)


def _answering_in_the_clear(stack: Stack) -> list[int]:
    """The ports of Temporal's own parts that begin HTTP/2 with somebody who has neither TLS nor a certificate."""
    first = int(stack.told("Temporal server").split(",")[0].split(":")[1]) + INTERNAL_PORTS_ABOVE
    return [port for port in range(first, first + INTERNAL_PORTS) if _speaks_http2(port)]


def _speaks_http2(port: int) -> bool:
    settings = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.settimeout(5)
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings)
        try:
            return connection.recv(9)[3:4] == settings[3:4]
        except OSError:
            return False


def _without_tls(stack: Stack) -> str:
    """How PostgreSQL answers whoever has the right password, and no TLS."""
    port = stack.told("PostgreSQL").split(",")[0].split(":")[1]
    password = (stack.data / "secrets" / "record_database_password").read_text().strip()
    try:
        psycopg.connect(host="127.0.0.1", port=port, user="tirek", password=password, sslmode="disable").close()
    except psycopg.OperationalError as error:
        return str(error)
    return "it is let in"


def _back_up(stack: Stack) -> bytes:
    """As docs/production.md says."""
    secrets = stack.data / "secrets"
    port = stack.told("PostgreSQL").split(",")[0].split(":")[1]
    options = [
        "-h",
        "127.0.0.1",
        "-p",
        port,
        "-U",
        "postgres",
        "-D",
        "-",
        "-Ft",
        "-z",
        "-X",
        "fetch",
        "-c",
        "fast",
    ]
    ran = subprocess.run(
        [find_postgresql() / "pg_basebackup", *options],
        env={
            "PGPASSWORD": (secrets / "postgresql_password").read_text().strip(),
            "PGSSLMODE": "verify-full",
            "PGSSLROOTCERT": str(secrets / "authority.pem"),
        },
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr.decode()
    return ran.stdout


def _sizes(stack: Stack) -> Sizes:
    address = stack.settings.database_url or ""
    return measure_sizes(address.replace("tirek@", "postgres@"), SecretFiles(stack.data / "secrets"))


def _tell(starts: list[float], first: float, second: float, before: Sizes, after: Sizes) -> None:
    lines = [f"up after {starts[0]:.1f} s, a second time after {starts[1]:.1f} s"]
    term = RETENTION_MINUTES * 60
    lines += [
        f"{len(KINDS)} applications: begun in {first:.1f} s, ended in {second:.1f} s; a term of {term} s ran"
    ]
    for name, size in after.databases.items():
        each = (size - before.databases[name]) / len(KINDS)
        lines += [f"{name}: {size / 1e6:.1f} MB, {each / 1e3:.0f} kB an application"]
    sys.stdout.write("\n" + "\n".join(lines) + "\n")
