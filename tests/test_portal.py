"""The portal on the real engine: a signed request, its verdict, the cabinet's notices, the published result."""

import json
import secrets
from typing import Any

import pytest
from temporalio.service import RPCError

from demo.examples import signed_again
from demo.visit import HEAD, SPECIALIST, Visit
from desk.beginnings import submit
from desk.desk import Told
from desk.identity import submission_id
from desk.reconcile import differences
from models.clocks import Outcome
from models.data import local_iso
from models.errors import RefusedError
from models.lifecycle import Channel, Command, Stage
from models.messages import APPLICANT, Submit
from models.regulation import ClockKind
from tests.command_line import run_program
from tests.conftest import House, strangers


@pytest.fixture
async def cabinet(house: House) -> Visit:
    return await Visit.open(house.desk, Channel.PORTAL, strangers())


async def sent(house: House, request: dict[str, Any], key: str) -> Told:
    return await submit(house.desk, Submit.model_validate(request), key)


async def refused(house: House, request: dict[str, Any], key: str) -> list[str]:
    with pytest.raises(RefusedError) as caught:
        await sent(house, request, key)
    return [refusal.code for refusal in caught.value.refusals]


def notices(house: House, application: str) -> list[dict[str, Any]]:
    return [row for row in house.reader.rows(application)["notice"] if row["recipient"] == APPLICANT]


class TestAcceptance:
    """R15, R16, R22: what the cabinet gets for a complete and signed request."""

    async def test_cabinet_is_told_when_the_result_is_due(self, house: House, cabinet: Visit) -> None:
        """The request is accepted by the process itself, and the notice names its number, date and time (R22)."""
        await cabinet.submit()
        assert cabinet.stage() is Stage.UNDER_REVIEW
        [processing] = cabinet.clocks()
        [notice] = notices(house, cabinet.application)
        row = house.reader.find(cabinet.application)
        assert row is not None
        assert (notice["kind"], processing.clock) == ("submission-accepted", ClockKind.PROCESSING)
        assert notice["details"] == {
            "registration_number": row.registration_number,
            "due_at": local_iso(processing.due_at),
        }

    async def test_result_is_published_with_its_actual_time(self, house: House, cabinet: Visit) -> None:
        """After the approval the result is in the cabinet at once: processing is met, a notice says when."""
        await cabinet.submit()
        await cabinet.do(Command.PREPARE_DECISION, SPECIALIST, cabinet.grant())
        await cabinet.do(Command.APPROVE, HEAD)
        assert await house.desk.until(lambda: cabinet.stage() is Stage.PUBLISHED)
        [processing] = cabinet.clocks()
        assert processing.outcome is Outcome.MET
        assert processing.stopped_at is not None
        [_, published] = notices(house, cabinet.application)
        assert published["kind"] == "result-published"
        assert published["details"]["published_at"] == local_iso(processing.stopped_at)
        assert await differences(house.engine.client, house.reader, house.ring, cabinet.application) == []

    async def test_same_key_is_submitted_once(self, house: House, cabinet: Visit) -> None:
        """A repeated key answers the same, also when the application has moved on; other words are refused."""
        request, key = cabinet.example(Command.SUBMIT), secrets.token_hex(8)
        first = await sent(house, request, key)
        cabinet.application = first[0].application
        await cabinet.do(Command.TAKE, SPECIALIST)
        await cabinet.withdraw()
        assert await sent(house, request, key) == first
        assert await refused(house, cabinet.example(Command.SUBMIT), key) == ["id-reused"]

    async def test_signature_belongs_to_the_key(self, house: House, cabinet: Visit) -> None:
        """The same request signed otherwise is not the same submission, whether it was accepted or refused."""
        request = cabinet.example(Command.SUBMIT)
        by_another = signed_again(request, request["children"][0]["iin"])
        keys = [secrets.token_hex(8), secrets.token_hex(8)]
        await sent(house, request, keys[0])
        assert await refused(house, by_another, keys[0]) == ["id-reused"]
        assert await refused(house, by_another, keys[1]) == ["signature-of-another"]
        assert await refused(house, request, keys[1]) == ["id-reused"]

    async def test_request_travels_in_the_input(self, house: House, cabinet: Visit) -> None:
        """The history begins with the request, encrypted: nothing of a person stands there in the clear."""
        request = cabinet.example(Command.SUBMIT)
        await cabinet.submit(request)
        history = await house.engine.client.get_workflow_handle(cabinet.application).fetch_history()
        text = history.to_json()
        [payload] = json.loads(text)["events"][0]["workflowExecutionStartedEventAttributes"]["input"]["payloads"]
        assert "encryption-key-id" in payload["metadata"]
        applicant = request["applicant"]
        assert not [word for word in (applicant["iin"], applicant["surname"]) if word in text]


