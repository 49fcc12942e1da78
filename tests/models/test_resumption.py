"""What goes on from the record is what stood there, in all that decides what it does next (C4)."""

from typing import Any

import pytest

from models.application import Application
from models.calendar_change import change_between, rules_under
from models.lifecycle import Command
from models.regulation import ClockKind
from models.resumption import Resumption
from tests.models.builders import CALENDAR, LIBRARY, Case, off

CHANGED = off("2026-12-03")


def resumed(case: Case, *, under_changed: bool) -> Application:
    """Begun anew with what the record would give, as it travels."""
    before = case.application
    change = change_between(CALENDAR, CHANGED) if under_changed else None
    given = Resumption(entry=before.entry(after=0), calendar_change=change)
    resumes = Resumption.model_validate_json(given.model_dump_json())
    application = Application(before.opening, rules_under(LIBRARY, before.opening, None))
    application.take_over(resumes.entry, resumes.rules(LIBRARY))
    return application


def what_decides(application: Application) -> dict[str, Any]:
    """All that it is; warnings of what is stopped are never given again."""
    everything = dict(vars(application))
    rules, chart, warnings = (everything.pop(name) for name in ("rules", "chart", "_warnings"))
    running = {kind: warnings[kind] for kind, clock in application.clocks.items() if clock.is_running}
    return everything | {"goes_by": rules.calendar, "stage": chart.stage, "warnings": running}


CASES = {
    "queued": Case,
    "under review": lambda: Case().under_review(),
    "warned and passed": lambda: Case().under_review().fall_due(ClockKind.PROCESSING),
}


class TestTakeOver:
    """Every field of the one before, and of the one that goes on."""

    @pytest.mark.parametrize("follows", [False, True], ids=["its own calendar", "a changed one"])
    @pytest.mark.parametrize("so_far", CASES.values(), ids=CASES.keys())
    def test_nothing_is_lost(self, so_far: Any, follows: bool) -> None:
        """Clocks, warnings ahead, rules and journal; also where an order has moved its days meanwhile."""
        case = so_far()
        if follows:
            case.do(Command.FOLLOW_CALENDAR, when="2026-12-08 10:00")
        again = resumed(case, under_changed=follows)
        assert what_decides(again) == what_decides(case.application)
        assert again.goes_by == case.application.goes_by
