"""One open application per child, over all channels: of two at the same instant exactly one is accepted."""

import asyncio
import json
import os
import secrets
import sys
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

import pytest

from adapters.settings import ROOT
from demo.visit import Visit
from models.errors import RefusedError
from models.lifecycle import Channel, Command, Stage
from tests.conftest import House, strangers

SC, PROVIDER, PORTAL = Channel.STATE_CORPORATION, Channel.PROVIDER, Channel.PORTAL
AT_ONCE = 8
PAIRS = ((SC, PROVIDER), (SC, PORTAL), (PORTAL, PROVIDER), (SC, SC), (PORTAL, PORTAL))


@dataclass
class Racer:
    """A process of `tests/racing.py`."""

    process: asyncio.subprocess.Process
    answers: dict[int, asyncio.Future[dict[str, Any]]]

    async def run(self, number: int, order: dict[str, Any]) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.answers[number] = asyncio.get_running_loop().create_future()
        self.process.stdin.write((json.dumps(order | {"round": number}) + "\n").encode())
        return await self.answers[number]

    async def listen(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            answer = json.loads(line)
            self.answers[answer["round"]].set_result(answer)


@asynccontextmanager
async def racer(house: House) -> AsyncGenerator[Racer]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.racing"),
        cwd=ROOT,
        env={**os.environ, **house.environment, "TIREK_WAIT_SECONDS": "60"},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert json.loads(await process.stdout.readline()) == {"ready": True}
    one = Racer(process, {})
    listening = asyncio.create_task(one.listen())
    try:
        yield one
    finally:
        process.stdin.close()
        await asyncio.wait_for(process.wait(), 30)
        await listening


async def prepared(visit: Visit, seed: int) -> dict[str, Any]:
    """Everything up to the decisive command, and that command as an order for a racer."""
    if visit.channel is PORTAL:
        message = visit.example(Command.SUBMIT, seed=seed)
        return {"command": "submit", "application": "", "key": secrets.token_hex(8), "message": message}
    await visit.do(Command.CALL, visit.clerk)
    message = visit.example(Command.ACCEPT, seed=seed)
    return {"command": "accept", "application": visit.application, "by": visit.clerk, "message": message}


async def again(house: House, loser: Visit, seed: int) -> None:
    """The child is free: the same request, which was refused, goes through and is then withdrawn too."""
    if loser.channel is PORTAL:
        await loser.submit(loser.example(Command.SUBMIT, seed=seed))
    else:
        await loser.do(Command.ACCEPT, loser.clerk, loser.example(Command.ACCEPT, seed=seed))
    await end(house, loser)


async def end(house: House, visit: Visit) -> None:
    """Withdrawn, and on record: from then on its children are free."""
    await visit.withdraw()
    assert await house.desk.until(lambda: visit.stage() is Stage.WITHDRAWN)


class TestRace:
    """Two processes, one child, the same instant."""

    @pytest.mark.timeout(400)
    async def test_exactly_one_is_accepted(self, house: House, pytestconfig: pytest.Config) -> None:
        """In every round, over every pair of channels, one goes through; when it has ended, so does the other."""
        rounds = int(pytestconfig.getoption("--rounds"))
        outcomes: list[tuple[str, ...]] = []
        turns = asyncio.Semaphore(AT_ONCE)

        async def play(number: int, channels: tuple[Channel, Channel], racers: tuple[Racer, Racer]) -> None:
            async with turns:
                visits = [await Visit.open(house.desk, channel, strangers()) for channel in channels]
                orders = [await prepared(visit, number) for visit in visits]
                answers = await asyncio.gather(
                    *(one.run(number, order) for one, order in zip(racers, orders, strict=True))
                )
                outcomes.append(tuple(sorted(answer["code"] for answer in answers)))
                for visit, answer in zip(visits, answers, strict=True):
                    visit.application = answer["application"]
                first, second = sorted((0, 1), key=lambda place: answers[place]["code"])
                await end(house, visits[first])
                await again(house, visits[second], number)

        async with racer(house) as one, racer(house) as other:
            pairs = islice(cycle(PAIRS), rounds)
            await asyncio.gather(*(play(500_000 + n, pair, (one, other)) for n, pair in enumerate(pairs)))
        assert Counter(outcomes) == {("", "child-has-open-application"): rounds}


class TestSecondApplication:
    """What somebody hears whose child has an open application."""

    @pytest.mark.parametrize("second", Channel)
    async def test_refusal_names_the_first(self, house: House, second: Channel) -> None:
        """The second one is refused and told the registration number of the first, on every channel."""
        seed = strangers().randrange(10**9)
        first = await Visit.open(house.desk, SC, strangers())
        await first.do(Command.CALL, first.clerk)
        await first.accept(first.example(Command.ACCEPT, seed=seed, children=2))
        number = house.reader.find(first.application).registration_number  # type: ignore[union-attr]
        other = await Visit.open(house.desk, second, strangers())
        if second is not PORTAL:
            await other.do(Command.CALL, other.clerk)
        command = Command.SUBMIT if second is PORTAL else Command.ACCEPT
        message = other.example(command, seed=seed, children=2)
        with pytest.raises(RefusedError) as caught:
            await (other.submit(message) if second is PORTAL else other.do(command, other.clerk, message))
        [refusal] = caught.value.refusals
        assert refusal.code == "child-has-open-application"
        assert number in refusal.reason
        assert other.stage() is (Stage.SUBMISSION_REFUSED if second is PORTAL else Stage.AT_COUNTER)

    async def test_who_cannot_hand_in_may_leave(self, house: House) -> None:
        """A complete package that is not accepted cannot be refused either (R19): the applicant leaves, unlost."""
        seed = strangers().randrange(10**9)
        first, second = [await Visit.open(house.desk, SC, strangers()) for _ in range(2)]
        for visit in (first, second):
            await visit.do(Command.CALL, visit.clerk)
        package = first.example(Command.ACCEPT, seed=seed)
        await first.accept(package)
        with pytest.raises(RefusedError):
            await second.accept(package)
        answer = await second.do(Command.LEAVE, second.clerk)
        assert answer.stage is Stage.LEFT
        assert {clock.clock: clock.outcome for clock in answer.clocks} == {"waiting": "met", "service": "ended"}
