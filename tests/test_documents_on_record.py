"""Files and results on the real engine: what is attached, and who collected a result on which documents."""

import secrets
from typing import Any

import pytest

from demo.visit import SPECIALIST, Visit
from desk.officer import Officer
from desk.recalling import give_command
from desk.reconcile import differences
from desk.views import record_view
from models.errors import RefusedError
from models.evidence import Attach, evidence_id
from models.journal import FactName
from models.lifecycle import Channel, Command, Stage
from models.messages import APPLICANT
from tests.conftest import House, strangers

REPRESENTATIVE = {
    "receipt_shown": True,
    "collected_by": "representative",
    "identity_document": {"kind": "passport", "number": "N00000017"},
    "power_of_attorney": {"number": "PA-77", "issued_on": "2026-01-15", "notarised": True},
}


def scan(kind: str = "bank-account-contract", **fields: Any) -> Attach:
    content = {"kind": kind, "sha256": secrets.token_hex(32), "media_type": "image/png", "size": 12}
    return Attach.model_validate(content | fields)


def shown(house: House, visit: Visit) -> dict[str, Any]:
    row = house.reader.find(visit.application)
    assert row is not None
    return record_view(house.reader, row, house.desk.library)


async def attach(house: House, visit: Visit, file: Attach, by: str = SPECIALIST) -> int:
    """The number of the last fact after it."""
    answer, _ = await give_command(house.desk, visit.application, Command.ATTACH, Officer(by), file)
    return answer.last_fact


class TestFiles:
    """Only ids and hashes travel, and the same file is one document for ever."""

    async def test_attached_file_is_shown(self, house: House) -> None:
        visit = await Visit.open(house.desk, Channel.STATE_CORPORATION, strangers())
        await visit.be_accepted()
        file = scan()
        await attach(house, visit, file)
        (told,) = shown(house, visit)["evidence"]
        assert (told["id"], told["sha256"]) == (evidence_id(visit.application, file), file.sha256)
        assert (told["attached_by"], told["kind"], told["size"]) == (SPECIALIST, file.kind, 12)

    async def test_same_file_again_changes_nothing(self, house: House) -> None:
        """Attached once more, by whomever: no second fact, and it stays as it came first."""
        visit = await Visit.open(house.desk, Channel.PROVIDER, strangers())
        await visit.be_accepted()
        file = scan()
        first = await attach(house, visit, file)
        assert await attach(house, visit, file, by=visit.clerk) == first
        assert await attach(house, visit, scan()) == first + 1
        facts = [fact.fact for fact in house.reader.facts(visit.application)]
        assert facts.count(FactName.DOCUMENT_ATTACHED) == 2
        assert [one["attached_by"] for one in shown(house, visit)["evidence"]] == [SPECIALIST] * 2

    async def test_the_cabinet_attaches_and_history_agrees(self, house: House) -> None:
        """The applicant may add a copy until it is decided; what history derives is what is on record."""
        visit = await Visit.open(house.desk, Channel.PORTAL, strangers())
        await visit.submit()
        await attach(house, visit, scan(), by=APPLICANT)
        await visit.be_decided()
        with pytest.raises(RefusedError) as caught:
            await attach(house, visit, scan(), by=APPLICANT)
        assert [one.code for one in caught.value.refusals] == ["illegal-move"]
        assert await differences(house.engine.client, house.reader, house.ring, visit.application) == []


class TestResult:
    """R9, R10, R21: the way of the result is told step by step."""

    async def test_representative_on_a_power_of_attorney(self, house: House) -> None:
        """Who collected it and on which documents is kept, encrypted; the fact tells the kind alone."""
        visit = await Visit.open(house.desk, Channel.STATE_CORPORATION, strangers())
        await visit.be_accepted()
        await visit.be_decided()
        await visit.be_delivered()
        await visit.collect(REPRESENTATIVE)
        ready, collected = shown(house, visit)["result"]
        assert (ready["is"], collected["is"], collected["collected_by"]) == (
            "ready",
            "collected",
            "representative",
        )
        assert collected["identity_document"] == "passport"
        _, kept = house.reader.signed_and_collected(visit.application)
        assert kept is not None
        assert kept.identity_document is not None
        assert kept.identity_document.number == "N00000017"
        assert collected["power_of_attorney"] == REPRESENTATIVE["power_of_attorney"]
        last = house.reader.facts(visit.application)[-1]
        assert last.details == {"collected_by": "representative", "identity_document": "passport"}
        assert await differences(house.engine.client, house.reader, house.ring, visit.application) == []

    async def test_stored_recalled_and_collected(self, house: House) -> None:
        """Stored on its list, recalled, returned, and collected from there: one story."""
        visit = await Visit.open(house.desk, Channel.STATE_CORPORATION, strangers())
        await visit.be_accepted()
        await visit.be_decided()
        await visit.be_delivered()
        await visit.skip(days=40)
        assert await house.desk.until(lambda: visit.stage() is Stage.DUE_FOR_STORAGE)
        await visit.do(Command.HAND_OVER, visit.clerk)
        await visit.be_recalled()
        await visit.do(Command.SEND_BACK, "education-intake-1")
        await visit.be_delivered()
        await visit.collect()
        steps = shown(house, visit)["result"]
        assert [step["is"] for step in steps] == ["ready", "stored", "recalled", "returned", "ready", "collected"]
        assert (steps[1]["list"], steps[1]["received_by"]) == ("T-1", "education-intake-1")
        assert steps[-1]["identity_document"] == "identity-card"
