"""What an operator sees who opens an application in the Temporal UI: words on everything, and nothing personal."""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client, WorkflowHandle
from typer.main import get_command

from adapters.settings import ROOT
from cli.main import app
from demo.visit import HEAD, SPECIALIST, Visit
from desk.troubles import Trouble
from models.checks import Check, CheckOutcome
from models.lifecycle import FINAL, Channel, Command, Stage
from models.messages import MESSAGES, OPENING, spelt
from models.registers import Register
from models.regulation import ClockKind
from models.state import State
from tests.conftest import House, strangers
from tests.models.builders import PORTAL, PROVIDER, SC, Case
from workflows import page

OPERATIONS = ROOT / "docs" / "operations.md"


def shown(case: Case) -> str:
    return page.details(case.application.state(), [])


class TestPage:
    """The current details are a function of the state, as plain words in Markdown."""

    def test_beginning(self) -> None:
        """A ticket: what it waits for, that it has no number, and when the waiting is over."""
        told = page.details(Case(SC).application.state(), [Command.CALL, Command.LOOK_UP])
        assert told.splitlines() == [
            "### queued · not accepted yet",
            "",
            "- **Waits for:** an officer at the counter, who calls the applicant",
            "- **Next:** call, look-up",
            "- **In hand of:** nobody",
            "- **Last fact:** number 1, 23.11.2026 10:00",
            "- **Limits passed:** none",
            "- **Stuck:** nothing that it knows of",
            "",
            "**Clocks**",
            "",
            "- **waiting**: running; started 23.11.2026 10:00, due 23.11.2026 10:15",
        ]

    def test_what_has_passed(self) -> None:
        """A limit that has passed is told while its clock runs on, and when it was stopped at last."""
        case = Case(SC).fall_due(ClockKind.WAITING)
        assert "- **Limits passed:** waiting" in shown(case)
        assert "- **waiting**: **PASSED**, and it runs on;" in shown(case)
        case.do(Command.CALL, when="2026-11-23 10:20")
        assert "- **waiting**: **PASSED**, stopped 23.11.2026 10:20;" in shown(case)

    @pytest.mark.parametrize(
        ("failure", "words"),
        [
            (None, "a register is silent about person: it is asked again by itself"),
            ("SCE006", "a register refuses person: an operator has to look (docs/registers.md)"),
        ],
    )
    def test_what_is_stuck(self, failure: str | None, words: str) -> None:
        """Under review a register without an answer is told, and who has to do something about it."""
        told = page.details(with_checks(Case(SC).under_review(), failure, children=0), [])
        assert f"- **Stuck:** {words}" in told
        assert "**Checks:** 1 unanswered" in told

    def test_decided_waits_for_no_register(self) -> None:
        """Once it is decided, a register that kept silent holds nothing up."""
        case = Case(SC).drafted().do(Command.APPROVE)
        assert "- **Stuck:** nothing that it knows of" in page.details(with_checks(case, None, children=0), [])

    @pytest.mark.parametrize("stage", sorted(set(Stage) - FINAL))
    def test_every_stage_waits_for_something(self, stage: Stage) -> None:
        """No open stage leaves an operator without words for what happens next."""
        state = Case(SC).application.state().model_copy(update={"stage": stage})
        assert "nothing, it has ended" not in page.details(state, [])

    def test_ended(self) -> None:
        """What has ended waits for nothing."""
        assert "- **Waits for:** nothing, it has ended" in shown(Case(SC).do(Command.LEAVE))

    def test_where_a_result_is_kept(self) -> None:
        """At the provider a result needs no way to the State Corporation."""
        assert "collects the result at the provider" in shown(Case(PROVIDER).ready())

    @pytest.mark.parametrize("failure", [None, "F" * 63])
    def test_small_enough(self, failure: str | None) -> None:
        """Fifty children of whom no register knows, twice: the page stays within what the server takes."""
        told = page.details(with_checks(Case(PORTAL).under_review(), failure, children=50), list(Command))
        assert len(told.encode()) < 20_000
        assert page.about(Case(PORTAL).application.opening).isascii()

    def test_cut_where_it_is_too_long(self) -> None:
        """However much there is to tell, the first lines stand."""
        told = page.details(with_checks(Case(PORTAL).under_review(), "F" * 400, children=50), [])
        assert 18_000 < len(told.encode()) < 20_000
        assert told.startswith("### under_review")
        assert told.endswith("\n- …")

    @pytest.mark.parametrize("channel", Channel)
    def test_nobody_is_named(self, channel: Channel) -> None:
        """Neither the names nor the numbers of the request are on the page."""
        case = Case(channel).drafted()
        told = page.details(case.application.state(), list(Command)) + page.about(case.application.opening)
        request = case.application.request
        people = [request.applicant, *request.children]
        words = {str(word) for one in people for word in (one.iin, one.surname, one.name) if word}
        assert len(words) > 4
        assert [word for word in words if word in told] == []

    def test_what_it_is(self) -> None:
        """The static details: five plain lines, with the commands that an operator can paste."""
        case = Case(SC).stored()
        lines = page.about(case.application.opening).splitlines()
        assert len(lines) == 5
        assert all(line.startswith("- ") for line in lines)
        assert "`starter.py revive test-state-corporation`" in lines[3]
        recall = page.about(case.recalled().application.opening)
        assert recall.startswith("- One recall of a stored result (R10), of `test-state-corporation`")


