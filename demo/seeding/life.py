"""One seeded application: what happens to it and when, told as the rows of the record up to an instant."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from demo.seeding.journal import Row, fact_row
from models.calendar import Calendar
from models.clocks import Outcome
from models.data import ALMATY, local_day, local_iso
from models.journal import FactName
from models.lifecycle import FINAL, Channel, Stage
from models.measures import held, overrun, taken
from models.messages import CLOCK
from models.plan import Plan
from models.regulation import ClockKind, Office, Term, length_of, unit_of

_SECOND, _MICROSECOND = timedelta(seconds=1), timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Event:
    """A command that was given: when, by whom, to which stage it led."""

    at: datetime
    fact: FactName
    by: str
    stage: Stage


@dataclass(frozen=True, slots=True)
class Run:
    """A clock's way: its plan, and when it is going to be stopped, with or without its goal."""

    kind: ClockKind
    office: Office
    term: Term
    plan: Plan
    triggered_at: datetime
    stops_at: datetime | None
    reached: bool
    limit: bool


@dataclass
class Life:
    """Everything that is going to happen to an application, in the order of time."""

    application: str
    channel: Channel
    office: Office
    recall_of: str | None = None
    number: str | None = None
    accepted_at: datetime | None = None
    draft: tuple[str, datetime] | None = None
    approved: tuple[str, datetime] | None = None
    is_granted: bool = True
    events: list[Event] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    holdings: list[tuple[str, datetime, datetime]] = field(default_factory=list)

    def happens(self, at: datetime, fact: FactName, by: str, stage: Stage) -> None:
        self.events.append(Event(at, fact, by, stage))


