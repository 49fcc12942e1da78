"""One application in a trial: gives commands with example inputs, and moves its clock."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from demo.examples import Wish, make_example
from desk.desk import Desk
from desk.officer import Officer
from desk.time_travel import skip
from models.lifecycle import Channel, Command, Stage
from models.messages import APPLICANT, MESSAGES, Answer, Ticket
from models.regulation import ClockKind

INTAKE = {Channel.STATE_CORPORATION: "sc-intake-1", Channel.PROVIDER: "education-intake-1"}
SPECIALIST, HEAD = "specialist-1", "head"


@dataclass
class Visit:
    """An application that has been opened, and how people handle it."""

    desk: Desk
    channel: Channel
    application: str
    random: Random

    @classmethod
    async def open(cls, desk: Desk, channel: Channel, random: Random) -> "Visit":
        """Take a ticket at a counter."""
        ticket = Ticket.model_validate({"channel": channel})
        answer, _ = await desk.take_ticket(ticket)
        return cls(desk, channel, answer.application, random)

    @property
    def clerk(self) -> str:
        """The intake officer of this counter."""
        return INTAKE[self.channel]

    async def do(self, name: Command, by: str, message: dict[str, Any] | None = None) -> Answer:
        """Give a command; without a message, an example of it."""
        content = self.example(name) if message is None else message
        parsed = MESSAGES[name].model_validate(content)
        answer, _ = await self.desk.command(self.application, name, Officer(by), parsed)
        return answer

    def example(self, name: Command, **wishes: Any) -> dict[str, Any]:
        wish = Wish(channel=self.channel, random=self.random, **wishes)
        return make_example(name, wish, self.desk.library.in_force(wish.today))

    async def skip(self, **duration: float) -> None:
        await skip(self.desk, self.application, timedelta(**duration))

    async def skip_past(self, kind: ClockKind) -> None:
        """Past a clock's due instant, wherever the calendar has put it."""
        clock = next(one for one in self.desk.reader.clocks(self.application) if one.clock is kind)
        await skip(self.desk, self.application, clock.due_at - clock.started_at + timedelta(hours=1))

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
        if self.channel is Channel.PROVIDER:
            await self.desk.until(lambda: self.stage() is not Stage.DECIDED)

    def grant(self) -> dict[str, Any]:
        """A grant with an amount for each child: valid also after a skip into a year without an index."""
        request = self.desk.reader.request(self.application)
        return self.example(Command.PREPARE_DECISION, children=len(request.children) if request else 1)

    async def be_delivered(self) -> None:
        """At SC the result has to travel; at the provider it is there."""
        if self.channel is Channel.STATE_CORPORATION:
            await self.do(Command.DELIVER, self.clerk)

    async def collect(self, message: dict[str, Any] | None = None) -> None:
        await self.do(Command.COLLECT, self.clerk, message)

    async def withdraw(self) -> None:
        await self.do(Command.WITHDRAW, APPLICANT)

    def stage(self) -> Stage:
        row = self.desk.reader.find(self.application)
        return Stage(row.stage) if row else Stage.NEW
