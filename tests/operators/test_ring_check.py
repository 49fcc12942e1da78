"""Another key ring is found out by the record, before anything is written, polled or decrypted."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, func, select

from adapters.database import tables as t
from adapters.database.engine import writing
from adapters.database.records import SqlApplicationRecords
from adapters.database.rewrapping import note_retired
from adapters.database.ring_check import WrongKeysError, check_ring, make_known, open_ring
from adapters.keys import KeyRing, load_key_ring
from adapters.settings import Settings
from models.errors import MalformedError
from tests.command_line import run_program
from tests.proceedings import ACCEPTED, life

OTHER = b"\x05" * 32


def counts(engine: Engine) -> dict[str, int]:
    """How many rows each table has."""
    with engine.connect() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in t.metadata.sorted_tables
        }


def forget_canaries(engine: Engine) -> None:
    """As a record is that is older than the check."""
    with writing(engine) as connection:
        connection.execute(delete(t.ring_check))


@pytest.fixture
def written(engine: Engine, records: SqlApplicationRecords, key_ring: KeyRing) -> Engine:
    """A record with one application, whose keys a worker has made known."""
    records.record(life(*ACCEPTED).entry())
    check_ring(engine, key_ring, adds=True)
    return engine


class TestWorker:
    """What a worker asks before it begins."""

    def test_empty_record_takes_any_ring(self, engine: Engine, key_ring: KeyRing) -> None:
        """The first worker makes its keys known; the next one of the same ring changes nothing."""
        check_ring(engine, key_ring, adds=True)
        before = counts(engine)
        assert before["ring_check"] == 2
        check_ring(engine, key_ring, adds=True)
        assert counts(engine) == before

    @pytest.mark.parametrize("known", [True, False], ids=["known", "older record"])
    @pytest.mark.parametrize("wrong", ["key", "lookup", "lacking"])
    def test_another_ring(self, written: Engine, key_ring: KeyRing, wrong: str, known: bool) -> None:
        """Another key under the same id, another look-up key, a key that is not there: nothing is written."""
        if not known:
            forget_canaries(written)
        before = counts(written)
        other = {
            "key": replace(key_ring, keys={"local-1": OTHER}),
            "lookup": replace(key_ring, lookup=OTHER),
            "lacking": replace(key_ring, active="2", keys={"2": OTHER}),
        }[wrong]
        with pytest.raises(WrongKeysError, match="TIREK_KEYS_FILE") as refused:
            check_ring(written, other, adds=True)
        assert refused.value.exit_code == 2
        assert counts(written) == before
        if wrong == "lacking":
            assert "lacks the key local-1, which 1 application keys" in str(refused.value)

    def test_retiring_that_was_broken_off(self, written: Engine, key_ring: KeyRing) -> None:
        """A key that the record took for retired, and that was made active after all, is missed again."""
        note_retired(written, "local-1")
        with writing(written) as connection:
            connection.execute(t.application_key.update().values(ring_key="2"))
        later = KeyRing("2", {"2": OTHER}, key_ring.lookup)
        with writing(written) as connection:
            make_known(connection, key_ring, "local-1")
        with pytest.raises(WrongKeysError, match="lacks the key local-1"):
            check_ring(written, later, adds=True)

    def test_new_key_becomes_known(self, written: Engine, key_ring: KeyRing) -> None:
        """A key that was added is known from the next start on, and cannot be exchanged any more."""
        wider = replace(key_ring, keys={**key_ring.keys, "2": OTHER})
        check_ring(written, wider, adds=True)
        with pytest.raises(WrongKeysError, match="the key 2 is another one"):
            check_ring(written, replace(key_ring, keys={**key_ring.keys, "2": b"z" * 32}), adds=True)


class TestReaders:
    """What a command asks: it makes nothing known."""

    def test_changes_nothing(self, engine: Engine, key_ring: KeyRing) -> None:
        check_ring(engine, key_ring, adds=False)
        assert counts(engine)["ring_check"] == 0

    def test_another_key(self, written: Engine, key_ring: KeyRing) -> None:
        with pytest.raises(WrongKeysError, match="the key local-1 is another one"):
            check_ring(written, replace(key_ring, keys={"local-1": OTHER}), adds=False)

    def test_a_key_that_no_worker_reads(self, written: Engine, key_ring: KeyRing) -> None:
        """Nothing is begun that no worker could read: a ring must write with a key that the record knows, and have
        every other one of it."""
        wider = {**key_ring.keys, "2": OTHER}
        for ring, told in (
            (replace(key_ring, active="2", keys={"2": OTHER}), "writes with the key 2, which this record"),
            (replace(key_ring, active="2", keys=wider), "writes with the key 2, which this record"),
        ):
            with pytest.raises(WrongKeysError, match=told):
                check_ring(written, ring, adds=False)
        check_ring(written, replace(key_ring, keys=wider), adds=False)
        with writing(written) as connection:
            make_known(connection, replace(key_ring, keys=wider), "2")
        check_ring(written, replace(key_ring, active="2", keys=wider), adds=False)
        with pytest.raises(WrongKeysError, match="lacks the key local-1"):
            check_ring(written, replace(key_ring, active="2", keys={"2": OTHER}), adds=False)

    def test_lost_ring_is_not_made_anew(self, written: Engine, tmp_path: Path) -> None:
        """A new ring in the place of a lost one would hide the loss, and encrypt what nobody reads later."""
        settings = Settings(data=tmp_path / "elsewhere", database_url=None)
        with pytest.raises(MalformedError, match=r"keys\.json is not there"):
            open_ring(settings, written, adds=True)
        assert not settings.key_file.exists()


class TestPrograms:
    """The programs themselves, started over a record of another ring."""

    @pytest.mark.parametrize(
        ("program", "arguments"),
        [
            ("worker.py", ()),
            ("starter.py", ("list",)),
            ("starter.py", ("ticket", "--channel", "provider")),
            ("starter.py", ("board", "--port", "0")),
            ("starter.py", ("upload", os.devnull)),
        ],
        ids=["worker", "list", "ticket", "board", "upload"],
    )
    async def test_refused(
        self,
        written: Engine,
        address: str,
        tmp_path: Path,
        new_ring: Callable[[str], Path],
        program: str,
        arguments: tuple[str, ...],
    ) -> None:
        """Exit code 2, the setting's name, and a record that is as it was."""
        before = counts(written)
        environment = {
            "TIREK_DATA": str(tmp_path / "data"),
            "TIREK_DATABASE_URL": address,
            "TIREK_KEYS_FILE": str(new_ring("other.json")),
            "TEMPORAL_ADDRESS": "127.0.0.1:1",
        }
        ran = await run_program(*arguments, environment=environment, program=program)
        assert (ran.code, "TIREK_KEYS_FILE" in ran.err) == (2, True), ran.err
        assert counts(written) == before


@pytest.fixture
def new_ring(tmp_path: Path) -> Callable[[str], Path]:
    """Makes a ring in a file of that name."""

    def make(name: str) -> Path:
        load_key_ring(tmp_path / name, may_create=True)
        return tmp_path / name

    return make
