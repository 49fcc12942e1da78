"""A rehearsal of a deployment while applications are open: version B with a changed step takes over from A.

A is this tree. B is a copy of it in which a result waits for a moment before it is delivered, guarded by
`workflow.patched` (docs/decisions/0035-versions.md). C is the same change without the guard.
"""

import asyncio
import secrets
import shutil
import sys
from collections.abc import AsyncGenerator, Coroutine, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory

from adapters.child import Child
from adapters.settings import ROOT, Settings
from adapters.temporal.server import Server
from cli.engine import until_working
from demo.visit import INTAKE, SPECIALIST, Visit
from desk.desk import Desk
from desk.officer import Officer
from desk.recalling import give_command
from models.errors import UnavailableError
from models.library import Library
from models.lifecycle import FINAL, Channel, Command, Stage
from models.messages import MESSAGES
from models.regulation import ClockKind
from tests.command_line import Ran
from tests.conftest import House, house_of, strangers
from tests.trees import Change, copy_tree, start_worker_of

SC, PROVIDER, PORTAL = Channel.STATE_CORPORATION, Channel.PROVIDER, Channel.PORTAL
APPLICATION, RECALL = "workflows/application.py", "workflows/recall.py"
_BEFORE_DELIVERY = "        by_itself = at_once.get(self._application.opening.channel)\n"
_BEFORE_SENDING = "        await workflow.wait_condition(lambda: self._stage is not Stage.SENT)\n"
_STEP = 'await workflow.sleep(1, summary="the result is looked at once more")\n'
PATCH = "looked-at-once-more"
_GUARD = f'        if workflow.patched("{PATCH}"):\n            '


def changed(guard: str) -> list[Change]:
    """The new step, in both kinds of execution."""
    return [
        Change(APPLICATION, _BEFORE_DELIVERY, _BEFORE_DELIVERY + guard + _STEP),
        Change(RECALL, _BEFORE_SENDING, guard + _STEP + _BEFORE_SENDING),
    ]


@pytest.fixture
async def alone(server: Server, library: Library, address: str, tmp_path: Path) -> AsyncGenerator[House]:
    """A house whose worker is version A; it shares neither its record nor its queue."""
    queue = f"versions-{secrets.token_hex(4)}"
    settings = Settings(data=tmp_path / "data", database_url=address, task_queue=queue, sandbox=True)
    async with house_of(settings, server, library) as house:
        yield house


@dataclass(frozen=True)
class Opened:
    """One application of each kind, under way: before the changed step, behind it, and in a recall."""

    before: list[Visit]
    behind: list[Visit]

    @property
    def all(self) -> list[Visit]:
        return [*self.before, *self.behind]


async def open_some(house: House, *, recall: bool = True) -> Opened:
    """On each channel one under review, and one whose result waits; at SC one that is recalled too."""
    before = [await under_review(house, channel) for channel in (SC, PROVIDER, PORTAL)]
    behind = [await ready(house, SC), await ready(house, PROVIDER)]
    if recall:
        stored = await ready(house, SC)
        await stored.skip_past(ClockKind.RETENTION)
        await stored.do(Command.HAND_OVER, INTAKE[SC])
        await stored.be_recalled(days=31)
        assert await house.desk.until(lambda: stage_of(stored) is Stage.REQUESTED)
        before.append(stored)
    return Opened(before, behind)


async def under_review(house: House, channel: Channel) -> Visit:
    visit = await Visit.open(house.desk, channel, strangers())
    await (visit.submit() if channel is PORTAL else visit.be_accepted())
    return visit


async def ready(house: House, channel: Channel) -> Visit:
    visit = await under_review(house, channel)
    await visit.be_decided()
    await visit.be_delivered()
    assert await house.desk.until(lambda: stage_of(visit) is Stage.READY)
    return visit


def stage_of(visit: Visit) -> Stage:
    """Where the application stands, or its last recall."""
    row = visit.desk.reader.find(visit.executions()[-1])
    return Stage(row.stage) if row else Stage.NEW


async def finish(visit: Visit) -> None:
    """From wherever it is to its end, by the commands that people give."""
    stage = stage_of(visit)
    if stage is Stage.UNDER_REVIEW:
        await visit.be_decided()
    if stage is Stage.REQUESTED:
        await visit.do(Command.SEND_BACK, SPECIALIST)
    if stage is not Stage.READY:
        await visit.be_delivered()
    if visit.channel is not PORTAL:
        await visit.collect()
    assert await visit.desk.until(lambda: stage_of(visit) in FINAL)


async def all_of(tasks: Iterable[Coroutine[Any, Any, None]]) -> None:
    await asyncio.gather(*tasks)


async def histories(house: House, folder: Path, visits: Iterable[Visit]) -> Path:
    """What the server keeps of them now, as stored histories with their key ring."""
    handles = [house.desk.client.get_workflow_handle(one) for visit in visits for one in visit.executions()]
    kept = [await handle.fetch_history() for handle in handles]
    write(folder, house, kept)
    return folder


def write(folder: Path, house: House, kept: Iterable[WorkflowHistory]) -> None:
    folder.mkdir()
    shutil.copy(house.settings.key_file, folder / "keys.json")
    for history in kept:
        (folder / f"{history.workflow_id}.json").write_text(history.to_json())


