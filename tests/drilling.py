"""Runs a restore drill as `make restore-drill` does, with one application of each kind."""

import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE

from adapters.settings import ROOT


async def drilled(*arguments: str) -> str:
    """What the drill tells, once it has ended with 0."""
    command = [sys.executable, "-m", "production.drill", "--each", "1", *arguments]
    process = await create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE, stderr=PIPE)
    out, err = await process.communicate()
    assert process.returncode == 0, (out + err).decode()
    return out.decode()
