"""Whole applications on the real server: every story of the demo ends as it says, and leaves equal traces."""

import pytest

from demo.run import Lived, live
from demo.stories import STORIES, Story
from desk.reconcile import differences
from tests.conftest import House


@pytest.fixture(scope="session")
def lives() -> dict[str, dict[str, Lived]]:
    """What has been lived, by database and title: all stories of one database live together, as in the demo."""
    return {}


@pytest.fixture
async def lived(house: House, database: str, story: Story, lives: dict[str, dict[str, Lived]]) -> Lived:
    if database not in lives:
        lives[database] = {one.story.title: one for one in await live(house.desk, STORIES, print)}
    return lives[database][story.title]


class TestStories:
    """Every way through the charts, on every channel."""

    @pytest.mark.parametrize("story", STORIES, ids=lambda story: story.title)
    async def test_ends_as_it_says(self, house: House, lived: Lived) -> None:
        """The stage and the limits passed are the story's, and history and record agree by content."""
        assert lived.problem is None
        assert lived.executions
        client, reader = house.engine.client, house.reader
        for execution in lived.executions:
            assert await differences(client, reader, house.ring, execution) == []
