"""Answers that are rightly signed, but not to this message, not of now, or not of the channel's schema."""

from datetime import timedelta

import pytest

from adapters.host_clock import host_now
from tests.gateway import people
from tests.gateway.answering import asked_in, response, signed
from tests.gateway.conftest import Talk
from tests.gateway.partners import Partner
from tests.gateway.people import content


class TestWhatWasAsked:
    """Answers that are right, but not to this message, or not of now."""

    @pytest.mark.parametrize("minutes", [-16, 16, -60 * 24 * 365])
    async def test_replayed(self, talk: Talk, gateway: Partner, minutes: int) -> None:
        """More than a quarter of an hour away, back or ahead."""
        at = host_now() + timedelta(minutes=minutes)

        def make(came: bytes) -> bytes:
            return signed(response(people.person_data(), asked_in(came), at=at), gateway)

        assert await talk.refusal(make) == "answer-too-old"

    async def test_date_without_offset(self, talk: Talk, gateway: Partner) -> None:
        """Nobody could say how old it is."""

        def make(came: bytes) -> bytes:
            return signed(content(came).replace("+05:00</responseDate>", "</responseDate>"), gateway)

        assert await talk.refusal(make) == "answer-not-understood"

    @pytest.mark.parametrize("asked", ["another", ""])
    async def test_to_another_message(self, talk: Talk, gateway: Partner, asked: str) -> None:
        """An answer to another question, of the same second, signed by the gateway."""
        assert await talk.refusal(lambda _: signed(response(people.person_data(), asked), gateway)) == (
            "answer-of-another-message"
        )

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("SendMessageResponse", "SendMessage"),
            ("responseInfo>", "info>"),
            ("<message>done</message>", ""),
            ("<message>done</message>", f"<message>{'a' * 251}</message>"),
            ("<responseData>", "<responseData><more/>"),
            ("<response>", "<response>words"),
            ("<data ", "<other/><data "),
        ],
    )
    async def test_not_of_the_schema(self, talk: Talk, gateway: Partner, old: str, new: str) -> None:
        """Signed, but not what the channel's schema says."""

        def make(came: bytes) -> bytes:
            return signed(content(came).replace(old, new), gateway)

        assert await talk.refusal(make) == "answer-not-understood"
