"""The pieces of `make production` that need neither PostgreSQL nor Temporal."""

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from cryptography import x509

from adapters.settings import ROOT, Settings
from models.errors import MalformedError, UnavailableError
from production.load import Done
from production.measured_page import Cost, Rush, page
from production.parts import environment_of, in_environment, running_stores
from production.processor import since, used
from production.programs import Temporal, find_postgresql, temporal_programs
from production.secret_files import SecretFiles
from production.sizes import Sizes, Table
from production.temporal_server import NAMESPACE, client_environment


class TestPrograms:
    """What is found on the machine, and what is said where it is not."""

    def test_newest_postgresql_is_taken(self, tmp_path: Path) -> None:
        """The highest number that has all programs; one that lacks some, or is too old, is passed over."""
        for version, programs in {"13": 4, "9": 4, "15": 4, "17": 4, "18": 2}.items():
            _install(tmp_path / version / "bin", programs)
        assert find_postgresql(tmp_path) == tmp_path / "17" / "bin"

    def test_what_to_install_is_said(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without PostgreSQL the error names Debian's package."""
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(UnavailableError, match="apt-get install postgresql postgresql-contrib"):
            find_postgresql(tmp_path)

    async def test_go_is_asked_for_once(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without Go nothing can be built, and that is said; what was built before is found without it."""
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(UnavailableError, match="put `go` on PATH"):
            await temporal_programs(lambda _: None, tmp_path)
        server, ui = tmp_path / "temporal-server-1.32.0", tmp_path / "temporal-ui-2.54.1"
        for program in (server / "server", server / "sql", ui / "server", server / "schema" / "any.sql"):
            await asyncio.to_thread(program.parent.mkdir, parents=True, exist_ok=True)
            program.touch()
        found = await temporal_programs(lambda _: None, tmp_path)
        assert found == Temporal(server / "server", server / "sql", ui / "server", server / "schema")


class TestSecrets:
    """Made once, and kept from others."""

    def test_files_are_the_owners_alone(self, tmp_path: Path) -> None:
        """Natively nobody else reads any of them; a second call makes nothing and changes nothing."""
        files = SecretFiles(tmp_path / "secrets")
        assert len(files.make()) == 10
        paths = [path for path in files.folder.rglob("*") if path.is_file()]
        assert {path.stat().st_mode & 0o777 for path in paths} == {0o600}
        before = {path: path.read_bytes() for path in paths}
        assert files.make() == []
        assert {path: path.read_bytes() for path in paths} == before
        assert len(files.password("postgresql_password")) >= 40

    def test_a_certificate_is_replaced_under_the_same_authority(self, tmp_path: Path) -> None:
        """Its files are taken away, and made anew; whoever trusts the authority trusts the new one."""
        files = SecretFiles(tmp_path)
        files.make()
        authority = files.path("authority.pem").read_bytes()
        files.path("temporal.pem").unlink()
        assert files.make() == ["temporal.pem"]
        assert files.path("authority.pem").read_bytes() == authority
        certificate, issuer = (x509.load_pem_x509_certificate(one) for one in (_read(files), authority))
        certificate.verify_directly_issued_by(issuer)  # it raises otherwise
        assert certificate.not_valid_after_utc < issuer.not_valid_after_utc

    def test_where_none_can_be_kept(self, tmp_path: Path) -> None:
        """A folder that cannot be made is named."""
        (tmp_path / "file").touch()
        with pytest.raises(MalformedError, match="secrets cannot be kept there"):
            SecretFiles(tmp_path / "file" / "secrets").make()


class TestEnvironment:
    """How other programs are led to the parts."""

    def test_no_secret_stands_in_it(self, tmp_path: Path) -> None:
        """It names files, and nothing that is in them."""
        settings = Settings(data=tmp_path, database_url="postgresql://tirek@127.0.0.1/tirek")
        settings = settings.model_copy(update={"database_password_file": tmp_path / "password"})
        made = environment_of(settings, client_environment("127.0.0.1:1", tmp_path))
        assert made["TIREK_DATABASE_PASSWORD_FILE"] == str(tmp_path / "password")
        assert made["TEMPORAL_NAMESPACE"] == NAMESPACE
        assert "TIREK_KEYS_FILE" not in made

    def test_nobodys_settings_are_mixed_in(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Another server's variables are away while ours are there, and back afterwards."""
        monkeypatch.setenv("TEMPORAL_API_KEY", "of another server")
        with in_environment({"TEMPORAL_ADDRESS": "127.0.0.1:1"}):
            assert os.environ["TEMPORAL_ADDRESS"] == "127.0.0.1:1"
            assert "TEMPORAL_API_KEY" not in os.environ
        assert os.environ["TEMPORAL_API_KEY"] == "of another server"
        assert "TEMPORAL_ADDRESS" not in os.environ

    def test_nothing_of_it_stays(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Our own settings go with it too: the next program would look for a key ring that is gone."""
        monkeypatch.delenv("TIREK_KEYS_FILE", raising=False)
        monkeypatch.setenv("TIREK_TASK_QUEUE", "before")
        with in_environment({"TIREK_KEYS_FILE": "/gone", "TIREK_TASK_QUEUE": "of a stack"}):
            assert os.environ["TIREK_TASK_QUEUE"] == "of a stack"
        assert "TIREK_KEYS_FILE" not in os.environ
        assert os.environ["TIREK_TASK_QUEUE"] == "before"

    def test_commands_go_where_the_parts_are(self, tmp_path: Path) -> None:
        """Documents, anchors, queue and ports that were set for the parts are those of the commands too."""
        settings = Settings(
            data=tmp_path,
            temporal_port=25233,
            task_queue="ours",
            anchors_url="file:///a",
            documents_url="file:///d",
        )
        made = environment_of(settings, {})
        assert made["TIREK_TEMPORAL_PORT"] == "25233"
        assert made["TIREK_TASK_QUEUE"] == "ours"
        assert (made["TIREK_ANCHORS_URL"], made["TIREK_DOCUMENTS_URL"]) == ("file:///a", "file:///d")


class TestPorts:
    """Who was there first is left alone."""

    async def test_a_port_that_is_taken_is_named(self, tmp_path: Path) -> None:
        """Before anything is made or started."""
        with socket.socket() as somebody:
            somebody.bind(("127.0.0.1", 0))
            somebody.listen()
            port = somebody.getsockname()[1]
            settings = Settings(data=tmp_path / "data").model_copy(update={"temporal_port": port})
            with pytest.raises(UnavailableError, match=rf"port {port} already.*TIREK_TEMPORAL_PORT"):
                async with running_stores(settings, lambda _: None):
                    pass
        assert not (tmp_path / "data").exists()


class TestConfiguration:
    """The files that containers and `make production` are given alike."""

    def test_time_is_never_skipped(self) -> None:
        """Problems are reported after three failures, and no switch for skipping time is set."""
        given = yaml.safe_load((ROOT / "operations" / "temporal" / "dynamicconfig.yaml").read_text())
        name = "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute"
        assert given[name] == [{"value": 3}]
        assert not any("skipping" in key.lower() for key in given)

    def test_nobody_is_let_in_without_tls(self) -> None:
        """PostgreSQL takes passwords over TLS alone, and Temporal wants a certificate."""
        rules = (ROOT / "operations" / "postgresql" / "pg_hba.conf").read_text().splitlines()
        kinds = [line.split() for line in rules if line and line[0] != "#"]
        assert {(rule[0], rule[-1]) for rule in kinds} == {("local", "peer"), ("hostssl", "scram-sha-256")}
        server = (ROOT / "operations" / "temporal" / "server.yaml").read_text()
        assert server.count("requireClientAuth: true") == 2, "before everybody, and between its own parts"


class TestMeasuring:
    """What `make measure-production` counts, and how it tells it."""

    def test_processor_time_of_a_family(self) -> None:
        """What a process and its children have used grows by what a child uses."""
        before = used({"we": os.getpid()})
        subprocess.run([sys.executable, "-c", "sum(range(20_000_000))"], check=True)
        assert since(before, used({"we": os.getpid()}))["we"] > 0.1
        assert used({"gone": 2**22 + 1}) == {"gone": 0.0}

    def test_page(self) -> None:
        """Costs are of one application, latencies at their rank, cores what was used in a second."""
        before = Sizes({"tirek": 1000}, {"tirek": {"fact": Table(0, 0)}}, 100, 10)
        after = Sizes({"tirek": 21_000}, {"tirek": {"fact": Table(8000, 20)}}, 40_100, 30)
        spent = {"Temporal server": 2.0, "PostgreSQL": 1.0, "workers": 3.0, "drivers": 1.0}
        cost = Cost(2, 10.0, spent, before, after, events=100, history=70_000)
        done = Done([0.01 * number for number in range(1, 101)], [1.0, 2.0], ["a", "b"], seconds=10.0)
        told = page(cost, [Rush(2, 8, 8, done, spent)], 0.5)
        assert "One history: 100 events, 70.0 kB." in told
        assert "| server, PostgreSQL and workers together | 3.000 |" in told
        assert "| `tirek` | 10.0 kB | 0.0 MB |" in told
        assert "10 transactions and 20 kB of WAL an application." in told
        assert "| `tirek.fact` | 4.0 kB | 10.0 |" in told
        assert "| 2 | 8 | 0.20 | 10.0 | 500 ms | 950 ms | 0.20 | 0.10 | 0.30 | 0.10 |" in told


def _read(files: SecretFiles) -> bytes:
    return files.path("temporal.pem").read_bytes()


def _install(folder: Path, programs: int) -> None:
    folder.mkdir(parents=True)
    for name in ("initdb", "postgres", "psql", "pg_isready")[:programs]:
        (folder / name).touch()
