"""Replays histories with the workflow code that is here: would it still take the decisions that they hold?

Stored histories are replayed offline, with the key ring that lies beside them. Of a server's open executions a
sample is taken. The sandbox is the strict one, which proves determinism too.
"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from temporalio.client import Client, WorkflowHistory
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from adapters.keys import KeyRing, load_key_ring
from adapters.temporal.plugin import tirek_plugin
from desk.deriving import WORKFLOWS
from desk.reconcile import history_of
from models.errors import MalformedError

KEYS = "keys.json"
"""The name of the key ring beside stored histories."""

_GUARD = (
    "this code goes another way than that history: guard the change with workflow.patched, or put the version "
    "back that wrote it (docs/decisions/0035-versions.md)"
)
_LOOK = "this code cannot run over it: the reason says what it lacks, rules, a key, or a part of the code"


@dataclass(frozen=True)
class Broken:
    """A history that did not replay: the application's id, where it lies, what the replay said, what to do."""

    execution: str
    where: str
    reason: str
    to_do: str


@dataclass(frozen=True)
class Replayed:
    """How many histories were replayed of one place, and which of them broke."""

    where: str
    histories: int
    broken: tuple[Broken, ...]


def folders_of(root: Path) -> list[Path]:
    """The folders under `root` that hold stored histories: each has a key ring. MalformedError if none does."""
    folders = sorted(path.parent for path in root.rglob(KEYS))
    if not folders:
        raise MalformedError(f"{root} holds no stored histories: a folder of them has a {KEYS}")
    return folders


def files_of(folder: Path) -> list[Path]:
    """The stored histories of one folder, without those of the folders in it."""
    return sorted(path for path in folder.glob("*.json") if path.name != KEYS)


def stored_history(file: Path) -> WorkflowHistory:
    """A history from a file, under the id of its execution: what stands in it opens there alone. ValueError."""
    history = WorkflowHistory.from_json(file.stem, file.read_text())
    return WorkflowHistory(_id_of(history), history.events)


async def replay_stored(folder: Path) -> Replayed:
    """Replay every history of a folder; MalformedError where its key ring cannot be read."""
    ring = load_key_ring(folder / KEYS, may_create=False)
    broken: list[Broken] = []
    files = files_of(folder)
    for file in files:
        try:
            history = stored_history(file)
        except ValueError as error:
            broken.append(Broken(file.stem, str(file), f"this is no history: {type(error).__name__}", _LOOK))
            continue
        broken += await _replay(history, ring, str(file))
    return Replayed(str(folder), len(files), tuple(broken))


async def replay_open(client: Client, ring: KeyRing, task_queue: str, sample: int, random: Random) -> Replayed:
    """Replay so many of a task queue's open executions, any of them with the same chance. RPCError."""
    broken: list[Broken] = []
    chosen = await _some_of(_open(client, task_queue), sample, random)
    replayed = 0
    for execution in chosen:
        history = await history_of(client, execution)
        if history is None:  # it has ended since, and the server keeps nothing
            continue
        replayed += 1
        broken += await _replay(history, ring, "the server")
    return Replayed("the server", replayed, tuple(broken))


async def _open(client: Client, task_queue: str) -> AsyncIterator[str]:
    kinds = ", ".join(f"'{kind.__name__}'" for kind in WORKFLOWS)
    query = f"TaskQueue = '{task_queue}' AND WorkflowType IN ({kinds}) AND ExecutionStatus = 'Running'"
    async for execution in client.list_workflows(query):
        yield execution.id


async def _some_of(executions: AsyncIterator[str], sample: int, random: Random) -> list[str]:
    """A sample of a stream whose length nobody knows, kept in no more memory than it needs."""
    kept: list[str] = []
    seen = 0
    async for execution in executions:
        seen += 1
        if len(kept) < sample:
            kept.append(execution)
        elif (place := random.randrange(seen)) < sample:
            kept[place] = execution
    return sorted(kept)


async def _replay(history: WorkflowHistory, ring: KeyRing, where: str) -> Iterable[Broken]:
    replayer = Replayer(workflows=list(WORKFLOWS), plugins=[tirek_plugin(ring, strict_sandbox=True)])
    failure = (await replayer.replay_workflow(history, raise_on_replay_failure=False)).replay_failure
    if failure is None:
        return []
    to_do = _GUARD if isinstance(failure, NondeterminismError) else _LOOK
    return [Broken(history.workflow_id, where, _in_a_line(failure), to_do)]


def _id_of(history: WorkflowHistory) -> str:
    """The application's id as its first event has it; the name of a file may be another."""
    started = history.events[0].workflow_execution_started_event_attributes if history.events else None
    return (started.workflow_id if started else "") or history.workflow_id


def _in_a_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
