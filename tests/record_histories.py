"""Records a history of every path into a new folder of tests/histories: `make histories NAME=what-changed`.

The files hold encrypted payloads of synthetic people, as a server keeps them; their key ring lies beside
them and serves nothing else. Stored histories are frozen (tests/frozen.py): no folder is written twice.
"""

import asyncio
import re
import shutil
import sys
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
from tests.frozen import HISTORIES, freeze
from tests.outside import outside_stories
from workflows import operators

KEYS = HISTORIES / "keys.json"
_NAME = re.compile(r"[a-z0-9-]{1,60}")


def name_of(title: str, part: str = "") -> str:
    """The name of a story's file; `part`: of its recall or of another application in it."""
    return f"{re.sub(r'[^a-z0-9]+', '-', title.lower()).strip('-')}{part}.json"


def file_of(title: str) -> Path:
    """The oldest stored history of a story: a story that is younger than the first ones has its own folder."""
    folders = [HISTORIES, *sorted(path for path in HISTORIES.iterdir() if path.is_dir())]
    return next((folder / name_of(title) for folder in folders if (folder / name_of(title)).exists()), folders[0])


def files_of_recalls(title: str) -> list[Path]:
    """The files of the recalls of a story, in order, beside its own."""
    return sorted(file_of(title).parent.glob(name_of(title, "-recall-*")))


def new_folder(name: str, histories: Path = HISTORIES) -> Path:
    """A folder for what is recorded now; ValueError where there is one of this name, or it can be no name."""
    folder = histories / name
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"NAME={name}: small letters, digits and hyphens say what has changed since the last ones"
        )
    if folder.exists():
        raise ValueError(f"{name} is recorded already, and frozen: take another name")
    folder.mkdir()
    return folder


async def record(folder: Path) -> int:
    """Live every story and keep its history; the exit code is 1 if one did not end as it says."""
    library = load_library(ROOT / "regulations")
    install(library)
    with tempfile.TemporaryDirectory() as scratch:
        data = Path(scratch)
        settings = Settings(data=data, sandbox=True, keys_file=folder / "keys.json")
        ring = load_key_ring(settings.key_file, may_create=True)
        place = Place(data / "temporal.sqlite", data / "temporal.log", free_port(), None, operators.flags())
        async with running_engine(settings, ring, place, print) as engine:
            record_of_it = connect(settings.record_url)
            desk = make_desk(settings, ring, engine.client, library, record_of_it)
            stories = (*STORIES, *outside_stories(desk, record_of_it))
            lived = await live(desk, stories, print, signatures=settings.signature_stand_in)
            for one in lived:
                for execution in one.executions:
                    part = execution.removeprefix(one.application or "")
                    if execution not in one.others:
                        history = await engine.client.get_workflow_handle(execution).fetch_history()
                        (folder / name_of(one.story.title, part)).write_text(history.to_json() + "\n")
    return 1 if any(one.problem for one in lived) else 0


def main(arguments: list[str]) -> int:
    try:
        folder = new_folder(" ".join(arguments))
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    code = 1
    try:
        code = asyncio.run(record(folder))
    finally:
        if code:
            shutil.rmtree(folder)  # half of a recording is none
    if not code:
        freeze(folder.glob("*.json"))
    return code


if __name__ == "__main__":
    leave(main(sys.argv[1:]))
