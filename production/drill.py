"""`make restore-drill`: what docs/recovery.md says is done, with figures, and held against what was there before.

First the record's newest hour is lost, while the Temporal server goes on. Then Temporal's database is lost. The
commands are given through the command line, as an operator gives them.
"""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from adapters.child import Child
from adapters.database.engine import connect as connect_record
from adapters.database.reader import RecordReader
from adapters.keys import KeyRing, load_key_ring
from adapters.logs import QUIET, write_logs
from adapters.process import run_program
from adapters.regulations import load_library
from adapters.settings import ROOT
from adapters.temporal.connection import connect, log_through_python
from adapters.temporal.plugin import tirek_plugin
from cli.engine import start_worker, until_working
from demo.visit import Visit
from desk.comparing import compare
from desk.desk import Desk
from models.errors import TirekError
from models.library import install
from models.lifecycle import FINAL
from models.state import Entry
from production.drill_grounds import DevelopmentGround, Ground, ProductionGround
from production.drill_lives import DrillError, finish, move_on, open_wave

_EACH = 4
_SETTLES_SECONDS = 60
_GONE = "its execution is gone"
"""How a reconciliation tells what ended before the loss of Temporal's database."""

Due = dict[tuple[str, str], datetime]


@dataclass(frozen=True)
class Seen:
    """All that a record says at one moment."""

    entries: dict[str, Entry]

    @property
    def facts(self) -> int:
        return sum(len(entry.facts) for entry in self.entries.values())

    @property
    def open(self) -> set[str]:
        return {name for name, entry in self.entries.items() if entry.state.stage not in FINAL}

    @property
    def due(self) -> Due:
        return {
            (name, clock.clock): clock.due_at
            for name, entry in self.entries.items()
            for clock in entry.state.clocks
        }


def need_same(before: Seen, after: Seen) -> None:
    """Every fact, every clock, every paper and every person as before; DrillError."""
    if before.entries.keys() != after.entries.keys():
        raise DrillError("the record does not hold the same applications as before")
    for name, entry in before.entries.items():
        for _, what in compare(entry, after.entries[name]):
            raise DrillError(f"{name} is not as it was: {what}")


