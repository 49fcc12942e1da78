"""Several worker processes under one: who dies is started again, who cannot begin ends all, a stop ends all."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from adapters.settings import ROOT, Settings
from models.errors import MalformedError
from operations.processes import Start, Supervisor, check_ports, environment_of
from operations.queues import Kind, kinds_of

_LIVES = """
import pathlib, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit({at_the_end}))
pathlib.Path(sys.argv[1]).touch()
time.sleep(60)
"""


_LIVES_ALONE = """
import pathlib, signal, sys, time
folder = pathlib.Path(sys.argv[1])
signal.signal(signal.SIGTERM, lambda *_: ((folder / "ended").touch(), sys.exit(0)))
(folder / "begun").touch()
time.sleep(60)
"""
_SUPERVISES = f"""
import asyncio, os, sys
from operations.processes import Start, Supervisor
start = Start((sys.executable, "-c", {_LIVES_ALONE!r}, sys.argv[1]), os.environ)
asyncio.run(Supervisor(lambda number, restarts: start, 1, 5).run())
"""


def supervisor_of(programs: Sequence[Sequence[str]], folder: Path, grace: float = 5) -> Supervisor:
    """Over programs in Python, one for each process: by the number of its starts, and the last for ever."""

    def plan(number: int, restarts: int) -> Start:
        mine = programs[number]
        program = mine[min(restarts, len(mine) - 1)]
        begun = folder / f"begun-{number}-{restarts}"
        return Start((sys.executable, "-c", program, str(begun)), {})

    return Supervisor(plan, len(programs), grace, first_pause=0.05)


async def until_begun(folder: Path, *names: str) -> None:
    async with asyncio.timeout(20):
        while not all((folder / f"begun-{name}").exists() for name in names):  # noqa: ASYNC110 - other programs
            await asyncio.sleep(0.02)


def lives(at_the_end: int = 0) -> str:
    return _LIVES.format(at_the_end=at_the_end)


class TestSupervisor:
    """What becomes of the processes."""

    async def test_all_end_when_they_are_told_to(self, tmp_path: Path) -> None:
        """A stop reaches every process, and the whole ends with 0 when each has ended by itself."""
        supervisor = supervisor_of([[lives()], [lives()]], tmp_path)
        running = asyncio.create_task(supervisor.run())
        await until_begun(tmp_path, "0-0", "1-0")
        supervisor.stop.set()
        assert await asyncio.wait_for(running, 10) == 0

    async def test_who_dies_is_started_again(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        """A killed process comes back by itself, the log tells how it ended, and the other one never stopped."""
        killed = "import os; os.kill(os.getpid(), 9)"
        supervisor = supervisor_of([[killed, killed, lives()], [lives()]], tmp_path)
        running = asyncio.create_task(supervisor.run())
        await until_begun(tmp_path, "0-2", "1-0")
        assert not (tmp_path / "begun-1-1").exists()
        assert caplog.text.count("process 0 ended with SIGKILL") == 2
        supervisor.stop.set()
        assert await asyncio.wait_for(running, 10) == 0

    async def test_who_is_stopped_alone_is_replaced(self, tmp_path: Path) -> None:
        """A process that an operator stops by itself makes room for a new one."""
        supervisor = supervisor_of([["", lives()]], tmp_path)
        running = asyncio.create_task(supervisor.run())
        await until_begun(tmp_path, "0-1")
        supervisor.stop.set()
        assert await asyncio.wait_for(running, 10) == 0

    async def test_nobody_is_left_behind(self, tmp_path: Path) -> None:
        """Where the supervisor is killed, its processes are told to stop by the system, and end by themselves."""
        child = await asyncio.create_subprocess_exec(sys.executable, "-c", _SUPERVISES, str(tmp_path), cwd=ROOT)
        async with asyncio.timeout(20):
            while not (tmp_path / "begun").exists():  # noqa: ASYNC110 - another program
                await asyncio.sleep(0.02)
        child.kill()
        await child.wait()
        async with asyncio.timeout(10):
            while not (tmp_path / "ended").exists():  # noqa: ASYNC110 - another program
                await asyncio.sleep(0.02)
        assert child.returncode == -signal.SIGKILL

    async def test_pauses_grow(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        """Whoever dies at once again and again is started ever more rarely."""
        supervisor = supervisor_of([["import os; os.kill(os.getpid(), 9)"]], tmp_path)
        running = asyncio.create_task(supervisor.run())
        async with asyncio.timeout(20):
            while "again in 0.2 s" not in caplog.text:  # noqa: ASYNC110 - the log is written elsewhere
                await asyncio.sleep(0.02)
        assert caplog.text.index("in 0.05 s") < caplog.text.index("in 0.1 s") < caplog.text.index("in 0.2 s")
        supervisor.stop.set()
        assert await asyncio.wait_for(running, 10) == 0

    @pytest.mark.parametrize("code", [2, 4])
    async def test_who_cannot_begin_ends_all(self, tmp_path: Path, code: int) -> None:
        """A start that fails is not tried for ever: the others are stopped, and its exit code is the whole's."""
        supervisor = supervisor_of([[lives()], [f"raise SystemExit({code})"]], tmp_path)
        assert await asyncio.wait_for(supervisor.run(), 10) == code
        assert not (tmp_path / "begun-1-1").exists()

    async def test_bad_settings_are_no_accident(self, tmp_path: Path) -> None:
        """Even one that worked for long is not started again into settings that have become wrong."""
        killed = "import os; os.kill(os.getpid(), 9)"
        supervisor = supervisor_of([[killed, "raise SystemExit(2)"]], tmp_path)
        assert await asyncio.wait_for(supervisor.run(), 10) == 2

    async def test_an_end_that_is_not_graceful_is_told(self, tmp_path: Path) -> None:
        """A process that fails while it stops makes the whole end with its code."""
        supervisor = supervisor_of([[lives()], [lives(at_the_end=7)]], tmp_path)
        running = asyncio.create_task(supervisor.run())
        await until_begun(tmp_path, "0-0", "1-0")
        supervisor.stop.set()
        assert await asyncio.wait_for(running, 10) == 7


