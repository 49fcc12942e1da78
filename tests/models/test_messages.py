"""What a message must say to be one: malformed input is refused by its field."""

from collections.abc import Callable
from datetime import UTC
from typing import Any

import pytest
from pydantic import ValidationError

from models.lifecycle import Channel, Command
from models.messages import MESSAGES, is_for_people
from models.request import Request
from tests.models.builders import PORTAL, PROVIDER, SC, at, child, example, paper, request

KIN = {"birth_place": "kz", "parents": ["mother"]}
PERIOD = {"starts_on": "2026-11-01", "ends_on": "2026-12-31"}
GRANT = {"verdict": "grant", "period": PERIOD}
REFUSAL = {"verdict": "refuse", "grounds": ["not-entitled"]}


def special(**terms: Any) -> dict[str, Any]:
    return GRANT | {"children": [{"child": 1} | terms]}


WRONG: dict[str, tuple[Command, dict[str, Any], str]] = {
    "a ticket of the portal": (Command.TAKE_TICKET, {"channel": "portal"}, "channel"),
    "a misspelt field": (Command.TAKE, {"remark": "x"}, "remark"),
    "a grant without a period": (Command.PREPARE_DECISION, {"verdict": "grant"}, "period: a grant"),
    "a grant with grounds": (Command.PREPARE_DECISION, GRANT | {"grounds": ["not-entitled"]}, "has no grounds"),
    "a refusal without grounds": (
        Command.PREPARE_DECISION,
        {"verdict": "refuse"},
        "grounds: a refusal needs them",
    ),
    "a refusal with a period": (Command.PREPARE_DECISION, REFUSAL | {"period": PERIOD}, "neither period"),
    "a refusal with amounts": (Command.PREPARE_DECISION, REFUSAL | {"children": [{"child": 1}]}, "nor children"),
    "a period that ends before it starts": (
        Command.PREPARE_DECISION,
        {"verdict": "grant", "period": {"starts_on": "2026-12-01", "ends_on": "2026-11-30"}},
        "ends_on: it is before starts_on",
    ),
    "a child twice": (
        Command.PREPARE_DECISION,
        GRANT | {"children": [{"child": 1}, {"child": 1}]},
        "each child once",
    ),
    "an amount without a reason": (Command.PREPARE_DECISION, special(monthly_amount="5"), "needs one"),
    "no amount at all": (Command.PREPARE_DECISION, special(monthly_amount="0", reason="x"), "greater than 0"),
    "a third decimal": (Command.PREPARE_DECISION, special(monthly_amount="5.001", reason="x"), "decimal"),
    "a draft returned without a reason": (Command.RETURN_DRAFT, {"reason": "  "}, "reason"),
    "a name in place of a code": (Command.REASSIGN, {"to": "Ахметов"}, "to"),
    "a name in place of a list's number": (
        Command.HAND_OVER,
        {"list_number": "Ахметов", "received_by": "head"},
        "list_number",
    ),
    "somebody else who collects": (Command.COLLECT, {"receipt_shown": True, "collected_by": "x"}, "collected_by"),
}

BROKEN: dict[str, tuple[Callable[[], Request], str]] = {
    "no child": (lambda: request([], []), "children"),
    "the same child twice": (
        lambda: request([child("mother"), child("father")], []),
        "the same child stands twice",
    ),
    "the applicant as a child": (
        lambda: Request.model_validate(
            request([child("mother")], []).model_dump()
            | {
                "children": [
                    request([child("mother")], []).applicant.model_dump(exclude={"address", "phone"}) | KIN
                ]
            }
        ),
        "the applicant is one of the children",
    ),
    "a parent twice": (lambda: request([child("mother", "mother")], []), "each parent once"),
    "a document of no child": (
        lambda: request([child("mother")], [paper("alimony", 2)]),
        "documents.0.child: there is no child 2",
    ),
    "a parent that nobody named": (
        lambda: request([child("mother")], [paper("renunciation", 1, ["father"])]),
        "documents.0.parents",
    ),
    "another child's parent": (
        lambda: request(
            [child("mother"), child("father", seed=11)],
            [paper("alimony", 1), paper("renunciation", 1, ["father"])],
        ),
        "documents.1.parents",
    ),
}


class TestMessages:
    """The words of each command."""

    @pytest.mark.parametrize("name", WRONG)
    def test_a_malformed_message_is_refused(self, name: str) -> None:
        """A message that contradicts itself or says what it cannot is refused with its field or reason."""
        command, message, words = WRONG[name]
        with pytest.raises(ValidationError, match=words):
            MESSAGES[command].model_validate(message)

    @pytest.mark.parametrize("channel", [SC, PROVIDER])
    @pytest.mark.parametrize("command", sorted(MESSAGES))
    def test_every_example_is_a_message(self, channel: Channel, command: Command) -> None:
        """The example of each command is a valid message of it."""
        message = MESSAGES[command].model_validate(example(command, channel))
        assert MESSAGES[command].model_validate_json(message.model_dump_json()) == message

    def test_a_handing_in_without_a_zone_is_refused(self) -> None:
        """An instant without a zone could be any of several, so it is refused; an aware one is kept in UTC."""
        package = example(Command.ACCEPT, SC)
        with pytest.raises(ValidationError, match="timezone"):
            MESSAGES[Command.ACCEPT].model_validate(package | {"handed_in_at": "2026-11-23T10:00:00"})
        message = MESSAGES[Command.ACCEPT].model_validate(package | {"handed_in_at": "2026-11-23T10:00:00+05:00"})
        kept = message.model_dump()["handed_in_at"]
        assert (kept, kept.tzinfo) == (at("2026-11-23 10:00"), UTC)

    def test_people_command_what_has_a_message(self) -> None:
        """The process's own moves have no message; at the provider the delivery is one of them (R5)."""
        own = {Command.VERIFY, Command.ACCEPT_SUBMISSION, Command.REFUSE_SUBMISSION, Command.PUBLISH}
        own |= {Command.RETENTION_ENDS, Command.KEEP, Command.FOLLOW_CALENDAR}
        assert {command for command in Command if not is_for_people(SC, command)} == own
        assert {command for command in Command if not is_for_people(PROVIDER, command)} == own | {Command.DELIVER}
        assert {command for command in Command if not is_for_people(PORTAL, command)} == own


class TestRequest:
    """An application's content."""

    @pytest.mark.parametrize("name", BROKEN)
    def test_a_request_that_does_not_hold_together_is_refused(self, name: str) -> None:
        """Children and documents that contradict one another are refused with their place (R2, R13)."""
        make, words = BROKEN[name]
        with pytest.raises(ValidationError, match=words):
            make()

    def test_twenty_children_are_enough(self) -> None:
        """One application names up to twenty children (R2)."""
        many = [child("mother", seed=seed) for seed in range(100, 121)]
        assert len(request(many[:20], []).children) == 20
        with pytest.raises(ValidationError, match="at most 20"):
            request(many, [])
