"""How every program of ours begins and ends."""

import logging
import os
import sys
import traceback
from collections.abc import Callable
from typing import NoReturn


def run_program(main: Callable[[], int]) -> NoReturn:
    """Run a program and end with its exit code, or with 1 and the traceback of what nobody expected."""
    try:
        code = main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 - the last door: it tells, and the process ends with 1
        traceback.print_exc()
        code = 1
    leave(code)


def leave(code: int) -> NoReturn:
    """End with exactly this exit code.

    A CPython 3.11 process that ran a Worker aborts in about one of seven interpreter exits: threads of
    the SDK's core still want the GIL while it is finalised (SIGABRT). So nothing is finalised: buffers
    are flushed, and the process goes.
    """
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            code = code or 1  # nobody reads any more: what was said last is lost
    os._exit(code)
