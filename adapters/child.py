"""Programs that run beside ours: started apart from the terminal, stopped gracefully, never left behind."""

import asyncio
import ctypes
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from adapters.settings import ROOT

_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of Linux's prctl(2)
_STOP_SECONDS = 20


@dataclass(frozen=True)
class Child:
    """A running program and the file its words go to."""

    process: subprocess.Popen[bytes]
    log: Path
    log_start: int

    def words(self) -> str:
        """What it has said since this start."""
        return self.log.read_bytes()[self.log_start :].decode(errors="replace")

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def last_words(self) -> str:
        """How it ended, and the last line that it said."""
        lines = self.words().strip().splitlines()
        return f"exit code {self.process.poll()}, last line: {lines[-1][-300:] if lines else 'none'}"

    async def stop(self) -> int:
        """Ask it to end, insist after a while; its exit code."""
        if not self.has_ended():
            self.process.terminate()
        try:
            return await asyncio.to_thread(self.process.wait, _STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return await asyncio.to_thread(self.process.wait)


def start_child(
    command: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    user: str | None = None,
) -> Child:
    """Start a program in a session of its own: the terminal's Ctrl-C is ours to pass on, in our order.

    `user`: as whom it runs, if not as us; only root can say.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as file:
        start = file.tell()
        process = subprocess.Popen(  # noqa: S603 - the command is ours
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            env=None if environment is None else dict(environment),
            start_new_session=True,
            user=user,
            extra_groups=None if user is None else [],
            preexec_fn=dying_with_parent(),  # noqa: PLW1509 - it makes one system call and takes no lock
        )
    return Child(process, log, start)


def run_apart(
    command: Sequence[str], given: bytes, *, seconds: float, stdout: int | IO[bytes] = subprocess.PIPE
) -> subprocess.CompletedProcess[bytes]:
    """Let a program look at what may be hostile: it has no setting and no secret of ours, and dies with us.

    subprocess.TimeoutExpired after so many seconds on the wall; OSError if no process can be started.
    """
    return subprocess.run(  # noqa: S603 - the command is ours
        command,
        input=given,
        stdout=stdout,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env={},
        timeout=seconds,
        check=False,
        start_new_session=True,
        preexec_fn=dying_with_parent(),
    )


def dying_with_parent() -> Callable[[], None] | None:
    """On Linux a child gets SIGTERM when we die without a word (SIGKILL); elsewhere it must be ended by hand."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)  # loaded before the fork: afterwards only system calls are safe

    def die_with_parent() -> None:
        libc.prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)

    return die_with_parent
