"""What a change of the calendar does to what is open: its running clocks are planned anew (R6)."""

from models.act import Act, did
from models.calendar_change import CalendarChange, changed
from models.clocks import Moved, Outcome
from models.data import local_iso
from models.journal import Detail, FactName
from models.proceeding import Proceeding


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


def _runs_again(one: Moved) -> bool:
    """Its limit had passed, and is ahead again."""
    return one.before.outcome is Outcome.PASSED and one.after.outcome is Outcome.RUNNING
