"""The service's clocks: when each is due, and how it ended. Pure arithmetic over data (R5-R10)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from models.calendar import Calendar, add_months
from models.data import ALMATY, Code, Data, Instant, local_day
from models.lifecycle import Stage
from models.regulation import ClockKind, Minutes, Months, Office, Term, Unit, WorkingDays


class Outcome(StrEnum):
    """How a clock stands. `ended`: stopped before its due without its goal, never counted as met."""

    RUNNING = "running"
    MET = "met"
    PASSED = "passed"
    ENDED = "ended"


class FormerDue(Data):
    """When a clock was due before a change of the calendar moved it; `until`: when it was moved."""

    until: Instant
    due_at: Instant


class Clock(Data):
    """One clock of one application; `office` answers for it.

    `triggered_at`: what set it running, where it counts from another instant, the next opening (R5).
    `provisional`: a day on the way is not sure yet. `warned`: up to which percentage warnings are written.
    `common_due_at`: when it would be due as it is commonly counted, where our reading differs (R6).

    `allowed`: how long its term is, in `unit`. `taken`, `overrun`: how long it ran, and for how long past its due,
    once it is stopped; whole seconds of a clock in minutes, working days of one in working days
    (`models/measures.py`). `held_by`, `stage`: who had the file, and where it stood, when the limit passed or, in
    time, when it was stopped. `former`: what it was due at before, the oldest first.
    """

    clock: ClockKind
    office: Code
    limit: bool
    started_at: Instant
    due_at: Instant
    stopped_at: Instant | None = None
    outcome: Outcome = Outcome.RUNNING
    triggered_at: Instant | None = None
    provisional: bool = False
    warned: int = 0
    common_due_at: Instant | None = None
    unit: Unit | None = None
    allowed: int | None = None
    taken: int | None = None
    overrun: int | None = None
    held_by: Code | None = None
    stage: Stage | None = None
    former: tuple[FormerDue, ...] = ()

    @property
    def set_running_at(self) -> datetime:
        """The instant of what set it running."""
        return self.triggered_at or self.started_at

    @property
    def is_running(self) -> bool:
        return self.stopped_at is None

    def is_overdue(self, at: datetime) -> bool:
        """Whether the due instant lies behind; a stop at the due instant itself is in time."""
        return at > self.due_at

    @property
    def passed_under_this_reading_only(self) -> bool:
        """Whether it was stopped too late by our reading, and in time as it is commonly counted (R6)."""
        if self.outcome is not Outcome.PASSED or self.common_due_at is None or self.stopped_at is None:
            return False
        return self.stopped_at <= self.common_due_at

    def warned_at(self, percent: int) -> "Clock":
        """So much of the term is used up, and its warning is written."""
        return self.model_copy(update={"warned": percent})

    def replanned(
        self,
        started_at: datetime,
        due_at: datetime,
        common_due_at: datetime | None,
        *,
        provisional: bool,
        now: datetime,
    ) -> "Clock":
        """Due at another instant, as the calendar has changed; what had passed runs again if that is ahead."""
        is_again_ahead = self.outcome is Outcome.PASSED and due_at > now
        before = () if due_at == self.due_at else (FormerDue(until=now, due_at=self.due_at),)
        told: dict[str, Any] = {
            "started_at": started_at,
            "due_at": due_at,
            "common_due_at": common_due_at,
            "triggered_at": self.set_running_at if self.set_running_at != started_at else None,
            "provisional": provisional,
            "outcome": Outcome.RUNNING if is_again_ahead else self.outcome,
            "former": (*self.former, *before),
        }
        if is_again_ahead:
            told |= {"held_by": None, "stage": None}
        return Clock.model_validate(self.model_dump() | told)

    def passed(self, held_by: Code | None = None, stage: Stage | None = None) -> "Clock":
        """The limit is passed and the clock runs on: passing ends nothing (C2)."""
        return self.model_copy(update={"outcome": Outcome.PASSED, "held_by": held_by, "stage": stage})

    def stopped(
        self, at: datetime, *, reached: bool, held_by: Code | None = None, stage: Stage | None = None
    ) -> "Clock":
        """Stopped with (`reached`) or without its goal; what had passed stays passed, with whom and where."""
        if self.limit and (self.outcome is Outcome.PASSED or self.is_overdue(at)):
            outcome = Outcome.PASSED
        else:
            outcome = Outcome.MET if reached else Outcome.ENDED
        told: dict[str, Any] = {"stopped_at": at, "outcome": outcome}
        if self.outcome is not Outcome.PASSED:
            told |= {"held_by": held_by, "stage": stage}
        return self.model_copy(update=told)

    def measured(self, taken: int, overrun: int) -> "Clock":
        """How long it ran, and for how long past its due."""
        return self.model_copy(update={"taken": taken, "overrun": overrun})


@dataclass(frozen=True, slots=True)
class Moved:
    """A clock whose due instant a change of the calendar has moved."""

    before: Clock
    after: Clock


def due(term: Term, start: datetime, calendar: Calendar, office: Office) -> datetime:
    """The instant at which a term that starts at `start` ends.

    Minutes run in wall time (R7, R8). Working days are counted in the state's calendar and end at the
    office's close of business (R5, R6, R10). Months are calendar months and never end on a rest day (R9).
    """
    match term:
        case Minutes():
            return start + timedelta(minutes=term.minutes)
        case WorkingDays():
            counts = term.first_day == "same"
            last = calendar.working_day(term.working_days, local_day(start), start_counts=counts)
        case Months():
            last = calendar.roll_forward(add_months(local_day(start), term.months))
    return on_the_wall(last, office.weekdays.closes)


def counted_from(term: Term, at: datetime, calendar: Calendar, office: Office) -> datetime:
    """From which instant a term counts: its start, or the next opening where the regulation says so (R5).

    The close of business itself still lies within the hours.
    """
    if not isinstance(term, WorkingDays) or term.outside_hours == "count":
        return at
    day, hours = local_day(at), office.weekdays
    if calendar.is_working(day) and at <= on_the_wall(day, hours.closes):
        return max(at, on_the_wall(day, hours.opens))
    return on_the_wall(calendar.roll_forward(day + timedelta(days=1)), hours.opens)


def on_the_wall(day: date, hour: time) -> datetime:
    """An hour of a day in Karaganda, as an instant."""
    return datetime.combine(day, hour, tzinfo=ALMATY)


def limits_passed(clocks: Iterable[Clock]) -> tuple[ClockKind, ...]:
    """Which limits have passed, in the order of the clocks."""
    return tuple(clock.clock for clock in clocks if clock.limit and clock.outcome is Outcome.PASSED)
