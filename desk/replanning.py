"""The calendar changes while applications run: which due instants would move, and moving them (R6).

Whatever is open follows, also where nothing moves today: nobody knows which clock starts next. A change that
was killed half-way is on record; the same command again goes on with whatever does not follow it yet.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from adapters.database.calendars import RunningClock
from adapters.host_clock import host_today
from desk.calendars import Calendars, InForce
from desk.desk import Desk
from desk.identity import update_id
from desk.officer import Officer
from models.authority import AUTHORITY
from models.calendar import Calendar, UnknownYearError
from models.calendar_change import CalendarChange, change_between
from models.calendar_entries import Correction, Day
from models.data import local_day
from models.errors import RefusedError, UnavailableError
from models.lifecycle import Command
from models.messages import Declined
from models.plan import Plan, plan, through
from models.refusals import Refusal

_AT_ONCE = 16
_LAST_LOOK = 2.0
"""A ticket that was being taken when the change came in is on record by then."""
_LOOKS = 3
_PAUSE = 1.0
_MOST_LINES = 20


@dataclass(frozen=True)
class ChangedDay:
    """A day that another calendar has otherwise, where that moves a due instant."""

    date: date
    before: Day
    after: Day


@dataclass(frozen=True)
class Move:
    """A running clock whose due instant would move, and the days that are why."""

    clock: RunningClock
    plan: Plan
    days: tuple[ChangedDay, ...]


@dataclass
class Replanning:
    """What a change means: the calendar it leads to, what moves, and what is open and has to follow.

    `corrects`: what was in force when it was made, and what it therefore contains.
    """

    corrects: InForce
    key: str
    calendar: Calendar
    change: CalendarChange
    moves: list[Move]
    uncounted: list[RunningClock]
    """Clocks that the new calendar cannot count: it ends before their term does."""
    behind: list[tuple[str, str]]
    told: int = 0


def preview(calendars: Calendars, correction: Correction) -> Replanning:
    """What would move if these entries were added to the calendar in force; changes nothing. ValueError."""
    _, file = calendars.library.current(host_today())
    now = calendars.in_force(host_today())
    new = calendars.find(now.calendar).corrected(correction)
    change = change_between(calendars.library.calendars[file], new)
    behind = calendars.changes.not_following(change.calendar)
    found = Replanning(now, change.calendar, new, change, [], [], behind)
    for row in calendars.changes.running():
        _look_at(calendars, row, found)
    return found


def _look_at(calendars: Calendars, row: RunningClock, found: Replanning) -> None:
    if row.calendar == found.key:
        return
    try:
        planned = _planned(calendars, row, found.calendar)
    except UnknownYearError:
        found.uncounted.append(row)
        return
    if planned is not None and planned.due_at != row.due_at:
        old = calendars.find(row.calendar)
        found.moves.append(Move(row, planned, tuple(_why(row, planned, old, found.calendar))))


def _planned(calendars: Calendars, row: RunningClock, calendar: Calendar) -> Plan | None:
    regulation = calendars.library.regulation(row.regulation)
    office = regulation.office(row.office)
    return None if office is None else plan(regulation, calendar, row.clock, row.channel, office, row.since)


def _why(row: RunningClock, planned: Plan, old: Calendar, new: Calendar) -> Iterator[ChangedDay]:
    """The days on the longer of the two ways that are worked in one calendar and not in the other."""
    for day in through(local_day(row.since), max(local_day(row.due_at), local_day(planned.due_at))):
        if old.is_working(day) != new.is_working(day):
            yield ChangedDay(day, old.day(day), new.day(day))


async def apply(desk: Desk, correction: Correction, officer: Officer) -> Replanning:
    """Put the entries into force, and have everything that is open follow. RefusedError; ValueError.

    UnavailableError where something could not be told: the change is in force, the command goes on when repeated.
    """
    _need_authority(desk, officer)
    while True:
        found = preview(desk.calendars, correction)
        _need_countable(found)
        if _put_into_force(desk.calendars, found, officer):
            break
    await _tell_everybody(desk, found, officer)
    return found


def _need_countable(found: Replanning) -> None:
    if found.uncounted:
        row = found.uncounted[0]
        reason = f"{found.calendar.code} ends before the term of {row.clock} of {row.application} does"
        raise RefusedError([Refusal(code="calendar-ends", reason=reason)])


def _need_authority(desk: Desk, officer: Officer) -> None:
    known = desk.library.in_force(host_today()).officer(officer.code)
    may = AUTHORITY[Command.FOLLOW_CALENDAR]
    if known is None:
        reason = f"there is no officer {officer.code}; see `starter.py officers`"
        raise RefusedError([Refusal(code="unknown-officer", reason=reason)])
    if not may.intersection(known.roles):
        reason = f"a change of the calendar needs the role {' or '.join(sorted(may))}"
        raise RefusedError([Refusal(code="not-authorised", reason=reason)])


def _put_into_force(calendars: Calendars, found: Replanning, officer: Officer) -> bool:
    """Whether the change is in force, by now or already; False if one came in between, which it lacks."""
    if found.corrects.calendar == found.key:
        return True
    return calendars.changes.apply(found.change, officer.code, after=found.corrects.changes)


async def _tell_everybody(desk: Desk, found: Replanning, officer: Officer) -> None:
    """Tell whatever is open and goes by another calendar; then look again for what came meanwhile."""
    teller = _Teller(desk, found, officer)
    try:
        await teller.tell_those_behind()
        await asyncio.sleep(_LAST_LOOK)
        unseen = await _not_on_record(desk)
        for _ in range(_LOOKS):
            await teller.tell_those_behind()
            if not teller.failed:
                break
            await asyncio.sleep(_PAUSE)  # another change may have come in between, and is recorded by then
    except UnavailableError as error:
        reason = f"the calendar {found.calendar.code} is in force, and not all that is open could be told: {error}"
        raise UnavailableError(f"{reason}; then repeat the command", pending=True) from error
    found.told = len(teller.told)
    await teller.until_recorded()
    if teller.failed or unseen:
        raise UnavailableError(_left_over(found, teller.failed, unseen), pending=True)


class _Teller:
    """Tells executions, several at once, that they go by another calendar now."""

    def __init__(self, desk: Desk, found: Replanning, officer: Officer) -> None:
        self._desk = desk
        self._found = found
        self._officer = officer
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._changes: dict[str, CalendarChange] = {}
        self.told: set[str] = set()
        self.failed: dict[str, str] = {}
        """Why an execution could not be told."""

    async def tell_those_behind(self) -> None:
        """Whatever the record has under another calendar, but for what was told and is not recorded yet."""
        left = [(execution, goes_by) for execution, goes_by in self._behind() if execution not in self.told]
        self.failed.clear()
        if not left or self._is_superseded():
            return
        await self._desk.delivery.need_worker()
        await asyncio.gather(*(self._tell(execution, goes_by) for execution, goes_by in left))
        if self._is_superseded():  # it refused to go back from the newer one
            self.failed.clear()

    def _is_superseded(self) -> bool:
        """Whether somebody has put a newer change into force, which contains this one: then they tell of it."""
        return self._desk.calendars.in_force(host_today()).calendar != self._found.key

    async def until_recorded(self) -> None:
        """Wait a little for the record: whoever looks next should see what was done."""
        await self._desk.until(lambda: self._is_superseded() or self.told.isdisjoint(dict(self._behind())))

    def _behind(self) -> list[tuple[str, str]]:
        return self._desk.calendars.changes.not_following(self._found.key)

    async def _tell(self, execution: str, goes_by: str) -> None:
        async with self._turns:
            problem = await self._give(execution, goes_by)
        if problem is None:
            self.told.add(execution)
        else:
            self.failed[execution] = problem

    async def _give(self, execution: str, goes_by: str) -> str | None:
        """Give one execution the command; the problem, if it did not do it."""
        desk, name = self._desk, Command.FOLLOW_CALENDAR
        order = desk.order(name, self._officer, self._change_of(goes_by), None)
        update = update_id(desk.ring, f"calendar/{execution}/{goes_by}/{self._found.key}")
        try:
            reply = await desk.delivery.update(
                execution, name, order, update, more_seconds=0, again="as it was given"
            )
        except UnavailableError as error:
            return str(error)
        return reply.refusals[0].reason if isinstance(reply, Declined) else None

    def _change_of(self, goes_by: str) -> CalendarChange:
        if goes_by not in self._changes:
            self._changes[goes_by] = change_between(self._desk.calendars.find(goes_by), self._found.calendar)
        return self._changes[goes_by]


async def _not_on_record(desk: Desk) -> Sequence[str]:
    """Executions that run and that the record does not know: which calendar they go by, nobody can see.

    Somebody takes a ticket at any moment, so each has a while to come on record.
    """
    unseen: list[str] = []
    for _ in range(_LOOKS):
        known = set(desk.reader.executions())
        unseen = [execution async for execution in desk.delivery.running() if execution not in known]
        if not unseen:
            break
        await asyncio.sleep(_PAUSE)
    return unseen


def _left_over(found: Replanning, failed: Mapping[str, str], unseen: Sequence[str]) -> str:
    lines = [f"{execution}: {problem}" for execution, problem in failed.items()]
    lines += [f"{execution}: it runs and is not on record yet" for execution in unseen]
    return (
        f"the calendar {found.calendar.code} is in force and {found.told} executions follow it, but {len(lines)} "
        f"could not be told; repeat the command when workers are there: {'; '.join(lines[:_MOST_LINES])}"
    )
