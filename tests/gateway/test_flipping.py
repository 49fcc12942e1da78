"""One byte changed anywhere, whatever it becomes: the same answer or none."""

from functools import cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.ports import RegisterRefusedError, RegisterUnavailableError
from tests.gateway import people
from tests.gateway.answering import asked_in, response, signed
from tests.gateway.conftest import Talk
from tests.gateway.partners import Partner

PLACES = st.floats(0, 1, exclude_max=True)


@cache
def body(surname: str) -> str:
    return people.person_data(people.person(surname=surname))


class TestFlipping:
    """By chance, at many places."""

    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        places=st.lists(PLACES, min_size=8, max_size=8),
        values=st.lists(st.integers(1, 255), min_size=8, max_size=8),
    )
    async def test_never_another_answer(
        self, talk: Talk, gateway: Partner, places: list[float], values: list[int]
    ) -> None:
        """A flipped byte never makes another answer of a signed one."""
        for place, value in zip(places, values, strict=True):

            def make(came: bytes, place: float = place, value: int = value) -> bytes:
                made = bytearray(signed(response(body("Әбілқасымқызы"), asked_in(came)), gateway))
                made[int(place * len(made))] ^= value
                return bytes(made)

            try:
                assert await talk.person(make) == people.WOMAN_ENTRY
            except (RegisterRefusedError, RegisterUnavailableError):
                continue
