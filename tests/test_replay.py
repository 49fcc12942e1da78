"""Stored histories of every path replay offline, in the worker's own converter, codec and strict sandbox."""

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from adapters.keys import KeyRing, load_key_ring
from adapters.temporal.plugin import tirek_plugin
from demo.stories import STORIES, Story
from desk.reconcile import derive
from models.library import Library
from tests.record_histories import HISTORIES, KEYS, file_of
from workflows.application import ApplicationWorkflow


@pytest.fixture(scope="module")
def stored_ring() -> KeyRing:
    return load_key_ring(KEYS, may_create=False)


class TestReplay:
    """A changed workflow must still take the decisions that are in history."""

    @pytest.mark.parametrize("story", STORIES, ids=lambda story: story.title)
    async def test_stored_history_replays(self, story: Story, stored_ring: KeyRing, library: Library) -> None:
        """The history of each story replays without a difference, and derives the stage it ended in."""
        history = WorkflowHistory.from_json(story.title, file_of(story.title).read_text())
        plugin = tirek_plugin(stored_ring, strict_sandbox=True)
        replayed = await Replayer(workflows=[ApplicationWorkflow], plugins=[plugin]).replay_workflow(history)
        assert replayed.replay_failure is None
        entry = await derive(history, stored_ring)
        assert entry.state.stage is story.ends
        assert all(fact.is_intact() for fact in entry.facts)

    def test_every_stored_history_has_a_story(self) -> None:
        """No file lies about that nothing replays."""
        files = {path for path in HISTORIES.glob("*.json") if path != KEYS}
        assert files == {file_of(story.title) for story in STORIES}
