"""The keys are changed in the middle of open applications: nothing stops, and everything can still be read."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from adapters.database import tables as t
from adapters.database.engine import writing
from adapters.database.reader import RecordReader
from adapters.host_clock import host_now
from adapters.keys import KeyRing, UnreadableError, load_key_ring
from adapters.live_keys import follow_key_ring
from adapters.settings import Settings
from adapters.temporal.connection import connect as connect_server
from adapters.temporal.plugin import tirek_plugin
from adapters.temporal.server import Server
from cli.engine import start_worker, until_working
from demo.visit import Visit
from desk.desk import Desk
from desk.reconcile import reconcile_these
from models.library import Library
from models.lifecycle import Channel, Command, Stage
from tests.command_line import Ran, run_program
from tests.conftest import House, house_of, make_desk, strangers
from tests.faults.test_clock_jumps import Hands

NEW = "key-of-winter"
NOTICED = 2.5
"""Seconds after which every program has looked at its ring again."""


@pytest_asyncio.fixture
async def own(
    new_address: Callable[[str], str], tmp_path: Path, server: Server, library: Library, database: str
) -> AsyncIterator[House]:
    """A house whose keys are its own to change."""
    settings = Settings(
        data=tmp_path / "data", database_url=new_address("rotated"), task_queue=f"rotated-{database}", sandbox=True
    )
    async with house_of(settings, server, library) as one:
        yield one


async def run(house: House, *arguments: str, more: dict[str, str] | None = None) -> Ran:
    return await run_program(*arguments, "--json", environment=house.environment | (more or {}))


async def following_desk(house: House, library: Library) -> Desk:
    """A desk as a program has it that runs for long."""
    ring = follow_key_ring(house.settings.key_file, may_create=False)
    client = await connect_server(tirek_plugin(ring), house.settings, own_server=house.engine.server.address)
    return make_desk(house.settings, ring, client, library, house.record)


async def keys_in_history(house: House, execution: str) -> list[set[str]]:
    """Of each event of a history, as the server keeps it, the keys that it was encrypted with."""
    known = load_key_ring(house.settings.key_file, may_create=False).keys
    history = await house.engine.client.get_workflow_handle(execution).fetch_history()
    events = [event.SerializeToString() for event in history.events]
    return [{name for name in known if name.encode() in event} for event in events]


class TestRotation:
    """Under a worker that runs on."""

    async def test_in_the_middle_of_open_applications(self, own: House, library: Library) -> None:
        """An application that began under the old key goes on under the new one, a new one begins, both are equal
        to the record, both replay, and no worker was started anew."""
        desk = await following_desk(own, library)
        old = await Visit.open(desk, Channel.PROVIDER, strangers())
        await old.be_accepted()
        assert (await run(own, "keys", "add", NEW)).code == 0
        await asyncio.sleep(NOTICED)
        await old.do(Command.TAKE, "specialist-1")
        await old.do(Command.RELEASE, "specialist-1")
        assert set().union(*await keys_in_history(own, old.application)) == {"local-1"}, "it is not active yet"
        assert (await run(own, "keys", "activate", NEW)).code == 0
        await asyncio.sleep(NOTICED)
        new = await Visit.open(desk, Channel.PROVIDER, strangers())
        await new.be_accepted()
        for visit in (old, new):
            await visit.be_decided()
            await visit.collect()
        assert (await run(own, "keys", "rewrap")).json == {"rewritten": 1, "unreadable": 0}
        assert old.stage() is new.stage() is Stage.COLLECTED
        used = [keys for keys in await keys_in_history(own, old.application) if keys]
        assert used[0] == {"local-1"}
        assert used[-1] == {NEW}
        assert set().union(*await keys_in_history(own, new.application)) == {NEW}
        ring = load_key_ring(own.settings.key_file, may_create=False)
        report = await reconcile_these(desk.client, desk.reader, ring, [old.application, new.application])
        assert (report.compared, report.differences) == (2, ())
        assert not own.engine.worker.has_ended()
        assert "ERROR" not in own.engine.worker.words()

    async def test_broken_file_in_between(self, own: House, library: Library) -> None:
        """A ring that is half written stops nobody who runs; whoever starts is refused with the setting's name."""
        visit = await Visit.open(own.desk, Channel.PROVIDER, strangers())
        whole = own.settings.key_file.read_text()
        own.settings.key_file.write_text(whole[: len(whole) // 2])
        await asyncio.sleep(NOTICED)
        await visit.be_accepted()
        refused = await run(own, "show", visit.application)
        assert (refused.code, "TIREK_KEYS_FILE" in refused.out) == (2, True)
        assert "the key ring stays as it was" in own.engine.worker.words()
        own.settings.key_file.write_text(whole)
        assert (await run(own, "show", visit.application)).code == 0


class TestRewrap:
    """The keys of applications, which are what opens personal data on record."""

    async def test_personal_data_opens_with_the_new_key_alone(self, own: House) -> None:
        """Afterwards the record does not need the former key; run again, there is nothing to do."""
        visit = await Visit.open(own.desk, Channel.PROVIDER, strangers())
        await visit.be_accepted()
        request = own.reader.request(visit.application)
        assert (await run(own, "keys", "add", NEW)).code == (await run(own, "keys", "activate", NEW)).code == 0
        ring = load_key_ring(own.settings.key_file, may_create=False)
        alone = RecordReader(own.record, KeyRing(NEW, {NEW: ring.keys[NEW]}, ring.lookup))
        with pytest.raises(UnreadableError, match="local-1"):
            alone.request(visit.application)
        assert (await run(own, "keys", "rewrap")).json == {"rewritten": 1, "unreadable": 0}
        assert request is not None
        assert alone.request(visit.application) == request
        assert (await run(own, "keys", "rewrap")).json == {"rewritten": 0, "unreadable": 0}

    async def test_what_no_key_opens_is_counted_and_left(self, own: House) -> None:
        """It does not stop the others, and the command says so by its exit code."""
        visits = [await Visit.open(own.desk, Channel.PROVIDER, strangers()) for _ in range(3)]
        for visit in visits:
            await visit.be_accepted()
        with writing(own.record) as connection:
            spoilt = t.application_key.c.application == visits[0].application
            connection.execute(t.application_key.update().where(spoilt).values(wrapped=b"x" * 60))
        await run(own, "keys", "add", NEW)
        await run(own, "keys", "activate", NEW)
        ran = await run(own, "keys", "rewrap")
        assert (ran.code, ran.json) == (2, {"rewritten": 2, "unreadable": 1})


class TestRetire:
    """A key leaves the ring only when nothing can need it."""

    async def test_refused_while_it_is_needed(self, own: House, tmp_path: Path) -> None:
        """Active; wrapping application keys; younger than what the server keeps; in histories that it keeps."""

        async def refusals(more: dict[str, str] | None = None) -> set[str]:
            ran = await run(own, "keys", "retire", "local-1", more=more)
            assert ran.code == 3, ran.out + ran.err
            return {one["code"] for one in ran.json["error"]["refusals"]}

        visit = await Visit.open(own.desk, Channel.PROVIDER, strangers())
        await visit.be_accepted()
        assert await refusals() == {"key-active"}
        await run(own, "keys", "add", NEW)
        await run(own, "keys", "activate", NEW)
        assert await refusals() == {"key-wraps", "key-young"}
        await run(own, "keys", "rewrap")
        assert await refusals() == {"key-young"}
        hands = Hands(tmp_path / "clock")
        hands.set(timedelta(days=91))
        assert await refusals(hands.environment) == {"key-in-histories"}
        assert "local-1" in load_key_ring(own.settings.key_file, may_create=False).keys

    async def test_retired(self, own: House) -> None:
        """Once it is long past, it goes, and a worker that starts does not miss it."""
        await run(own, "keys", "add", NEW)
        await run(own, "keys", "activate", NEW)
        content = json.loads(own.settings.key_file.read_text())
        content["dates"]["local-1"]["replaced_at"] = (host_now() - timedelta(days=400)).isoformat()
        own.settings.key_file.write_text(json.dumps(content))
        ran = await run(own, "keys", "retire", "local-1")
        assert (ran.code, ran.json) == (0, {"key": "local-1", "done": "retired"}), ran.err
        [row] = (await run(own, "keys", "list")).json
        assert (row["key"], row["active"], row["application_keys"]) == (NEW, True, 0)
        again = start_worker(own.settings, own.engine.server)
        await until_working(again)
        assert await again.stop() == 0

    async def test_run_that_was_reset(self, own: House) -> None:
        """It began, for the server, when it was reset, and has the contents of the first one: when that is kept no
        longer, the record still says how old the application is."""
        visit = await Visit.open(own.desk, Channel.PROVIDER, strangers())
        await run(own, "keys", "add", NEW)
        await run(own, "keys", "activate", NEW)
        await run(own, "keys", "rewrap")
        content = json.loads(own.settings.key_file.read_text())
        content["dates"]["local-1"]["replaced_at"] = (host_now() - timedelta(days=400)).isoformat()
        own.settings.key_file.write_text(json.dumps(content))
        with writing(own.record) as connection:
            long_ago = host_now() - timedelta(days=500)
            of_it = t.application.c.id == visit.application
            connection.execute(t.application.update().where(of_it).values(opened_at=long_ago))
        ran = await run(own, "keys", "retire", "local-1")
        assert (ran.code, [one["code"] for one in ran.json["error"]["refusals"]]) == (3, ["key-in-histories"])
        assert "local-1" in load_key_ring(own.settings.key_file, may_create=False).keys

    async def test_key_without_dates_is_counted_from_now_on(self, own: House) -> None:
        """A ring that people wrote by hand does not say since when a key is out of use: it is kept."""
        content = json.loads(own.settings.key_file.read_text())
        content["keys"]["other"] = content["lookup"]
        own.settings.key_file.write_text(json.dumps(content))
        ran = await run(own, "keys", "retire", "other")
        assert (ran.code, ran.json["error"]["code"]) == (3, "key-young")
        assert "replaced_at" in json.loads(own.settings.key_file.read_text())["dates"]["other"]
