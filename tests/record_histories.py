"""Records a history of every path into tests/histories: `make histories`.

The files hold encrypted payloads of synthetic people, as a server keeps them; their key ring lies beside
them and serves nothing else.
"""

import asyncio
import re
import shutil
import tempfile
from pathlib import Path

from adapters.database.engine import connect
from adapters.keys import load_key_ring
from adapters.process import leave
from adapters.regulations import load_library
from adapters.settings import ROOT, Settings
from adapters.temporal.server import Place, free_port
from cli.engine import running_engine
from demo.run import live
from demo.stories import STORIES
from models.library import install
from tests.conftest import make_desk
from workflows import operators

HISTORIES = ROOT / "tests" / "histories"
KEYS = HISTORIES / "keys.json"


def file_of(title: str, part: str = "") -> Path:
    """The file of a story's history; `part`: of its recall or of another application in it."""
    return HISTORIES / f"{re.sub(r'[^a-z0-9]+', '-', title.lower()).strip('-')}{part}.json"


def files_of_recalls(title: str) -> list[Path]:
    """The files of the recalls of a story, in order."""
    return sorted(HISTORIES.glob(file_of(title, "-recall-*").name))


async def record() -> int:
    """Live every story and keep its history; the exit code is 1 if one did not end as it says."""
    shutil.rmtree(HISTORIES, ignore_errors=True)
    HISTORIES.mkdir()
    library = load_library(ROOT / "regulations")
    install(library)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        settings = Settings(data=data, sandbox=True, keys_file=KEYS)
        ring = load_key_ring(KEYS, may_create=True)
        place = Place(data / "temporal.sqlite", data / "temporal.log", free_port(), None, operators.flags())
        async with running_engine(settings, ring, place, print) as engine:
            desk = make_desk(settings, ring, engine.client, library, connect(settings.record_url))
            lived = await live(desk, STORIES, print, signatures=settings.signature_stand_in)
            for one in lived:
                for execution in one.executions:
                    part = execution.removeprefix(one.application or "")
                    if execution not in one.others:
                        history = await engine.client.get_workflow_handle(execution).fetch_history()
                        file_of(one.story.title, part).write_text(history.to_json() + "\n")
    return 1 if any(one.problem for one in lived) else 0


if __name__ == "__main__":
    leave(asyncio.run(record()))
