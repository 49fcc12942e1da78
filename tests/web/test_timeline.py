"""The story of an application: nobody's time is lost, and what is counted twice by nobody."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest

from desk.timeline import timeline
from models.errors import UnknownApplicationError
from tests.boards import NOW, Board

_MINUTE = timedelta(minutes=1)


async def stories(browser: httpx.AsyncClient, board: Board, count: int) -> list[tuple[Any, Any]]:
    sources = board.sources
    listed = (await browser.get(f"/api/sla/breaches?limit={count}")).json()["breaches"]
    calendar = sources.supervise().calendar
    return [(one, timeline(sources.reader, sources.library, calendar, one["application"], NOW)) for one in listed]


class TestTimeline:
    """What the page of an application is made of."""

    async def test_agrees_with_the_list(self, browser: httpx.AsyncClient, board: Board) -> None:
        """Limit, due instant, overrun and hands of a breach are those of the list that leads to it."""
        names = ("limit", "due_at", "stopped_at", "overrun", "late_minutes", "held_minutes", "waited_minutes")
        told = await stories(browser, board, 40)
        assert len(told) == 40
        for listed, story in told:
            clock = next(one for one in story["parts"][0]["clocks"] if one["clock"] == listed["clock"])
            assert clock["outcome"] == "passed"
            assert {name: clock[name] for name in names} == {name: listed[name] for name in names}

    async def test_somebody_or_nobody_has_it(self, browser: httpx.AsyncClient, board: Board) -> None:
        """From the beginning to the end, without a gap and without an overlap."""
        for _, story in await stories(browser, board, 20):
            spans = story["parts"][0]["holdings"]
            assert spans[0]["since"] == story["opened_at"]
            for before, after in pairwise(spans):
                assert before["until"] == after["since"]
            for span in spans:
                lasted = datetime.fromisoformat(span["until"]) - datetime.fromisoformat(span["since"])
                assert span["minutes"] == lasted // _MINUTE >= 0

    async def test_unknown(self, board: Board) -> None:
        """There is no such application."""
        sources = board.sources
        with pytest.raises(UnknownApplicationError):
            timeline(sources.reader, sources.library, sources.supervise().calendar, "nobody", NOW)
