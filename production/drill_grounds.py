"""Where a restore is rehearsed: on a development server with SQLite, or on the parts of production.

Each can copy its record, put the copy back, and lose Temporal's database.
"""

import asyncio
import os
import shutil
import sqlite3
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AsyncExitStack, closing
from pathlib import Path

from adapters.settings import Settings
from adapters.temporal.server import Place, Say, Server, free_port, running_server
from models.errors import UnavailableError
from production.parts import POSTGRESQL_ABOVE, environment_of, in_environment, running_stores
from production.postgresql import Postgresql, running_postgresql
from production.programs import find_postgresql
from production.secret_files import SecretFiles
from workflows import operators

_UNLIMITED = 1000.0
_PORT = 18233


class Ground(ABC):
    """A record and a Temporal server. `settings` and `environment` lead there once it is open."""

    settings: Settings
    environment: dict[str, str]
    server: Server
    name: str

    def __init__(self, folder: Path, say: Say) -> None:
        self._folder = folder
        self._say = say
        self._stack = AsyncExitStack()
        (folder / "anchors").mkdir(parents=True)
        self.settings = Settings(
            data=folder / "data",
            anchors_url=f"file://{folder / 'anchors'}",
            registers_per_second=_UNLIMITED,
            temporal_port=_PORT,
        )

    @abstractmethod
    async def open(self) -> None:
        """Start what is not there; UnavailableError."""

    @abstractmethod
    async def lose_temporal(self) -> None:
        """Stop the server, throw its database away, and start an empty one at the same place."""

    @abstractmethod
    def back_up(self) -> None:
        """Copy the record as it is now, while everything runs."""

    @abstractmethod
    def restore(self) -> None:
        """Put the copy back; nobody may work meanwhile."""

    async def close(self) -> None:
        await self._stack.aclose()

    @property
    def _copy(self) -> Path:
        return self._folder / "copy-of-the-record"


class DevelopmentGround(Ground):
    """A development server of our own, and a record in a file."""

    name = "development server, SQLite"

    async def open(self) -> None:
        data = self.settings.data
        data.mkdir(exist_ok=True)
        place = Place(data / "temporal.sqlite", data / "temporal.log", free_port(), None, operators.flags())
        self.server = await self._stack.enter_async_context(running_server(place, self._say))
        temporal = {"TEMPORAL_ADDRESS": self.server.address, "TEMPORAL_CONFIG_FILE": os.devnull}
        self._stack.enter_context(in_environment(temporal))
        self.environment = _led(self.settings, temporal)

    async def lose_temporal(self) -> None:
        await self.close()
        for file in self.settings.data.glob("temporal.sqlite*"):
            file.unlink()
        await self.open()

    def back_up(self) -> None:
        with closing(sqlite3.connect(self._record)) as record, closing(sqlite3.connect(self._copy)) as copy:
            record.backup(copy)

    def restore(self) -> None:
        for file in self._record.parent.glob(f"{self._record.name}*"):
            file.unlink()
        shutil.copyfile(self._copy, self._record)

    @property
    def _record(self) -> Path:
        return self.settings.data / "record.sqlite"


class ProductionGround(Ground):
    """PostgreSQL with Temporal on it, as `make production` starts them; the copy is one of pg_dump."""

    name = "Temporal and record on PostgreSQL"
    _postgresql: Postgresql

    async def open(self) -> None:
        stores = await self._stack.enter_async_context(running_stores(self.settings, self._say))
        self.settings = stores.settings
        self._postgresql = stores.postgresql
        self.server = Server(stores.temporal.address, None, None)
        self.environment = _led(stores.settings, stores.temporal.environment)

    async def lose_temporal(self) -> None:
        await self.close()
        folder, secrets = self.settings.data / "postgresql", SecretFiles(self.settings.data.absolute() / "secrets")
        port = self.settings.temporal_port + POSTGRESQL_ABOVE
        async with running_postgresql(find_postgresql(), folder, secrets, port) as alone:
            environment = alone.environment("postgres", "postgresql_password")
            for database in ("temporal", "temporal_visibility"):
                await asyncio.to_thread(_run, [str(alone.programs / "dropdb"), "--force", database], environment)
        await self.open()

    def back_up(self) -> None:
        _run([self._program("pg_dump"), "-Fc", "-d", "tirek", "-f", str(self._copy)], self._of_the_record)

    def restore(self) -> None:
        wanted = ["--clean", "--if-exists", "--single-transaction", "-d", "tirek", str(self._copy)]
        _run([self._program("pg_restore"), *wanted], self._of_the_record)

    @property
    def _of_the_record(self) -> dict[str, str]:
        return self._postgresql.environment("tirek", "record_database_password")

    def _program(self, name: str) -> str:
        return str(self._postgresql.programs / name)


def _led(settings: Settings, temporal: Mapping[str, str]) -> dict[str, str]:
    """What leads the command line here."""
    return environment_of(settings, temporal) | {"TIREK_WAIT_SECONDS": "60"}


def _run(command: list[str], environment: dict[str, str]) -> None:
    ran = subprocess.run(  # noqa: S603 - the command is ours
        command, env=environment, capture_output=True, text=True, check=False
    )
    if ran.returncode:
        said = (ran.stderr.strip() or "nothing").splitlines()[-1]
        raise UnavailableError(f"{Path(command[0]).name} failed: {said[-300:]}")
