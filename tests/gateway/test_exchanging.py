"""Every exchange is put on record before it is sent, and again however it ends."""

from dataclasses import dataclass

import pytest
from sqlalchemy.exc import OperationalError

from models.ports import RegisterUnavailableError
from models.registers import Exchange, ExchangeEnd
from tests.gateway import people
from tests.gateway.answering import asked_in, response, signed
from tests.gateway.conftest import Talk
from tests.gateway.partners import FakeExchangeLog, Partner

AWAY = OperationalError("insert", {}, Exception("away"))


@dataclass
class AwayAtBegin(FakeExchangeLog):
    """A record that is away before anything is sent."""

    def begin(self, exchange: Exchange) -> None:
        raise AWAY


@dataclass
class AwayAtEnd(FakeExchangeLog):
    """A record that goes away meanwhile."""

    def end(self, end: ExchangeEnd) -> None:
        raise AWAY


class TestOnRecord:
    """What stands on record."""

    async def test_before_it_is_sent(self, talk: Talk, gateway: Partner) -> None:
        """When a message comes to the gateway, it is on record already, and its end is not."""

        def make(came: bytes) -> bytes:
            assert [one.message_id for one in talk.log.begun] == [asked_in(came)]
            assert talk.log.ended == []
            return signed(response(people.person_data(), asked_in(came)), gateway)

        await talk.person(make)
        assert (talk.log.begun[0].iin, len(talk.log.ended)) == (people.WOMAN, 1)

    async def test_record_away(self, talk: Talk) -> None:
        """Nothing is sent off the record: the register cannot be asked now."""
        talk.log = AwayAtBegin()
        came: list[bytes] = []
        with pytest.raises(RegisterUnavailableError, match=r"^record-away: "):
            await talk.person(lambda content: came.append(content) or content)
        assert came == []

    async def test_record_away_at_the_end(self, talk: Talk, gateway: Partner) -> None:
        """An answer that is there is not lost because its end cannot be noted."""
        talk.log = AwayAtEnd()

        def make(came: bytes) -> bytes:
            return signed(response(people.person_data(), asked_in(came)), gateway)

        assert await talk.person(make) == people.WOMAN_ENTRY

    async def test_mistake_of_ours(self, talk: Talk) -> None:
        """What nobody foresaw is not put on record as processed."""

        def make(_: bytes) -> bytes:
            raise RuntimeError("a mistake")

        with pytest.raises(RuntimeError, match="a mistake"):
            await talk.person(make)
        assert [(one.outcome, one.code) for one in talk.log.ended] == [("failed", "unforeseen")]
