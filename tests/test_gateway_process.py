"""Applications whose registers are asked through the gateway: what it does wrong holds nobody up (R17)."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

import worker as program
from adapters.database.records import SqlApplicationRecords
from adapters.gateway.registers import gateway_registers
from adapters.regulations import load_library
from demo.visit import Visit
from desk.desk import Desk
from desk.reconcile import differences
from gateway_stand_in.behaviours import Behaviour
from models.journal import FactName
from models.library import Library, install
from models.lifecycle import Channel, Command, Stage
from tests.conftest import House, make_desk, strangers
from tests.gateways import Gateway, gateway_in
from tests.shipped import with_registers
from tests.signing import verifier

LASTING = {
    Behaviour.UNSIGNED: "answer-unsigned",
    Behaviour.WRONG_SIGNATURE: "answer-signature",
    Behaviour.WRONG_CERTIFICATE: "answer-certificate",
    Behaviour.OTHER_MESSAGE: "answer-of-another-message",
    Behaviour.OLD_ANSWER: "answer-too-old",
    Behaviour.OTHER_PERSON: "answer-about-another",
    Behaviour.TWICE: "answer-not-understood",
    Behaviour.LARGE: "answer-too-large",
}
PASSING = {
    Behaviour.FAILS: "http-503",
    Behaviour.FAULTS: "SCE909",
    Behaviour.NONSENSE: "no-soap",
    Behaviour.NO_SOAP: "no-soap",
}
ANSWERED = {
    Behaviour.SLOW: "confirmed",
    Behaviour.UNKNOWN: "not_found",
    Behaviour.DIFFERS: "differs",
}


@pytest_asyncio.fixture(scope="session")
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Gateway]:
    async with gateway_in(tmp_path_factory.mktemp("gateway")) as one:
        yield one


@pytest_asyncio.fixture
async def desk(house: House, gateway: Gateway) -> AsyncGenerator[Desk]:
    """In front of a worker that asks the gateway."""
    client, records = house.engine.client, SqlApplicationRecords(house.record, house.ring)
    settings = house.settings.model_copy(update={"task_queue": f"gateway-{house.settings.task_queue}"})
    async with (
        gateway_registers(gateway.agreement, house.reader.exchanges) as registers,
        program.make_asker(client, settings, registers),
        program.make_worker(client, settings, records, verifier()),
    ):
        yield make_desk(settings, house.ring, client, house.desk.library, house.record)


async def accepted(desk: Desk, gateway: Gateway, behaviour: Behaviour | None, **how: object) -> Visit:
    """An application of a child for whom the gateway behaves in some way."""
    visit = await Visit.open(desk, Channel.PROVIDER, strangers())
    await visit.do(Command.CALL, visit.clerk)
    package = visit.example(Command.ACCEPT, children=1)
    if behaviour is not None:
        gateway.tell(package["children"][0]["iin"], behaviour, **how)
    await visit.do(Command.ACCEPT, visit.clerk, package)
    return visit


def checks(desk: Desk, visit: Visit) -> dict[str, tuple[str, str | None]]:
    rows = desk.reader.rows(visit.application)["verification"]
    return {row["check"]: (row["outcome"], row["failure"]) for row in rows}


async def test_whatever_the_gateway_answers(
    house: House, desk: Desk, gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    """What may not be believed is refused at once, with its code; review goes on, and the worker works on."""
    told = [*LASTING, *ANSWERED]
    visits = dict(zip(told, await asyncio.gather(*(accepted(desk, gateway, one) for one in told)), strict=True))
    honest = await accepted(desk, gateway, None)
    every = [*visits.values(), honest]
    assert await desk.until(lambda: all(visit.stage() is Stage.UNDER_REVIEW for visit in every), 30)
    assert {one: checks(desk, visits[one])["birth-1"] for one in LASTING} == {
        one: ("unanswered", code) for one, code in LASTING.items()
    }
    assert {one: checks(desk, visits[one])["birth-1"][0] for one in ANSWERED} == ANSWERED
    assert checks(desk, honest) == {"person": ("confirmed", None), "birth-1": ("confirmed", None)}
    verified = [house.reader.facts(visits[one].application)[-1] for one in LASTING]
    assert {fact.fact for fact in verified} == {FactName.APPLICATION_VERIFIED}
    for code in LASTING.values():
        assert f"refused, {code}" in caplog.text
    for visit in every:
        assert await differences(house.engine.client, house.reader, house.ring, visit.application) == []
        await visit.withdraw()


async def test_what_passes_is_asked_again(desk: Desk, gateway: Gateway) -> None:
    """A failure that passes is tried again with a pause, and every attempt is on record with its code."""
    visits = dict(
        zip(
            PASSING,
            await asyncio.gather(*(accepted(desk, gateway, one, times=2) for one in PASSING)),
            strict=True,
        )
    )
    assert await desk.until(lambda: all(visit.stage() is Stage.UNDER_REVIEW for visit in visits.values()), 30)
    for behaviour, visit in visits.items():
        assert checks(desk, visit)["birth-1"] == ("confirmed", None)
        exchanges = desk.reader.exchanges.of_application(visit.application)
        births = [(one["outcome"], one["code"]) for one in exchanges if one["check"] == "birth-1"]
        assert births == [("failed", PASSING[behaviour]), ("failed", PASSING[behaviour]), ("found", "SCSS001")]
        assert len({one["correlation_id"] for one in exchanges}) == 2
        await visit.withdraw()


async def test_at_the_counter(desk: Desk, gateway: Gateway) -> None:
    """While the applicant is there the registers answer through the gateway, and acceptance asks no more."""
    visit = await Visit.open(desk, Channel.PROVIDER, strangers())
    await visit.do(Command.CALL, visit.clerk)
    package = visit.example(Command.ACCEPT, children=1)
    await visit.do(Command.LOOK_UP, visit.clerk, package)
    assert set(checks(desk, visit).values()) == {("confirmed", None)}
    asked = len(desk.reader.exchanges.of_application(visit.application))
    await visit.do(Command.ACCEPT, visit.clerk, package)
    assert await desk.until(lambda: visit.stage() is Stage.UNDER_REVIEW)
    assert len(desk.reader.exchanges.of_application(visit.application)) == asked == 2
    await visit.withdraw()


async def test_registers_that_are_switched_on(
    house: House, gateway: Gateway, library: Library, tmp_path: Path
) -> None:
    """A regulation file may have the appointment and the account checked as well (documents 3 and 6 of R11)."""
    rules = load_library(with_registers(tmp_path / "rules", guardianship=True, account=True))
    install(rules)
    client, records = house.engine.client, SqlApplicationRecords(house.record, house.ring)
    settings = house.settings.model_copy(update={"task_queue": f"switched-{house.settings.task_queue}"})
    try:
        async with (
            gateway_registers(gateway.agreement, house.reader.exchanges) as registers,
            program.make_asker(client, settings, registers),
            program.make_worker(client, settings, records, verifier()),
        ):
            desk = make_desk(settings, house.ring, client, rules, house.record)
            visit = await accepted(desk, gateway, None)
            assert await desk.until(lambda: visit.stage() is Stage.UNDER_REVIEW)
            assert checks(desk, visit) == {
                "person": ("confirmed", None),
                "birth-1": ("confirmed", None),
                "guardianship-1": ("differs", None),
                "account": ("confirmed", None),
            }
            told = {one["check"]: one for one in desk.reader.rows(visit.application)["verification"]}
            # The example's decision is not the register's; the persons are.
            assert told["guardianship-1"]["differing"] == ["decision_number", "decision_date"]
            await visit.withdraw()
    finally:
        install(library)
