"""Applications on every channel that live through an outage, and people who repeat what was not answered."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from demo.visit import HEAD, INTAKE, SPECIALIST, Visit
from desk.beginnings import submit, take_ticket
from desk.desk import Desk, Told
from desk.identity import submission_id, ticket_id, update_id
from desk.officer import Officer
from desk.reconcile import reconcile
from models.errors import RefusedError, UnavailableError
from models.journal import FALLING_DUE
from models.lifecycle import Channel, Command
from models.messages import MESSAGES, Answer, Submit, Ticket
from tests.faults.notices import notice_differences
from tests.faults.premises import Premises

T = TypeVar("T")

SC, PROVIDER, PORTAL = Channel.STATE_CORPORATION, Channel.PROVIDER, Channel.PORTAL
_PAUSE = 0.3
_PATIENCE = 180
_NOTICE_SECONDS = 90
_REVIEW = ((Command.TAKE, SPECIALIST), (Command.PREPARE_DECISION, SPECIALIST), (Command.APPROVE, HEAD))
_STEPS: dict[Channel, tuple[tuple[Command, str], ...]] = {
    SC: (
        (Command.CALL, INTAKE[SC]),
        (Command.ACCEPT, INTAKE[SC]),
        *_REVIEW,
        (Command.DELIVER, INTAKE[SC]),
        (Command.COLLECT, INTAKE[SC]),
    ),
    PROVIDER: (
        (Command.CALL, INTAKE[PROVIDER]),
        (Command.ACCEPT, INTAKE[PROVIDER]),
        *_REVIEW,
        (Command.COLLECT, INTAKE[PROVIDER]),
    ),
    PORTAL: _REVIEW,
}


async def insist(attempt: Callable[[], Awaitable[T]]) -> T:
    """As people do who were not answered: the same again, until it is.

    Whoever comes while the process is still at a step of its own is told so, and tries again too.
    """
    async with asyncio.timeout(_PATIENCE):
        while True:
            try:
                return await attempt()
            except (UnavailableError, SQLAlchemyError):
                pass
            except RefusedError as refused:
                if refused.refusals[0].code not in ("illegal-move", "not-begun"):
                    raise
            await asyncio.sleep(_PAUSE)


@dataclass
class Given:
    """A command that was answered."""

    name: Command
    officer: Officer
    message: Any
    key: str
    answer: Answer


@dataclass
class Journey:
    """One application, the words it began with, and every command that was answered."""

    desk: Desk
    channel: Channel
    key: str
    visit: Visit = field(init=False)
    begins: Any = field(init=False)
    begun: Told | None = None
    given: list[Given] = field(default_factory=list)

    def __post_init__(self) -> None:
        is_portal = self.channel is PORTAL
        identify = submission_id if is_portal else ticket_id
        application = identify(self.desk.ring, self.desk.prefix, self.key)
        self.visit = Visit(self.desk, self.channel, application, Random(self.key))
        content = self.visit.example(Command.SUBMIT) if is_portal else {"channel": self.channel}
        self.begins = (Submit if is_portal else Ticket).model_validate(content)

    async def begin(self) -> None:
        self.begun = await insist(self._begin)

    def _begin(self) -> Awaitable[Told]:
        return (submit if self.channel is PORTAL else take_ticket)(self.desk, self.begins, self.key)

    async def go_on(self, up_to: Command | None = None) -> None:
        """Every command that comes next, up to one of them or to the end."""
        if self.begun is None:
            await self.begin()
        for name, by in _STEPS[self.channel][len(self.given) :]:
            await self._do(name, by)
            if name is up_to:
                return

    async def reach_review(self) -> None:
        """Up to the point from which everything is said without the record."""
        if self.begun is None:
            await self.begin()
        if self.channel is not PORTAL:
            await self.go_on(Command.ACCEPT)
        await self.desk.until(lambda: self.desk.reader.last_fact(self.visit.application) >= self._accepted_with)

    @property
    def _accepted_with(self) -> int:
        """The number of the fact that it is verified."""
        return 3 if self.channel is PORTAL else 4

    async def _do(self, name: Command, by: str) -> None:
        wishes = {"children": 1} if name is Command.PREPARE_DECISION else {}
        message = MESSAGES[name].model_validate(self.visit.example(name, **wishes))
        officer, key = Officer(by), f"{self.key}/{name}"
        application = self.visit.application
        answer = await insist(lambda: self.desk.give(application, name, officer, message, key))
        self.given.append(Given(name, officer, message, key, answer))

    def on_record(self) -> bool:
        """Whether the record has everything that was answered."""
        last = self.given[-1].answer.last_fact if self.given else 1
        return self.begun is not None and self.desk.reader.last_fact(self.visit.application) >= last

    async def problems(self) -> list[str]:
        """Commands that are not on record exactly once, or that are answered otherwise when they are repeated."""
        found: list[str] = []
        if await insist(self._begin) != self.begun:
            found.append(f"{self.key}: its beginning is told otherwise")
        facts = self.desk.reader.facts(self.visit.application)
        for one in self.given:
            cause = f"update:{update_id(self.desk.ring, one.key)}"
            written = [f for f in facts if f.cause == cause and f.fact not in FALLING_DUE]
            if len(written) != 1:
                found.append(f"{one.key}: on record {len(written)} times")
            again = await self.desk.give(self.visit.application, one.name, one.officer, one.message, one.key)
            if again != one.answer:
                found.append(f"{one.key}: the repeated command is answered otherwise")
        return found


@dataclass
class Traffic:
    """All applications of one outage."""

    here: Premises
    desk: Desk
    journeys: list[Journey] = field(default_factory=list)

    def some(self, when: str, each: int = 2) -> list[Journey]:
        """So many new ones on every channel."""
        new = [Journey(self.desk, channel, f"{when}-{channel}-{n}") for channel in Channel for n in range(each)]
        self.journeys += new
        return new

    def is_held_up(self) -> bool:
        """Whether somebody waits for an answer or for the record at this instant."""
        try:
            return not all(one.on_record() for one in self.journeys)
        except SQLAlchemyError:
            return True

    async def until_on_record(self) -> float:
        """How many seconds it takes until the record has all that was answered."""
        start = asyncio.get_running_loop().time()
        async with asyncio.timeout(_PATIENCE):
            while True:
                try:
                    if all(one.on_record() for one in self.journeys if one.begun):
                        return asyncio.get_running_loop().time() - start
                except SQLAlchemyError:
                    pass
                await asyncio.sleep(0.1)

    async def problems(self, others: Sequence[str] = ()) -> list[str]:
        """Everything that was lost, doubled, or is told differently, by the end of all journeys.

        `others` are applications that a test has begun beside them.
        """
        await all_of(one.go_on() for one in self.journeys)
        await self.until_on_record()
        found = [line for one in self.journeys for line in await one.problems()]
        here = self.here
        report = await reconcile(here.client, self.desk.reader, here.ring, here.settings.task_queue)
        begun = [*(one.visit.application for one in self.journeys), *others]
        if report.compared != len(begun):
            found.append(f"{report.compared} executions were compared, {len(begun)} were begun")
        found += [str(one) for one in report.differences]
        for one in begun:
            found += await _notices(here, one)
        return found


async def all_of(work: Iterable[Awaitable[None]]) -> None:
    await asyncio.gather(*work)


async def _notices(here: Premises, execution: str) -> list[str]:
    """What has not left the house in time, or should not have left it."""
    for _ in range(_NOTICE_SECONDS):
        if not await notice_differences(here, execution):
            return []
        await asyncio.sleep(1)
    return await notice_differences(here, execution)
