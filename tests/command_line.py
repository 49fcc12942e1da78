"""Runs the programs as a user does: as processes, by their output and exit codes."""

import asyncio
import json
import os
import socket
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from adapters.child import Child, start_child
from adapters.settings import ROOT

_BEGINS_SECONDS = 60
_OF_THE_INTERPRETER = ("PYTHON", "LD_", "FAKETIME")
"""What these say is heard at a start only."""


@dataclass(frozen=True)
class Ran:
    """What a program said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


async def start_program(
    *arguments: str, environment: Mapping[str, str] | None = None, program: str = "starter.py"
) -> asyncio.subprocess.Process:
    """A program of ours that runs, with a pipe to each of its streams."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / program),
        *arguments,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def run_program(
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    stdin: str | None = None,
    program: str = "starter.py",
) -> Ran:
    """A program from its start to its end; the command line as a fork that has its modules loaded."""
    if program == "starter.py" and not any(name.startswith(_OF_THE_INTERPRETER) for name in environment or ()):
        forks = _forks()
        return await asyncio.to_thread(_run_fork, forks, arguments, environment or {}, stdin or "")
    process = await start_program(*arguments, environment=environment, program=program)
    out, err = await process.communicate(None if stdin is None else stdin.encode())
    return Ran(process.returncode or 0, out.decode(), err.decode())


_kept: list[Child] = []
"""What ends with this process, and not before."""


@cache
def _forks() -> Path:
    """Where the process that forks listens; it ends with the one that runs the tests."""
    folder = Path(tempfile.mkdtemp(prefix="tirek-forks-"))
    place = folder / "socket"
    command = [sys.executable, "-m", "tests.forking", str(place)]
    child = start_child(command, log=folder / "log", environment={**os.environ, "PYTHONPATH": str(ROOT)})
    _kept.append(child)
    until = time.monotonic() + _BEGINS_SECONDS
    while not place.exists():
        assert time.monotonic() < until, child.words()
        assert not child.has_ended(), child.words()
        time.sleep(0.02)
    return place


def _run_fork(place: Path, arguments: tuple[str, ...], environment: Mapping[str, str], stdin: str) -> Ran:
    wanted = {"arguments": arguments, "environment": {**os.environ, **environment}}
    with (
        tempfile.TemporaryFile() as given,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
        socket.socket(socket.AF_UNIX) as connection,
    ):
        given.write(stdin.encode())
        given.seek(0)
        connection.connect(str(place))
        streams = [one.fileno() for one in (given, out, err)]
        socket.send_fds(connection, [json.dumps(wanted).encode()], streams)
        code = int(connection.recv(100))
        out.seek(0)
        err.seek(0)
        return Ran(code, out.read().decode(), err.read().decode())
