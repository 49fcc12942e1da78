"""`make up` as a person uses it: in a terminal, ended by Ctrl-C."""

import asyncio
import os
import pty
import select
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from adapters.settings import ROOT
from adapters.temporal.server import free_port
from tests.command_line import run_program

_CTRL_C = b"\x03"


def read_until(terminal: int, words: str, seconds: float) -> str:
    """What the terminal shows until the words appear; it fails with what was there instead."""
    seen = ""
    end = time.monotonic() + seconds
    while words not in seen:
        assert time.monotonic() < end, seen
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                seen += os.read(terminal, 4096).decode(errors="replace")
            except OSError:  # the other side of a terminal that was closed
                break
    assert words in seen, seen
    return seen


class TestUp:
    """The engine for a day's work."""

    @pytest.mark.timeout(300)
    async def test_ctrl_c_ends_with_0_and_keeps_the_data(self, address: str, tmp_path: Path) -> None:
        """Ctrl-C under make ends with 0; the board has answered, and what was done is there after a new start."""
        settings = {"TIREK_DATA": str(tmp_path), "TIREK_DATABASE_URL": address}
        application = await asyncio.to_thread(self._session, settings, None)
        again = await asyncio.to_thread(self._session, settings, application)
        assert again == application

    def _session(self, settings: dict[str, str], application: str | None) -> str:
        controller, terminal = pty.openpty()
        environment = settings | {"TIREK_TEMPORAL_PORT": str(free_port())}
        process = subprocess.Popen(
            ["/usr/bin/env", "make", "-s", "up"],
            cwd=ROOT,
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            env={**os.environ, **environment},
            start_new_session=True,
            preexec_fn=lambda: os.close(os.open(os.ttyname(terminal), os.O_RDWR)),  # noqa: PLW1509 - makes it ours
        )
        os.close(terminal)
        try:
            seen = read_until(controller, "Ctrl-C ends everything", 90)
            board = seen.split("board:")[1].split()[0]
            assert httpx.get(board, timeout=20).status_code == 200
            result = asyncio.run(_ticket_or_look(environment, application))
            os.write(controller, _CTRL_C)
            read_until(controller, "stopping", 30)
            assert process.wait(60) == 0
        finally:
            process.kill()
            os.close(controller)
        return result


async def _ticket_or_look(environment: dict[str, str], application: str | None) -> str:
    if application is None:
        ran = await run_program("ticket", "--channel", "provider", "--json", environment=environment)
    else:
        ran = await run_program("do", application, "call", "--json", environment=environment)
    assert ran.code == 0, ran.err
    return ran.json["application"]
