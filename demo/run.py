"""Runs the stories, shows how each ended, and holds every history against the record."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from adapters.database.reader import RecordReader
from adapters.keys import KeyRing
from demo.stories import Story
from demo.visit import Visit
from desk.desk import Desk
from desk.reconcile import reconcile_these
from models.clocks import limits_passed
from models.errors import TirekError

_AT_ONCE = 6

Say = Callable[[str], None]


@dataclass(frozen=True)
class Lived:
    """A story that has been lived: as which application, and what went wrong, if anything."""

    story: Story
    application: str | None
    problem: str | None
    others: tuple[str, ...] = ()
    executions: tuple[str, ...] = ()
    """Everything of it that has a history: the application, its recalls, the other applications."""


async def live(
    desk: Desk, stories: Sequence[Story], say: Say, seed: int = 1, *, signatures: Path | None = None
) -> list[Lived]:
    """Live all stories, several at once; a story that ends otherwise than it says is a problem, not a stop.

    `signatures`: the folder of the stand-in authority that signs the requests; None: that of the settings.
    """
    at_once = asyncio.Semaphore(_AT_ONCE)
    done = 0

    async def one(number: int, story: Story) -> Lived:
        nonlocal done
        async with at_once:
            began = time.monotonic()
            random = Random(seed * 1000 + number)  # noqa: S311 - no secret
            lived = await _live(desk, story, random, signatures)
            done += 1
            verdict = lived.problem or f"{story.ends}"
            took = time.monotonic() - began
            say(f"[{done:2}/{len(stories)}] {story.channel}: {story.title}: {verdict} ({took:.1f} s)")
            return lived

    return list(await asyncio.gather(*(one(n, story) for n, story in enumerate(stories))))


async def _live(desk: Desk, story: Story, random: Random, signatures: Path | None) -> Lived:
    visit: Visit | None = None
    try:
        visit = await Visit.open(desk, story.channel, random, signatures)
        await story.live(visit)
    except TirekError as error:
        return Lived(story, visit.application if visit else None, f"stopped: {error}")
    problem = _otherwise(desk.reader, story, visit)
    return Lived(story, visit.application, problem, tuple(visit.others), tuple(visit.executions()))


def _otherwise(reader: RecordReader, story: Story, visit: Visit) -> str | None:
    """How a story ended otherwise than it should have, None if it did not."""
    if visit.stage() is not story.ends:
        return f"ended {visit.stage()} instead of {story.ends}"
    for other, ends in visit.others.items():
        row = reader.find(other)
        if row is None or row.stage != ends:
            return f"the other one ended {row.stage if row else 'nowhere'} instead of {ends}"
    passed = frozenset(limits_passed(visit.clocks()))
    if passed != story.passes:
        return f"passed {sorted(passed) or 'no limit'} instead of {sorted(story.passes) or 'none'}"
    return None


async def conclude(desk: Desk, ring: KeyRing, lived: Sequence[Lived], say: Say) -> int:
    """The exit code of a demo: 0 only if every story ended as it should and nothing differs."""
    problems = [one for one in lived if one.problem]
    for one in problems:
        say(f"PROBLEM {one.story.title}: {one.problem}")
    executions = [execution for one in lived for execution in one.executions]
    report = await reconcile_these(desk.client, desk.reader, ring, executions)
    for difference in report.differences:
        say(f"DIFFERS {difference}")
    say(
        f"reconciliation: {report.compared} applications and recalls derived again from their histories, "
        f"{len(report.differences)} differences"
    )
    return 1 if problems or report.differences else 0
