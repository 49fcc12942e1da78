"""What a change of the calendar does to what is open: its running clocks are planned anew (R6)."""

from datetime import datetime

from models.act import Act, did
from models.calendar_change import CalendarChange, changed
from models.clocks import Moved, Outcome
from models.data import local_iso
from models.journal import Detail, FactName
from models.lifecycle import Channel
from models.outbound import NoticeKind
from models.proceeding import Proceeding
from models.regulation import ClockKind


def follow_calendar(proceeding: Proceeding, act: Act) -> None:
    """Each due instant that moves is told from and to; the warnings on the way move with it."""
    message: CalendarChange = act.message
    moved = proceeding.follow(message.calendar, changed(proceeding.rules.calendar, message), act.at)
    details: dict[str, Detail] = {
        "calendar": message.code,
        "moved": [str(one.after.clock) for one in moved],
        "running_again": [str(one.after.clock) for one in moved if _runs_again(one)],
    }
    for one in moved:
        details[f"{one.after.clock}_from"] = local_iso(one.before.due_at)
        details[f"{one.after.clock}_to"] = local_iso(one.after.due_at)
    did(proceeding, act, FactName.CALENDAR_CHANGED, details)
    for one in moved:
        if one.after.clock is ClockKind.PROCESSING:
            _tell_applicant(proceeding, one, act.at)


def _tell_applicant(proceeding: Proceeding, moved: Moved, at: datetime) -> None:
    """R22: the cabinet was told by when the result is there; what it was told is not true any more."""
    if proceeding.opening.channel is not Channel.PORTAL or proceeding.registration_number is None:
        return
    details: dict[str, Detail] = {
        "registration_number": proceeding.registration_number,
        "due_at": local_iso(moved.after.due_at),
        "told_before": local_iso(moved.before.due_at),
    }
    proceeding.tell_applicant(NoticeKind.DUE_DATE_MOVED, at, details)


def _runs_again(one: Moved) -> bool:
    """Its limit had passed, and is ahead again."""
    return one.before.outcome is Outcome.PASSED and one.after.outcome is Outcome.RUNNING
