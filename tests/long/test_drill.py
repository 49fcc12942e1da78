"""The restore drill: what was lost comes back, and a difference would be found."""

from datetime import timedelta

import pytest

from models.lifecycle import Command
from production.drill import Seen, need_same
from production.drill_lives import DrillError
from tests.drilling import drilled
from tests.proceedings import ACCEPTED, Life, life


def seen(*lives: Life) -> Seen:
    return Seen({one.id: one.entry() for one in lives})


def moved(one: Life) -> Seen:
    """With one due instant an hour later."""
    entry = one.entry()
    *others, last = entry.state.clocks
    later = last.model_copy(update={"due_at": last.due_at + timedelta(hours=1)})
    state = entry.state.model_copy(update={"clocks": (*others, later)})
    return Seen({one.id: entry.model_copy(update={"state": state})})


class TestDrill:
    """On a development server with SQLite; on the parts of production it is `make restore-drill ON=production`."""

    @pytest.mark.timeout(300)
    async def test_both_losses(self) -> None:
        """An hour of the record, then Temporal's database: both come back, and it says how much that was."""
        told = await drilled()
        assert "14 applications with 78 facts; after the restore of a copy 7 with 36: 42 facts are lost" in told
        assert "42 facts rebuilt; 14 compared, 0 differences" in told
        assert "12 of 12 open applications go on" in told
        assert told.count("every journal's chain stand") == 3

    def test_what_is_not_as_it_was(self) -> None:
        """A fact more, a clock that has moved, an application less: each ends the drill."""
        before = seen(life(*ACCEPTED))
        need_same(before, seen(life(*ACCEPTED)))
        for after, told in (
            (seen(life(*ACCEPTED, Command.VERIFY)), "app-1 is not as it was"),
            (moved(life(*ACCEPTED)), "clocks differ"),
            (seen(), "the same applications"),
        ):
            with pytest.raises(DrillError, match=told):
                need_same(before, after)