def with_checks(case: Case, failure: str | None, *, children: int) -> State:
    """A state of which no register has answered anything."""
    asked: list[tuple[Register, int | None]] = [(Register.PERSON, None)]
    asked += [(one, child + 1) for child in range(children) for one in (Register.BIRTH, Register.GUARDIANSHIP)]
    checks = tuple(
        Check(
            register_name=register,
            child=child,
            outcome=CheckOutcome.UNANSWERED,
            failure=failure,
            asked_at=case.now,
            answered_at=None,
        )
        for register, child in asked
    )
    return case.application.state().model_copy(update={"checks": checks})


@pytest_asyncio.fixture
async def visit(house: House) -> AsyncIterator[Visit]:
    yield await Visit.open(house.desk, SC, strangers())


async def metadata(handle: WorkflowHandle[Any, Any]) -> WorkflowMetadata:
    """What the UI asks a worker for when a page is opened."""
    return await handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)


async def summary_of(client: Client, event: HistoryEvent) -> str:
    payloads = [event.user_metadata.summary] if event.HasField("user_metadata") else []
    return (await client.data_converter.decode(payloads, [str]))[0] if payloads else ""


def worded(events: Iterator[HistoryEvent]) -> list[HistoryEvent]:
    """Everything that has to have words: activities and timers."""
    kinds = (EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED, EventType.EVENT_TYPE_TIMER_STARTED)
    return [event for event in events if event.event_type in kinds]


class TestOnTheServer:
    """As the UI gets it from a real server and worker."""

    async def test_details(self, house: House, visit: Visit) -> None:
        """Summary and details of the start, and current details that follow the application."""
        handle = house.engine.client.get_workflow_handle(visit.application)
        described = await handle.describe()
        assert await described.static_summary() == "state-corporation · sc-karaganda"
        assert (await described.static_details() or "").startswith(
            "- One application for the guardians' allowance"
        )
        assert "### queued · not accepted yet" in (await metadata(handle)).current_details
        await visit.be_accepted()
        row = house.reader.find(visit.application)
        assert row is not None
        told = (await metadata(handle)).current_details
        assert told.startswith(f"### under_review · {row.registration_number}")
        assert "- **Waits for:** a specialist, who drafts the decision" in told
        assert "- **processing**: running;" in told

    async def test_everything_has_a_description(self, house: House, visit: Visit) -> None:
        """Every update and query of the page says what it is for; each command of the chart is there."""
        definition = (await metadata(house.engine.client.get_workflow_handle(visit.application))).definition
        told = [*definition.update_definitions, *definition.query_definitions, *definition.signal_definitions]
        ours = [one for one in told if not one.name.startswith("__")]
        assert [one.name for one in ours if not one.description] == []
        given = set(MESSAGES) - OPENING - {Command.RECALL, Command.SEND_BACK}
        assert given <= {one.name for one in definition.update_definitions}

    async def test_everything_has_a_summary(self, house: House, visit: Visit) -> None:
        """Every activity and timer of a whole life and of its recall says what it is for, in 400 bytes."""
        await visit.do(Command.CALL, visit.clerk)
        await visit.do(Command.LOOK_UP, visit.clerk, visit.example(Command.ACCEPT, seed=7, children=2))
        await visit.accept(visit.example(Command.ACCEPT, seed=7, children=2))
        await visit.do(Command.TAKE, SPECIALIST)
        await visit.do(Command.PREPARE_DECISION, SPECIALIST, visit.grant())
        await visit.do(Command.APPROVE, HEAD)
        await visit.be_delivered()
        await visit.skip_past(ClockKind.RETENTION)
        await visit.do(Command.HAND_OVER, visit.clerk)
        await visit.be_recalled()
        client, seen = house.engine.client, 0
        for execution in house.desk.story(visit.application):
            history = await client.get_workflow_handle(execution).fetch_history()
            for event in worded(iter(history.events)):
                said = await summary_of(client, event)
                assert said, event
                assert len(event.user_metadata.summary.SerializeToString()) < 400
                seen += 1
        assert seen > 15

    async def test_summaries_of_what_insists(self, house: House) -> None:
        """A register that is silent: the pause and the questions that come again have words too."""
        visit = await Visit.open(house.desk, PROVIDER, strangers())
        await visit.be_accepted(behaviour="silent", children=6)
        client = house.engine.client
        await house.desk.until(lambda: house.reader.last_fact(visit.application) >= 3, 20)
        handle = client.get_workflow_handle(visit.application)
        said = [await summary_of(client, event) for event in worded(iter((await handle.fetch_history()).events))]
        assert "ask registers: person, birth-1, birth-2, birth-3, birth-4, birth-5, birth-6" in said
        assert "" not in said
        await visit.do(Command.WITHDRAW, visit.clerk)


