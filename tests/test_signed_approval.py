"""The head's signature on the real engine: over this draft, by a person who may sign for the post (R20)."""

from datetime import timedelta
from typing import Any

import pytest

from adapters.host_clock import host_now
from adapters.signatures.stand_in.certificates import Leaf
from adapters.signatures.stand_in.officers import officer_of
from demo.visit import HEAD, SPECIALIST, Visit
from desk.approving import text_of_draft
from desk.officer import Officer
from desk.reconcile import differences
from models.errors import RefusedError
from models.lifecycle import Channel, Command, Stage
from tests.command_line import Ran, run_program
from tests.conftest import House, strangers
from tests.signing import authority


@pytest.fixture
async def drafted(house: House) -> Visit:
    visit = await Visit.open(house.desk, Channel.STATE_CORPORATION, strangers())
    await visit.be_accepted()
    await visit.do(Command.PREPARE_DECISION, SPECIALIST, visit.grant())
    return visit


def text(house: House, visit: Visit) -> str:
    return text_of_draft(house.reader, house.desk.library, visit.application, Officer(HEAD))


def signed(content: str, by: str = HEAD) -> dict[str, Any]:
    return {"signature": authority().sign(content, officer_of(by), employed=True)}


async def starter(house: House, *arguments: str) -> Ran:
    return await run_program(*arguments, environment=house.environment)


async def refused(visit: Visit, message: dict[str, Any]) -> list[str]:
    with pytest.raises(RefusedError) as caught:
        await visit.do(Command.APPROVE, HEAD, message)
    assert visit.stage() is Stage.AWAITING_APPROVAL
    return [one.code for one in caught.value.refusals]


class TestApproval:
    """What the worker's verifier finds decides; a refused signature leaves the draft as it was."""

    async def test_signed_draft_is_approved(self, house: House, drafted: Visit) -> None:
        """It is kept with the decision, encrypted, and history derives the same."""
        message = signed(text(house, drafted))
        await drafted.do(Command.APPROVE, HEAD, message)
        kept, _ = house.reader.signed_and_collected(drafted.application)
        assert kept == message["signature"]
        assert house.reader.facts(drafted.application)[-1].details["signed"] is True
        assert await differences(house.engine.client, house.reader, house.ring, drafted.application) == []

    async def test_signature_over_another_draft(self, house: House, drafted: Visit) -> None:
        """What was sent back and drafted anew has to be signed anew, and then it can be approved."""
        message = signed(text(house, drafted))
        await drafted.do(Command.RETURN_DRAFT, HEAD)
        await drafted.do(Command.PREPARE_DECISION, SPECIALIST, drafted.grant())
        assert await refused(drafted, message) == ["signature-of-other-content"]
        await drafted.do(Command.APPROVE, HEAD, signed(text(house, drafted)))
        assert drafted.stage() is Stage.DECIDED

    async def test_signature_of_another_post(self, house: House, drafted: Visit) -> None:
        """A valid signature of somebody who may not sign for the head is none."""
        assert await refused(drafted, signed(text(house, drafted), by="specialist-2")) == ["signature-of-another"]

    async def test_signature_with_an_expired_certificate(self, house: House, drafted: Visit) -> None:
        ended = host_now() - timedelta(days=1)
        expired = authority().issue(
            Leaf(officer_of(HEAD), employed=True, begins=ended - timedelta(days=9), ends=ended)
        )
        message = {"signature": authority().signed_with(text(house, drafted), expired)}
        assert await refused(drafted, message) == ["certificate-not-in-force"]

    async def test_no_signature_at_all(self, drafted: Visit) -> None:
        """Something else than a signature is refused, though none is required."""
        assert await refused(drafted, {"signature": "bm8gc2lnbmF0dXJl"}) == ["signature-malformed"]

    async def test_approved_weeks_later(self, house: House, drafted: Visit) -> None:
        """The term may have passed long ago: the signature counts at the moment at which it came."""
        await drafted.skip(days=45)
        await drafted.do(Command.APPROVE, HEAD, signed(text(house, drafted)))
        assert drafted.stage() is Stage.DECIDED


class TestCommands:
    """`decision-text` and `sign-decision`."""

    async def test_text_is_signed_and_approved(self, house: House, drafted: Visit, tmp_path: Any) -> None:
        """The text is written byte by byte; what signs it is ready for `do … approve --with`."""
        application = drafted.application
        to_sign = tmp_path / "decision.json"
        ran = await starter(house, "decision-text", application, "--out", str(to_sign), "--as", HEAD)
        assert (ran.code, to_sign.read_text()) == (0, text(house, drafted))
        ran = await starter(house, "sign-decision", application, "--as", HEAD)
        approval = tmp_path / "approval.json"
        approval.write_text(ran.out)
        ran = await starter(house, "do", application, "approve", "--as", HEAD, "--with", str(approval), "--json")
        assert ran.json["stage"] == "decided"
        assert (await starter(house, "decision-text", application, "--as", HEAD)).code == 3

    async def test_who_is_no_officer_reads_nothing(self, house: House, drafted: Visit) -> None:
        """The text is full of people: a name that is no post gets none of it, and the attempt is on record."""
        ran = await starter(house, "decision-text", drafted.application, "--as", "nobody")
        assert (ran.code, ran.out) == (3, "")
        assert house.reader.accesses(drafted.application)[-1][1:] == ("decision-text", "unknown-officer")
        assert (await starter(house, "decision-text", drafted.application, "--as", "sc-supervisor")).code == 3
        assert house.reader.accesses(drafted.application)[-1][1:] == ("decision-text", "not-authorised")

    async def test_nothing_to_sign(self, house: House) -> None:
        """Without a draft there is no text: refused, and the look is on record all the same."""
        visit = await Visit.open(house.desk, Channel.PROVIDER, strangers())
        await visit.be_accepted()
        with pytest.raises(RefusedError) as caught:
            text(house, visit)
        assert caught.value.refusals[0].code == "no-draft"
        assert house.reader.accesses(visit.application)[-1] == (HEAD, "decision-text", "no-draft")
