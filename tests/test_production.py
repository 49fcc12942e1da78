"""Where real people's applications are, nothing stands in for anything, and what is missing is named at once."""

from pathlib import Path
from typing import Any

import pytest

from adapters.keys import load_key_ring
from adapters.production import check_production, for_trials_only, production_problems
from adapters.settings import Settings
from gateway_stand_in import certificates
from models.errors import MalformedError
from tests.command_line import run_program
from tests.gateway.partners import Partner, write_gateway_file

HERE: dict[str, Any] = {"target_host": "127.0.0.1:7233"}
OVER_TLS: dict[str, Any] = {"target_host": "temporal.example.kz:7233", "tls": True}
RECORD = "postgresql://tirek@db.example.kz/tirek?sslmode=verify-full"
EVERYTHING = {"TIREK_DATABASE_URL", "TIREK_KEYS_FILE", "TIREK_GATEWAY_FILE", "TIREK_SIGNATURES_FILE"}


@pytest.fixture
def keys_file(tmp_path: Path) -> Path:
    load_key_ring(tmp_path / "ring.json", may_create=True)
    return tmp_path / "ring.json"


@pytest.fixture
def ready(keys_file: Path) -> Settings:
    """Settings with which production begins."""
    return Settings(
        production=True,
        database_url=RECORD,
        keys_file=keys_file,
        gateway_file=Path("gateway.yaml"),
        signatures_file=Path("signatures.yaml"),
    )


def names(settings: Settings, temporal: dict[str, Any] = OVER_TLS) -> list[str]:
    return [name for name, _ in production_problems(settings, temporal)]


def changed(settings: Settings, **fields: Any) -> Settings:
    return settings.model_copy(update=fields)


