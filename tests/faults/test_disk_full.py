"""The disk is full under the record or under the server: nothing is half done, and afterwards all goes on."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from models.library import Library
from models.lifecycle import Command
from tests.faults.figures import Figures
from tests.faults.postgresql import OwnPostgreSQL, own_postgresql
from tests.faults.premises import Premises, premises
from tests.faults.small_disk import SmallDisk, small_disk
from tests.faults.traffic import Traffic, all_of

_FULL_SECONDS = 20
_SERVER_MEGABYTES = 64
_MEGABYTES = {"sqlite": 16, "postgresql": 160}

Mend = Callable[[], Awaitable[None]]


@pytest.fixture
def outside() -> Iterator[Path]:
    """A folder outside of pytest's own: PostgreSQL runs as another user, who may not look into those."""
    with tempfile.TemporaryDirectory(prefix="tirek-disk-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


class TestDiskFull:
    """Where nothing can be written people may be told to come again; whatever they were told stays true."""

    @pytest.mark.timeout(300)
    async def test_under_the_record(
        self, tmp_path: Path, outside: Path, library: Library, database: str, figures: Figures
    ) -> None:
        """The record takes nothing, or ends and is started again; it has everything once there is room."""
        with small_disk(outside / "disk", _MEGABYTES[database]) as disk, _own(database, disk) as (address, mend):
            async with premises(tmp_path, library, address) as here:
                assert await _live_through(here, disk, mend, "under the record", database, figures) == []

    @pytest.mark.timeout(300)
    async def test_under_the_server(
        self, tmp_path: Path, outside: Path, library: Library, database: str, address: str, figures: Figures
    ) -> None:
        """The server answers with errors or ends; started again on the same data it goes on where it was."""
        with small_disk(outside / "disk", _SERVER_MEGABYTES) as disk:
            async with premises(tmp_path, library, address, server_data=disk.root) as here:

                async def mend() -> None:
                    if here.server_is_down:
                        await here.start_server()

                assert await _live_through(here, disk, mend, "under the server", database, figures) == []


@contextmanager
def _own(database: str, disk: SmallDisk) -> Iterator[tuple[str, Mend]]:
    """Where the record is on this disk, and how it is mended; a PostgreSQL is stopped only where there is room."""
    if database == "sqlite":
        yield f"sqlite:///{disk.root / 'record.sqlite'}", _nothing
        return
    disk.root.chmod(0o755)
    with own_postgresql(disk.root / "data") as server:
        try:
            yield server.address, _start_again(server)
        finally:
            disk.free()


async def _live_through(
    here: Premises, disk: SmallDisk, mend: Mend, where: str, database: str, figures: Figures
) -> list[str]:
    """What was lost, doubled or told otherwise; none if all is well."""
    worker = await here.start_worker()
    traffic = Traffic(here, here.desk(wait=5))
    early = traffic.some("before")
    await all_of(one.reach_review() for one in early)
    async with asyncio.TaskGroup() as work:
        disk.fill()
        for one in early:
            work.create_task(one.go_on(Command.APPROVE))
        for one in traffic.some("during", each=4):
            work.create_task(one.go_on())
        await asyncio.sleep(_FULL_SECONDS)
        assert traffic.is_held_up(), "the full disk has held nobody up; nothing was tried"
        assert _was_full(here), "nobody has met with the full disk; nothing was tried"
        disk.free()
        back = time.monotonic()
        await mend()
        if worker.has_ended():
            await here.start_worker()
    await traffic.until_on_record()
    took = time.monotonic() - back
    traffic.some("after", each=1)
    problems = await traffic.problems()
    ended = "ended and was started again" if worker.has_ended() else "lived"
    text = f"everybody answered and everything on record {took:.1f} s after there was room; the worker {ended}"
    figures.note(f"the disk full {where} for {_FULL_SECONDS} s", database, len(traffic.journeys), text)
    return problems


def _was_full(here: Premises) -> bool:
    """Whether worker or server has said so, in the words of SQLite or of the operating system."""
    said = [(here.settings.data / name).read_text(errors="replace") for name in ("worker.log", "temporal.log")]
    return any(words in text for text in said for words in ("disk is full", "No space left on device"))


async def _nothing() -> None:
    """SQLite is no process of its own."""


def _start_again(server: OwnPostgreSQL) -> Mend:
    async def mend() -> None:
        await asyncio.to_thread(server.start)

    return mend
