"""A change of the calendar: what it is made of, and what it does to clocks that run (R6, R9)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calendar import Calendar
from models.calendar_change import CalendarChange, CalendarMismatchError, change_between, changed, rules_under
from models.calendar_entries import CalendarEntry, Correction, DayKind
from models.clocks import Outcome
from models.journal import FactName
from models.library import Library, UnknownRulesError, content_hash
from models.lifecycle import Command
from models.messages import Opening
from models.outbound import NoticeKind
from models.regulation import ClockKind
from tests.models.builders import CALENDAR, LIBRARY, PORTAL, PROVIDER, QUICK, REGULATION, SC, Case, at, off

PROCESSING, RETENTION, WAITING = ClockKind.PROCESSING, ClockKind.RETENTION, ClockKind.WAITING
THURSDAY = "2026-12-03"
OLDER = next(one for one in LIBRARY.calendars.values() if one.code == "kz-2026-11")


def corrected(base: Calendar, *entries: dict[str, object], **more: object) -> Calendar:
    return base.corrected(Correction.model_validate({"entries": entries, **more}))


class TestCorrection:
    """Entries that a file adds to the calendar."""

    def test_what_is_known_already_changes_nothing(self) -> None:
        """So a file can be applied twice, and a calendar's own file corrects it by nothing."""
        again = Correction(
            basis=CALENDAR.basis, settled_through=CALENDAR.settled_through, entries=CALENDAR.entries
        )
        assert CALENDAR.corrected(again) is CALENDAR
        once = off(THURSDAY)
        entry = {"date": THURSDAY, "kind": "moved day off"}
        assert corrected(once, entry, basis="an order") is once

    def test_the_code_tells_that_it_is_corrected(self) -> None:
        """The same corrections lead to the same calendar, in one step or in two."""
        both = off(THURSDAY, "2026-12-04")
        steps = corrected(off(THURSDAY), {"date": "2026-12-04", "kind": "moved day off"}, basis="an order")
        assert both == steps
        assert content_hash(both) == content_hash(steps)
        assert both.code.startswith("kz-2026-12+")

    def test_an_announced_feast_takes_the_place_of_its_estimate(self) -> None:
        """Kurban Ait of 2027 is estimated for Sunday 16 May; named for Tuesday, the estimate is gone."""
        estimate = next(one for one in CALENDAR.entries if one.estimated and one.date.year == 2027)
        named = estimate.date + timedelta(days=2)
        entry = {"date": named.isoformat(), "kind": "religious"}
        new = corrected(CALENDAR, entry, settled_through=2027)
        assert not new.is_working(named)
        assert new.is_sure(named)
        assert [one for one in new.entries if one.date.year == 2027 and one.estimated] == []

    def test_a_worked_saturday_can_be_taken_back(self) -> None:
        saturday = {"date": "2026-12-05", "kind": "moved working day"}
        worked = corrected(CALENDAR, saturday)
        assert worked.is_working(date(2026, 12, 5))
        back = corrected(worked, {"date": "2026-12-05", "kind": "moved day off"})
        assert back.entries == CALENDAR.entries

    def test_a_working_day_cannot_be_declared_worked(self) -> None:
        with pytest.raises(ValueError, match="2026-12-03: moved-working-day, but it is a working day already"):
            corrected(CALENDAR, {"date": THURSDAY, "kind": "moved working day"})


class TestChange:
    """What travels to an application."""

    @QUICK
    @given(
        st.sets(st.dates(date(2024, 1, 1), date(2030, 12, 31)), max_size=6),
        st.sets(st.dates(date(2024, 1, 1), date(2030, 12, 31)), max_size=6),
    )
    def test_it_leads_from_any_calendar_to_any_other(self, before: set[date], after: set[date]) -> None:
        """Also after it was written as JSON and read again: the hash of what it makes is the one it names."""
        old, new = with_holidays(before), with_holidays(after)
        change = CalendarChange.model_validate_json(change_between(old, new).model_dump_json())
        made = changed(old, change)
        assert (made, content_hash(made)) == (new, content_hash(new))

    def test_it_carries_what_differs_alone(self) -> None:
        change = change_between(CALENDAR, off(THURSDAY))
        assert ([entry["date"] for entry in change.entries], change.removed) == ([THURSDAY], ())
        back = change_between(off(THURSDAY), CALENDAR)
        assert (back.entries, back.removed) == ((), (date(2026, 12, 3),))

    def test_entries_in_another_order_come_along_whole(self) -> None:
        """A file that is not in the order of its dates has a hash of its own, and keeps it."""
        content = CALENDAR.model_dump(mode="json", exclude_unset=True)
        mixed = Calendar.model_validate(content | {"entries": content["entries"][::-1]})
        change = change_between(CALENDAR, mixed)
        assert content_hash(changed(CALENDAR, change)) == content_hash(mixed)

    def test_one_that_does_not_lead_where_it_says_is_refused(self) -> None:
        change = change_between(CALENDAR, off(THURSDAY)).model_copy(update={"calendar": "0" * 64})
        with pytest.raises(CalendarMismatchError, match="does not lead to the calendar that it names"):
            changed(CALENDAR, change)

    def test_one_that_makes_no_calendar_is_refused(self) -> None:
        told = change_between(CALENDAR, off(THURSDAY)).model_dump(mode="json")
        told |= {"calendar": "1" * 64, "entries": [{"date": THURSDAY, "kind": "feast"}]}
        with pytest.raises(CalendarMismatchError, match="does not make a calendar"):
            changed(CALENDAR, CalendarChange.model_validate(told))


