"""An agreement, a gateway that is made up for each test, and an eye on the log."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import httpx
import pytest
import pytest_asyncio

from adapters.gateway.agreement import Agreement
from adapters.gateway.exchange import SECONDS
from adapters.gateway.registers import GatewayRegisters, gateway_registers
from models.ports import RegisterRefusedError, RegisterUnavailableError
from models.registers import Asking, PersonEntry
from tests.gateway.answering import Answering
from tests.gateway.partners import FakeExchangeLog, Partner, agreement_of
from tests.gateway.people import SECRETS, WOMAN
from tests.gateways import Gateway, gateway_in

T = TypeVar("T")
ASKING = Asking(application="app-1", check="person", by="sc-clerk")


@dataclass
class Talk:
    """One side of the conversation: asks with the agreement, and keeps what was put on record."""

    agreement: Agreement
    log: FakeExchangeLog = field(default_factory=FakeExchangeLog)
    seconds: float = SECONDS

    async def with_registers(
        self, make: Callable[[bytes], httpx.Response | bytes], ask: Callable[[GatewayRegisters], Awaitable[T]]
    ) -> T:
        transport = Answering(make).transport
        async with gateway_registers(
            self.agreement, self.log, seconds=self.seconds, transport=transport
        ) as registers:
            return await ask(registers)

    async def person(self, make: Callable[[bytes], httpx.Response | bytes]) -> PersonEntry | None:
        return await self.with_registers(make, lambda to: to.person.find_person(WOMAN, ASKING))

    async def refusal(self, make: Callable[[bytes], httpx.Response | bytes]) -> str:
        """The code with which the register of persons refuses, for good; nothing was believed."""
        with pytest.raises(RegisterRefusedError) as told:
            await self.person(make)
        assert told.value.code == self.log.ended[-1].code
        assert self.log.ended[-1].outcome == "refused"
        return told.value.code

    async def failure(self, make: Callable[[bytes], httpx.Response | bytes]) -> str:
        """The code with which it fails, for now."""
        with pytest.raises(RegisterUnavailableError) as told:
            await self.person(make)
        assert told.value.code == self.log.ended[-1].code
        assert self.log.ended[-1].outcome == "failed"
        return told.value.code


@pytest.fixture(scope="session")
def us() -> Partner:
    return Partner.make("tirek")


@pytest.fixture(scope="session")
def gateway() -> Partner:
    return Partner.make("gateway")


@pytest.fixture(scope="session")
def stranger() -> Partner:
    return Partner.make("stranger")


@pytest.fixture(scope="session")
def agreement(tmp_path_factory: pytest.TempPathFactory, us: Partner, gateway: Partner) -> Agreement:
    return agreement_of(tmp_path_factory.mktemp("gateway"), us, gateway)


@pytest.fixture
def talk(agreement: Agreement) -> Talk:
    return Talk(agreement)


@pytest.fixture(autouse=True)
def nothing_personal_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Of every test: no record of any logger, down to DEBUG, holds a number or a name, nor does its trace."""
    with caplog.at_level(logging.DEBUG):
        yield
    texts = [f"{record.getMessage()} {record.exc_text or ''}" for record in caplog.get_records("call")]
    assert [text for text in texts if any(secret in text for secret in SECRETS)] == []


@pytest_asyncio.fixture(scope="session")
async def running_stand_in(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gateway]:
    """Made once: keys take their time."""
    async with gateway_in(tmp_path_factory.mktemp("stand-in")) as one:
        yield one


@pytest.fixture
def stand_in(running_stand_in: Gateway) -> Iterator[Gateway]:
    """Up, and told nothing."""
    yield running_stand_in
    running_stand_in.stand_in.behaviours.forget()
