"""What happens to seeded applications: channels, seasons, speeds and delays as an office of this kind has them.

The shares are assumptions, no statistics: one of twenty or so limits passes, a few visitors leave, some packages
are incomplete. Officers and offices differ in speed, so that a supervisor has something to find.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from demo.seeding.days import Days, any_hour, within_hours
from demo.seeding.life import Life, Run
from models.data import local_day
from models.journal import FactName as F
from models.library import Rules
from models.lifecycle import Channel, Stage
from models.messages import APPLICANT, CLOCK, COUNTER, PROCESS
from models.plan import Plan, plan
from models.regulation import ClockKind as K
from models.regulation import Office, Role

_CHANNELS = (Channel.STATE_CORPORATION, Channel.PROVIDER, Channel.PORTAL)
_SHARES = (0.75, 0.15, 0.1)
_LEFT, _INCOMPLETE, _WITHDRAWN, _REFUSED, _NEVER_COLLECTED, _RECALLED = 0.02, 0.05, 0.02, 0.08, 0.03, 0.3
ID = "seed"
_MINUTES = timedelta(minutes=1)


@dataclass(frozen=True)
class Town:
    """The rules, the days and the people of a seeded history."""

    rules: Rules
    days: Days
    random: Random

    def people(self, role: Role, office: Office) -> list[str]:
        return [officer.code for officer in self.rules.regulation.officers_with(role, office.code)]

    def one_of(self, role: Role, office: Office) -> str:
        """Somebody of an office with this role; the first of them has more to do."""
        people = self.people(role, office)
        return people[min(int(self.random.expovariate(1.2)), len(people) - 1)]

    def run(
        self, kind: K, office: Office, channel: Channel, at: datetime, stops: datetime | None, *, reached: bool
    ) -> Run:
        """A clock that is set running then; `office` answers for it."""
        regulation = self.rules.regulation
        planned = self._plan(kind, office, channel, at)
        term = regulation.clocks[kind].terms[channel]
        return Run(kind, office, term, planned, at, stops, reached, regulation.clocks[kind].limit)

    def _plan(self, kind: K, office: Office, channel: Channel, at: datetime) -> Plan:
        planned = plan(self.rules.regulation, self.rules.calendar, kind, channel, office, at)
        if planned is None:
            raise ValueError(f"{kind} does not run on {channel}")
        return planned


class Numbers(Counter[int]):
    """How many registration numbers were given in a year."""

    def next(self, year: int) -> int:
        self[year] += 1
        return self[year]


def lives(town: Town, openings: list[date], numbers: Numbers) -> Iterator[Life]:
    """An application for each opening, and the recalls of some."""
    regulation, random = town.rules.regulation, town.random
    offices = {channel: regulation.offices_of(channel) for channel in _CHANNELS}
    for index, day in enumerate(openings, start=1):
        [channel] = random.choices(_CHANNELS, _SHARES)
        office = random.choice(offices[channel])
        life = Life(f"{ID}-{index:08d}", channel, office)
        if channel is Channel.PORTAL:
            accepted = _submitted(town, life, any_hour(day, random))
        else:
            accepted = _served(town, life, within_hours(day, office, random))
        recalls: list[Life] = []
        if accepted is not None:
            year = local_day(accepted).year
            life.number = regulation.registration_number.format(year=year, number=numbers.next(year))
            life.accepted_at = accepted
            recalls = list(_decided(town, life, accepted))
        yield life
        yield from recalls


def _spell(random: Random, median: float, sigma: float) -> timedelta:
    """So many minutes, as waiting and serving are spread: many short, few long; in whole seconds."""
    return timedelta(seconds=max(20, int(60 * median * random.lognormvariate(0, sigma))))


def _served(town: Town, life: Life, came: datetime) -> datetime | None:
    """At a counter: when the package was accepted, None if it came to nothing."""
    random, office = town.random, life.office
    clerk = town.one_of(Role.INTAKE, office)
    is_slow = clerk.endswith("2")
    called = came + _spell(random, 5.5, 0.6)
    life.happens(came, F.TICKET_TAKEN, COUNTER, Stage.QUEUED)
    leaves = random.random() < _LEFT
    life.runs.append(town.run(K.WAITING, office, life.channel, came, called, reached=not leaves))
    if leaves:
        life.happens(called, F.APPLICANT_LEFT, clerk, Stage.LEFT)
        return None
    is_provider = life.channel is Channel.PROVIDER
    served = called + _spell(random, (14 if is_provider else 8) * (1.15 if is_slow else 1), 0.35)
    life.happens(called, F.APPLICANT_CALLED, clerk, Stage.AT_COUNTER)
    life.runs.append(town.run(K.SERVICE, office, life.channel, called, served, reached=True))
    life.holdings.append((clerk, called, served))
    if random.random() < _INCOMPLETE:
        life.happens(served, F.INTAKE_REFUSED, clerk, Stage.INTAKE_REFUSED)
        return None
    life.happens(served, F.APPLICATION_ACCEPTED, clerk, Stage.ACCEPTED)
    return served


def _submitted(town: Town, life: Life, came: datetime) -> datetime | None:
    """Through the portal: when it was accepted, None for a request that was refused."""
    life.happens(came, F.APPLICATION_SUBMITTED, APPLICANT, Stage.SUBMITTED)
    if town.random.random() < _INCOMPLETE / 2:
        refused = came + _spell(town.random, 0.5, 0.5)
        life.happens(refused, F.SUBMISSION_REFUSED, PROCESS, Stage.SUBMISSION_REFUSED)
        office = _provider(town, life)
        life.runs.append(town.run(K.PROCESSING, office, life.channel, came, refused, reached=False))
        return None
    accepted = came + timedelta(seconds=20)
    life.happens(accepted, F.APPLICATION_ACCEPTED, PROCESS, Stage.ACCEPTED)
    return accepted


def _provider(town: Town, life: Life) -> Office:
    return town.rules.office(life.office.decided_by)


def _decided(town: Town, life: Life, accepted: datetime) -> Iterator[Life]:
    """From acceptance to the end; its recalls are told as lives of their own."""
    random, provider = town.random, _provider(town, life)
    days, started = town.days, life.events[0].at if life.channel is Channel.PORTAL else accepted
    specialist = town.one_of(Role.SPECIALIST, provider)
    needed = max(2, round(6.3 * random.lognormvariate(0, 0.27) * (1.08 if specialist.endswith("2") else 1)))
    first = local_day(accepted)
    verified = accepted + _spell(random, 2, 1.0)
    life.happens(verified, F.APPLICATION_VERIFIED, PROCESS, Stage.UNDER_REVIEW)
    if random.random() < _WITHDRAWN:
        withdrawn = within_hours(days.after(first, 1), provider, random)
        life.happens(withdrawn, F.APPLICATION_WITHDRAWN, APPLICANT, Stage.WITHDRAWN)
        life.runs.append(town.run(K.PROCESSING, provider, life.channel, started, withdrawn, reached=False))
        return
    on = [days.after(first, share) for share in (max(1, needed // 3), max(1, needed * 2 // 3), needed)]
    taken, drafted, approved = sorted(within_hours(day, provider, random) for day in on)
    drafted, approved = drafted + _MINUTES, approved + 2 * _MINUTES
    head = town.one_of(Role.HEAD, provider)
    life.happens(taken, F.FILE_TAKEN, specialist, Stage.UNDER_REVIEW)
    life.happens(drafted, F.DECISION_PREPARED, specialist, Stage.AWAITING_APPROVAL)
    life.happens(approved, F.DECISION_APPROVED, head, Stage.DECIDED)
    life.holdings.append((specialist, taken, drafted))
    life.draft, life.approved = (specialist, drafted), (head, approved)
    life.is_granted = random.random() >= _REFUSED
    issued = _issued(town, life, approved)
    life.runs.append(town.run(K.PROCESSING, provider, life.channel, started, issued, reached=True))
    if life.channel is not Channel.PORTAL:
        yield from _given(town, life, issued)


def _issued(town: Town, life: Life, approved: datetime) -> datetime:
    """When the result is where the applicant gets it."""
    if life.channel is Channel.PORTAL:
        issued = approved + timedelta(seconds=2)
        life.happens(issued, F.RESULT_PUBLISHED, PROCESS, Stage.PUBLISHED)
        return issued
    if life.channel is Channel.PROVIDER:
        issued = approved + timedelta(seconds=2)
        life.happens(issued, F.RESULT_DELIVERED, PROCESS, Stage.READY)
        return issued
    issued = approved + _spell(town.random, 40, 0.5)
    life.happens(issued, F.RESULT_DELIVERED, town.one_of(Role.INTAKE, life.office), Stage.READY)
    return issued


def _given(town: Town, life: Life, issued: datetime) -> Iterator[Life]:
    """The result is collected, or kept; what SC has kept too long goes into storage and may be asked for again."""
    random, office, days = town.random, life.office, town.days
    clerk = town.one_of(Role.INTAKE, office)
    is_sc = life.channel is Channel.STATE_CORPORATION
    if random.random() >= _NEVER_COLLECTED:
        waits = 1 + int(random.expovariate(0.25))
        collected = within_hours(days.after(local_day(issued), min(waits, 18)), office, random)
        life.happens(collected, F.RESULT_COLLECTED, clerk, Stage.COLLECTED)
        if is_sc:
            life.runs.append(town.run(K.RETENTION, office, life.channel, issued, collected, reached=False))
        return
    if not is_sc:
        kept = within_hours(days.after(local_day(issued), 250), office, random)
        life.happens(kept, F.RESULT_KEPT, CLOCK, Stage.STORED)
        return
    run = town.run(K.RETENTION, office, life.channel, issued, None, reached=True)
    ended = run.plan.due_at
    handed = within_hours(days.after(local_day(ended), 1), office, random)
    life.runs.append(Run(run.kind, office, run.term, run.plan, issued, ended, reached=True, limit=False))
    life.happens(ended, F.RETENTION_ENDED, CLOCK, Stage.DUE_FOR_STORAGE)
    life.happens(handed, F.RESULT_HANDED_OVER, clerk, Stage.STORED)
    if random.random() < _RECALLED:
        yield _recall(town, life, handed)


def _recall(town: Town, life: Life, stored: datetime) -> Life:
    """The stored result is asked for, sent back, late at times, and collected (R10)."""
    random, provider, office = town.random, _provider(town, life), life.office
    clerk = town.one_of(Role.INTAKE, office)
    asked = within_hours(town.days.after(local_day(stored), 5 + int(random.expovariate(0.05))), office, random)
    late = 1 if random.random() >= 0.07 else 2
    sent = within_hours(town.days.after(local_day(asked) + timedelta(days=1), late - 1), provider, random)
    arrived = within_hours(town.days.after(local_day(sent) + timedelta(days=1), 0), office, random)
    again = Life(f"{life.application}-recall-1", life.channel, office, recall_of=life.application)
    again.happens(asked, F.RECALL_REQUESTED, clerk, Stage.REQUESTED)
    again.happens(sent, F.RESULT_SENT_BACK, town.one_of(Role.INTAKE, provider), Stage.SENT)
    again.happens(arrived, F.RESULT_DELIVERED, clerk, Stage.READY)
    again.happens(arrived + timedelta(days=1), F.RESULT_COLLECTED, clerk, Stage.COLLECTED)
    again.runs.append(town.run(K.RECALL, provider, life.channel, asked, sent, reached=True))
    return again
