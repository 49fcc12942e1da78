"""The watcher: it tells everybody that something has changed, and pages agree with it."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import OperationalError

from models.supervision import Pulse
from web.once import Once
from web.watch import AWAY, Watch

START = datetime(2026, 3, 20, 11, 0, 0, 400_000, tzinfo=UTC)
WHOLE = START.replace(microsecond=0)


class Time:
    """A clock that goes with the loop's, from an instant of the test's own."""

    def __init__(self) -> None:
        self._began = asyncio.get_running_loop().time()

    def __call__(self) -> datetime:
        return START + timedelta(seconds=asyncio.get_running_loop().time() - self._began)


@asynccontextmanager
async def watching(feel: Callable[[datetime], Pulse]) -> AsyncGenerator[Watch]:
    watch = Watch(feel, Time())
    task = asyncio.create_task(watch.run())
    yield watch
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


class TestWatch:
    """One question a second, and one right after each due instant."""

    async def test_a_limit_that_passes_by_time_alone(self) -> None:
        """No row changes, and it is told within a tenth of a second; a page asked then has it."""
        due = START + timedelta(seconds=0.3)

        def feel(at: datetime) -> Pulse:
            passed = due < at
            return Pulse(
                at=at, running=1, passed=passed, newest=due if passed else None, next_due=None if passed else due
            )

        async with watching(feel) as watch:
            marks = watch.marks()
            assert await anext(marks) == "1-0-0"
            told = await asyncio.wait_for(anext(marks), 0.5)
            assert told is not None
            assert told.startswith("1-1-")
            assert due < watch.moment().at < due + timedelta(seconds=0.1)
            assert watch.moment().mark == told

    async def test_pages_share_an_instant(self) -> None:
        """Between two looks everything is told as of the same whole second."""
        async with watching(lambda _: Pulse(at=WHOLE, running=0, passed=0, newest=None, next_due=None)) as watch:
            await anext(watch.marks())
            moments = [watch.moment()]
            await asyncio.sleep(0.2)
            moments.append(watch.moment())
            assert moments[0] == moments[1]
            assert moments[0].at == WHOLE
            await asyncio.sleep(0.5)
            assert watch.moment().at == WHOLE + timedelta(seconds=1)

    async def test_a_record_that_is_away(self) -> None:
        """Is told, and that it is back again."""
        is_away = [True]

        def feel(_: datetime) -> Pulse:
            if is_away:
                is_away.pop()
                raise OperationalError("select", None, Exception("away"))
            return Pulse(at=WHOLE, running=3, passed=0, newest=None, next_due=None)

        async with watching(feel) as watch:
            marks = watch.marks()
            assert [await anext(marks), await asyncio.wait_for(anext(marks), 2)] == [AWAY, "3-0-0"]

    async def test_closing_sends_everybody_away(self) -> None:
        """Whoever listens goes at once."""
        async with watching(lambda _: Pulse(at=WHOLE, running=0, passed=0, newest=None, next_due=None)) as watch:
            marks = watch.marks()
            await anext(marks)
            waiting = asyncio.ensure_future(anext(marks, "over"))
            await asyncio.sleep(0)
            watch.close()
            assert await asyncio.wait_for(waiting, 1) == "over"

    async def test_without_a_look_it_is_now(self) -> None:
        """A board whose watcher does not run tells the second it is asked in."""
        watch = Watch(lambda _: Pulse(at=WHOLE, running=0, passed=0, newest=None, next_due=None), lambda: START)
        assert watch.moment().at == WHOLE


class TestOnce:
    """An answer is worked out once."""

    async def test_many_ask_one_works(self) -> None:
        """Whoever asks meanwhile waits; whoever asks later has it at once."""
        done: list[int] = []
        once: Once[int] = Once()

        def make() -> int:
            done.append(1)
            return 7

        assert await asyncio.gather(*(once.get("key", make) for _ in range(20))) == [7] * 20
        assert await once.get("key", make) == 7
        assert len(done) == 1

    async def test_failure_is_not_kept(self) -> None:
        """All who wait are told, and the next one tries again."""
        once: Once[int] = Once()

        def fail() -> int:
            raise ValueError("no")

        told = await asyncio.gather(*(once.get("key", fail) for _ in range(3)), return_exceptions=True)
        assert [type(one) for one in told] == [ValueError] * 3
        await asyncio.sleep(0)
        assert await once.get("key", lambda: 1) == 1

    async def test_one_who_goes_away(self) -> None:
        """Takes nobody's answer with him."""
        once: Once[int] = Once()
        first = asyncio.ensure_future(once.get("key", lambda: 5))
        second = asyncio.ensure_future(once.get("key", lambda: 6))
        await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert await second == 5
