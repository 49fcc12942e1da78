"""Submitting through the portal (R15, R16, R19): what is refused beforehand, and who does what."""

from datetime import UTC, date
from typing import Any

import pytest

from demo.examples import signed
from models.library import Rules
from models.lifecycle import Channel, Command
from models.messages import Submit
from models.plausibility import dates_ahead
from tests.models.builders import (
    CALENDAR,
    CLERK,
    COUNTERS,
    HEAD,
    PORTAL,
    SPECIALIST,
    Case,
    at,
    changed,
    example,
    lacking,
    person,
    submission,
)

UNSIGNED_RULES = Rules(changed(switches={"portal_needs_signature": False}), CALENDAR)


class TestBeforehand:
    """What refuses a request before anything begins (R15, R19)."""

    def test_a_sound_request_is_not_refused(self) -> None:
        """Complete, signed, known papers, no date ahead: nothing is said against it."""
        assert Case(PORTAL, begins=False).codes(Command.SUBMIT, submission()) == []

    @pytest.mark.parametrize(
        ("fields", "codes"),
        [
            ({"signature": None}, ["no-signature"]),
            ({"account": None}, ["incomplete-package"]),
            ({"documents": []}, ["incomplete-package"]),
            ({"documents": [{"kind": "library-card"}]}, ["unknown-document-kind", "incomplete-package"]),
            ({"account": None, "signature": None}, ["incomplete-package", "no-signature"]),
        ],
    )
    def test_every_reason_is_told_at_once(self, fields: dict[str, Any], codes: list[str]) -> None:
        """Whoever is refused reads every reason, each with its own code."""
        assert Case(PORTAL, begins=False).codes(Command.SUBMIT, submission(**fields)) == codes

    def test_an_unknown_kind_is_named_by_its_place(self) -> None:
        """The refusal says which document has a kind that the file does not know."""
        documents = example(Command.SUBMIT, PORTAL)["documents"]
        case = Case(PORTAL, begins=False)
        [refusal] = case.refusals(Command.SUBMIT, submission(documents=[*documents, {"kind": "library-card"}]))
        assert refusal.reason.startswith(f"documents.{len(documents)}.kind: library-card is none of")

    def test_the_switch_lets_an_unsigned_request_begin(self) -> None:
        """Where the regulation file does not want a signature, a request without one is not refused."""
        case = Case(PORTAL, rules=UNSIGNED_RULES, begins=False)
        assert case.codes(Command.SUBMIT, submission(signature=None)) == []
        assert case.codes(Command.SUBMIT, submission(signature=None, account=None)) == ["incomplete-package"]

    @pytest.mark.parametrize(("day", "codes"), [("2026-11-23", []), ("2026-11-24", ["issued-in-the-future"])])
    def test_papers_of_tomorrow(self, day: str, codes: list[str]) -> None:
        """A document of today is one, a document that will be issued is none."""
        request = example(Command.SUBMIT, PORTAL)
        request["documents"][0]["issued_on"] = day
        again = signed(Submit.model_validate(request))
        assert Case(PORTAL, begins=False).codes(Command.SUBMIT, again) == codes

    @pytest.mark.parametrize("hour", ["00:30", "12:00", "23:30"])
    def test_today_is_karagandas(self, hour: str) -> None:
        """A child born today may be named at any local hour, also while it is another day in UTC."""
        case = Case(PORTAL, begins=False)
        case.now = at(f"2026-11-23 {hour}").astimezone(UTC)
        today = case.example(Command.SUBMIT, born=date(2026, 11, 23))
        tomorrow = case.example(Command.SUBMIT, born=date(2026, 11, 24))
        assert case.codes(Command.SUBMIT, today) == []
        assert case.codes(Command.SUBMIT, tomorrow) == ["born-in-the-future"]

    def test_everybody_born_ahead_is_named_by_place(self) -> None:
        """The applicant and each child are told apart, and nobody by name."""
        ahead = date(2026, 12, 24)
        applicant = submission().applicant.model_dump() | person(ahead, 3)
        request = lacking(children=2, born=ahead).model_copy(
            update={"applicant": submission(applicant=applicant).applicant}
        )
        reasons = [refusal.reason.split(" ")[0] for refusal in dates_ahead(request, date(2026, 11, 23))]
        assert reasons == ["applicant.birth_date", "children.0.birth_date", "children.1.birth_date"]

    def test_calendar_that_ends_is_a_refusal(self) -> None:
        """A term that runs past the last year of the calendar is not guessed (R5)."""
        case = Case(PORTAL, opened=f"{CALENDAR.last_year}-12-28 10:00", begins=False)
        assert case.codes(Command.SUBMIT, submission()) == ["calendar-ends"]

    def test_channel_is_the_portals(self) -> None:
        """A request that says another channel is malformed; one that says none is the portal's."""
        with pytest.raises(ValueError, match="says portal"):
            submission(channel="provider")
        said = {name: value for name, value in example(Command.SUBMIT, PORTAL).items() if name != "channel"}
        assert Submit.model_validate(said).channel is PORTAL


class TestWhoAndWhen:
    """Who submits, and what the process does by itself."""

    @pytest.mark.parametrize("officer", [SPECIALIST, HEAD, *CLERK.values()])
    def test_only_the_applicant_submits(self, officer: str) -> None:
        """A request is the applicant's own: no officer's post allows it (R16)."""
        assert Case(PORTAL, begins=False).codes(Command.SUBMIT, by=officer) == ["not-authorised"]

    @pytest.mark.parametrize("channel", COUNTERS)
    def test_at_a_counter_nothing_is_submitted(self, channel: Channel) -> None:
        """A request belongs to the portal alone (R3)."""
        assert Case(channel, begins=False).codes(Command.SUBMIT, submission()) == ["illegal-move"]

    def test_on_the_portal_nobody_draws_a_ticket(self) -> None:
        """The portal has no queue (R16)."""
        case = Case(PORTAL, begins=False)
        assert case.codes(Command.TAKE_TICKET, example(Command.TAKE_TICKET, COUNTERS[0])) == ["illegal-move"]

    def test_a_second_time_is_no_move(self) -> None:
        """What is submitted cannot be submitted again."""
        assert Case(PORTAL).codes(Command.SUBMIT) == ["illegal-move"]

    @pytest.mark.parametrize("command", [Command.ACCEPT_SUBMISSION, Command.REFUSE_SUBMISSION])
    @pytest.mark.parametrize("who", [HEAD, SPECIALIST, "applicant"])
    def test_the_process_itself_accepts_and_refuses(self, command: Command, who: str) -> None:
        """Neither an officer nor the applicant decides whether a request is accepted (R15, R19)."""
        assert Case(PORTAL).codes(command, by=who) == ["not-a-command"]

    def test_the_process_itself_publishes(self) -> None:
        """The signed decision gets into the cabinet by itself, once the head has approved it (R20, R22)."""
        case = Case(PORTAL).drafted()
        assert case.codes(Command.PUBLISH, by=HEAD) == ["illegal-move"]
        assert case.do(Command.APPROVE).codes(Command.PUBLISH, by=HEAD) == ["not-a-command"]

    def test_what_is_submitted_is_not_withdrawn_yet(self) -> None:
        """From acceptance until the decision the applicant can take it back, not before and not after."""
        case = Case(PORTAL)
        assert case.codes(Command.WITHDRAW) == ["illegal-move"]
        assert case.accepted().codes(Command.WITHDRAW) == []
        case.do(Command.VERIFY).do(Command.PREPARE_DECISION).do(Command.APPROVE)
        assert case.codes(Command.WITHDRAW) == ["illegal-move"]