class TestRefusal:
    """R15, R19: what is incomplete or unsigned begins nothing; what is signed wrongly is refused."""

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"signature": None}, "no-signature"),
            ({"account": None}, "incomplete-package"),
            ({"documents": []}, "incomplete-package"),
        ],
    )
    async def test_begins_nothing(self, house: House, cabinet: Visit, change: dict[str, Any], code: str) -> None:
        """Refused before anything starts: no execution, no row, no number."""
        key = secrets.token_hex(8)
        assert code in await refused(house, cabinet.example(Command.SUBMIT) | change, key)
        execution = submission_id(house.ring, house.desk.prefix, key)
        assert house.reader.find(execution) is None
        with pytest.raises(RPCError):
            await house.engine.client.get_workflow_handle(execution).describe()

    @pytest.mark.parametrize("kind", ["of-another", "of-other-content", "malformed"])
    async def test_wrong_signature_is_refused_on_record(self, house: House, cabinet: Visit, kind: str) -> None:
        """The process refuses, the cabinet is told why, and the same key tells the same again (R15)."""
        request = cabinet.example(Command.SUBMIT)
        if kind == "of-another":
            request = signed_again(request, request["children"][0]["iin"])
        elif kind == "of-other-content":
            request = request | {"applicant": request["applicant"] | {"phone": "+7 700 000 00 01"}}
        else:
            request = request | {"signature": "MIIGarbage=="}
        code = f"signature-{kind}"
        key = secrets.token_hex(8)
        assert await refused(house, request, key) == [code]
        assert await refused(house, request, key) == [code]
        cabinet.application = submission_id(house.ring, house.desk.prefix, key)
        assert cabinet.stage() is Stage.SUBMISSION_REFUSED
        [processing] = cabinet.clocks()
        assert processing.outcome is Outcome.ENDED
        [notice] = notices(house, cabinet.application)
        assert (notice["kind"], notice["details"]) == ("submission-refused", {code: []})

    async def test_refused_request_holds_no_child(self, house: House, cabinet: Visit) -> None:
        """A request that was refused for its signature leaves its child free for a right one."""
        request = cabinet.example(Command.SUBMIT)
        assert await refused(house, request | {"signature": "x"}, secrets.token_hex(8)) == ["signature-malformed"]
        await cabinet.submit(request)
        assert cabinet.stage() is Stage.UNDER_REVIEW


class TestCommandLine:
    """`submit` and `sign` as their users run them."""

    async def test_submit_answers_and_shows_the_notice(self, house: House) -> None:
        """The answer has the form of every command's; `show` lists the cabinet's notice."""
        example = await run_program("example", "submit")
        submitted = await run_program("submit", "-", "--json", environment=house.environment, stdin=example.out)
        assert submitted.code == 0, submitted.out
        view = submitted.json
        assert (view["stage"], view["channel"]) == ("accepted", "portal")
        assert [fact["fact"] for fact in view["facts"]] == ["ApplicationSubmitted", "ApplicationAccepted"]
        shown = (
            await run_program("show", view["registration_number"], "--json", environment=house.environment)
        ).json
        assert [notice["kind"] for notice in shown["notices"]] == ["submission-accepted"]
        assert shown["stage"] == "under_review"
        assert shown["package"]["complete"] is True

    async def test_altered_request_can_be_signed_again(self, house: House) -> None:
        """A request that was changed is refused with 3; signed again by the stand-in it goes through."""
        request = (await run_program("example", "submit")).json
        request["applicant"]["phone"] = "+7 700 000 00 09"
        text = json.dumps(request)
        refused = await run_program("submit", "-", "--json", environment=house.environment, stdin=text)
        assert (refused.code, refused.json["error"]["code"]) == (3, "signature-of-other-content")
        signed = await run_program("sign", "-", stdin=text)
        assert (await run_program("submit", "-", environment=house.environment, stdin=signed.out)).code == 0
        by_another = await run_program("sign", "-", "--as", request["children"][0]["iin"], stdin=text)
        ran = await run_program("submit", "-", "--json", environment=house.environment, stdin=by_another.out)
        assert (ran.code, ran.json["error"]["code"]) == (3, "signature-of-another")
        assert (await run_program("sign", "-", "--as", "123", stdin=text)).code == 2

    @pytest.mark.parametrize(
        ("text", "field"), [("{", "(file)"), ('{"channel": "provider"}', "channel"), ("[]", "(whole input)")]
    )
    async def test_malformed_request(self, house: House, text: str, field: str) -> None:
        """Exit 2, with the field."""
        ran = await run_program("submit", "-", "--json", environment=house.environment, stdin=text)
        assert ran.code == 2
        assert field in {one["field"] for one in ran.json["error"]["fields"]}