def with_holidays(days: set[date]) -> Calendar:
    """The calendar with some holidays, in place of what stood there."""
    kept = [entry for entry in CALENDAR.entries if entry.date not in days]
    more = [CalendarEntry(date=day, kind=DayKind.HOLIDAY) for day in days]
    entries = tuple(sorted([*kept, *more], key=lambda entry: entry.date))
    content = CALENDAR.model_dump(mode="json", exclude_unset=True)
    content["entries"] = [entry.model_dump(mode="json", exclude_unset=True) for entry in entries]
    return Calendar.model_validate(content)


class TestOpening:
    """What is opened after a change goes by the changed calendar, wherever a worker has its files from."""

    new = off(THURSDAY)
    opening = Opening(
        application="app-1",
        channel=SC,
        office="sc-karaganda",
        regulation=content_hash(REGULATION),
        calendar=content_hash(new),
    )

    def test_the_change_makes_its_calendar(self) -> None:
        rules = rules_under(LIBRARY, self.opening, change_between(CALENDAR, self.new))
        assert rules.calendar == self.new

    def test_a_worker_that_has_it_as_a_file_needs_no_change(self) -> None:
        library = Library([REGULATION], [self.new])
        assert rules_under(library, self.opening, None).calendar is self.new

    def test_without_the_change_it_is_unknown(self) -> None:
        with pytest.raises(UnknownRulesError):
            rules_under(LIBRARY, self.opening, None)

    def test_another_change_does_not_do(self) -> None:
        with pytest.raises(UnknownRulesError, match="another calendar than it was given"):
            rules_under(LIBRARY, self.opening, change_between(CALENDAR, off("2026-12-04")))