class Drill:
    """One ground, its worker while it works, and everything that came of it in words."""

    def __init__(self, ground: Ground, each: int) -> None:
        self._ground = ground
        self._each = each
        self.lines: list[str] = []

    async def run(self) -> None:
        """Both losses. DrillError where something is not as it was; UnavailableError."""
        await self._ground.open()
        await self._command("setup")
        visits = await self._lose_the_newest_hour()
        await self._lose_temporal(visits)

    # The record was restored from an older copy.

    async def _lose_the_newest_hour(self) -> list[Visit]:
        visits = await self._copy_and_go_on()
        before = self._look()
        self._ground.restore()
        behind = self._look()
        self._tell(
            f"{len(before.entries)} applications with {before.facts} facts; after the restore of a copy "
            f"{len(behind.entries)} with {behind.facts}: {before.facts - behind.facts} facts are lost"
        )
        if behind.facts == before.facts:
            raise DrillError("nothing was lost: the copy was made too late")
        told = await self._command("anchors", "verify", code=1)
        self._tell(f"anchors verify: the record is behind its anchor in {len(told['differences'])} applications")
        began = time.monotonic()
        report = await self._command("reconcile", "--repair")
        took = time.monotonic() - began
        after = self._look()
        need_same(before, after)
        self._tell(
            f"reconcile --repair: {len(report['repaired'])} applications repaired in {took:.1f} s, "
            f"{after.facts - behind.facts} facts rebuilt; {report['compared']} compared, "
            f"{len(report['differences'])} differences"
        )
        await self._anchored()
        return visits

    async def _copy_and_go_on(self) -> list[Visit]:
        """Applications are opened, the record is copied, and an hour's work is done after it."""
        async with self._working() as desk:
            visits = await open_wave(desk, self._ground.settings.signature_stand_in, self._each)
            await self._settle()
            self._ground.back_up()
            await move_on(visits)
            visits += await open_wave(desk, self._ground.settings.signature_stand_in, self._each)
            await self._settle()
            anchored = await self._command("anchor")
            self._tell(f"anchored outside of the record: {anchored['changed']} heads")
        return visits

    # Temporal's database was lost.

    async def _lose_temporal(self, visits: list[Visit]) -> None:
        before = self._look()
        await self._ground.lose_temporal()
        await self._command("setup")
        began = time.monotonic()
        revived = await self._command("revive", "--all")
        took = time.monotonic() - began
        if {one["execution"] for one in revived["revived"]} != before.open:
            raise DrillError("what was started again is not what was open")
        async with self._working() as desk:
            await self._settle(gone=len(before.entries) - len(before.open))
            after = self._look()
            need_same(before, after)
            self._tell(
                f"revive --all on an empty server: {len(revived['revived'])} of {len(before.open)} open "
                f"applications go on after {took:.1f} s; {len(after.due)} due dates compared, all as before"
            )
            await self._anchored()
            ended = await finish(visits, desk)
            report = await self._settle(gone=len(before.entries) - len(before.open))
        self._tell(
            f"all {ended} were brought to their end; {report['compared']} compared, {len(report['differences'])} "
            "told as gone with the old server, no other difference"
        )
        await self._anchored()

    # What both stand on.

    @asynccontextmanager
    async def _working(self) -> AsyncGenerator[Desk]:
        """A worker, and a desk to give commands at."""
        # The worker would anchor the empty record when it starts; here `anchor` does it once there is something.
        settings = self._ground.settings.model_copy(update={"anchors_url": None})
        worker: Child = start_worker(settings, self._ground.server)
        record = connect_record(settings.record_url)
        try:
            await until_working(worker)
            library, ring = load_library(settings.regulations), self._ring()
            install(library)
            client = await connect(tirek_plugin(ring), settings)
            reader = RecordReader(record, ring)
            yield Desk(client, reader, library, ring, task_queue=settings.task_queue, wait_seconds=60)
        finally:
            record.dispose()
            await worker.stop()

    def _ring(self) -> KeyRing:
        return load_key_ring(self._ground.settings.key_file, may_create=False)

    def _look(self) -> Seen:
        record = connect_record(self._ground.settings.record_url)
        try:
            reader = RecordReader(record, self._ring())
            found = {name: reader.entry(name) for name in reader.executions()}
            return Seen({name: entry for name, entry in found.items() if entry is not None})
        finally:
            record.dispose()

    async def _settle(self, gone: int = 0) -> dict[str, Any]:
        """Until record and histories are equal, but for so many whose history went with the old server."""
        async with asyncio.timeout(_SETTLES_SECONDS):
            while True:
                report = await self._command("reconcile", code=1 if gone else 0, may_fail=True)
                others = [one for one in report["differences"] if _GONE not in one["what"]]
                if not others and len(report["differences"]) == gone and not report["anchors"]:
                    return report
                await asyncio.sleep(1)

    async def _anchored(self) -> None:
        told = await self._command("anchors", "verify")
        self._tell(f"anchors verify: {told['heads']} heads and every journal's chain stand")

    async def _command(self, *arguments: str, code: int = 0, may_fail: bool = False) -> Any:
        """What a command of the command line answers; DrillError where it ends otherwise."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(ROOT / "starter.py"),
            *arguments,
            "--json",
            env=self._ground.environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        if process.returncode != code and not (may_fail and process.returncode in (0, 1)):
            said = (err + out).decode(errors="replace")[-900:]
            raise DrillError(f"starter.py {' '.join(arguments)} ended with {process.returncode}: {said}")
        return json.loads(out)

    def _tell(self, line: str) -> None:
        self.lines.append(line)
        _say(line)


async def rehearse(kind: type[Ground], each: int) -> list[str]:
    """A drill on a ground of its own, which is taken away afterwards; what it found, line by line."""
    folder = _new_folder()
    ground = kind(folder, _say)
    try:
        drill = Drill(ground, each)
        await drill.run()
        return drill.lines
    finally:
        await ground.close()
        shutil.rmtree(folder, ignore_errors=True)


def _new_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="tirek-drill-"))
    folder.chmod(0o755)  # PostgreSQL may run as another user
    return folder


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """0 if everything was as before; 1, or the exit code of what was not there."""
    parser = argparse.ArgumentParser(prog="python -m production.drill", description=__doc__)
    parser.add_argument("--on", choices=["development", "production"], default="development")
    parser.add_argument("--each", type=int, default=_EACH, help="applications of each kind, twice (%(default)s)")
    given = parser.parse_args()
    write_logs("console", QUIET)
    log_through_python()
    kind = ProductionGround if given.on == "production" else DevelopmentGround
    sys.stdout.write(f"restore drill: {kind.name}\n")
    try:
        asyncio.run(rehearse(kind, given.each))
    except TirekError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    run_program(main)
