"""Whole applications on the real server: every story of the demo ends as it says, and leaves equal traces."""

import pytest

from demo.run import live
from demo.stories import STORIES, Story
from desk.reconcile import differences
from tests.conftest import House


class TestStories:
    """Every way through the charts, on every channel."""

    @pytest.mark.parametrize("story", STORIES, ids=lambda story: story.title)
    async def test_ends_as_it_says(self, house: House, story: Story) -> None:
        """The stage and the limits passed are the story's, and history and record agree by content."""
        [lived] = await live(house.desk, [story], print)
        assert lived.problem is None
        assert lived.executions
        client, reader = house.engine.client, house.reader
        for execution in lived.executions:
            assert await differences(client, reader, house.ring, execution) == []
