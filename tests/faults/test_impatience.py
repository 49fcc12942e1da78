"""People who do not wait: commands are refused all the while, the record is slow, the worker forgets.

Tasks then come in every order, and many bring nothing; the replay of each application must still make the same
facts, at the same instants, as the record has (docs/decisions/0020-no-fact-in-an-empty-task.md).
"""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Engine, text

from adapters.database.engine import writing
from demo.visit import HEAD, Visit
from desk.officer import Officer
from desk.reconcile import reconcile
from models.errors import RefusedError
from models.library import Library
from models.lifecycle import Channel, Command
from models.messages import MESSAGES
from tests.faults.figures import Figures
from tests.faults.premises import premises

_ROUNDS = 6
_AT_ONCE = 6
_REMEMBERED = 4
"""Applications that the worker keeps in memory: fewer than are handled at once."""
_IMPATIENT = 3
_SECONDS = 4
_COUNTERS = (Channel.STATE_CORPORATION, Channel.PROVIDER)
_HELD_SECONDS, _FREE_SECONDS = 0.6, 0.2


class TestImpatience:
    """Nothing is out of order here but the pace."""

    @pytest.mark.timeout(300)
    async def test_refused_all_the_while(
        self, tmp_path: Path, library: Library, database: str, address: str, figures: Figures
    ) -> None:
        """From the call to the review somebody always tries what cannot be done yet."""
        async with premises(tmp_path, library, address) as here:
            await here.start_worker(cached_workflows=_REMEMBERED)
            desk, refused = here.desk(wait=30), 0
            with slow(here.record):
                for number in range(_ROUNDS):
                    visits = [
                        await Visit.open(desk, _COUNTERS[n % 2], Random(f"{number}-{n}")) for n in range(_AT_ONCE)
                    ]
                    refused += sum(await asyncio.gather(*(hurried(visit) for visit in visits)))
            assert refused > _ROUNDS * _AT_ONCE, "nobody was refused; nothing was tried"
            queue = here.settings.task_queue
            report = await reconcile(here.client, desk.reader, here.ring, queue)
            assert report.compared == _ROUNDS * _AT_ONCE
            assert [str(one) for one in report.differences] == []
            told = f"nothing differs, {refused} commands refused meanwhile"
            figures.note("impatient people, slow record, small memory", database, report.compared, told)


async def hurried(visit: Visit) -> int:
    """Called and accepted, while others try to approve; how often they were refused."""
    await visit.do(Command.CALL, visit.clerk)
    until = time.monotonic() + _SECONDS
    others = [asyncio.create_task(impatient(visit, until)) for _ in range(_IMPATIENT)]
    await visit.accept(visit.example(Command.ACCEPT, behaviour="slow"))
    return sum(await asyncio.gather(*others))


async def impatient(visit: Visit, until: float) -> int:
    refused, message = 0, MESSAGES[Command.APPROVE].model_validate(visit.example(Command.APPROVE))
    while time.monotonic() < until:
        try:
            await visit.desk.give(visit.application, Command.APPROVE, Officer(HEAD), message)
        except RefusedError:
            refused += 1
    return refused


@contextmanager
def slow(record: Engine) -> Iterator[None]:
    """A record that somebody else holds most of the time, and lets go now and then."""
    over = threading.Event()

    def hold() -> None:
        while not over.wait(_FREE_SECONDS):
            with writing(record) as connection:
                if record.dialect.name == "postgresql":
                    connection.execute(text("LOCK TABLE fact IN EXCLUSIVE MODE"))
                over.wait(_HELD_SECONDS)

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        yield
    finally:
        over.set()
        holder.join()
