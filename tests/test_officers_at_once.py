"""Many officers at one application at one instant: one order of events, and everybody hears what came of it."""

import asyncio
import secrets
import shutil
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from adapters.database.engine import connect
from adapters.regulations import load_library
from adapters.settings import ROOT, Settings
from adapters.temporal.connection import connect as connect_server
from adapters.temporal.plugin import tirek_plugin
from adapters.temporal.server import Server
from demo.stories import REFUSAL
from demo.visit import HEAD, INTAKE, SPECIALIST, Visit
from desk.desk import Desk
from desk.officer import Officer
from desk.recalling import give_command
from desk.reconcile import differences
from models.errors import RefusedError
from models.journal import Fact, FactName
from models.library import Library, install
from models.lifecycle import Channel, Command, Lifecycle, Stage
from models.messages import APPLICANT, MESSAGES, Answer, Nothing
from tests.conftest import House, house_of, make_desk, strangers

SC = Channel.STATE_CORPORATION
ROUNDS = 6
OTHER, DEPUTY = "specialist-2", "deputy-head"
CROWD = [f"crowd-{number}" for number in range(1, 51)]

Given = tuple[Command, str, dict[str, Any]]
"""A command, who gives it, and its content."""

LED_TO = {
    Command.TAKE_TICKET: FactName.TICKET_TAKEN,
    Command.CALL: FactName.APPLICANT_CALLED,
    Command.ACCEPT: FactName.APPLICATION_ACCEPTED,
    Command.VERIFY: FactName.APPLICATION_VERIFIED,
    Command.TAKE: FactName.FILE_TAKEN,
    Command.RELEASE: FactName.FILE_RELEASED,
    Command.REASSIGN: FactName.FILE_REASSIGNED,
    Command.ASK_AGAIN: FactName.REGISTERS_ASKED_AGAIN,
    Command.PREPARE_DECISION: FactName.DECISION_PREPARED,
    Command.RETURN_DRAFT: FactName.DRAFT_RETURNED,
    Command.APPROVE: FactName.DECISION_APPROVED,
    Command.DELIVER: FactName.RESULT_DELIVERED,
    Command.COLLECT: FactName.RESULT_COLLECTED,
    Command.WITHDRAW: FactName.APPLICATION_WITHDRAWN,
}


def contradicting(visit: Visit) -> list[Given]:
    """Twenty commands, of which most exclude most others."""
    grant, reason, clerk = visit.grant(), {"reason": "not yet"}, visit.clerk
    return [
        *[(Command.TAKE, by, {}) for by in (SPECIALIST, OTHER, DEPUTY)],
        *[(Command.RELEASE, by, {}) for by in (SPECIALIST, OTHER)],
        (Command.REASSIGN, HEAD, {"to": OTHER}),
        (Command.REASSIGN, DEPUTY, {"to": SPECIALIST}),
        (Command.ASK_AGAIN, SPECIALIST, {}),
        *[(Command.PREPARE_DECISION, by, grant) for by in (SPECIALIST, OTHER)],
        *[(Command.PREPARE_DECISION, by, REFUSAL) for by in (OTHER, DEPUTY)],
        *[(Command.RETURN_DRAFT, by, reason) for by in (HEAD, DEPUTY)],
        *[(Command.APPROVE, by, {}) for by in (HEAD, DEPUTY)],
        (Command.CALL, clerk, {}),
        (Command.DELIVER, clerk, {}),
        (Command.COLLECT, clerk, visit.example(Command.COLLECT)),
        (Command.WITHDRAW, APPLICANT, {}),
    ]


async def told(desk: Desk, application: str, given: Given) -> Answer | str:
    """What somebody hears: an answer, or the code of a refusal; nothing else is expected of anybody."""
    command, by, content = given
    message = MESSAGES.get(command, Nothing).model_validate(content)
    try:
        return await desk.give(application, command, Officer(by), message)
    except RefusedError as refused:
        return refused.refusals[0].code


def path(facts: Sequence[Fact]) -> list[Stage]:
    """The stages that the chart itself goes through on the commands behind these facts."""
    chart, commands = Lifecycle(SC), {fact: command for command, fact in LED_TO.items()}
    stages: list[Stage] = []
    for fact in facts:
        chart.send(commands[fact.fact])  # it raises where the chart has no such arrow
        stages.append(chart.stage)
    return stages


async def reviewed(house: House, *, is_drafted: bool) -> Visit:
    visit = await Visit.open(house.desk, SC, strangers())
    await visit.be_accepted()
    if is_drafted:
        await visit.do(Command.PREPARE_DECISION, SPECIALIST, visit.grant())
    return visit


