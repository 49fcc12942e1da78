"""The programs of production that are not ours: PostgreSQL of the system, Temporal's built with Go and kept."""

import asyncio
import json
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from adapters.temporal.server import Say, cache_folder
from models.errors import UnavailableError

TEMPORAL = "1.32.0"
TEMPORAL_UI = "2.54.1"
_MODULE = "go.temporal.io/server"
_UI_MODULE = "github.com/temporalio/ui-server/v2"
_DEBIAN = Path("/usr/lib/postgresql")
_OLDEST_POSTGRESQL = 14
_NEEDED = ("initdb", "postgres", "psql", "pg_isready")


@dataclass(frozen=True)
class Temporal:
    """The server, the tool that brings a schema, the page for operators, and the folder of the schema."""

    server: Path
    sql_tool: Path
    ui: Path
    schema: Path


def find_postgresql(debian: Path = _DEBIAN) -> Path:
    """The folder of PostgreSQL's programs, the newest one; UnavailableError says what to install."""
    versions = [path for path in debian.glob("*/bin") if path.parent.name.isdigit()]
    folders = sorted(versions, key=lambda path: int(path.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    for folder in folders:
        old = folder.parent.name.isdigit() and int(folder.parent.name) < _OLDEST_POSTGRESQL
        if not old and all((folder / name).exists() for name in _NEEDED):
            return folder
    raise UnavailableError(
        f"production needs PostgreSQL {_OLDEST_POSTGRESQL} or newer; on Debian: "
        "apt-get install postgresql postgresql-contrib"
    )


async def temporal_programs(say: Say, cache: Path | None = None) -> Temporal:
    """Those of this version: built once, which takes minutes, then found. UnavailableError without Go."""
    root = cache or cache_folder()
    server, ui = root / f"temporal-server-{TEMPORAL}", root / f"temporal-ui-{TEMPORAL_UI}"
    # Both modules call their program `server`, so each has a folder of its own.
    await _built(server, ("server", "sql"), f"{_MODULE}/cmd/server", f"{_MODULE}/cmd/tools/sql", TEMPORAL, say)
    await _built(ui, ("server",), f"{_UI_MODULE}/cmd/server", None, TEMPORAL_UI, say)
    schema = server / "schema"
    if not schema.exists():
        await _keep_schema(schema)
    return Temporal(server / "server", server / "sql", ui / "server", schema)


async def _built(
    folder: Path, programs: tuple[str, ...], first: str, second: str | None, version: str, say: Say
) -> None:
    if all((folder / name).exists() for name in programs):
        return
    say(f"building {first}@{version} with Go; the first time takes some minutes")
    packages = [f"{package}@v{version}" for package in (first, second) if package]
    draft = folder.with_name(f"{folder.name}.{os.getpid()}")
    await asyncio.to_thread(draft.mkdir, parents=True, exist_ok=True)
    await _go("install", "-ldflags", "-s -w", *packages, more={"GOBIN": str(draft)})
    await asyncio.to_thread(folder.mkdir, exist_ok=True)
    for name in programs:
        (draft / name).replace(folder / name)
    shutil.rmtree(draft)


async def _keep_schema(target: Path) -> None:
    """The schema's files of the module that the server was built from."""
    told = json.loads(await _go("mod", "download", "-json", f"{_MODULE}@v{TEMPORAL}"))
    source = Path(told["Dir"]) / "schema" / "postgresql" / "v12"
    draft = target.with_name(f"{target.name}.{os.getpid()}")
    await asyncio.to_thread(shutil.copytree, source, draft, copy_function=shutil.copyfile)
    for folder in (draft, *(path for path in draft.rglob("*") if path.is_dir())):
        folder.chmod(0o755)  # Go keeps its modules read-only
    draft.rename(target)


async def _go(*arguments: str, more: dict[str, str] | None = None) -> str:
    go = shutil.which("go")
    if go is None:
        raise UnavailableError("production needs Go, once, to build the Temporal server; put `go` on PATH")
    process = await asyncio.create_subprocess_exec(
        go,
        *arguments,
        cwd="/",  # outside of every module: devserver/ has one
        env={**os.environ, **(more or {})},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        output, problems = await process.communicate()
    except asyncio.CancelledError:
        process.terminate()
        raise
    if process.returncode:
        said = re.sub(r"\s+", " ", problems.decode(errors="replace"))[-400:]
        raise UnavailableError(f"go {arguments[0]} failed: {said}")
    return output.decode()