class TestFollowing:
    """An application that is open when an order comes."""

    def test_the_due_instant_moves(self) -> None:
        """The fact says from and to; the change is an officer's, given to all applications (R6)."""
        case = Case().under_review().do(Command.FOLLOW_CALENDAR)
        fact = case.fact(FactName.CALENDAR_CHANGED)
        assert (fact.by, fact.stage) == ("education-supervisor", "under_review")
        assert fact.details == {
            "calendar": off(THURSDAY).code,
            "moved": ["processing"],
            "running_again": [],
            "processing_from": "2026-12-07T18:30:00+05:00",
            "processing_to": "2026-12-08T18:30:00+05:00",
        }
        assert case.application.clocks[PROCESSING].due_at == at("2026-12-08 18:30")
        assert case.application.state().calendar_now == content_hash(off(THURSDAY))

    def test_the_warnings_move_with_it(self) -> None:
        """75 and 90 per cent lie a day later, 50 lies before the day that is off now."""
        case = Case().under_review().do(Command.FOLLOW_CALENDAR).fall_due(PROCESSING)
        warned = [f.at for f in case.application.facts if f.fact is FactName.WARNING_REACHED]
        assert warned == [at("2026-11-30 18:30"), at("2026-12-04 13:45"), at("2026-12-07 18:30")]

    def test_what_does_not_move_follows_too(self) -> None:
        """Nobody knows which clock starts next: whoever is still in the queue gets the right ten days later."""
        case = Case().do(Command.FOLLOW_CALENDAR)
        assert case.fact(FactName.CALENDAR_CHANGED).details["moved"] == []
        case.do(Command.CALL).do(Command.ACCEPT)
        assert case.application.clocks[PROCESSING].due_at == at("2026-12-08 18:30")

    def test_a_limit_that_had_passed_runs_again(self) -> None:
        """An order that comes late gives the day back: the fact stays, the clock is in time again."""
        case = Case().under_review().fall_due(PROCESSING)
        case.do(Command.FOLLOW_CALENDAR, when="2026-12-08 10:00")
        assert case.fact(FactName.CALENDAR_CHANGED).details["running_again"] == ["processing"]
        assert case.application.clocks[PROCESSING].outcome is Outcome.RUNNING
        assert case.application.falls_due_at(PROCESSING) == at("2026-12-08 18:30")
        case.fall_due(PROCESSING)
        assert case.names().count(FactName.LIMIT_PASSED) == 2

    def test_one_that_is_due_earlier_now_has_passed_at_once(self) -> None:
        """A Saturday declared worked ends the term earlier; the limit is dated to that instant."""
        saturday = corrected(CALENDAR, {"date": "2026-11-28", "kind": "moved working day"})
        case = Case(PROVIDER).under_review()
        case.do(Command.FOLLOW_CALENDAR, change_between(CALENDAR, saturday), when="2026-12-04 10:00")
        due = at("2026-12-03 18:30")
        assert case.application.falls_due_at(PROCESSING) <= due
        case.application.fall_due(PROCESSING, noticed_at=case.now, cause="timer")
        assert case.fact(FactName.LIMIT_PASSED).at == due
        assert case.fact(FactName.LIMIT_PASSED).details["noticed_at"] == "2026-12-04T10:00:00+05:00"

    def test_the_start_itself_can_move(self) -> None:
        """A portal request of Saturday counts from Monday's opening, until that Saturday is declared worked."""
        case = Case(PORTAL, opened="2026-11-28 10:00")
        clock = case.application.clocks[PROCESSING]
        assert (clock.started_at, clock.triggered_at) == (at("2026-11-30 09:00"), at("2026-11-28 10:00"))
        saturday = corrected(CALENDAR, {"date": "2026-11-28", "kind": "moved working day"})
        case.do(Command.FOLLOW_CALENDAR, change_between(CALENDAR, saturday))
        clock = case.application.clocks[PROCESSING]
        assert (clock.started_at, clock.triggered_at) == (at("2026-11-28 10:00"), None)

    def test_the_cabinet_is_told_of_the_new_date(self) -> None:
        """R22: the applicant was told by when the result is there; at a counter the receipt stays what it is."""
        case = Case(PORTAL).under_review().do(Command.FOLLOW_CALENDAR)
        [notice] = case.notices(NoticeKind.DUE_DATE_MOVED)
        assert (notice.recipient, notice.fact) == ("applicant", case.fact(FactName.CALENDAR_CHANGED).number)
        assert notice.details == {
            "registration_number": "KRG-2026-000001",
            "due_at": "2026-12-07T18:30:00+05:00",
            "told_before": "2026-12-04T18:30:00+05:00",
        }
        assert Case(SC).under_review().do(Command.FOLLOW_CALENDAR).notices(NoticeKind.DUE_DATE_MOVED) == []

    def test_whoever_is_told_a_date_is_told_that_it_can_move(self) -> None:
        """Receipt, journal and cabinet say that a due date is provisional, and say nothing where it is sure."""
        case = Case(PORTAL, opened="2026-12-21 10:00").under_review()
        [notice] = case.notices(NoticeKind.SUBMISSION_ACCEPTED)
        assert notice.details["provisional"] is True
        receipt = Case(SC, opened="2026-12-21 10:00").under_review().application.papers[0]
        assert receipt.details["provisional"] is True
        assert "provisional" not in Case(SC).under_review().application.papers[0].details

    def test_a_month_moves_only_at_its_end(self) -> None:
        """R9: a month never ends on a day off."""
        case = Case().ready()
        ends = case.application.clocks[RETENTION].due_at.date()
        case.do(Command.FOLLOW_CALENDAR, change_between(CALENDAR, off(ends.isoformat())))
        assert case.fact(FactName.CALENDAR_CHANGED).details["moved"] == ["retention"]
        assert case.application.clocks[RETENTION].due_at.date() > ends

    def test_a_clock_that_stands_is_left_alone(self) -> None:
        case = Case().ready()
        before = case.application.clocks[PROCESSING]
        case.do(Command.FOLLOW_CALENDAR)
        assert case.application.clocks[PROCESSING] == before

    def test_what_was_provisional_becomes_sure(self) -> None:
        """The orders of the next year are out: the due instant stays, and is sure."""
        case = Case(opened="2026-12-21 10:00").under_review()
        assert case.application.clocks[PROCESSING].provisional
        case.do(Command.FOLLOW_CALENDAR, change_between(CALENDAR, corrected(CALENDAR, settled_through=2027)))
        assert not case.application.clocks[PROCESSING].provisional

    def test_a_change_for_another_calendar_is_refused(self) -> None:
        case = Case().under_review()
        change = change_between(off("2026-12-04"), off(THURSDAY))
        assert case.codes(Command.FOLLOW_CALENDAR, change) == ["calendar-mismatch"]
        twice = case.other_calendar()
        case.do(Command.FOLLOW_CALENDAR, twice)
        assert case.codes(Command.FOLLOW_CALENDAR, twice) == ["calendar-mismatch"]

    def test_a_calendar_that_ends_too_early_is_refused(self) -> None:
        """An application is never left without a due date."""
        told = CALENDAR.model_dump(mode="json", exclude_unset=True)
        entries = [entry for entry in told["entries"] if entry["date"] < "2026-12"]
        short = Calendar.model_validate(told | {"last_year": 2026, "entries": entries})
        case = Case(opened="2026-12-21 10:00").under_review()
        assert case.codes(Command.FOLLOW_CALENDAR, change_between(CALENDAR, short)) == ["calendar-ends"]

    def test_nobody_else_may(self) -> None:
        case = Case().under_review()
        for by in ("specialist-1", "sc-intake-1", "applicant"):
            assert case.codes(Command.FOLLOW_CALENDAR, by=by)[0] in ("not-authorised", "unknown-officer")

    def test_an_older_calendar_can_follow_too(self) -> None:
        """kz-2026-11 says the same of every day, in fewer words."""
        change = change_between(OLDER, CALENDAR)
        assert content_hash(changed(OLDER, change)) == content_hash(CALENDAR)
