"""At which moment a certificate has to be in force: when it was signed, as far as that can be believed."""

from datetime import timedelta

import pytest

from adapters.signatures.moment import moment_of
from adapters.signatures.stand_in.certificates import Leaf
from models.signature import Flaw
from tests.models.builders import at
from tests.signatures.making import GOOD, IIN, TEXT, flawed, found, now, signed_by
from tests.signing import authority

SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
ARRIVED = at("2026-11-23 10:00")


class TestMoment:
    """A claim counts within a day before the arrival."""

    @pytest.mark.parametrize(
        ("claimed", "moment"),
        [
            (None, ARRIVED),
            (ARRIVED, ARRIVED),
            (ARRIVED - MINUTE, ARRIVED - MINUTE),
            (ARRIVED - DAY, ARRIVED - DAY),
            (ARRIVED - DAY - SECOND, ARRIVED),
            (ARRIVED + SECOND, ARRIVED),
        ],
    )
    def test_what_is_claimed(self, claimed: object, moment: object) -> None:
        """Up to a day back it is believed, beyond it or in the future the arrival counts."""
        assert moment_of(claimed, ARRIVED) == moment  # type: ignore[arg-type]


class TestBoundaries:
    """To the second, at either end of the certificate."""

    @pytest.mark.parametrize(
        ("ends", "flaw"), [(timedelta(), None), (-SECOND, None), (-2 * SECOND, Flaw.EXPIRED), (MINUTE, None)]
    )
    async def test_its_end(self, ends: timedelta, flaw: Flaw | None) -> None:
        """The last second counts, and one more is given for clocks that differ."""
        moment = now() - 10 * MINUTE
        leaf = Leaf(IIN, begins=moment - DAY, ends=moment + ends)
        finding = await found(signed_by(leaf, at=moment), at=moment)
        assert finding == (flawed(flaw) if flaw else GOOD)

    @pytest.mark.parametrize(("begins", "flaw"), [(timedelta(), None), (SECOND, None), (2 * SECOND, Flaw.EXPIRED)])
    async def test_its_beginning(self, begins: timedelta, flaw: Flaw | None) -> None:
        """The first second counts."""
        moment = now() - 10 * MINUTE
        leaf = Leaf(IIN, begins=moment + begins, ends=moment + DAY)
        finding = await found(signed_by(leaf, at=moment), at=moment)
        assert finding == (flawed(flaw) if flaw else GOOD)

    async def test_signed_before_it_ran_out(self) -> None:
        """Who signed in time and sent it a little later has signed in time; who claims it too late has not."""
        ended = now() - 2 * timedelta(hours=1)
        leaf = Leaf(IIN, begins=ended - DAY, ends=ended)
        signature = signed_by(leaf, at=ended - MINUTE)
        assert await found(signature, at=now()) == GOOD
        assert await found(signature, at=ended + DAY) == flawed(Flaw.EXPIRED)
        assert await found(signed_by(leaf, at=now()), at=now()) == flawed(Flaw.EXPIRED)
        assert await found(signed_by(leaf, attributes={"signing_time": None}), at=now()) == flawed(Flaw.EXPIRED)

    async def test_without_an_arrival(self) -> None:
        """Who did not say when it arrived means now."""
        assert await found(authority().sign(TEXT, IIN), at=None) == GOOD
        ended = Leaf(IIN, begins=now() - 9 * DAY, ends=now() - 2 * DAY)
        assert await found(signed_by(ended, at=now() - 3 * DAY)) == flawed(Flaw.EXPIRED)
