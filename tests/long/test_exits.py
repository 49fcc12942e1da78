"""Every program ends with its own exit code: short worker starts, none of which may abort."""

import asyncio
import collections
import signal
from pathlib import Path

import pytest

from tests.command_line import start_program
from tests.conftest import House

_AT_ONCE = 2


class TestExits:
    """A process that ran a worker leaves through one door (adapters/process.py)."""

    @pytest.mark.timeout(1200)
    async def test_short_worker_starts_end_with_0(
        self, house: House, tmp_path: Path, pytestconfig: pytest.Config
    ) -> None:
        """Each start polls, is told to stop, and ends with exit code 0; --exits says how many are tried."""
        at_once = asyncio.Semaphore(_AT_ONCE)
        wanted = int(pytestconfig.getoption("--exits"))
        codes = await asyncio.gather(*(_start_and_stop(house, tmp_path, at_once) for _ in range(wanted)))
        print(f"{wanted} short worker starts: exit codes {dict(collections.Counter(codes))}")  # noqa: T201
        assert set(codes) == {0}
        assert len(codes) == wanted


async def _start_and_stop(house: House, folder: Path, at_once: asyncio.Semaphore) -> int:
    async with at_once:
        environment = {
            **house.environment,
            "TIREK_TASK_QUEUE": "exits",
            "TIREK_DATA": str(folder),
            "TIREK_KEYS_FILE": str(house.settings.key_file),  # on PostgreSQL the record is that of the house
        }
        process = await start_program(environment=environment, program="worker.py")
        assert process.stderr is not None
        said = b""
        while b"working on task queue" not in said:
            line = await process.stderr.readline()
            assert line, f"the worker ended before it worked; it said:\n{said.decode()}"
            said += line
        process.send_signal(signal.SIGTERM)
        await process.communicate()
        return process.returncode or 0
