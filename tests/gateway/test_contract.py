"""One contract of the registers: kept by the stand-ins within the process, and by the adapter over real HTTPS."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import date
from itertools import count
from random import Random

import pytest
from sqlalchemy.exc import OperationalError

from adapters.gateway.agreement import Agreement
from adapters.gateway.exchange import SECONDS
from adapters.gateway.registers import gateway_registers
from adapters.registers.stand_in import StandInRegisters
from adapters.registers.synthetic import birth_of, make_iban, make_iin, person_of, serial_of
from models.ports import (
    AccountRegister,
    BirthRegister,
    ExchangeLog,
    GuardianshipRegister,
    PersonRegister,
    RegisterRefusedError,
    RegisterUnavailableError,
)
from models.registers import Asking, Exchange, ExchangeOutcome, LifeStatus, Register, RegisterAnswer
from tests.gateway.partners import FakeExchangeLog
from tests.gateways import Gateway

ASKING = Asking(application="app-1", check="person", by="sc-clerk")
_seeds = count(70_000)


@dataclass(frozen=True)
class Side:
    """The four registers of one implementation."""

    person: PersonRegister
    birth: BirthRegister
    guardianship: GuardianshipRegister
    account: AccountRegister
    log: FakeExchangeLog


class RecordAwayLog(FakeExchangeLog):
    """A record that is away."""

    def begin(self, exchange: Exchange) -> None:
        raise OperationalError("insert", {}, Exception("away"))


async def sides(
    name: str, stand_in: Gateway, log: FakeExchangeLog, seconds: float = SECONDS
) -> AsyncIterator[Side]:
    if name == "in-process":
        one = StandInRegisters(log)
        yield Side(one, one, one, one, log)
        return
    async with gateway_registers(stand_in.agreement, log, seconds=seconds) as made:
        yield Side(made.person, made.birth, made.guardianship, made.account, log)


@pytest.fixture(params=["in-process", "gateway"])
async def side(request: pytest.FixtureRequest, stand_in: Gateway) -> AsyncIterator[Side]:
    async for one in sides(request.param, stand_in, FakeExchangeLog()):
        yield one


@pytest.fixture(params=["in-process", "gateway"])
async def hasty_side(request: pytest.FixtureRequest, stand_in: Gateway) -> AsyncIterator[Side]:
    """For those who will not be answered."""
    async for one in sides(request.param, stand_in, FakeExchangeLog(), seconds=0.4):
        yield one


@pytest.fixture(params=["in-process", "gateway"])
async def side_without_record(request: pytest.FixtureRequest, stand_in: Gateway) -> AsyncIterator[Side]:
    async for one in sides(request.param, stand_in, RecordAwayLog()):
        yield one


@pytest.fixture
async def gateway_side(stand_in: Gateway) -> AsyncIterator[Side]:
    async for one in sides("gateway", stand_in, FakeExchangeLog()):
        yield one


def somebody(behaviour: str | None = None, year: int = 1980) -> str:
    """Somebody whom no other test has met."""
    random, serial = Random(next(_seeds)), None if behaviour is None else serial_of(behaviour)
    while True:
        born = date(year, random.randrange(1, 13), random.randrange(1, 29))
        try:
            return make_iin(born, random, masculine=random.random() < 0.5, serial=serial)
        except ValueError:  # no such number is issued: take another day
            continue


async def ask(side: Side, register: Register, iin: str, iban: str | None = None) -> RegisterAnswer | None:
    """One register about one person: as a guardian's child, as an owner of an account."""
    match register:
        case Register.PERSON:
            return await side.person.find_person(iin, ASKING)
        case Register.BIRTH:
            return await side.birth.find_birth(iin, ASKING)
        case Register.GUARDIANSHIP:
            return await side.guardianship.find_guardianship(somebody(), iin, ASKING)
        case Register.ACCOUNT:
            return await side.account.find_account(iin, iban or make_iban(Random(iin)), ASKING)


