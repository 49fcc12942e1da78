"""Runs the programs as a user does: as processes, by their output and exit codes."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters.settings import ROOT


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
    process = await start_program(*arguments, environment=environment, program=program)
    out, err = await process.communicate(None if stdin is None else stdin.encode())
    return Ran(process.returncode or 0, out.decode(), err.decode())