class TestProblems:
    """What is found, by the name of its variable."""

    def test_ready(self, ready: Settings) -> None:
        """With everything set, nothing is found."""
        assert production_problems(ready, OVER_TLS) == []
        check_production(ready, OVER_TLS)

    def test_everything_is_named_at_once(self) -> None:
        """Whoever sets up a machine need not start ten times."""
        bare = Settings(production=True, fault="x")
        temporal = {"target_host": "temporal.example.kz:7233"}
        assert set(names(bare, temporal)) == EVERYTHING | {"TIREK_FAULT", "TEMPORAL_TLS"}
        with pytest.raises(MalformedError, match="TIREK_PRODUCTION is true") as refused:
            check_production(bare, temporal)
        assert {field for field, _ in refused.value.fields} == EVERYTHING | {"TIREK_FAULT", "TEMPORAL_TLS"}

    def test_trials_need_none_of_it(self) -> None:
        trial, elsewhere = Settings(fault="x"), {"target_host": "elsewhere:7233"}
        assert names(trial, elsewhere)
        check_production(trial, elsewhere)

    @pytest.mark.parametrize(
        ("url", "is_good"),
        [
            ("sqlite:////data/record.sqlite", False),
            ("postgresql://u@db.example.kz/t", False),
            ("postgresql://u@db.example.kz/t?sslmode=prefer", False),
            ("postgresql://u@db.example.kz/t?sslmode=require", True),
            ("postgresql://u@db.example.kz/t?sslmode=verify-ca", True),
            ("postgresql://u@127.0.0.1/t", True),
            ("postgresql://u@[::1]/t", True),
            ("postgresql://u@/t?host=/run/postgresql", True),
            ("postgresql:///t", True),
            ("postgresql://u@/t?host=db.example.kz", False),
            ("postgresql://u@127.0.0.1/t?host=db.example.kz", False),
            ("postgresql://u@/t?host=/run/postgresql&host=db.example.kz", False),
            ("postgresql://u@/t?host=127.0.0.1,db.example.kz", False),
            ("postgresql://u@127.0.0.1/t?hostaddr=192.0.2.7", False),
            ("postgresql://u@/t?hostaddr=192.0.2.7", False),
            ("postgresql://u@127.0.0.1/t?hostaddr=127.0.0.1", True),
            ("postgresql:///t?service=city", False),
        ],
    )
    def test_record(self, ready: Settings, url: str, is_good: bool) -> None:
        """PostgreSQL, and over TLS unless nothing leaves the machine."""
        found = [] if is_good else ["TIREK_DATABASE_URL"]
        assert names(changed(ready, database_url=url)) == found

    @pytest.mark.parametrize(
        ("url", "variable", "is_good"),
        [
            ("postgresql:///t", "PGHOST=db.example.kz", False),
            ("postgresql:///t", "PGHOST=/run/postgresql", True),
            ("postgresql://u@127.0.0.1/t", "PGHOST=db.example.kz", True),
            ("postgresql://u@127.0.0.1/t", "PGHOSTADDR=192.0.2.7", False),
            ("postgresql:///t", "PGSERVICE=city", False),
            ("postgresql://u@db.example.kz/t?sslmode=verify-full", "PGHOSTADDR=192.0.2.7", True),
        ],
    )
    def test_record_by_postgresql_s_own_variables(
        self, ready: Settings, url: str, variable: str, is_good: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """They count where the address leaves something open: so does PostgreSQL's client."""
        monkeypatch.setenv(*variable.split("=", 1))
        assert names(changed(ready, database_url=url)) == ([] if is_good else ["TIREK_DATABASE_URL"])

    def test_the_gateway_s_stand_in(self, ready: Settings, tmp_path: Path) -> None:
        """Its file is as any other of a gateway, so it is known by what its certificates say of it."""
        certificates.prepare(tmp_path / "stand-in")
        stand_in = certificates.write_gateway_file(tmp_path / "stand-in", 9233)
        assert names(changed(ready, gateway_file=stand_in)) == ["TIREK_GATEWAY_FILE"]
        (tmp_path / "partner").mkdir()
        ours, gateway = Partner.make("us"), Partner.make("gateway")
        partners = write_gateway_file(tmp_path / "partner", ours, gateway)
        assert names(changed(ready, gateway_file=partners)) == []

    @pytest.mark.parametrize(
        ("temporal", "is_good"),
        [
            ({"target_host": "127.0.0.1:7233"}, True),
            ({"target_host": "localhost:7233"}, True),
            ({"target_host": "[::1]:7233"}, True),
            ({"target_host": "temporal:7233"}, False),
            ({"target_host": "temporal:7233", "api_key": "k", "tls": False}, False),
            ({"target_host": "temporal:7233", "tls": True}, True),
        ],
    )
    def test_temporal(self, ready: Settings, temporal: dict[str, Any], is_good: bool) -> None:
        """Over TLS unless it is on this machine; an API key alone makes nothing safe."""
        assert names(ready, temporal) == ([] if is_good else ["TEMPORAL_TLS"])

    @pytest.mark.parametrize(
        ("mode", "is_good"), [(0o600, True), (0o640, True), (0o400, True), (0o644, False), (0o660, False)]
    )
    def test_key_file(self, ready: Settings, keys_file: Path, mode: int, is_good: bool) -> None:
        """Nobody but its owner and a group reads it, and nobody but its owner writes it."""
        keys_file.chmod(mode)
        assert names(ready) == ([] if is_good else ["TIREK_KEYS_FILE"])

    def test_key_file_that_is_not_there(self, ready: Settings, tmp_path: Path) -> None:
        assert names(changed(ready, keys_file=tmp_path / "nowhere")) == ["TIREK_KEYS_FILE"]

    def test_what_is_for_trials(self, ready: Settings) -> None:
        """Stand-ins and made-up applications are refused, and only there."""
        with pytest.raises(MalformedError, match=r"TIREK_PRODUCTION: .* `seed` is for trials alone"):
            for_trials_only(ready, "`seed`")
        trial = Settings()
        assert for_trials_only(trial, "`seed`") is trial


class TestPrograms:
    """The programs end before they open anything."""

    @pytest.mark.parametrize(
        ("program", "arguments"),
        [
            ("worker.py", ()),
            ("starter.py", ("board", "--port", "0")),
            ("starter.py", ("ticket", "--channel", "provider")),
            ("starter.py", ("setup",)),
            ("starter.py", ("revive", "app")),
            ("starter.py", ("attach", "app", "kind", "file.pdf")),
        ],
        ids=lambda value: str(value[0]) if isinstance(value, tuple) and value else None,
    )
    async def test_refused(self, tmp_path: Path, program: str, arguments: tuple[str, ...]) -> None:
        """Exit code 2, every variable by its name, and a data folder that is not even made."""
        data = tmp_path / "data"
        environment = {
            "TIREK_PRODUCTION": "true",
            "TIREK_DATA": str(data),
            "TEMPORAL_ADDRESS": "temporal.invalid:7233",
        }
        ran = await run_program(*arguments, environment=environment, program=program)
        assert ran.code == 2, ran.err
        assert {name for name in EVERYTHING | {"TEMPORAL_TLS"} if name not in ran.err} == set()
        assert not data.exists()

    @pytest.mark.parametrize(
        "arguments",
        [("demo",), ("up",), ("gateway",), ("seed", "--applications", "1", "--years", "1"), ("sign", "-")],
        ids=lambda value: value[0],
    )
    async def test_trials_are_refused(self, tmp_path: Path, arguments: tuple[str, ...]) -> None:
        environment = {"TIREK_PRODUCTION": "true", "TIREK_DATA": str(tmp_path / "data")}
        ran = await run_program(*arguments, environment=environment)
        assert ran.code == 2, ran.out + ran.err
        assert "is for trials alone" in ran.err
        assert not (tmp_path / "data").exists()