def queries() -> list[str]:
    """The queries of docs/operations.md, as somebody would paste them."""
    return re.findall(r"^```sql\n(.+?)\n```", OPERATIONS.read_text(), re.MULTILINE | re.DOTALL)


class TestQueries:
    """What is written down for the night works on the server as it is written down."""

    def test_there_are_some(self) -> None:
        """Past its limit, stuck, by office, by number, ended from outside, running for long."""
        assert len(queries()) >= 6

    @pytest.mark.parametrize("query", queries())
    async def test_query_is_taken(self, house: House, query: str) -> None:
        """The server understands it, over the attributes that `setup` makes."""
        assert (await house.engine.client.count_workflows(query)).count >= 0

    async def test_queries_find(self, house: House, visit: Visit) -> None:
        """An application whose waiting has passed is found by what is written for it."""
        await visit.skip(minutes=16)
        await visit.be_accepted()
        row = house.reader.find(visit.application)
        assert row is not None
        number = str(row.registration_number)
        past = next(one for one in queries() if one.startswith("ExecutionStatus = 'Running' AND LimitsPassed"))
        by_number = next(one for one in queries() if "RegistrationNumber" in one)
        by_office = next(one for one in queries() if one.startswith("Office"))
        assert visit.application in await found(house, past, visit)
        its_own = f"{re.sub(r'KRG-[0-9-]+', number, by_number)} AND TaskQueue = '{house.settings.task_queue}'"
        assert await found(house, its_own, visit) == {visit.application}
        assert visit.application in await found(house, by_office, visit)
        await house.engine.client.get_workflow_handle(visit.application).terminate("by mistake")
        ended = next(one for one in queries() if "'Terminated'" in one)
        assert visit.application in await found(house, ended, visit)


async def found(house: House, query: str, visit: Visit) -> set[str]:
    """What a query finds, as soon as it finds this application; visibility is some moments behind."""
    seen: set[str] = set()
    for _ in range(40):
        seen = {one.id async for one in house.engine.client.list_workflows(query)}
        if visit.application in seen:
            break
        await visit.desk.until(lambda: False, 0.2)
    return seen


@pytest.mark.parametrize("trouble", Trouble)
def test_every_alarm_is_explained(trouble: Trouble) -> None:
    """Each way of being stuck has a line that says what it means and what to do."""
    assert f"\n| `{trouble}` | " in OPERATIONS.read_text()


def test_commands_of_the_pages_exist() -> None:
    """Every command that details, alarms or a document name is one of the command line."""
    pages = [OPERATIONS.parent.parent / "README.md", *OPERATIONS.parent.glob("*.md")]
    texts = [page.about(Case(SC).application.opening), *(one.read_text() for one in pages)]
    named = {name for text in texts for name in re.findall(r"starter\.py ([a-z][a-z-]*)", text)}
    known = set(getattr(get_command(app), "commands", {}))
    assert "revive" in named & known
    assert named - known == set()
    assert spelt(Command.ASK_AGAIN) == "ask-again"
