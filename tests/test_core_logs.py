"""What the SDK's core has to say never stands in what a command prints."""

import asyncio
import json
import os
import sys

from adapters.settings import ROOT
from tests.frozen import HISTORIES

_PROGRAM = """
import asyncio, sys, time
from pathlib import Path
from temporalio.client import WorkflowHistory
from adapters.keys import load_key_ring
from adapters.regulations import load_library
from adapters.settings import ROOT
from adapters.temporal.connection import log_through_python
from desk.deriving import derive
from models.library import install

log_through_python()
install(load_library(ROOT / "regulations"))
file = Path(sys.argv[1])
ring = load_key_ring(file.with_name("keys.json"), may_create=False)
try:
    asyncio.run(derive(WorkflowHistory.from_json(file.stem, sys.stdin.read()), ring))
except Exception:
    time.sleep(1)  # the core writes from a thread of its own
    sys.exit(7)
"""


async def printed() -> bytes:
    """What a program prints that replays a history which went another way."""
    file = HISTORIES / "left-the-queue.json"
    history = json.loads(file.read_text())
    for event in history["events"]:
        if "activityTaskScheduledEventAttributes" in event:
            event["activityTaskScheduledEventAttributes"]["activityType"] = {"name": "another"}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _PROGRAM,
        str(file),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    out, _ = await process.communicate(json.dumps(history).encode())
    assert process.returncode == 7
    return out


async def test_a_warning_is_not_printed() -> None:
    """By itself the core writes to standard output that a history went another way; commands print documents."""
    assert await printed() == b""
