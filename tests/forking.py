"""Runs `starter.py` for tests in a fork of a process that has its modules loaded: a start takes half a second, a
fork a hundredth of it. Whatever is about the start itself runs as a program (`tests/command_line.py`).

    python -m tests.forking SOCKET

For each connection it is sent three files, for the streams, and what to run; it answers with the exit code.
"""

import json
import os
import signal
import socket
import sys
from pathlib import Path

import adapters.documents.opening
import adapters.documents.uploading
import adapters.pdf_codes
import adapters.temporal.connection
import adapters.temporal.plugin
import demo.examples
import desk.approving
import desk.attaching
import desk.calendars
import desk.exports
import desk.printing.checking
import desk.printing.opening
import desk.recalling
import desk.reconcile
import desk.registers
import desk.replanning
import desk.supervision
import desk.time_travel
import starter
from adapters.process import run_program
from adapters.settings import ROOT
from cli.main import main

_MOST = 1_000_000
_LOADED = (adapters, demo, desk, starter)
"""What a command imports when it needs it, so that no fork has to."""


def serve(place: Path) -> None:
    """Until killed."""
    with socket.socket(socket.AF_UNIX) as listening:
        made = place.with_suffix(".made")
        listening.bind(str(made))
        listening.listen(64)
        made.rename(place)  # whoever finds it is heard
        os.chdir(ROOT)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those who wait for the programs
        while True:
            connection, _ = listening.accept()
            if os.fork() == 0:
                listening.close()
                _watch(connection)
            connection.close()


def _watch(connection: socket.socket) -> None:
    """Run one program and tell its exit code."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    said, streams, _, _ = socket.recv_fds(connection, _MOST, 3)
    program = os.fork()
    if program == 0:
        connection.close()
        _become(json.loads(said), streams)
    _, status = os.waitpid(program, 0)
    connection.sendall(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _become(wanted: dict[str, object], streams: list[int]) -> None:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(wanted["environment"])  # type: ignore[arg-type]
    arguments: list[str] = wanted["arguments"]  # type: ignore[assignment]
    sys.argv = ["starter.py", *arguments]
    run_program(lambda: main(arguments))


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
