"""`starter.py anchor`, `anchors verify`, what `reconcile` says of anchors, and a worker that anchors by itself."""

import secrets
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from sqlalchemy import delete

from adapters.database.anchors import SqlAnchored
from adapters.database.engine import writing
from adapters.database.tables import anchor
from adapters.host_clock import host_today
from adapters.settings import Settings
from adapters.temporal.server import Server
from demo.visit import Visit
from models.library import Library
from models.lifecycle import Channel
from tests.command_line import Ran, run_program
from tests.conftest import House, house_of, strangers
from tests.lost_rows import put_back, rows_of


@pytest.fixture
async def alone(server: Server, library: Library, address: str, tmp_path: Path) -> AsyncGenerator[House]:
    """A house whose worker has a place for anchors."""
    place = tmp_path / "place"
    place.mkdir()
    settings = Settings(
        data=tmp_path,
        database_url=address,
        task_queue=f"anchors-{secrets.token_hex(4)}",
        anchors_url=f"file://{place}",
    )
    async with house_of(settings, server, library) as house:
        yield house


async def run(house: House, *arguments: str) -> Ran:
    more = {"TIREK_ANCHORS_URL": house.settings.anchors_url or ""}
    return await run_program(*arguments, environment=house.environment | more)


class TestCommands:
    """Over the record and the worker of one house."""

    async def test_day(self, alone: House, tmp_path: Path) -> None:
        """The worker has anchored; `anchor` leaves that, `verify` finds what is lost since, `reconcile` too."""
        file = tmp_path / "place" / "anchors" / f"{host_today()}.jsonl.gz"
        remembered = SqlAnchored(alone.record)
        assert await alone.desk.until(lambda: remembered.has(host_today())), alone.engine.worker.words()
        file.unlink()  # of an empty record; so that there is one with an application in it
        removed = await run(alone, "anchors", "verify")
        assert (removed.code, "it is gone" in removed.out) == (1, True), removed.out
        with writing(alone.record) as connection:
            connection.execute(delete(anchor))
        visit = await Visit.open(alone.desk, Channel.PROVIDER, strangers())
        written = await run(alone, "anchor", "--json")
        assert (written.code, written.json["changed"], written.json["written"]) == (0, 1, True), written.err
        assert "was there already" in (await run(alone, "anchor")).out
        whole = await run(alone, "anchors", "verify")
        assert whole.code == 0, whole.out
        assert "1 heads: 0 differ from the record; 0 bad files, 0 broken journals" in whole.out
        then = rows_of(alone.record, visit.application)
        put_back(alone.record, visit.application, [])
        lost = await run(alone, "anchors", "verify", "--heads-only", "--json")
        (difference,) = lost.json["differences"]
        assert (lost.code, difference["execution"], difference["ahead"]) == (1, visit.application, "anchor")
        told = await run(alone, "reconcile", "--json")
        assert (told.code, told.json["anchors"]) == (1, lost.json["differences"])
        assert "held against the anchors" in (await run(alone, "reconcile")).out
        put_back(alone.record, visit.application, then)
        again = await run(alone, "reconcile", "--json")
        assert (again.code, again.json["anchors"]) == (0, [])

    async def test_reconcile_without_the_place(self, alone: House, tmp_path: Path) -> None:
        """A place that is away holds nothing up: what was compared is told, and that the place is away."""
        away = alone.environment | {"TIREK_ANCHORS_URL": f"file://{tmp_path}/away"}
        told = await run_program("reconcile", "--json", environment=away)
        assert (told.code, told.json["differences"]) == (1, []), told.err
        (difference,) = told.json["anchors"]
        assert "TIREK_ANCHORS_URL: the folder is not there" in difference["what"]

    async def test_without_a_place(self, address: str, tmp_path: Path) -> None:
        """2, and the setting is named."""
        where = {"TIREK_DATA": str(tmp_path), "TIREK_DATABASE_URL": address}
        for command in (("anchor",), ("anchors", "verify")):
            ran = await run_program(*command, environment=where)
            assert (ran.code, "TIREK_ANCHORS_URL" in ran.err) == (2, True), ran.err