async def starter(tree: Path, house: House, *arguments: str) -> Ran:
    """A command of that version's own command line."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(tree / "starter.py"),
        *arguments,
        "--json",
        env=environment(house),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return Ran(process.returncode or 0, out.decode(), err.decode())


async def replayed(tree: Path, house: House, folder: Path) -> tuple[int, set[str]]:
    """How many histories that version replayed, and which of them broke."""
    ran = await starter(tree, house, "replay", "--histories", str(folder))
    assert ran.code in (0, 1), ran.err
    broken = {one["execution"] for one in ran.json["broken"]}
    return sum(part["histories"] for part in ran.json["replayed"]), broken


def environment(house: House) -> dict[str, str]:
    return {**house.environment, "TIREK_SANDBOX": "true"}


async def take_over(house: House, tree: Path, log: Path, **more: str) -> Child:
    """Start a worker of another version beside the one that is there; `more` is for its environment."""
    worker = start_worker_of(tree, log, environment(house) | more)
    await until_working(worker)
    return worker


def having(folder: Path, kind: str) -> set[str]:
    """The executions whose stored history has an event of this kind."""
    return {file.stem for file in folder.glob("app-*.json") if f'"EVENT_TYPE_{kind}"' in file.read_text()}


class TestPatchedChange:
    """The way in which a step is changed while applications are open."""

    @pytest.mark.timeout(400)
    async def test_rolls_out(self, alone: House, tmp_path: Path) -> None:
        """A, A beside B, B beside B with the step awake, B alone: all end, no task fails, B replays everything."""
        tree = copy_tree(tmp_path / "b", *changed(_GUARD))
        begun = await open_some(alone)
        snapshot = await histories(alone, tmp_path / "snapshot", begun.all)
        asleep = await take_over(alone, tree, tmp_path / "asleep.log", TIREK_DORMANT_PATCHES=PATCH)
        beside = [await under_review(alone, channel) for channel in (SC, PROVIDER, PORTAL)]
        await all_of(finish(visit) for visit in (*beside, begun.before[1], begun.behind[0]))
        await alone.engine.worker.stop()
        awake = await take_over(alone, tree, tmp_path / "awake.log")
        mixed = [await under_review(alone, channel) for channel in (SC, PROVIDER, PORTAL)]
        await all_of(finish(visit) for visit in (*mixed, begun.before[3]))
        await asleep.stop()
        last = await open_some(alone, recall=False)
        await all_of(finish(visit) for visit in (begun.before[0], begun.before[2], begun.behind[1], *last.all))
        whole = await histories(alone, tmp_path / "whole", [*begun.all, *beside, *mixed, *last.all])
        await awake.stop()
        assert having(whole, "WORKFLOW_TASK_FAILED") == set()
        assert await replayed(tree, alone, snapshot) == await replayed(ROOT, alone, snapshot) == (7, set())
        assert await replayed(tree, alone, whole) == (18, set())
        taken = having(whole, "MARKER_RECORDED")
        assert await replayed(ROOT, alone, whole) == (18, taken), "whoever took the new step cannot go back to A"
        assert taken >= {visit.application for visit in (begun.before[0], begun.before[2], *last.all)}
        passed = (*begun.behind, *beside, begun.before[1])
        assert not taken & {visit.application for visit in passed}, "what had passed the step goes on as it went"

    @pytest.mark.timeout(400)
    async def test_without_the_guard(self, alone: House, tmp_path: Path) -> None:
        """The gate tells it before, `stuck` after; and with the right version all goes on."""
        tree = copy_tree(tmp_path / "c", *changed("        "))
        begun = await open_some(alone, recall=False)
        snapshot = await histories(alone, tmp_path / "snapshot", begun.all)
        behind = {visit.application for visit in begun.behind}
        assert await replayed(tree, alone, snapshot) == (5, behind)
        await alone.engine.worker.stop()
        worker = await take_over(alone, tree, tmp_path / "c.log")
        try:
            coming = [Collecting(visit, visit.example(Command.COLLECT)) for visit in begun.behind]
            await until_stuck(alone, coming)
        finally:
            await worker.stop()
        back = await take_over(alone, ROOT, tmp_path / "a-again.log")
        try:
            await all_of(come_until_served(alone, one) for one in coming)
            await all_of(finish(visit) for visit in begun.before)
            again = await starter(ROOT, alone, "stuck")
        finally:
            await back.stop()
        assert {stage_of(visit) for visit in begun.behind} == {Stage.COLLECTED}
        assert (again.code, again.json["stuck"]) == (0, [])


@dataclass(frozen=True)
class Collecting:
    """Somebody comes for a result, and comes again with the same request until it is handed out."""

    visit: Visit
    message: dict[str, Any]

    async def come(self, house: House, wait: float) -> None:
        desk = Desk(
            house.desk.client,
            house.reader,
            house.desk.library,
            house.ring,
            task_queue=house.settings.task_queue,
            wait_seconds=wait,
        )
        message = MESSAGES[Command.COLLECT].model_validate(self.message)
        by, key = Officer(self.visit.clerk), f"comes-{self.visit.application}"
        await give_command(desk, self.visit.application, Command.COLLECT, by, message, key)


async def until_stuck(house: House, coming: Sequence[Collecting]) -> None:
    """Nobody is served who comes for a result, and `stuck` names each of them."""
    for one in coming:
        with pytest.raises(UnavailableError):
            await one.come(house, wait=3)
    wanted = {one.visit.application for one in coming}
    async with asyncio.timeout(90):
        while True:
            ran = await starter(ROOT, house, "stuck")
            found = [one for one in ran.json["stuck"] if one["trouble"] == "task-fails"]
            if {one["application"] for one in found} == wanted:
                return
            await asyncio.sleep(1)


async def come_until_served(house: House, coming: Collecting) -> None:
    """The server tries a failed task again after a pause that grows; until then nobody is served."""
    async with asyncio.timeout(120):
        while True:
            with suppress(UnavailableError):
                await coming.come(house, wait=20)
                return
            await asyncio.sleep(2)
