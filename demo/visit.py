"""One application in a trial: gives commands with example inputs, and moves its clock."""

import asyncio
import secrets
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Row

from adapters.settings import load_settings
from adapters.signatures.stand_in.authority import StandInAuthority
from adapters.signatures.stand_in.officers import officer_of
from demo.examples import Wish, make_example
from desk.approving import text_of_draft
from desk.beginnings import submit, take_ticket
from desk.desk import Desk
from desk.identity import submission_id
from desk.officer import Officer
from desk.recalling import give_command, request_recall
from desk.time_travel import skip
from models.clocks import Clock, Outcome
from models.errors import RefusedError, TirekError
from models.lifecycle import Channel, Command, Stage
from models.messages import APPLICANT, MESSAGES, Answer, Submit, Ticket
from models.recall import stage_of_story
from models.regulation import ClockKind

SC = Channel.STATE_CORPORATION
INTAKE = {SC: "sc-intake-1", Channel.PROVIDER: "education-intake-1"}
SPECIALIST, HEAD = "specialist-1", "head"


@dataclass
class Visit:
    """An application that has been opened, and how people handle it."""

    desk: Desk
    channel: Channel
    application: str
    random: Random
    signatures: Path | None = None
    """The folder of the stand-in authority that signs for the applicant; None: that of the settings."""
    others: dict[str, Stage] = field(default_factory=dict)
    """Other applications of the same story, and where each must have ended."""

    @classmethod
    async def open(cls, desk: Desk, channel: Channel, random: Random, signatures: Path | None = None) -> "Visit":
        """Take a ticket at a counter; on the portal nothing has begun before a request is submitted."""
        visit = cls(desk, channel, "", random, signatures)
        await visit.begin()
        return visit

    async def begin(self) -> None:
        if self.channel is not Channel.PORTAL:
            ticket = Ticket.model_validate({"channel": self.channel})
            self.application = (await take_ticket(self.desk, ticket))[0].application

    @property
    def clerk(self) -> str:
        """The intake officer of this counter."""
        return INTAKE[self.channel]

    async def do(self, name: Command, by: str, message: dict[str, Any] | None = None) -> Answer:
        """Give a command; without a message, an example of it."""
        content = self.example(name) if message is None else message
        parsed = MESSAGES[name].model_validate(content)
        answer, _ = await give_command(self.desk, self.application, name, Officer(by), parsed)
        return answer

    async def submit(self, message: dict[str, Any] | None = None, **wishes: Any) -> None:
        """Send a signed request through the portal; a refused one is on record too, and RefusedError is raised."""
        content = message or self.example(Command.SUBMIT, **wishes)
        key = secrets.token_hex(8)
        self.application = submission_id(self.desk.ring, self.desk.prefix, key)
        await submit(self.desk, Submit.model_validate(content), key)
        await self.desk.until(lambda: self.stage() is not Stage.ACCEPTED)

    async def be_refused(self, message: dict[str, Any]) -> None:
        """Send a request that the process itself has to refuse."""
        with suppress(RefusedError):
            await self.submit(message)

    async def be_recalled(self, **later: float) -> None:
        """SC asks for the stored result, so long after it was handed over."""
        await request_recall(self.desk, self.application, Officer(INTAKE[SC]), later=timedelta(**later))

    def example(self, name: Command, *, seed: int | None = None, **wishes: Any) -> dict[str, Any]:
        """A valid input; the same seed names the same people, on whatever channel."""
        random = self.random if seed is None else Random(seed)  # noqa: S311 - synthetic people are no secret
        wish = Wish(channel=self.channel, random=random, signatures=self.signatures, **wishes)
        return make_example(name, wish, self.desk.library.in_force(wish.today))

    async def skip(self, **duration: float) -> None:
        await skip(self.desk, self.application, timedelta(**duration))

    async def skip_past(self, kind: ClockKind) -> None:
        """Past a clock's due instant, wherever the calendar has put it.

        Counted from the last fact: a portal request of the evening has a clock that starts tomorrow (R5).
        """
        clock = next(one for one in self.clocks() if one.clock is kind)
        last = self._files()[-1].changed_at
        await skip(self.desk, self.application, clock.due_at - last + timedelta(hours=1))
        await self.desk.until(lambda: self._has_run_out(kind))

    def _has_run_out(self, kind: ClockKind) -> bool:
        return next(one for one in self.clocks() if one.clock is kind).outcome is not Outcome.RUNNING

    # What most visits have in common.

    async def be_accepted(self, **wishes: Any) -> None:
        """Called, and accepted with a complete package."""
        await self.do(Command.CALL, self.clerk)
        await self.accept(self.example(Command.ACCEPT, **wishes), is_answered=wishes.get("behaviour") != "silent")

    async def accept(self, package: dict[str, Any] | None = None, *, is_answered: bool = True) -> None:
        """Accepted, and under review too where the registers answer."""
        await self.do(Command.ACCEPT, self.clerk, package)
        if is_answered:
            await self.desk.until(lambda: self.stage() is not Stage.ACCEPTED)

    async def be_decided(self, *, verdict: dict[str, Any] | None = None) -> None:
        """Drafted by a specialist, approved by the head."""
        await self.do(Command.TAKE, SPECIALIST)
        await self.do(Command.PREPARE_DECISION, SPECIALIST, verdict or self.grant())
        await self.do(Command.APPROVE, HEAD)
        if self.channel is not SC:
            await self.desk.until(lambda: self.stage() is not Stage.DECIDED)

    def grant(self) -> dict[str, Any]:
        """A grant with an amount for each child: valid also after a skip into a year without an index."""
        request = self.desk.reader.request(self.application)
        return self.example(Command.PREPARE_DECISION, children=len(request.children) if request else 1)

    async def be_signed(self) -> None:
        """Drafted by a specialist, and approved with the head's signature over the decision's text (R20)."""
        await self.do(Command.PREPARE_DECISION, SPECIALIST, self.grant())
        text = text_of_draft(self.desk.reader, self.desk.library, self.application, Officer(HEAD))
        authority = StandInAuthority.of(self.signatures or load_settings().signature_stand_in)
        signature = authority.sign(text, officer_of(HEAD), employed=True)
        await self.do(Command.APPROVE, HEAD, {"signature": signature})
        if self.channel is not SC:
            await self.desk.until(lambda: self.stage() is not Stage.DECIDED)

    async def be_delivered(self) -> None:
        """At SC the result has to travel; at the provider it is there."""
        if self.channel is SC:
            await self.do(Command.DELIVER, self.clerk)

    async def collect(self, message: dict[str, Any] | None = None) -> None:
        await self.do(Command.COLLECT, self.clerk, message)

    async def withdraw(self) -> None:
        await self.do(Command.WITHDRAW, APPLICANT)

    def stage(self) -> Stage:
        """Where the whole story stands on record."""
        stages = [Stage(file.stage) for file in self._files()]
        return stage_of_story(stages[0], stages[-1] if len(stages) > 1 else None) if stages else Stage.NEW

    def clocks(self) -> list[Clock]:
        """The clocks of the application and its recalls; the last one of a kind is the one that counts."""
        return [clock for file in reversed(self._files()) for clock in self.desk.reader.clocks(file.id)]

    def executions(self) -> list[str]:
        """Everything that has a history: the application, its recalls, and the other applications."""
        return [*(file.id for file in self._files()), *self.others]

    def _files(self) -> list[Row[Any]]:
        row = self.desk.reader.find(self.application)
        return [row, *self.desk.reader.recalls(self.application)] if row else []


async def race(*attempts: Awaitable[object]) -> int:
    """Several at the same instant, of which all but one must be refused; which one was refused last."""
    results = await asyncio.gather(*attempts, return_exceptions=True)
    refused = [place for place, result in enumerate(results) if isinstance(result, RefusedError)]
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, RefusedError):
            raise result
    if len(refused) != len(attempts) - 1:
        raise UnexpectedError(f"of {len(attempts)} at once, {len(attempts) - len(refused)} went through")
    return refused[-1]


class UnexpectedError(TirekError):
    """A story went otherwise than it must."""

    code = "unexpected"
