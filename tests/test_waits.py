"""Nobody waits for the record for ever: every wait of an attempt ends before the attempt is given up."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, text
from temporalio.worker import Worker

from adapters.database.engine import connect
from adapters.database.records import SqlApplicationRecords
from adapters.keys import KeyRing
from models.lifecycle import Command
from tests.conftest import House
from tests.proceedings import life
from tests.signing import verifier
from worker import make_worker
from workflows import options

LIMITS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")


def waits(address: str) -> list[timedelta]:
    """How long the database lets a connection wait, by its own word."""
    engine = connect(address)
    query = text("SELECT setting FROM pg_settings WHERE name = :name")
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            found = [connection.execute(text("PRAGMA busy_timeout")).scalar_one()]
        else:
            found = [connection.execute(query, {"name": limit}).scalar_one() for limit in LIMITS]
    engine.dispose()
    return [timedelta(milliseconds=int(wait)) for wait in found]


def answer(record: Engine) -> int:
    """What a record says to the plainest question there is."""
    with record.connect() as connection:
        return connection.execute(text("SELECT 1")).scalar_one()


class TestWaits:
    """The patience of a connection, as the database itself knows it."""

    def test_each_ends_before_the_attempt(self, address: str) -> None:
        """No statement, lock or pause lasts as long as an attempt of `record`; without end is none of them."""
        attempt: Any = options.write_record("any").get("start_to_close_timeout")
        assert all(timedelta(0) < wait < attempt for wait in waits(address))

    def test_an_address_may_say_otherwise(self, address: str) -> None:
        """What the address itself sets counts, and the rest stays."""
        is_postgresql = address.startswith("postgresql")
        own = f"{address}&options=-c%20lock_timeout%3D1234" if is_postgresql else address
        ours, theirs = waits(address), waits(own)
        changed = [theirs[place] for place in range(len(ours)) if theirs[place] != ours[place]]
        assert changed == ([timedelta(milliseconds=1234)] if is_postgresql else [])


class TestOpening:
    """Two programs that open a record which has never been opened before."""

    def test_second_waits_for_the_first(self, address: str) -> None:
        """The other one is at its first transaction: we wait, and are not told that it is locked."""
        first, second = create_engine(connect(address).url), connect(address)
        with first.connect() as busy, ThreadPoolExecutor(1) as meanwhile:
            busy.execute(text("CREATE TABLE begun (here INTEGER)"))
            if first.dialect.name == "sqlite":
                busy.commit()
                busy.exec_driver_sql("BEGIN IMMEDIATE")  # what the switch to WAL does not wait for by itself
            answered = meanwhile.submit(answer, second)
            wait([answered], 0.3)
            busy.commit()
            assert answered.result(5) == 1
        first.dispose()
        second.dispose()


class TestWorker:
    """What a worker takes at once."""

    async def test_what_it_takes_has_a_thread(self, house: House) -> None:
        """No activity waits for a thread while the time of its attempt runs."""
        records = SqlApplicationRecords(house.record, house.ring)
        worker: Worker = make_worker(house.engine.client, house.settings, records, verifier())
        config = worker.config(active_config=True)
        threads = config["activity_executor"]
        assert isinstance(threads, ThreadPoolExecutor)
        assert config["max_concurrent_activities"] == threads._max_workers
        pool = connect("postgresql://nowhere").pool
        assert threads._max_workers < pool.size() + pool._max_overflow  # the sender of notices is one more


class TestFirstRecord:
    """Two attempts that record an application for the first time at the same instant."""

    def test_second_finds_what_the_first_wrote(self, engine: Engine, address: str, key_ring: KeyRing) -> None:
        """The second waits for the first and changes nothing: no error, no fact twice."""
        entry = life(Command.TAKE_TICKET).entry()
        other = connect(address)
        second, meanwhile = SqlApplicationRecords(other, key_ring), ThreadPoolExecutor(1)
        waiting: list[Any] = []

        @event.listens_for(engine, "after_cursor_execute")
        def _begin(connection: object, cursor: object, statement: str, *rest: object) -> None:
            if statement.startswith("INSERT INTO application ") and not waiting:
                waiting.append(meanwhile.submit(second.record, entry))
                with pytest.raises(TimeoutError):
                    waiting[0].result(0.3)

        assert SqlApplicationRecords(engine, key_ring).record(entry) == 1
        assert waiting[0].result(20) == 1
        with engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM fact")).scalar_one() == 1
        meanwhile.shutdown()
        other.dispose()
