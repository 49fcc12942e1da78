"""Makes applications, people and packages for the tests of the pure domain, at times of their own."""

from collections.abc import Iterable
from copy import copy
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import settings

from adapters.registers.synthetic import make_iban, make_iin, person_of
from adapters.regulations import load_library
from demo.examples import Wish, make_example
from models.application import Application
from models.calendar import Calendar
from models.calendar_change import CalendarChange, change_between
from models.calendar_entries import Correction
from models.data import ALMATY
from models.handling import Act, carry_out
from models.journal import Fact, FactName
from models.library import Rules, content_hash
from models.lifecycle import Channel, Command
from models.messages import MESSAGES, Nothing, Opening, Order, Submit, is_for_people
from models.outbound import Notice, NoticeKind
from models.recall import Recall, Story
from models.refusals import Refusal
from models.regulation import ClockKind, Regulation
from models.request import Request
from models.rules import refusals

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = load_library(ROOT / "regulations")
REGULATION = next(iter(LIBRARY.regulations.values()))
CALENDAR = max(LIBRARY.calendars.values(), key=lambda calendar: calendar.code)
RULES = Rules(REGULATION, CALENDAR)

SC, PROVIDER, PORTAL = Channel.STATE_CORPORATION, Channel.PROVIDER, Channel.PORTAL
COUNTERS = (SC, PROVIDER)
OFFICE = {SC: "sc-karaganda", PROVIDER: "education-karaganda", PORTAL: "egov-portal"}
CLERK = {SC: "sc-intake-1", PROVIDER: "education-intake-1"}
SPECIALIST, OTHER_SPECIALIST, HEAD, DEPUTY = "specialist-1", "specialist-2", "head", "deputy-head"
TODAY = date(2026, 11, 23)
"""A Monday without a holiday near; the queue ticket of every case is taken on it."""

QUICK = settings(max_examples=60, deadline=None, database=None)

BY_DEFAULT = {
    Command.TAKE_TICKET: "process",
    Command.SUBMIT: "applicant",
    Command.ACCEPT_SUBMISSION: "process",
    Command.REFUSE_SUBMISSION: "process",
    Command.PUBLISH: "process",
    Command.SEND_BACK: "education-intake-1",
    Command.VERIFY: "process",
    Command.RETENTION_ENDS: "clock",
    Command.KEEP: "clock",
    Command.WITHDRAW: "applicant",
    Command.ATTACH: SPECIALIST,
    Command.TAKE: SPECIALIST,
    Command.RELEASE: SPECIALIST,
    Command.ASK_AGAIN: SPECIALIST,
    Command.PREPARE_DECISION: SPECIALIST,
    Command.REASSIGN: HEAD,
    Command.RETURN_DRAFT: HEAD,
    Command.APPROVE: HEAD,
    Command.FOLLOW_CALENDAR: "education-supervisor",
}
"""Who usually gives a command; an intake officer gives the others."""


