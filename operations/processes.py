"""Several worker processes under one that watches them: it starts them, passes on that they are to stop, and
starts again whichever ends without having been asked.

Each is a program of its own, begun anew and not forked: threads and connections are nobody's to share.
"""

import asyncio
import logging
import os
import signal
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from adapters.child import dying_with_parent
from adapters.settings import Settings
from models.errors import MalformedError

MALFORMED = MalformedError.exit_code
_LARGEST_PORT = 65535
_SETTLED_SECONDS = 60.0
"""Whoever lived as long had begun; a later end is an accident, and not a start that failed."""
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_INSISTS_AFTER = 15.0
"""Seconds beyond the grace; then whoever has not ended is killed."""
_ASKED_TO = (0, -signal.SIGTERM, -signal.SIGINT)
"""How a process ends that was asked to: by itself, or by the signal where it had not begun to listen for one."""

_log = logging.getLogger("tirek.processes")


@dataclass(frozen=True)
class Start:
    """What a process is started with."""

    command: Sequence[str]
    environment: Mapping[str, str]


Plan = Callable[[int, int], Start]
"""From the number of a process, counted from 0, and how often it was started again, what starts it."""


def check_ports(count: int, settings: Settings) -> None:
    """MalformedError unless there is at least one process, and a port for the health of each."""
    if count < 1:
        reason = f"{count} is too few; at least 1 process is needed to work"
        raise MalformedError(f"--processes: {reason}", [("--processes", reason)])
    if settings.health_port and settings.health_port + count - 1 > _LARGEST_PORT:
        reason = f"{count} processes from {settings.health_port} on need ports above {_LARGEST_PORT}"
        raise MalformedError(f"TIREK_HEALTH_PORT: {reason}", [("TIREK_HEALTH_PORT", reason)])


def environment_of(number: int, settings: Settings) -> dict[str, str]:
    """Ours, with a port of its own for the health of this process."""
    if settings.health_port is None:
        return dict(os.environ)
    return {**os.environ, "TIREK_HEALTH_PORT": str(settings.health_port + number)}


@dataclass
class Supervisor:
    """Keeps `count` processes going until `stop` is set, by whoever wants it or by a process that cannot begin."""

    plan: Plan
    count: int
    grace_seconds: float
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    settled_seconds: float = _SETTLED_SECONDS
    first_pause: float = _FIRST_PAUSE
    _living: dict[int, Process] = field(default_factory=dict[int, Process])

    async def run(self) -> int:
        """0 when all ended as they were asked to; else the exit code of one that could not begin, or 1."""
        stopping = asyncio.create_task(self._pass_on())
        codes = await asyncio.gather(*(self._keep(number) for number in range(self.count)))
        stopping.cancel()
        told = [code for code in codes if code not in _ASKED_TO]
        return next((code for code in told if code > 0), 1 if told else 0)

    async def _keep(self, number: int) -> int:
        """The last exit code of a process that is started again and again."""
        restarts = in_a_row = 0
        while True:
            began = time.monotonic()
            code = await self._live(number, restarts)
            is_settled = time.monotonic() - began >= self.settled_seconds
            if self.stop.is_set():
                return code
            if code == MALFORMED or (code > 0 and restarts == 0 and not is_settled):
                _log.error("process %d cannot begin: exit code %d; all are stopped", number, code)
                self.stop.set()
                return code
            restarts, in_a_row = restarts + 1, 1 if is_settled else in_a_row + 1
            pause = min(self.first_pause * 2 ** (in_a_row - 1), _LONGEST_PAUSE)
            level = logging.ERROR if code else logging.INFO
            _log.log(level, "process %d ended with %s; it is started again in %g s", number, _spelt(code), pause)
            if await self._is_stopped_within(pause):
                return 0

    async def _live(self, number: int, restarts: int) -> int:
        start = self.plan(number, restarts)
        process = await asyncio.create_subprocess_exec(
            *start.command,
            stdin=DEVNULL,
            env=dict(start.environment),
            start_new_session=True,  # the terminal's Ctrl-C is ours to pass on
            preexec_fn=dying_with_parent(),
        )
        self._living[number] = process
        _log.info("process %d started: pid %d, %d restarts", number, process.pid, restarts)
        if self.stop.is_set():  # the signal was passed on before this one was there
            process.terminate()
        try:
            return await process.wait()
        finally:
            del self._living[number]

    async def _pass_on(self) -> None:
        """Ask everybody to end, and insist when the grace is over."""
        await self.stop.wait()
        _log.info("stopping %d processes", len(self._living))
        self._send(signal.SIGTERM)
        await asyncio.sleep(self.grace_seconds + _INSISTS_AFTER)
        _log.error("%d processes have not ended in their grace: they are killed", len(self._living))
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        for process in self._living.values():
            with suppress(ProcessLookupError):
                process.send_signal(number)

    async def _is_stopped_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                return await self.stop.wait()
        except TimeoutError:
            return False


def _spelt(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name
