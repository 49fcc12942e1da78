"""A PostgreSQL cluster of production: over TLS with passwords, made at the first start."""

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.child import Child, start_child
from adapters.settings import ROOT
from models.errors import UnavailableError
from production.secret_files import SecretFiles

_CONFIGURATION = ROOT / "operations" / "postgresql"
_SYSTEMS_USER = "postgres"
_START_SECONDS = 60


@dataclass(frozen=True)
class Postgresql:
    """A server that answers on 127.0.0.1."""

    port: int
    secrets: SecretFiles
    child: Child
    programs: Path

    @property
    def record(self) -> str:
        """The address of the record, without its password."""
        return self.address("tirek", "tirek")

    def address(self, user: str, database: str) -> str:
        authority = self.secrets.path("authority.pem").absolute()
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}?sslmode=verify-full&sslrootcert={authority}"

    def environment(self, user: str, password: str) -> dict[str, str]:
        """For PostgreSQL's own programs: psql, pg_dump, pg_basebackup."""
        return {
            **os.environ,
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.port),
            "PGUSER": user,
            "PGPASSWORD": self.secrets.password(password),
            "PGSSLMODE": "verify-full",
            "PGSSLROOTCERT": str(self.secrets.path("authority.pem").absolute()),
        }


@asynccontextmanager
async def running_postgresql(
    programs: Path, folder: Path, secrets: SecretFiles, port: int
) -> AsyncGenerator[Postgresql]:
    """The cluster of a folder, with the roles and databases of production; it is stopped at the end.

    UnavailableError where it cannot be made or does not start. Root may not run PostgreSQL: `postgres` does then.
    """
    user = _user()
    data = folder / "data"
    await asyncio.to_thread(_prepare, programs, folder, secrets, user)
    given = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
    given |= {"config_file": folder / "postgresql.conf", "hba_file": folder / "pg_hba.conf"}
    given |= {"ssl_cert_file": folder / "postgresql.pem", "ssl_key_file": folder / "postgresql.key"}
    options = [part for name, value in given.items() for part in ("-c", f"{name}={value}")]
    command = [str(programs / "postgres"), "-D", str(data), *options]
    child = start_child(command, log=folder.parent / "postgresql.log", environment=_plain(), user=user)
    server = Postgresql(port, secrets, child, programs)
    try:
        await _until_it_answers(server)
        await asyncio.to_thread(_bring_roles, server)
        yield server
    finally:
        # Asked by SIGTERM it would wait for whoever is connected still.
        if not child.has_ended():
            child.process.send_signal(signal.SIGINT)
        await child.stop()


def _user() -> str | None:
    """As whom PostgreSQL runs, if not as us."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(_SYSTEMS_USER)
    except KeyError:
        raise UnavailableError(
            f"root may not run PostgreSQL, and there is no user {_SYSTEMS_USER}; apt-get install postgresql"
        ) from None
    return _SYSTEMS_USER


def _prepare(programs: Path, folder: Path, secrets: SecretFiles, user: str | None) -> None:
    """Configuration and certificate where the server can read them, and a new cluster where there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [_CONFIGURATION / "postgresql.conf", _CONFIGURATION / "pg_hba.conf"]
    files += [secrets.path("postgresql.pem"), secrets.path("postgresql.key")]
    for file in files:
        shutil.copyfile(file, folder / file.name)
        (folder / file.name).chmod(0o600)
    _give(folder, user)
    folder.chmod(0o700)
    _must_reach(folder, user)
    if not (folder / "data" / "PG_VERSION").exists():
        _make_cluster(programs, folder, secrets, user)


def _make_cluster(programs: Path, folder: Path, secrets: SecretFiles, user: str | None) -> None:
    """In a draft first: a cluster that was half made when somebody pulled the plug is no cluster."""
    draft, password = folder / "draft", folder / "password"
    if draft.exists():
        shutil.rmtree(draft)
    try:
        password.touch(mode=0o600)
        password.write_text(secrets.password("postgresql_password"))
        _give(folder, user)
        manners = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums"]
        made_by = [programs / "initdb", "-D", draft, "-U", _SYSTEMS_USER, f"--pwfile={password}", *manners]
        _run(made_by, _plain(), user)
    finally:
        password.unlink(missing_ok=True)
    draft.rename(folder / "data")


def _give(folder: Path, user: str | None) -> None:
    """Everything of ours in a folder to the server's user."""
    if user is None:
        return
    for path in (folder, *(one for one in folder.iterdir() if one.is_file())):
        shutil.chown(path, user, user)


def _must_reach(folder: Path, user: str | None) -> None:
    try:
        _run(["test", "-x", folder], _plain(), user)
    except UnavailableError:
        raise UnavailableError(
            f"{folder} cannot be reached by the user {user}, who runs PostgreSQL where root may not; take a data "
            "folder that others may pass through, as in DATA=/var/lib/tirek"
        ) from None


async def _until_it_answers(server: Postgresql) -> None:
    command = [str(server.programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(server.port)]
    async with asyncio.timeout(_START_SECONDS):
        while True:
            if server.child.has_ended():
                raise UnavailableError(f"PostgreSQL ended at once: {server.child.last_words()}")
            asked = await asyncio.create_subprocess_exec(*command)
            if await asked.wait() == 0:
                return
            await asyncio.sleep(0.1)


def _bring_roles(server: Postgresql) -> None:
    environment = server.environment(_SYSTEMS_USER, "postgresql_password")
    environment["SECRETS"] = str(server.secrets.folder.absolute())
    script = _CONFIGURATION / "roles.sql"
    _run([server.programs / "psql", "-X", "-q", "-d", "postgres", "-f", script], environment, None)


def _plain() -> dict[str, str]:
    """Neither our settings nor the language of whoever started us."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}


def _run(command: list[str | Path], environment: Mapping[str, str], user: str | None) -> None:
    """UnavailableError with the last line that it said."""
    ran = subprocess.run(  # noqa: S603 - the command is ours
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd="/",
        env=dict(environment),
        user=user,
        extra_groups=None if user is None else [],
        check=False,
    )
    if ran.returncode:
        said = (ran.stderr.strip() or ran.stdout.strip() or "nothing").splitlines()[-1]
        raise UnavailableError(f"{Path(command[0]).name} failed: {said[-300:]}")
