"""Stored histories of every path replay offline, in the worker's own converter, codec and strict sandbox."""

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from adapters.keys import KeyRing, load_key_ring
from adapters.temporal.plugin import data_converter, tirek_plugin
from demo.stories import STORIES, Story
from desk.deriving import derive
from desk.replaying import stored_history
from models.checks import CheckOutcome
from models.journal import Fact, FactName
from models.library import Library
from models.lifecycle import FINAL
from models.recall import stage_of_story
from models.state import Entry
from tests.empty_tasks import made_in_empty_tasks
from tests.frozen import HISTORIES
from tests.frozen import OLDER as _OLDER
from tests.record_histories import file_of, files_of_recalls
from workflows.application import ApplicationWorkflow
from workflows.recall import RecallWorkflow

OLDER_KEYS = _OLDER / "keys.json"
OLDER = sorted(path for path in _OLDER.glob("*.json") if path != OLDER_KEYS)
"""Of applications from before the registers' answers were compared field by field; none is written anew."""
FROM_OUTSIDE = [
    file for word in ("terminated", "cancelled") for file in sorted((HISTORIES / "operators").glob(f"{word}-*"))
]
"""Of executions that somebody ended or cancelled from outside (tests/outside.py)."""
BEFORE_DOCUMENTS = sorted(path for path in (_OLDER / "before_documents").glob("*.json") if path.stem != "keys")
"""Of applications from before papers, files and signatures were recorded one by one."""
ADDED = sorted(path for path in HISTORIES.glob("*/*.json") if path.name != "keys.json")
"""Recorded since the first ones were frozen, each time into a folder of its own."""


def ring_beside(file: Path) -> KeyRing:
    return load_key_ring(file.with_name("keys.json"), may_create=False)


async def replay(history: WorkflowHistory, ring: KeyRing) -> Entry:
    """What a stored history derives, after it has replayed in the strict sandbox without a difference."""
    plugin = tirek_plugin(ring, strict_sandbox=True)
    workflows = [ApplicationWorkflow, RecallWorkflow]
    replayed = await Replayer(workflows=workflows, plugins=[plugin]).replay_workflow(history)
    assert replayed.replay_failure is None
    entry = await derive(history, ring)
    assert entry is not None
    assert all(fact.is_intact() for fact in entry.facts)
    assert made_in_empty_tasks(history, entry.facts) == []
    return entry


async def recorded(history: WorkflowHistory, ring: KeyRing) -> list[Fact]:
    """The facts as they were given to the record when they happened."""
    given: list[Fact] = []
    for event in history.events:
        scheduled = event.activity_task_scheduled_event_attributes
        if scheduled.activity_type.name == "record":
            (entry,) = await data_converter(ring).decode(scheduled.input.payloads, [Entry])
            given += entry.facts
    return given


class TestReplay:
    """A changed workflow must still take the decisions that are in history."""

    @pytest.mark.parametrize("story", STORIES, ids=lambda story: story.title)
    async def test_stored_history_replays(self, story: Story, library: Library) -> None:
        """The history of each story replays without a difference, and derives the stage it ended in."""
        file = file_of(story.title)
        entry = await replay(stored_history(file), ring_beside(file))
        recalls = files_of_recalls(story.title)
        last = [await replay(stored_history(one), ring_beside(one)) for one in recalls][-1] if recalls else entry
        assert stage_of_story(entry.state.stage, last.state.stage if recalls else None) is story.ends
        assert last is entry or last.facts[0].previous == entry.facts[-1].hash

    @pytest.mark.parametrize("file", FROM_OUTSIDE, ids=lambda file: file.stem)
    async def test_what_was_done_from_outside_replays(self, file: Path, library: Library) -> None:
        """Started again from the record, or cancelled in vain: the history derives the whole journal."""
        entry = await replay(stored_history(file), ring_beside(file))
        assert entry.state.stage in FINAL
        assert [fact.number for fact in entry.facts] == list(range(1, len(entry.facts) + 1))

    @pytest.mark.parametrize("file", OLDER, ids=lambda file: file.stem)
    async def test_older_history_replays(self, file: Path, library: Library) -> None:
        """What registers were asked before they were compared field by field goes on, and is told as it was."""
        entry = await replay(stored_history(file), load_key_ring(OLDER_KEYS, may_create=False))
        assert entry.state.checks
        assert {check.outcome for check in entry.state.checks} <= set(CheckOutcome)

    @pytest.mark.parametrize("file", BEFORE_DOCUMENTS, ids=lambda file: file.stem)
    async def test_history_from_before_documents_replays(self, file: Path, library: Library) -> None:
        """Its journal has the hashes that it had: nothing is told of it that was not told then."""
        entry = await replay(stored_history(file), ring_beside(file))
        assert entry.state.stage in FINAL
        assert (entry.collection, entry.approval, entry.state.evidence) == (None, None, ())
        told = [fact.details for fact in entry.facts if fact.fact is FactName.RESULT_COLLECTED]
        assert all(details.keys() == {"collected_by"} for details in told)
        assert list(entry.facts) == await recorded(stored_history(file), ring_beside(file))

    async def test_added_histories_replay(self, library: Library) -> None:
        """What later versions recorded replays as well, and derives the facts that were recorded then; what was
        started again records the facts since."""
        for file in ADDED:
            entry, given = (
                await replay(stored_history(file), ring_beside(file)),
                await recorded(stored_history(file), ring_beside(file)),
            )
            assert list(entry.facts)[given[0].number - 1 :] == given, file
            assert (given[0].number == 1) is not file.name.startswith("terminated"), file

    def test_every_stored_history_has_a_story(self) -> None:
        """No file of the first recording lies about that nothing replays."""
        files = {path for path in HISTORIES.glob("*.json") if path.name != "keys.json"}
        known = {file for story in STORIES for file in (file_of(story.title), *files_of_recalls(story.title))}
        assert files == {file for file in known if file.parent == HISTORIES}
