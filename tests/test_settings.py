"""Whatever is wrong with a setting, it is named, nothing secret is repeated, and no program goes on with it."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from adapters.faults import Fault
from adapters.keys import load_key_ring
from adapters.notices.ways import ways_of
from adapters.registers.opening import open_registers
from adapters.regulations import load_library
from adapters.settings import Settings, load_settings
from adapters.signatures.opening import open_verifier
from adapters.temporal.connection import temporal_config
from cli.reading import read_officer
from models.errors import MalformedError
from models.library import installed
from operations.operators import Operators
from operations.sessions import session_secret
from tests.command_line import run_program
from tests.gateway.partners import FakeExchangeLog

SECRET = "vErY-hidden"  # noqa: S105 - what must not be repeated
AT_LOAD: dict[str, str] = {
    "data": "/dev/null/data",
    "production": "perhaps",
    "database_url": f"mysql://u:{SECRET}@host/record",
    "documents_url": f"ftp://{SECRET}",
    "task_queue": "two words",
    "sandbox": "perhaps",
    "temporal_port": "0",
    "temporal_ui": "here",
    "board_host": "no host",
    "board_port": "65536",
    "board_public": "perhaps",
    "public_address": "example.kz",
    "grace_seconds": "-1",
    "cached_workflows": "many",
    "dormant_patches": "two words",
    "wait_seconds": "0",
    "gateway_port": "0",
    "registers_per_second": "0",
    "anchors_url": "folder",
    "codec_host": "no host",
    "codec_port": "0",
    "health_host": "no host",
    "health_port": "0",
    "otlp_endpoint": "collector:4318",
    "log_format": "xml",
    "log_level": "LOUD",
}
"""A wrong value of each setting that is looked at before anything else happens."""

Use = Callable[[Settings], Any]


async def _registers(settings: Settings) -> None:
    await _opened(open_registers(settings, FakeExchangeLog()))


async def _verifier(settings: Settings) -> None:
    await _opened(open_verifier(settings))


async def _opened(opening: AbstractAsyncContextManager[Any]) -> None:
    async with opening:
        pass


def _ways(settings: Settings) -> Any:
    return ways_of(settings, installed())


MAIL: dict[str, Any] = {
    "smtp_url": SecretStr("smtp://tirek:p@mail.example.kz"),
    "mail_from": "tirek@example.kz",
    "addresses_file": Path(__file__).parent / "shipped.py",
}
HOOK: dict[str, Any] = {"webhook_url": SecretStr("https://example.kz/hook")}
RECORD = {"database_url": "postgresql://u@127.0.0.1/record"}


@dataclass(frozen=True)
class Given:
    """What uses a setting, a wrong value of it, and what else has to be set."""

    use: Use
    value: Any
    beside: dict[str, Any]


IN_USE: dict[str, Given] = {
    "regulations": Given(lambda settings: load_library(settings.regulations), Path("/nowhere"), {}),
    "officer": Given(lambda settings: read_officer(settings.officer or "", "TIREK_OFFICER"), "No Body", {}),
    "fault": Given(lambda settings: Fault.parse(settings.fault or ""), "anywhere", {}),
    "smtp_url": Given(_ways, SecretStr(f"pop://u:{SECRET}@host"), MAIL),
    "mail_from": Given(_ways, "Tirek <a@example.kz>", MAIL),
    "webhook_url": Given(_ways, SecretStr(f"ftp://{SECRET}"), {"webhook_secret": SecretStr("whsec_" + "A" * 44)}),
    "webhook_secret": Given(_ways, SecretStr(SECRET), HOOK),
}
"""A wrong value of each setting that only whoever uses it can judge."""

FILES: dict[str, Given] = {
    "keys_file": Given(lambda settings: load_key_ring(settings.key_file, may_create=False), "{}", {}),
    "database_password_file": Given(lambda settings: settings.record_url, "\n", RECORD),
    "smtp_password_file": Given(_ways, " \n", MAIL | {"smtp_url": SecretStr("smtp://tirek@mail.example.kz")}),
    "addresses_file": Given(_ways, "sc-supervisor: nobody", MAIL),
    "webhook_secret_file": Given(_ways, SECRET, HOOK),
    "gateway_file": Given(_registers, "url: x", {}),
    "signatures_file": Given(_verifier, "roots: 3", {}),
    "operators_file": Given(lambda settings: Operators(settings.operators_file or Path()).check(), "a: b", {}),
    "session_secret_file": Given(lambda settings: session_secret(settings.session_secret_file), SECRET, {}),
}
"""Each setting that names a file, and a content that is none."""


async def _used(given: Given, settings: Settings) -> None:
    done = given.use(settings)
    if isinstance(done, Awaitable):
        await done


@pytest.fixture
def addresses(tmp_path: Path) -> Path:
    file = tmp_path / "addresses.yaml"
    file.write_text("sc-supervisor: supervisor@example.kz\n")
    return file


@pytest.fixture
async def refused(tmp_path: Path, addresses: Path, library: object) -> Callable[..., Awaitable[MalformedError]]:
    """What comes of a value of a setting, where it is used."""

    async def use(name: str, given: Given, value: Any) -> MalformedError:
        beside = given.beside | ({"addresses_file": addresses} if "smtp_url" in given.beside else {})
        settings = Settings(data=tmp_path).model_copy(update=beside | {name: value})
        with pytest.raises(MalformedError) as raised:
            await _used(given, settings)
        return raised.value

    return use


class TestEverySetting:
    """Each of them has a wrong value here."""

    def test_none_is_left_out(self) -> None:
        """A setting that is added needs a case: at the load, in use, or as a file."""
        several = [*AT_LOAD, *IN_USE, *FILES]
        assert sorted(several) == sorted(Settings.model_fields)
        assert {name for name in several if name.endswith("_file")} == set(FILES)

    @pytest.mark.parametrize("name", AT_LOAD)
    def test_at_the_load(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Named at once, with exit code 2, and without its value where that holds a secret."""
        monkeypatch.setenv(f"TIREK_{name.upper()}", AT_LOAD[name])
        with pytest.raises(MalformedError, match=f"TIREK_{name.upper()}:") as raised:
            load_settings()
        assert raised.value.exit_code == 2
        assert [field for field, _ in raised.value.fields] == [f"TIREK_{name.upper()}"]
        assert SECRET not in str(raised.value)

    def test_all_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Several that are wrong are all named."""
        for name, value in AT_LOAD.items():
            monkeypatch.setenv(f"TIREK_{name.upper()}", value)
        with pytest.raises(MalformedError) as raised:
            load_settings()
        assert {field for field, _ in raised.value.fields} == {f"TIREK_{name.upper()}" for name in AT_LOAD}

    @pytest.mark.parametrize("name", IN_USE)
    async def test_in_use(self, name: str, refused: Callable[..., Awaitable[MalformedError]]) -> None:
        """Named by whoever uses it first."""
        error = await refused(name, IN_USE[name], IN_USE[name].value)
        assert f"TIREK_{name.upper()}" in str(error)
        assert SECRET not in str(error)

    @pytest.mark.parametrize("wrong", ["missing", "folder", "unreadable", "malformed"])
    @pytest.mark.parametrize("name", FILES)
    async def test_files(
        self, name: str, wrong: str, tmp_path: Path, refused: Callable[..., Awaitable[MalformedError]]
    ) -> None:
        """A file that is not there, is a folder, cannot be read, or holds something else: the setting is named."""
        path = tmp_path / "it"
        match wrong:
            case "folder":
                path.mkdir()
            case "unreadable":  # for root too: a link to itself
                path.symlink_to(path)
            case "malformed":
                path.write_text(FILES[name].value)
        error = await refused(name, FILES[name], path)
        assert f"TIREK_{name.upper()}" in str(error)
        assert SECRET not in str(error)

    @pytest.mark.parametrize(
        ("name", "value"),
        [("TEMPORAL_TLS_CLIENT_CERT_PATH", "/nowhere/cert.pem"), ("TEMPORAL_PROFILE", "nobodys")],
    )
    def test_of_temporal(self, name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """The standard variables are named as well."""
        monkeypatch.setenv(name, value)
        with pytest.raises(MalformedError, match=name):
            temporal_config(Settings())


class TestPassword:
    """TIREK_DATABASE_PASSWORD_FILE."""

    def test_is_put_into_the_address(self, tmp_path: Path) -> None:
        """Whatever it is made of; the line's end is not a part of it."""
        (tmp_path / "password").write_text("p@ss/w?rd%20:#\n")
        settings = Settings(
            database_url="postgresql://u@host/record", database_password_file=tmp_path / "password"
        )
        assert settings.record_url == "postgresql://u:p%40ss%2Fw%3Frd%2520%3A%23@host/record"
        assert "p@ss" not in repr(settings)

    @pytest.mark.parametrize("url", ["postgresql://u:p@host/record", "sqlite:///record.sqlite"])
    def test_two_passwords(self, tmp_path: Path, url: str) -> None:
        """One of them would be left aside in silence."""
        (tmp_path / "password").write_text("p")
        settings = Settings(database_url=url, database_password_file=tmp_path / "password")
        with pytest.raises(MalformedError, match="TIREK_DATABASE_PASSWORD_FILE"):
            assert settings.record_url