class TestCall:
    """What the command line may say."""

    @pytest.mark.parametrize("count", [0, -1])
    def test_at_least_one_process(self, count: int) -> None:
        with pytest.raises(MalformedError, match=r"--processes: .* at least 1"):
            check_ports(count, Settings())

    def test_ports_that_there_are(self) -> None:
        """The last process needs a port too."""
        check_ports(2, Settings(health_port=65534))
        with pytest.raises(MalformedError, match="TIREK_HEALTH_PORT"):
            check_ports(3, Settings(health_port=65534))

    def test_a_port_for_each(self) -> None:
        settings = Settings(health_port=9000)
        assert [environment_of(number, settings)["TIREK_HEALTH_PORT"] for number in (0, 1)] == ["9000", "9001"]
        assert "TIREK_HEALTH_PORT" not in environment_of(0, Settings())

    def test_kinds_are_named(self) -> None:
        """In any order; another word is told."""
        assert kinds_of("documents, process") == (Kind.PROCESS, Kind.DOCUMENTS)
        for wrong in ("", "process,mail"):
            with pytest.raises(MalformedError, match="--queues"):
                kinds_of(wrong)


def ends(*arguments: str, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, str(ROOT / "worker.py"), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stderr


class TestProgram:
    """The program itself, where it cannot begin."""

    def test_what_is_wrong_is_named(self, tmp_path: Path) -> None:
        """Before a single process is started."""
        began = time.monotonic()
        code, said = ends("--processes", "0", TIREK_DATA=str(tmp_path))
        assert (code, said.splitlines()[-1].startswith("worker.py: --processes: 0 is too few")) == (2, True)
        code, said = ends("--processes", "2", TIREK_DATA=str(tmp_path), TIREK_LOG_LEVEL="LOUD")
        assert (code, "TIREK_LOG_LEVEL" in said) == (2, True)
        assert time.monotonic() - began < 50

    def test_no_restart_into_a_setting_that_is_wrong(self, tmp_path: Path) -> None:
        """What only a process of its own finds out ends all with exit code 2, once."""
        code, said = ends("--processes", "2", TIREK_DATA=str(tmp_path), TIREK_REGULATIONS=str(tmp_path))
        assert code == 2
        assert "is started again" not in said
        assert signal.SIGKILL.name not in said
