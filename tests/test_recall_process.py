"""What is stored comes out again: SC's recall (R10), and the plain collection where the provider keeps it (R9)."""

import asyncio
import secrets
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

import pytest

from demo.visit import INTAKE, Visit
from desk.desk import Told
from desk.officer import Officer
from desk.recalling import give_command, request_recall
from desk.reconcile import differences
from models.clocks import Outcome
from models.errors import RefusedError, UnknownApplicationError
from models.journal import FactName
from models.lifecycle import Channel, Command, Stage
from models.messages import MESSAGES
from models.regulation import ClockKind
from tests.command_line import run_program
from tests.conftest import House, strangers

SC, PROVIDER = Channel.STATE_CORPORATION, Channel.PROVIDER
CLERK = Officer(INTAKE[SC])


@pytest.fixture
async def stored(house: House) -> Visit:
    """An application whose result was handed over to the provider."""
    visit = await Visit.open(house.desk, SC, strangers())
    await visit.be_accepted()
    await visit.be_decided()
    await visit.be_delivered()
    await visit.skip_past(ClockKind.RETENTION)
    await visit.do(Command.HAND_OVER, visit.clerk)
    return visit


@pytest.fixture
async def kept(house: House) -> Visit:
    """An application whose result has stayed at the provider for longer than its execution waits."""
    visit = await Visit.open(house.desk, PROVIDER, strangers())
    await visit.be_accepted()
    await visit.be_decided()
    await visit.skip(days=380)
    assert visit.stage() is Stage.STORED
    return visit


def number_of(house: House, visit: Visit) -> str:
    row = house.reader.find(visit.application)
    assert row is not None
    return str(row.registration_number)


async def code_of(attempt: Awaitable[object]) -> str:
    with pytest.raises(RefusedError) as caught:
        await attempt
    return caught.value.refusals[0].code


async def ask(house: House, reference: str, key: str | None = None, officer: Officer = CLERK) -> Told:
    return await request_recall(house.desk, reference, officer, key)