class TestPrograms:
    """The programs themselves."""

    @pytest.mark.parametrize(
        ("program", "arguments", "name", "value", "code"),
        [
            ("worker.py", (), "TIREK_LOG_LEVEL", "LOUD", 2),
            ("worker.py", (), "TIREK_KEYS_FILE", "/nowhere", 2),
            ("worker.py", (), "TIREK_REGULATIONS", "/nowhere", 2),
            ("worker.py", (), "TIREK_FAULT", "anywhere", 2),
            ("worker.py", (), "TEMPORAL_TLS_CLIENT_KEY_PATH", "/nowhere", 2),
            ("starter.py", ("list",), "TIREK_WAIT_SECONDS", "0", 2),
            ("starter.py", ("list",), "TIREK_KEYS_FILE", "/nowhere", 2),
            ("starter.py", ("list",), "TIREK_DATABASE_URL", "sqlite:////dev/null/record", 2),
            ("starter.py", ("list",), "TIREK_DATABASE_URL", "postgresql://u@127.0.0.1:1/record", 4),
            ("starter.py", ("board",), "TIREK_BOARD_HOST", "203.0.113.1", 2),
            ("starter.py", ("ticket", "--channel", "provider"), "TEMPORAL_PROFILE", "nobodys", 2),
        ],
    )
    async def test_start(
        self,
        tmp_path: Path,
        program: str,
        arguments: tuple[str, ...],
        name: str,
        value: str,
        code: int,
    ) -> None:
        """They end at once with their exit code, and say which variable it was."""
        environment = {"TIREK_DATA": str(tmp_path / "data"), "TEMPORAL_ADDRESS": "127.0.0.1:1", name: value}
        ran = await run_program(*arguments, environment=environment, program=program)
        assert (ran.code, name in ran.err) == (code, True), ran.err
        assert "Traceback" not in ran.err
