"""Applications and recalls that tests of the record drive by commands, and write as entries."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from adapters.registers.synthetic import make_iin
from desk.identity import recall_id
from models.act import Act
from models.application import Application
from models.handling import carry_out
from models.library import content_hash
from models.lifecycle import Channel, Command
from models.messages import MESSAGES, Nothing, Opening
from models.proceeding import Proceeding
from models.recall import Recall, Story
from models.registration import RegistrationWanted
from models.request import Request
from models.state import Entry
from tests.models.builders import BY_DEFAULT, OFFICE, REGULATION, RULES, SC, example

NOON = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
"""Noon in Karaganda."""

AT_COUNTER = (Command.TAKE_TICKET, Command.CALL)
ACCEPTED = (*AT_COUNTER, Command.ACCEPT)
DECIDED = (*ACCEPTED, Command.VERIFY, Command.PREPARE_DECISION, Command.APPROVE)
STORED = (*DECIDED, Command.DELIVER, Command.RETENTION_ENDS, Command.HAND_OVER)
KEPT = (*DECIDED, Command.DELIVER, Command.KEEP)
SUBMITTED = (Command.SUBMIT, Command.ACCEPT_SUBMISSION)
PUBLISHED = (*SUBMITTED, Command.VERIFY, Command.PREPARE_DECISION, Command.APPROVE, Command.PUBLISH)
SENT_AGAIN = (Command.RECALL, Command.SEND_BACK, Command.DELIVER)
STORED_AGAIN = (*SENT_AGAIN, Command.RETENTION_ENDS, Command.HAND_OVER)


@dataclass
class Life:
    """A proceeding in the hands of a test: a minute passes with each command, and nothing is judged."""

    proceeding: Proceeding
    seed: int
    now: datetime = NOON
    recalls: list["Life"] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.proceeding.opening.application

    @property
    def number(self) -> str:
        return f"KRG-2026-{self.seed:06}"

    @property
    def application(self) -> Application:
        assert isinstance(self.proceeding, Application)
        return self.proceeding

    @property
    def request(self) -> Request:
        assert self.application.request is not None
        return self.application.request

    @property
    def children(self) -> list[str]:
        return [child.iin for child in self.request.children]

    def do(self, *commands: Command) -> "Life":
        for command in commands:
            self.now += timedelta(minutes=1)
            act = Act(
                command=command,
                by=BY_DEFAULT.get(command, "officer-1"),
                at=self.now,
                cause=f"update:{command}",
                message=self._message(command),
                registration_number=self.number,
            )
            carry_out(self.proceeding, act)
        return self

    def later(self, **delta: float) -> "Life":
        self.now += timedelta(**delta)
        return self

    def entry(self, after: int = 0) -> Entry:
        return self.proceeding.entry(after)

    def recalled(self, *commands: Command) -> "Life":
        """The next recall of a stored result, with what happened in it."""
        last = [self, *self.recalls][-1]
        facts, number = last.proceeding.facts, len(self.recalls) + 1
        names = {"application": recall_id(self.id, number), "recall_of": self.id}
        opening = self.proceeding.opening.model_copy(update=names)
        story = Story(
            registration_number=self.number, number=number, last_hash=facts[-1].hash, not_before=facts[-1].at
        )
        self.recalls.append(Life(Recall(opening, RULES, story), self.seed, last.now))
        return self.recalls[-1].do(*commands)

    def _message(self, command: Command) -> Any:
        many = {"children": 2} if command in (Command.ACCEPT, Command.SUBMIT) else {}
        content = example(command, self.proceeding.opening.channel, self.seed, **many)
        return MESSAGES.get(command, Nothing).model_validate(content)


def life(*commands: Command, name: str = "app-1", channel: Channel = SC, seed: int = 1) -> Life:
    """An application of two children; another seed means other people and another registration number."""
    opening = Opening(
        application=name,
        channel=channel,
        office=OFFICE[channel],
        regulation=content_hash(RULES.regulation),
        calendar=content_hash(RULES.calendar),
    )
    return Life(Application(opening, RULES), seed).do(*commands)


def waited_long() -> Life:
    """An application whose applicant waited two hours, so that a limit passed and a notice went out."""
    return life(Command.TAKE_TICKET).later(hours=2).do(Command.CALL, Command.ACCEPT)


def iin(place: int) -> str:
    """The number of a synthetic child; another place, another child."""
    return make_iin(date(2010, 1, 1) + timedelta(days=place), Random(place), masculine=False)


def wanted(application: str, *children: str, at: datetime = NOON) -> RegistrationWanted:
    return RegistrationWanted(
        application=application, at=at, pattern=REGULATION.registration_number, children=children
    )