class TestContradictions:
    """Twenty officers who contradict each other."""

    @pytest.mark.parametrize("number", range(ROUNDS))
    async def test_one_legal_path(self, house: House, number: int) -> None:
        """The facts are one path of the chart, one for each command that was answered; the others are refused."""
        visit = await reviewed(house, is_drafted=number % 2 == 1)
        before = house.reader.last_fact(visit.application)
        orders = contradicting(visit)
        Random(number).shuffle(orders)
        heard = await asyncio.gather(*(told(house.desk, visit.application, given) for given in orders))
        answers = [(one, given) for one, given in zip(heard, orders, strict=True) if isinstance(one, Answer)]
        last = max((answer.last_fact for answer, _ in answers), default=before)
        facts = await house.desk.facts(visit.application, last)
        assert len(heard) == 20
        assert [fact.stage for fact in facts] == path(facts)
        done = {answer.last_fact: (LED_TO[command], by) for answer, (command, by, _) in answers}
        assert {fact.number: (fact.fact, fact.by) for fact in facts[before:]} == done
        assert len(done) == len(answers) > 0
        assert await house.desk.until(lambda: house.reader.last_fact(visit.application) == last)
        assert await differences(house.desk.client, house.reader, house.ring, visit.application) == []


@asynccontextmanager
async def desks(house: House, wanted: int) -> AsyncGenerator[list[Desk]]:
    """Desks with a connection of their own each, to the server and to the record."""
    made: list[Desk] = []
    async with AsyncExitStack() as stack:
        for _ in range(wanted):
            plugin, address = tirek_plugin(house.ring), house.engine.server.address
            client = await connect_server(plugin, house.settings, own_server=address)
            record = connect(house.settings.record_url)
            stack.callback(record.dispose)
            made.append(make_desk(house.settings, house.ring, client, house.desk.library, record))
        yield made


class TestOneKey:
    """One command that ten programs give under one key."""

    async def test_done_once_and_answered_ten_times(self, house: House) -> None:
        """All ten are told the same answer and the same facts, and every command is one fact."""
        visit, by = await Visit.open(house.desk, SC, strangers()), Officer(INTAKE[SC])
        orders = [(Command.CALL, Nothing()), (Command.ACCEPT, visit.example(Command.ACCEPT))]
        async with desks(house, 10) as ten:
            for command, content in orders:
                key, message = secrets.token_hex(8), MESSAGES[command].model_validate(content)
                heard = await asyncio.gather(
                    *(give_command(desk, visit.application, command, by, message, key) for desk in ten)
                )
                assert heard == [heard[0]] * 10
        facts = house.reader.facts(visit.application)
        assert [fact.fact for fact in facts[:3]] == [LED_TO[c] for c in (Command.TAKE_TICKET, *dict(orders))]
        assert facts[3:] == [fact for fact in facts if fact.fact is FactName.APPLICATION_VERIFIED]
        assert await differences(house.desk.client, house.reader, house.ring, visit.application) == []


@pytest.fixture
async def crowded(server: Server, library: Library, address: str, tmp_path: Path) -> AsyncGenerator[House]:
    """A house under a regulation that has fifty specialists more."""
    regulations = Path(shutil.copytree(ROOT / "regulations", tmp_path / "regulations"))
    file = regulations / "karaganda-passport.yaml"
    lines = file.read_text().splitlines(keepends=True)
    place = next(place for place, line in enumerate(lines) if f"code: {SPECIALIST}," in line)
    lines[place:place] = [lines[place].replace(SPECIALIST, code) for code in CROWD]
    file.write_text("".join(lines))
    larger = load_library(regulations)
    settings = Settings(
        data=tmp_path, database_url=address, regulations=regulations, task_queue=f"crowd-{secrets.token_hex(4)}"
    )
    install(larger)  # so that a history can be derived again here
    async with house_of(settings, server, larger) as house:
        yield house
    install(library)


class TestCrowd:
    """More officers at once than the server lets wait at one execution (ten)."""

    async def test_one_of_fifty_has_the_file(self, crowded: House) -> None:
        """One has it, 49 are told that another holds it, and nobody is sent away because it is busy."""
        visit = await reviewed(crowded, is_drafted=False)
        heard = await asyncio.gather(
            *(told(crowded.desk, visit.application, (Command.TAKE, by, {})) for by in CROWD)
        )
        [answer] = [one for one in heard if isinstance(one, Answer)]
        assert Counter(one for one in heard if isinstance(one, str)) == {"held-by-another": 49}
        await crowded.desk.facts(visit.application, answer.last_fact)
        entry = crowded.reader.entry(visit.application)
        assert entry is not None
        assert [holding.officer for holding in entry.state.holdings][1:] == [answer.by]
        assert entry.state.holder == answer.by in CROWD
        assert await differences(crowded.desk.client, crowded.reader, crowded.ring, visit.application) == []
