"""The applications of a restore drill: opened wherever one can wait, moved on, and brought to their end."""

import asyncio
import secrets
from collections.abc import Awaitable, Iterable
from pathlib import Path
from random import Random

from demo.visit import HEAD, SPECIALIST, Visit
from desk.desk import Desk
from models.errors import TirekError
from models.lifecycle import FINAL, Channel, Command, Stage

SC, PROVIDER, PORTAL = Channel.STATE_CORPORATION, Channel.PROVIDER, Channel.PORTAL
_AT_ONCE = 6
_KINDS = ((SC, 0), (SC, 1), (PROVIDER, 1), (PORTAL, 1), (SC, 2), (SC, 3), (PROVIDER, 4))
"""Channel and how far: in the queue, under review, decided, ready at SC, ended."""


class DrillError(TirekError):
    """The drill found what must not be."""

    code = "drill-failed"


async def open_wave(desk: Desk, signatures: Path, each: int) -> list[Visit]:
    """So many applications of every kind, in every place where one can wait."""
    kinds = _KINDS * each
    visits = [Visit(desk, channel, "", _strangers(), signatures) for channel, _ in kinds]
    await all_of(_bring(visit, step) for visit, (_, step) in zip(visits, kinds, strict=True))
    return visits


def _strangers() -> Random:
    return Random(secrets.randbits(64))  # noqa: S311 - synthetic people are no secret


async def _bring(visit: Visit, step: int) -> None:
    await visit.begin()
    if step >= 1:
        await (visit.submit() if visit.channel is PORTAL else visit.be_accepted())
    if step >= 2:
        await visit.be_decided()
    if step >= 3:
        await visit.be_delivered()
    if step >= 4:
        await visit.collect()


async def move_on(visits: Iterable[Visit]) -> None:
    """One step further, each that is under review: taken in hand and drafted."""
    await all_of(_draft(visit) for visit in visits if visit.stage() is Stage.UNDER_REVIEW)


async def _draft(visit: Visit) -> None:
    await visit.do(Command.TAKE, SPECIALIST)
    await visit.do(Command.PREPARE_DECISION, SPECIALIST, visit.grant())


async def finish(visits: Iterable[Visit], desk: Desk) -> int:
    """Every one that is open, to its end by what people do; how many. DrillError if one does not end."""
    mine = list(visits)
    for visit in mine:
        visit.desk = desk
    open_ones = [visit for visit in mine if visit.stage() not in FINAL]
    await all_of(_finish(visit) for visit in open_ones)
    return len(open_ones)


async def _finish(visit: Visit) -> None:
    stage = visit.stage()
    if stage is Stage.QUEUED:
        await visit.be_accepted()
    if stage in (Stage.QUEUED, Stage.UNDER_REVIEW):
        await visit.be_decided()
    if stage is Stage.AWAITING_APPROVAL:
        await visit.do(Command.APPROVE, HEAD)
        await visit.desk.until(lambda: visit.channel is SC or visit.stage() is not Stage.DECIDED)
    if stage is not Stage.READY:
        await visit.be_delivered()
    if visit.channel is not PORTAL:
        await visit.collect()
    if not await visit.desk.until(lambda: visit.stage() in FINAL):
        raise DrillError(f"{visit.application} stands in stage {visit.stage()} and does not end")


async def all_of(tasks: Iterable[Awaitable[None]]) -> None:
    """All of them, a few at once."""
    turns = asyncio.Semaphore(_AT_ONCE)

    async def one(task: Awaitable[None]) -> None:
        async with turns:
            await task

    await asyncio.gather(*(one(task) for task in tasks))