def at(text: str) -> datetime:
    """An instant from the local time of Karaganda: `2026-11-23 10:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=ALMATY)


def off(*days: str) -> Calendar:
    """The calendar after an order that gives more days off."""
    entries = [{"date": day, "kind": "moved day off"} for day in days]
    return CALENDAR.corrected(Correction.model_validate({"basis": "an order", "entries": entries}))


def randomness(seed: int) -> Random:
    return Random(seed)


def example(command: Command, channel: Channel, seed: int = 1, **wishes: Any) -> dict[str, Any]:
    """A valid input of a command, the same for the same seed."""
    wish = Wish(channel=channel, random=randomness(seed), today=TODAY, **wishes)
    return make_example(command, wish, REGULATION)


def switched_off() -> Rules:
    """The rules of an office whose provider may not refuse an incomplete package (R19)."""
    switches = REGULATION.switches.model_copy(update={"provider_refuses_incomplete": False})
    return Rules(REGULATION.model_copy(update={"switches": switches}), CALENDAR)


def changed(**fields: Any) -> Regulation:
    """The shipped regulation with some of its fields changed, checked as a file would be."""
    return Regulation.model_validate(REGULATION.model_dump(exclude_unset=True) | fields)


# People and papers, written by hand and not by asking the rules what they need.


def person(born: date, seed: int) -> dict[str, Any]:
    """Somebody synthetic with a valid IIN."""
    somebody = person_of(make_iin(born, randomness(seed), masculine=seed % 2 == 0))
    return somebody.entry().model_dump(exclude={"life_status"})


def child(*parents: str, born: date = date(2015, 3, 2), place: str = "kz", seed: int = 10) -> dict[str, Any]:
    return person(born, seed) | {"birth_place": place, "parents": parents}


def request(children: Iterable[dict[str, Any]], documents: Iterable[dict[str, Any]]) -> Request:
    """A request of a guardian for these children with these documents."""
    return Request.model_validate(
        {
            "applicant": person(date(1985, 5, 5), 1) | {"address": "Қарағанды қ., Тірек көшесі, 1"},
            "children": list(children),
            "account": {"iban": make_iban(randomness(1)), "bank": "Үлгі банк"},
            "documents": list(documents),
        }
    )


def paper(kind: str, child: int | None = None, parents: Iterable[str] = ()) -> dict[str, Any]:
    return {"kind": kind, "child": child, "parents": list(parents)}


def submission(**fields: Any) -> Submit:
    """A signed request, but for the fields given; the signature stays what it was."""
    return Submit.model_validate(example(Command.SUBMIT, PORTAL) | fields)


def lacking(*items: str, **wishes: Any) -> Submit:
    """A signed request without some of its papers."""
    return Submit.model_validate(example(Command.SUBMIT, PORTAL, missing=items, **wishes))


class Case:
    """An application that a test drives by commands; its watch goes on by a minute with each of them.

    It begins with a ticket, on the portal with a signed request; with `begins` off nothing has happened yet.
    """

    def __init__(
        self,
        channel: Channel = SC,
        *,
        rules: Rules = RULES,
        opened: str = "2026-11-23 10:00",
        seed: int = 1,
        begins: bool = True,
    ) -> None:
        opening = Opening(
            application=f"test-{channel}",
            channel=channel,
            office=OFFICE[channel],
            regulation=content_hash(rules.regulation),
            calendar=content_hash(rules.calendar),
        )
        self.channel = channel
        self.application: Any = Application(opening, rules)
        self.now = at(opened)
        self.seed = seed
        if begins:
            self.do(Command.SUBMIT if channel is PORTAL else Command.TAKE_TICKET, when=opened)

    def do(
        self, command: Command, message: Any = None, *, by: str | None = None, when: str | None = None, **act: Any
    ) -> "Case":
        """Carry a command out, at a time if one is given; it must be one that the rules do not refuse."""
        self.now = at(when) if when else self.now + timedelta(minutes=1)
        by = by or self.usual(command)
        content = self.read(command, message)
        if is_for_people(self.channel, command) and command is not Command.TAKE_TICKET:
            assert self.refusals(command, content, by=by) == []
        number = "KRG-2026-000001" if command in (Command.ACCEPT, Command.ACCEPT_SUBMISSION) else None
        act = {"registration_number": number, "cause": f"update:{command}"} | act
        carry_out(self.application, Act(command=command, by=by, at=self.now, message=content, **act))
        return self

    def refusals(self, command: Command, message: Any = None, *, by: str | None = None) -> list[Refusal]:
        """What the rules say against a command now."""
        content = self.read(command, message)
        order = Order(by=by or self.usual(command), digest="d", message=content)
        return refusals(self.application, command, order, self.now)

    def codes(self, command: Command, message: Any = None, *, by: str | None = None) -> list[str]:
        return [refusal.code for refusal in self.refusals(command, message, by=by)]

    def read(self, command: Command, message: Any) -> Any:
        """The message of a command; without one, an example of it."""
        if command is Command.FOLLOW_CALENDAR:
            return message or self.other_calendar()
        kind = MESSAGES.get(command, Nothing)
        if isinstance(message, kind):
            return message
        return kind.model_validate(self.example(command) if message is None else message)

    def other_calendar(self) -> CalendarChange:
        """An order that gives Thursday 3 December 2026 off; where that is known already, its withdrawal."""
        now = self.application.rules.calendar
        return change_between(now, CALENDAR if now != CALENDAR else off("2026-12-03"))

    def example(self, command: Command, **wishes: Any) -> dict[str, Any]:
        return example(command, self.channel, self.seed, **wishes)

    def usual(self, command: Command) -> str:
        return BY_DEFAULT.get(command) or CLERK[self.channel]

    # What many tests begin with.

    def accepted(self, **wishes: Any) -> "Case":
        if self.channel is PORTAL:
            return self.do(Command.ACCEPT_SUBMISSION)
        package = self.example(Command.ACCEPT, **wishes)
        return self.do(Command.CALL).do(Command.ACCEPT, package)

    def under_review(self, **wishes: Any) -> "Case":
        return self.accepted(**wishes).do(Command.VERIFY)

    def drafted(self, **wishes: Any) -> "Case":
        return self.under_review(**wishes).do(Command.PREPARE_DECISION)

    def ready(self, **wishes: Any) -> "Case":
        return self.drafted(**wishes).do(Command.APPROVE).do(Command.DELIVER)

    def published(self) -> "Case":
        return self.drafted().do(Command.APPROVE).do(Command.PUBLISH)

    def stored(self) -> "Case":
        """Handed over to the provider, or kept there."""
        self.ready()
        return (
            self.do(Command.KEEP)
            if self.channel is PROVIDER
            else self.do(Command.RETENTION_ENDS).do(Command.HAND_OVER)
        )

    def taken_up(self) -> "Case":
        """The recall that takes this story up, or takes it up again, before anybody has asked for it."""
        before: Any = self.application
        number = before.number + 1 if isinstance(before, Recall) else 1
        story = Story(
            registration_number=str(before.registration_number),
            number=number,
            last_hash=before.facts[-1].hash,
            not_before=before.facts[-1].at,
        )
        first = before.opening.recall_of or before.opening.application
        names = {"application": f"{first}-recall-{number}", "recall_of": first}
        recall = copy(self)
        recall.application = Recall(before.opening.model_copy(update=names), before.rules, story)
        return recall

    def recalled(self, command: Command = Command.RECALL, *, when: str | None = None) -> "Case":
        """The recall of this story, asked for or, at the provider, collected; driven in the same way."""
        return self.taken_up().do(command, when=when)

    # What tests look at.

    def fact(self, name: FactName) -> Fact:
        """The one fact of that name."""
        (fact,) = [fact for fact in self.application.facts if fact.fact is name]
        return fact

    def names(self) -> list[FactName]:
        return [fact.fact for fact in self.application.facts]

    def steps(self) -> list[FactName]:
        """The facts but for the warnings on the way."""
        return [name for name in self.names() if name is not FactName.WARNING_REACHED]

    def notices(self, kind: NoticeKind) -> list[Notice]:
        return [notice for notice in self.application.notices if notice.kind is kind]

    def fall_due(self, kind: ClockKind, late: timedelta = timedelta()) -> "Case":
        """What the timer of a clock does at its due instant, or so much later if no worker was there."""
        noticed_at = self.application.clocks[kind].due_at + late
        self.application.fall_due(kind, noticed_at=noticed_at, cause="timer")
        return self
