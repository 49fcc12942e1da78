"""The restore drill on PostgreSQL with Temporal on it, with pg_dump and pg_restore."""

import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE

import pytest

from adapters.settings import ROOT


@pytest.mark.timeout(900)
async def test_both_losses() -> None:
    """An hour of the record, then Temporal's database: both come back."""
    command = [sys.executable, "-m", "production.drill", "--on", "production", "--each", "1"]
    process = await create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE, stderr=PIPE)
    out, err = await process.communicate()
    assert process.returncode == 0, (out + err).decode()
    told = out.decode()
    assert "42 facts rebuilt; 14 compared, 0 differences" in told
    assert "12 of 12 open applications go on" in told