class Telling:
    """A life as it stands at an instant, row by row."""

    def __init__(self, life: Life, now: datetime, calendar: Calendar) -> None:
        self._life = life
        self._now = now
        self._calendar = calendar
        self._events = [event for event in life.events if event.at <= now]
        self._runs = [run for run in life.runs if run.triggered_at <= now]
        self._holdings = [holding for holding in life.holdings if holding[1] <= now]

    @property
    def has_begun(self) -> bool:
        return bool(self._events)

    def rows(self, regulation: str, calendar: str) -> dict[str, list[Row]]:
        """The rows of every table, by its name."""
        key = {"application": self._life.application}
        facts = self._facts()
        told = {
            "application": [self._application(facts, regulation, calendar)],
            "clock": [key | self._clock(run) for run in self._runs],
            "fact": [key | fact for fact in facts],
            "holding": [key | row for row in self._held()],
            "decision": [key | row for row in self._decisions()],
        }
        if self._is_registered and self._life.recall_of is None:
            told["registration"] = [key | {"number": self._life.number}]
        return told

    @property
    def _is_registered(self) -> bool:
        accepted = self._life.accepted_at
        return accepted is not None and accepted <= self._now

    def _application(self, facts: list[Row], regulation: str, calendar: str) -> Row:
        life, last = self._life, facts[-1]
        return {
            "id": life.application,
            "registration_number": life.number if self._is_registered and life.recall_of is None else None,
            "channel": life.channel,
            "office": life.office.code,
            "stage": last["stage"],
            "holder": self._holder_at(self._now),
            "regulation": regulation,
            "calendar": calendar,
            "opened_at": facts[0]["at"],
            "changed_at": max(fact["at"] for fact in facts),
            "last_fact": len(facts),
            "last_hash": last["hash"],
            "recall_of": life.recall_of,
        }

    def _facts(self) -> list[Row]:
        facts: list[Row] = []
        for event, details in self._happened():
            previous = facts[-1]["hash"] if facts else ""
            told = details if facts else {"seeded": self._life.application}  # no two first facts are alike
            facts.append(fact_row(len(facts) + 1, event.at, event.fact, event.by, event.stage, told, previous))
        return facts

    def _happened(self) -> Iterator[tuple[Event, Row]]:
        passed = [(run.plan.due_at, run) for run in self._runs if self._has_passed(run)]
        if not passed:
            yield from ((event, {}) for event in self._events)
            return
        moments: list[tuple[datetime, int, Event, Row]] = [(event.at, 1, event, {}) for event in self._events]
        for due_at, run in passed:
            event = Event(due_at, FactName.LIMIT_PASSED, CLOCK, self._stage_at(due_at))
            told = {"clock": run.kind, "office": run.office.code, "noticed_at": local_iso(due_at)}
            moments.append((due_at, 0, event, told))
        for _, _, event, details in sorted(moments, key=lambda moment: moment[:2]):
            yield event, details

    def _has_passed(self, run: Run) -> bool:
        stops = run.stops_at
        return run.limit and run.plan.due_at <= self._now and (stops is None or stops > run.plan.due_at)

    def _clock(self, run: Run) -> Row:
        plan, stops = run.plan, run.stops_at
        stopped = stops if stops is not None and stops <= self._now else None
        has_passed, due = self._has_passed(run), plan.due_at.astimezone(ALMATY)
        settled_at = plan.due_at if has_passed else stopped
        at = settled_at or self._now
        return {
            "clock": run.kind,
            "office": run.office.code,
            "limit": run.limit,
            "started_at": plan.started_at,
            "due_at": plan.due_at,
            "stopped_at": stopped,
            "outcome": self._outcome(run, stopped, has_passed=has_passed),
            "triggered_at": None if run.triggered_at == plan.started_at else run.triggered_at,
            "provisional": plan.is_provisional,
            "warned": 0,
            "common_due_at": plan.common_due_at,
            **self._measures(run, stopped),
            "channel": self._life.channel,
            "officer": self._holder_at(at),
            "stage": self._stage_at(at, before=settled_at == stopped and stopped is not None),
            "begun_on": local_day(run.triggered_at),
            "due_on": due.date(),
            "due_hour": due.hour,
            "late_by": (stopped - plan.due_at) // _MICROSECOND if has_passed and stopped else None,
            "replanned_at": None,
        }

    def _outcome(self, run: Run, stopped: datetime | None, *, has_passed: bool) -> Outcome:
        if has_passed:
            return Outcome.PASSED
        if stopped is None:
            return Outcome.RUNNING
        return Outcome.MET if run.reached else Outcome.ENDED

    def _measures(self, run: Run, stopped: datetime | None) -> Row:
        unit = unit_of(run.term)
        if stopped is None:
            nothing = dict.fromkeys(("taken", "overrun", "ran", "held", "stopped_on"))
            return {"unit": unit, "allowed": length_of(run.term), **nothing}
        start, due_at = run.plan.started_at, run.plan.due_at
        hands = ((since, until) for _, since, until in self._holdings)
        return {
            "unit": unit,
            "allowed": length_of(run.term),
            "taken": taken(run.term, start, stopped, self._calendar),
            "overrun": overrun(unit, due_at, stopped, self._calendar),
            "ran": (stopped - start) // _SECOND,
            "held": held(hands, start, stopped) // _SECOND,
            "stopped_on": local_day(stopped),
        }

    def _held(self) -> Iterator[Row]:
        for number, (officer, since, until) in enumerate(self._holdings, start=1):
            yield {
                "number": number,
                "officer": officer,
                "since": since,
                "until": until if until <= self._now else None,
            }

    def _holder_at(self, at: datetime) -> str | None:
        if self._events[-1].stage in FINAL and at >= self._events[-1].at:
            at = self._events[-1].at
        return next((officer for officer, since, until in self._holdings if since <= at < until), None)

    def _stage_at(self, at: datetime, *, before: bool = False) -> Stage:
        stage = self._events[0].stage
        for event in self._events:
            if event.at > at or (before and event.at == at):
                break
            stage = event.stage
        return stage

    def _decisions(self) -> Iterator[Row]:
        draft, approved = self._life.draft, self._life.approved
        if draft is None or draft[1] > self._now:
            return
        is_approved = approved is not None and approved[1] <= self._now
        yield {
            "draft": 1,
            "verdict": "grant" if self._life.is_granted else "refuse",
            "grants": [],
            "grounds": [] if self._life.is_granted else ["not-entitled"],
            "prepared_by": draft[0],
            "prepared_at": draft[1],
            "number": f"{self._life.number}-1" if is_approved else None,
            "approved_by": approved[0] if approved and is_approved else None,
            "approved_at": approved[1] if approved and is_approved else None,
        }