class TestRecall:
    """R10: request, sending, receipt at SC, collection, or the next hand-over."""

    async def test_one_story(self, house: House, stored: Visit) -> None:
        """The application stays stored until collected; the recall's journal goes on from its last hash."""
        number = number_of(house, stored)
        answer, [requested] = await ask(house, number)
        last = house.reader.facts(stored.application)[-1]
        assert (requested.fact, requested.previous) == (FactName.RECALL_REQUESTED, last.hash)
        assert requested.at >= last.at
        assert stored.stage() is Stage.STORED
        await stored.do(Command.SEND_BACK, INTAKE[PROVIDER])
        await stored.do(Command.DELIVER, CLERK.code)
        assert stored.stage() is Stage.STORED
        await stored.collect()
        assert stored.stage() is Stage.COLLECTED
        assert await differences(house.engine.client, house.reader, house.ring, answer.application) == []

    async def test_its_own_clock(self, house: House, stored: Visit) -> None:
        """The limit runs for the provider to its close of business, is passed at that instant, ends nothing."""
        await ask(house, stored.application)
        await stored.skip_past(ClockKind.RECALL)
        recall = next(clock for clock in stored.clocks() if clock.clock is ClockKind.RECALL)
        assert (recall.outcome, recall.office) == (Outcome.PASSED, "education-karaganda")
        execution = house.desk.story(stored.application)[-1]
        passed = house.reader.facts(execution)[-1]
        assert (passed.fact, passed.at) == (FactName.LIMIT_PASSED, recall.due_at)
        notices = house.reader.rows(execution)["notice"]
        assert [notice["kind"] for notice in notices] == ["warning-reached"] * 3 + ["limit-passed"]
        assert {notice["recipient"] for notice in notices} == {"education-supervisor"}
        answer = await stored.do(Command.SEND_BACK, INTAKE[PROVIDER])
        assert answer.stage is Stage.SENT

    async def test_handed_over_again_it_can_be_recalled_again(self, house: House, stored: Visit) -> None:
        """If nobody collects it, R9 applies again: a month, a list, and then another recall of the same story."""
        first, _ = await ask(house, stored.application)
        await stored.do(Command.SEND_BACK, INTAKE[PROVIDER])
        await stored.do(Command.DELIVER, CLERK.code)
        await stored.skip_past(ClockKind.RETENTION)
        await stored.do(Command.HAND_OVER, CLERK.code)
        second, [requested] = await ask(house, stored.application)
        assert second.application != first.application
        assert requested.previous == house.reader.facts(first.application)[-1].hash
        assert await differences(house.engine.client, house.reader, house.ring, second.application) == []

    async def test_only_one_at_a_time(self, house: House, stored: Visit) -> None:
        """Of two officers who ask at once one does; asked again it is refused, with its key it is not."""
        keys = [secrets.token_hex(4), secrets.token_hex(4)]
        results = await asyncio.gather(*(ask(house, stored.application, k) for k in keys), return_exceptions=True)
        done = [result for result in results if not isinstance(result, BaseException)]
        lost = [result for result in results if isinstance(result, RefusedError)]
        assert (len(done), [error.refusals[0].code for error in lost]) == (1, ["already-recalled"])
        won = keys[0] if results[0] is done[0] else keys[1]
        assert await ask(house, stored.application, won) == done[0]
        assert await code_of(ask(house, stored.application)) == "already-recalled"
        await stored.do(Command.SEND_BACK, INTAKE[PROVIDER])
        assert await ask(house, stored.application, won) == done[0]

    async def test_repeated_command_answers_the_same(self, house: House, stored: Visit) -> None:
        """A command of a recall with a key is done once, though the recall has moved on."""
        await ask(house, stored.application)
        key = secrets.token_hex(4)
        message = MESSAGES[Command.SEND_BACK]()
        clerk = Officer(INTAKE[PROVIDER])
        first = await give_command(house.desk, stored.application, Command.SEND_BACK, clerk, message, key)
        await stored.do(Command.DELIVER, CLERK.code)
        again = await give_command(house.desk, stored.application, Command.SEND_BACK, clerk, message, key)
        assert again == first

    async def test_what_the_application_answered_it_answers_still(self, house: House) -> None:
        """A key of the hand-over answers what the application said, also when a recall is the last word."""
        visit = await Visit.open(house.desk, SC, strangers())
        await visit.be_accepted()
        await visit.be_decided()
        await visit.be_delivered()
        await visit.skip_past(ClockKind.RETENTION)
        key, command = secrets.token_hex(4), Command.HAND_OVER
        message = MESSAGES[command].model_validate(visit.example(command))
        first = await give_command(house.desk, visit.application, command, CLERK, message, key)
        await ask(house, visit.application)
        assert await give_command(house.desk, visit.application, command, CLERK, message, key) == first


class TestNotStored:
    """A recall of something that is not in storage."""

    async def test_open_application(self, house: House) -> None:
        """Refused, and nothing begins."""
        visit = await Visit.open(house.desk, SC, strangers())
        assert await code_of(ask(house, visit.application)) == "not-stored"
        assert house.reader.recalls(visit.application) == []

    async def test_collected_recall(self, house: House, stored: Visit) -> None:
        """What was collected is out of storage for good."""
        await ask(house, stored.application)
        await stored.do(Command.SEND_BACK, INTAKE[PROVIDER])
        await stored.do(Command.DELIVER, CLERK.code)
        await stored.collect()
        assert await code_of(ask(house, stored.application)) == "not-stored"
        assert await code_of(stored.do(Command.COLLECT, CLERK.code)) == "illegal-move"

    async def test_kept_at_the_provider(self, house: House, kept: Visit) -> None:
        """Nobody has to send what lies at the provider anyway."""
        officer = Officer(INTAKE[PROVIDER])
        assert await code_of(ask(house, kept.application, officer=officer)) == "kept-at-the-provider"

    async def test_wrong_officer(self, house: House, stored: Visit) -> None:
        """Only SC's intake officers ask; the attempt is noted."""
        assert await code_of(ask(house, stored.application, officer=Officer("head"))) == "not-authorised"
        assert ("head", "recall", "not-authorised") in house.reader.accesses(stored.application)

    async def test_unknown_application(self, house: House) -> None:
        """There is no such application."""
        with pytest.raises(UnknownApplicationError):
            await ask(house, "KRG-1999-000001")