@pytest.mark.parametrize("register", list(Register))
class TestEveryRegister:
    """What both implementations do, for each of the four questions."""

    async def test_somebody_is_found(self, side: Side, register: Register) -> None:
        """Any IIN is somebody's, and the exchange is on record from its beginning to its end."""
        assert await ask(side, register, somebody()) is not None
        assert_on_record(side.log, ExchangeOutcome.FOUND, "SCSS001")

    async def test_nobody_is_none(self, side: Side, register: Register) -> None:
        """Who is unknown to the register is no error."""
        assert await ask(side, register, somebody("unknown")) is None
        assert_on_record(side.log, ExchangeOutcome.NOT_FOUND, "SCSS001")

    async def test_silence_is_unavailability(self, hasty_side: Side, register: Register) -> None:
        """A register that does not answer may answer later."""
        with pytest.raises(RegisterUnavailableError) as told:
            await ask(hasty_side, register, somebody("silent"))
        assert_on_record(hasty_side.log, ExchangeOutcome.FAILED, told.value.code)

    async def test_slowness_is_no_error(self, side: Side, register: Register) -> None:
        """Whoever thinks for a while has answered."""
        assert await ask(side, register, somebody("slow")) is not None

    async def test_same_question_same_answer(self, side: Side, register: Register) -> None:
        """Asked twice, it says the same; and there were two messages."""
        iin = somebody()
        if register is Register.GUARDIANSHIP:
            guardian = somebody()
            first, second = [await side.guardianship.find_guardianship(guardian, iin, ASKING) for _ in range(2)]
        else:
            first, second = [await ask(side, register, iin) for _ in range(2)]
        assert first == second
        assert len({one.message_id for one in side.log.begun}) == 2

    async def test_nothing_is_sent_off_the_record(
        self, side_without_record: Side, stand_in: Gateway, register: Register
    ) -> None:
        """A record that is away is a register that cannot be asked now: nothing leaves the house."""
        iin = somebody()
        with pytest.raises(RegisterUnavailableError, match="record-away"):
            await ask(side_without_record, register, iin)
        assert stand_in.asked(iin) == []


class TestWhatIsFound:
    """The answers of both, field by field."""

    async def test_person_in_kazakh_letters(self, side: Side) -> None:
        """Names come letter for letter, Ә Ғ Қ Ң Ө Ұ Ү Һ І among them."""
        people = [person_of(somebody()) for _ in range(30)]
        wanted = [one for one in people if set("ӘҒҚҢӨҰҮҺІәғқңөұүһі") & set(one.surname + one.name)][:3]
        assert wanted
        for one in wanted:
            found = await side.person.find_person(one.iin, ASKING)
            assert found == one.entry().model_copy(update={"life_status": LifeStatus.ALIVE})

    async def test_birth(self, side: Side) -> None:
        """The record's number and date, the child and both parents."""
        child = somebody(year=2015)
        assert await side.birth.find_birth(child, ASKING) == birth_of(child)

    async def test_guardianship(self, side: Side) -> None:
        """Both people, as the register of guardianships writes them."""
        guardian, child = somebody(), somebody(year=2015)
        found = await side.guardianship.find_guardianship(guardian, child, ASKING)
        assert found is not None
        assert (found.guardian, found.child) == (person_of(guardian).entry(), person_of(child).entry())
        assert found.ended_on is None

    async def test_account(self, side: Side) -> None:
        """The account that was asked about, open."""
        iban = make_iban(Random(1))
        found = await side.account.find_account(somebody(), iban, ASKING)
        assert found is not None
        assert (found.iban, found.is_open) == (iban, True)

    async def test_another_name(self, side: Side) -> None:
        """A register that has another name says that name."""
        iin = somebody("differs", year=2015)
        person, birth = await side.person.find_person(iin, ASKING), await side.birth.find_birth(iin, ASKING)
        appointed = await side.guardianship.find_guardianship(somebody(), iin, ASKING)
        assert person is not None
        assert birth is not None
        assert appointed is not None
        names = {person.name, birth.child.name, appointed.child.name}
        assert names == {f"{person_of(iin).name}жан"}


def assert_on_record(log: ExchangeLog, outcome: ExchangeOutcome, code: str) -> None:
    assert isinstance(log, FakeExchangeLog)
    assert [one.message_id for one in log.begun] == [one.message_id for one in log.ended]
    assert [(one.outcome, one.code) for one in log.ended] == [(outcome, code)]


PASSING = {
    "fails": "http-503",
    "faults": "SCE909",
    "hangs-up": "network",
    "nonsense": "no-soap",
    "no-soap": "no-soap",
}
REFUSED = {
    "wrong-certificate": "answer-certificate",
    "wrong-signature": "answer-signature",
    "altered": "answer-signature",
    "unsigned": "answer-unsigned",
    "other-message": "answer-of-another-message",
    "replayed": "answer-of-another-message",
    "old-answer": "answer-too-old",
    "other-person": "answer-about-another",
    "twice": "answer-not-understood",
    "large": "answer-too-large",
}


