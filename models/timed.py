"""What a proceeding does with its clocks: they start and stop, warn, pass, and follow a changed calendar.

Nothing here looks at a watch: every instant comes with a command or from whoever keeps the timers.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from datetime import datetime

from models.calendar import Calendar
from models.clocks import Clock, Moved, Outcome
from models.data import Code, local_iso
from models.journal import Detail, FactName
from models.library import Rules
from models.lifecycle import Stage
from models.measures import measured
from models.messages import Opening
from models.outbound import NoticeKind
from models.plan import Plan, WarningPoint, plan
from models.regulation import ClockKind, Office, Term, length_of, unit_of

ESCALATED = {
    FactName.WARNING_REACHED: NoticeKind.WARNING_REACHED,
    FactName.LIMIT_PASSED: NoticeKind.LIMIT_PASSED,
}
"""The facts that a supervisor is told of, and as what."""


class Timed(ABC):
    """The clocks of one execution, and the rules by which they run."""

    def __init__(self, opening: Opening, rules: Rules) -> None:
        self.opening = opening
        self.rules = rules
        self.clocks: dict[ClockKind, Clock] = {}
        self._warnings: dict[ClockKind, tuple[WarningPoint, ...]] = {}
        self.calendar_now: str | None = None
        """The hash of the calendar that it goes by, once that is another one than it was opened under."""

    def keep_running(self, clocks: Iterable[Clock], goes_by: Rules, calendar_now: str | None) -> None:
        """Take clocks over as they stand, by the rules that they go by: none starts anew, and none is moved."""
        self.rules, self.calendar_now = goes_by, calendar_now
        for clock in clocks:
            self.clocks[clock.clock] = clock
            planned = self._plan(clock.clock, clock.set_running_at, goes_by.office(clock.office))
            self._warnings[clock.clock] = planned.warnings if planned else ()

    @abstractmethod
    def escalate(self, name: FactName, clock: Clock, at: datetime, cause: str, details: dict[str, Detail]) -> None:
        """Write a fact of a clock, and tell the supervisor of the office in charge (C2)."""

    @abstractmethod
    def stage_at(self, instant: datetime) -> Stage:
        """Where it stood then."""

    @abstractmethod
    def holder_at(self, instant: datetime) -> Code | None:
        """Who had the file in hand then."""

    @property
    def goes_by(self) -> str:
        """The hash of the calendar that counts its days."""
        return self.calendar_now or self.opening.calendar

    def due_at(self, kind: ClockKind, at: datetime, answerable: Office) -> datetime | None:
        """When a clock that starts then is due; None where it does not run; UnknownYearError past the calendar."""
        planned = self._plan(kind, at, answerable)
        return None if planned is None else planned.due_at

    def _plan(self, kind: ClockKind, at: datetime, answerable: Office) -> Plan | None:
        channel = self.opening.channel
        return plan(self.rules.regulation, self.rules.calendar, kind, channel, answerable, at)

    def start(self, kind: ClockKind, at: datetime, answerable: Office) -> None:
        """Start a clock, if it runs on this channel; the office's close of business ends its last day."""
        planned = self._plan(kind, at, answerable)
        if planned is None:
            return
        self._warnings[kind] = planned.warnings
        self.clocks[kind] = Clock(
            clock=kind,
            office=answerable.code,
            limit=self.rules.regulation.clocks[kind].limit,
            started_at=planned.started_at,
            due_at=planned.due_at,
            triggered_at=None if at == planned.started_at else at,
            provisional=planned.is_provisional,
            common_due_at=planned.common_due_at,
            unit=unit_of(self._term(kind)),
            allowed=length_of(self._term(kind)),
        )

    def _term(self, kind: ClockKind) -> Term:
        return self.rules.regulation.clocks[kind].terms[self.opening.channel]

    def stop(self, kind: ClockKind, at: datetime, *, reached: bool, cause: str) -> None:
        """Stop a clock; what fell due before is written first, though nobody noticed it until now (C2)."""
        clock = self.clocks.get(kind)
        if clock is None or not clock.is_running:
            return
        self._write_due(kind, lambda instant: instant < at, noticed_at=at, cause=cause)
        clock, held_by, stage = self.clocks[kind], self.holder_at(at), self.stage_at(at)
        stopped = clock.stopped(at, reached=reached, held_by=held_by, stage=stage)
        self.clocks[kind] = measured(stopped, self._term(kind), at, self.rules.calendar)

    def follow(self, key: str, calendar: Calendar, now: datetime) -> list[Moved]:
        """Go by another calendar, of the hash `key`: running clocks are planned anew. Those that moved."""
        self.rules = Rules(self.rules.regulation, calendar)
        self.calendar_now = key
        moved: list[Moved] = []
        for kind, clock in [(kind, clock) for kind, clock in self.clocks.items() if clock.is_running]:
            planned = self._plan(kind, clock.set_running_at, self.rules.office(clock.office))
            if planned is None:
                continue
            self._warnings[kind] = planned.warnings
            self.clocks[kind] = clock.replanned(
                planned.started_at,
                planned.due_at,
                planned.common_due_at,
                provisional=planned.is_provisional,
                now=now,
            )
            if planned.due_at != clock.due_at:
                moved.append(Moved(before=clock, after=self.clocks[kind]))
        return moved

    def falls_due_at(self, kind: ClockKind) -> datetime | None:
        """When a clock next has something to tell: a warning, or that its term is over; None for nothing more."""
        clock = self.clocks[kind]
        if not clock.is_running or clock.outcome is Outcome.PASSED:
            return None
        return min((point.at for point in self._warnings_ahead(kind)), default=clock.due_at)

    def fall_due(self, kind: ClockKind, *, noticed_at: datetime, cause: str) -> None:
        """Write every warning reached by then, and that the limit has passed, each dated to its instant."""
        if self.clocks[kind].is_running:
            self._write_due(kind, lambda instant: instant <= noticed_at, noticed_at=noticed_at, cause=cause)

    def _write_due(
        self, kind: ClockKind, has_come: Callable[[datetime], bool], *, noticed_at: datetime, cause: str
    ) -> None:
        for point in self._warnings_ahead(kind):
            if has_come(point.at):
                self._warn(kind, point, noticed_at=noticed_at, cause=cause)
        if has_come(self.clocks[kind].due_at):
            self._pass_limit(kind, noticed_at=noticed_at, cause=cause)

    def _warnings_ahead(self, kind: ClockKind) -> list[WarningPoint]:
        return [point for point in self._warnings[kind] if point.percent > self.clocks[kind].warned]

    def _warn(self, kind: ClockKind, point: WarningPoint, *, noticed_at: datetime, cause: str) -> None:
        clock = self.clocks[kind]
        self.clocks[kind] = clock.warned_at(point.percent)
        told: dict[str, Detail] = {"percent": point.percent, "due_at": local_iso(clock.due_at)}
        self.escalate(FactName.WARNING_REACHED, clock, point.at, cause, _told(clock, noticed_at, told))

    def _pass_limit(self, kind: ClockKind, *, noticed_at: datetime, cause: str) -> None:
        """Write that a limit has passed, dated to its due instant, and tell the office's supervisor (C2)."""
        clock = self.clocks[kind]
        if not clock.limit or clock.outcome is not Outcome.RUNNING:
            return
        self.clocks[kind] = clock.passed(self.holder_at(clock.due_at), self.stage_at(clock.due_at))
        common = clock.common_due_at
        told: dict[str, Detail] = {"due_as_commonly_counted": local_iso(common)} if common else {}
        self.escalate(FactName.LIMIT_PASSED, clock, clock.due_at, cause, _told(clock, noticed_at, told))


def _told(clock: Clock, noticed_at: datetime, more: dict[str, Detail]) -> dict[str, Detail]:
    """What a fact of a clock tells. `noticed_at`: how late it was written, if no worker was there."""
    return {"clock": clock.clock, "office": clock.office, **more, "noticed_at": local_iso(noticed_at)}