class TestKept:
    """R9: at the provider a visit after the keeping has ended is a plain collection."""

    async def test_plain_collection(self, house: House, kept: Visit) -> None:
        """The same command, the same rules; without the receipt it is refused and nothing begins (R21)."""
        without = kept.example(Command.COLLECT) | {"receipt_shown": False}
        assert await code_of(kept.do(Command.COLLECT, kept.clerk, without)) == "no-receipt"
        assert house.reader.recalls(kept.application) == []
        key = secrets.token_hex(4)
        message = MESSAGES[Command.COLLECT].model_validate(kept.example(Command.COLLECT))
        by = Officer(kept.clerk)
        first = await give_command(house.desk, kept.application, Command.COLLECT, by, message, key)
        assert kept.stage() is Stage.COLLECTED
        assert first[1][0].previous == house.reader.facts(kept.application)[-1].hash
        assert await give_command(house.desk, kept.application, Command.COLLECT, by, message, key) == first
        other = message.model_copy(update={"collected_by": "representative"})
        again = give_command(house.desk, kept.application, Command.COLLECT, by, other, key)
        assert await code_of(again) == "id-reused"

    async def test_handed_out_once(self, kept: Visit) -> None:
        """Of two officers who hand it out at once one does."""
        results = await asyncio.gather(kept.collect(), kept.collect(), return_exceptions=True)
        refused = [result for result in results if isinstance(result, RefusedError)]
        assert len(refused) == 1
        assert kept.stage() is Stage.COLLECTED


class TestCommandLine:
    """`recall`, and `do`, `show`, `skip` and `list` on a recall as on an application."""

    async def test_as_an_application(self, house: House, stored: Visit) -> None:
        """By the registration number or by the recall's own id; exit codes are those of every command."""
        number = number_of(house, stored)

        async def run(*arguments: str, stdin: str | None = None) -> Any:
            ran = await run_program(*arguments, "--json", environment=house.environment, stdin=stdin)
            assert ran.code == 0, ran.out + ran.err
            return ran.json

        recall = await run("recall", number, "--id", "r1")
        assert (recall["stage"], recall["allowed"]) == ("requested", ["send-back"])
        assert recall["recall_of"] == stored.application
        assert await run("recall", number, "--id", "r1") == recall
        ran = await run_program("recall", number, "--json", environment=house.environment)
        assert (ran.code, ran.json["error"]["code"]) == (3, "already-recalled")
        shown = await run("show", number)
        assert (shown["stage"], shown["allowed"]) == ("stored", ["send-back"])
        assert shown["facts"][-1]["fact"] == "RecallRequested"
        listed = await run("list", "--stage", "requested")
        assert {row["recall"] for row in listed} == {"requested"}
        assert stored.application in {row["application"] for row in listed}
        moved = await run("skip", number, "1m")
        assert moved["application"] == stored.application
        assert (await run("do", recall["application"], "send-back"))["stage"] == "sent"
        assert (await run("do", number, "deliver"))["stage"] == "ready"
        example = (await run_program("example", "collect")).out
        assert (await run("do", number, "collect", "--with", "-", stdin=example))["stage"] == "collected"
        assert (await run("show", number))["stage"] == "collected"

    async def test_unknown_and_malformed(self, house: House) -> None:
        """5 for an application that is not there, 2 for a duration that is none."""
        assert (await run_program("recall", "KRG-1999-000001", environment=house.environment)).code == 5
        ran = await run_program("recall", "app-any", "--later", "soon", environment=house.environment)
        assert ran.code == 2

    async def test_hand_over_says_what_is_next(self, house: House) -> None:
        """The hand-over's own answer names the recall, as `show` does."""
        visit = await Visit.open(house.desk, SC, strangers())
        await visit.be_accepted()
        await visit.be_decided()
        await visit.be_delivered()
        await visit.skip_past(ClockKind.RETENTION)
        example = (await run_program("example", "hand-over")).out
        given = ("do", visit.application, "hand-over", "--with", "-", "--json")
        ran = await run_program(*given, environment=house.environment, stdin=example)
        shown = await run_program("show", visit.application, "--json", environment=house.environment)
        assert ran.json["allowed"] == shown.json["allowed"] == ["recall"]

    async def test_asked_later(self, house: House, stored: Visit) -> None:
        """In a trial a recall can be asked for long after the hand-over: its clock is moved first."""
        number = number_of(house, stored)
        ran = await run_program("recall", number, "--later", "31d", "--json", environment=house.environment)
        assert ran.code == 0, ran.out
        handed_over = house.reader.facts(stored.application)[-1].at
        execution = ran.json["application"]
        assert house.reader.facts(execution)[0].at == handed_over + timedelta(days=31)