@pytest.mark.parametrize("register", list(Register))
class TestMisbehaviour:
    """What the adapter makes of a gateway that behaves unlike a good one."""

    @pytest.mark.parametrize("behaviour", PASSING)
    async def test_what_passes(
        self, gateway_side: Side, stand_in: Gateway, register: Register, behaviour: str
    ) -> None:
        """It fails for now; the same question again is answered, over the same connections."""
        iin = somebody()
        stand_in.tell(iin, behaviour, times=1)
        with pytest.raises(RegisterUnavailableError) as told:
            await ask(gateway_side, register, iin)
        assert told.value.code == PASSING[behaviour]
        assert_on_record(gateway_side.log, ExchangeOutcome.FAILED, PASSING[behaviour])
        assert await ask(gateway_side, register, iin) is not None

    @pytest.mark.parametrize("behaviour", REFUSED)
    async def test_what_may_not_be_believed(
        self, gateway_side: Side, stand_in: Gateway, register: Register, behaviour: str
    ) -> None:
        """It is refused for good, and nothing of it is handed on; the next good answer is believed."""
        assert await ask(gateway_side, register, somebody()) is not None  # so that there is one to be played again
        gateway_side.log.begun.clear()
        gateway_side.log.ended.clear()
        iin = somebody()
        stand_in.tell(iin, behaviour, times=1)
        with pytest.raises(RegisterRefusedError) as told:
            await ask(gateway_side, register, iin)
        assert told.value.code == REFUSED[behaviour]
        assert_on_record(gateway_side.log, ExchangeOutcome.REFUSED, REFUSED[behaviour])
        assert await ask(gateway_side, register, iin) is not None

    async def test_out_of_order(self, gateway_side: Side, stand_in: Gateway, register: Register) -> None:
        """The later question's answer comes first, and each has its own."""
        first, second = somebody(), somebody()
        stand_in.tell(first, "out-of-order")
        order: list[str] = []

        async def asked(iin: str) -> RegisterAnswer | None:
            answer = await ask(gateway_side, register, iin, make_iban(Random(iin)))
            order.append(iin)
            return answer

        earlier = asyncio.create_task(asked(first))
        await until(lambda: len(stand_in.asked(first)) == 1)
        later = await asked(second)
        assert await earlier is not None
        assert later is not None
        assert order == [second, first]
        assert later != await earlier


class TestTheWholeGateway:
    """Away as a whole, and back."""

    @pytest.mark.parametrize(("state", "code"), [("down", "network"), ("failing", "http-503")])
    async def test_it_goes_and_comes_back(
        self, gateway_side: Side, stand_in: Gateway, state: str, code: str
    ) -> None:
        """Nobody can be asked, for now; afterwards everybody can."""
        stand_in.switch(state)
        for register in Register:
            with pytest.raises(RegisterUnavailableError) as told:
                await ask(gateway_side, register, somebody())
            assert told.value.code == code
        stand_in.switch("up")
        assert await ask(gateway_side, Register.PERSON, somebody()) is not None

    async def test_sender_who_is_not_let_in(self, stand_in: Gateway) -> None:
        """Asking again does not help whoever is not registered there: an operator has to look."""
        right = stand_in.agreement
        wrong = Agreement(**{**vars(right), "file": right.file.model_copy(update={"sender": "SOMEBODY"})})
        async with gateway_registers(wrong, FakeExchangeLog()) as registers:
            with pytest.raises(RegisterRefusedError) as told:
                await registers.person.find_person(somebody(), ASKING)
        assert told.value.code == "FailedAuthentication"

    async def test_silence(self, stand_in: Gateway) -> None:
        """One that takes messages and says nothing is waited for as long as was agreed, and no longer."""
        stand_in.switch("silent")
        async for side in sides("gateway", stand_in, FakeExchangeLog(), seconds=0.3):
            with pytest.raises(RegisterUnavailableError) as told:
                await ask(side, Register.PERSON, somebody())
            assert told.value.code == "timeout"

    async def test_forgotten_question_hangs_nothing(self, gateway_side: Side, stand_in: Gateway) -> None:
        """Whoever asked has gone: that is on record, and the stand-in lets go of the connection."""
        iin = somebody()
        stand_in.tell(iin, "silent")
        asking = asyncio.create_task(ask(gateway_side, Register.PERSON, iin))
        await until(lambda: len(stand_in.asked(iin)) == 1)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert_on_record(gateway_side.log, ExchangeOutcome.FAILED, "given-up")
        await until(lambda: stand_in.asked(iin)[0]["answered"] is not None)


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not is_so():  # noqa: ASYNC110 - nobody here could set an event
            await asyncio.sleep(0.01)
