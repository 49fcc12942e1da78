"""The outbox: each notice leaves by each way that takes it, however often it fails, on either database."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from adapters.database import tables as t
from adapters.database.dialect import insert_or_ignore
from adapters.database.engine import connect, writing
from adapters.database.reader import RecordReader
from adapters.database.records import SqlApplicationRecords
from adapters.host_clock import host_now
from adapters.notices.escalation import ESCALATIONS
from adapters.notices.folder import FolderNoticeSender
from adapters.notices.rounds import deliver_until
from adapters.notices.sender import Outbox, Way
from models.outbound import Notice, NoticeKind
from models.ports import NotDeliveredError, NoticeSender
from tests.models.builders import PORTAL
from tests.proceedings import NOON, SUBMITTED, life, waited_long

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class FailingSender:
    """A `NoticeSender` that is down the first times."""

    def __init__(self, failures: int = 0, error: Exception | None = None) -> None:
        self.failures = failures
        self.error = error or OSError("the mail server is down")
        self.sent: list[str] = []

    def send(self, message_id: str, application: str, notice: Notice) -> None:
        if self.failures:
            self.failures -= 1
            raise self.error
        self.sent.append(message_id)


class Doing:
    """A `NoticeSender` that does something of a test's."""

    def __init__(self, what: Callable[[Notice], object]) -> None:
        self._what = what

    def send(self, message_id: str, application: str, notice: Notice) -> None:
        self._what(notice)


def outbox_of(engine: Engine, *senders: NoticeSender) -> Outbox:
    return Outbox(engine, [Way(f"way-{place}", sender) for place, sender in enumerate(senders)])


def deliver(outbox: Outbox) -> list[int]:
    """How many each way delivered, one after the other."""
    return [outbox.deliver_waiting(way) for way in outbox.ways]


def all_due(engine: Engine) -> None:
    """The pauses are over."""
    with writing(engine) as connection:
        connection.execute(update(t.delivery).values(next_attempt_at=LONG_AGO))


def closed(engine: Engine) -> list[bool]:
    with engine.connect() as connection:
        return [at is not None for at in connection.execute(select(t.notice.c.sent_at)).scalars()]


def many(records: SqlApplicationRecords, recipients: list[str]) -> None:
    """An application of which very many people are told."""
    entry = waited_long().entry()
    notices = tuple(
        Notice(fact=1, kind=NoticeKind.LIMIT_PASSED, recipient=one, at=NOON, details={}) for one in recipients
    )
    records.record(entry.model_copy(update={"notices": notices}))


class TestOutbox:
    """A notice leaves once it can, with the same message id, and holds nothing up."""

    def test_delivered_into_the_folder(
        self, engine: Engine, records: SqlApplicationRecords, tmp_path: Path
    ) -> None:
        """A waiting notice becomes one file; working the outbox off again writes no second one."""
        records.record(waited_long().entry(after=0))
        outbox = outbox_of(engine, FolderNoticeSender(tmp_path / "notices"))
        assert [deliver(outbox), deliver(outbox)] == [[4], [0]]
        names = sorted(file.name for file in (tmp_path / "notices").iterdir())
        assert len(names) == 4
        assert "limit-passed" in names[-1]
        assert closed(engine) == [True] * 4

    @pytest.mark.parametrize("is_worn", [True, False], ids=["worn", "unknown"])
    def test_no_row_can_stop_the_sender(
        self, engine: Engine, records: SqlApplicationRecords, is_worn: bool
    ) -> None:
        """A notice that failed for weeks, or that this version does not know, is noted and never raises."""
        records.record(waited_long().entry(after=0))
        worn = {"way": "way-0", "attempts": 1000, "next_attempt_at": LONG_AGO}
        with writing(engine) as connection:
            ids = list(connection.execute(select(t.notice.c.id)).scalars())
            if is_worn:
                insert_or_ignore(connection, t.delivery, [{"notice": one, **worn} for one in ids])
            else:
                connection.execute(update(t.notice).values(kind="of-a-newer-version"))
        assert deliver(outbox_of(engine, FailingSender(failures=9))) == [0]
        with engine.connect() as connection:
            tried = connection.execute(select(t.delivery)).all()
        assert [row.notice for row in tried if row.problem] == ids
        assert {row.attempts for row in tried} == {1001 if is_worn else 1}

    def test_failure_is_kept_and_tried_again(
        self, engine: Engine, records: SqlApplicationRecords, reader: RecordReader
    ) -> None:
        """A failed attempt is written down with its reason and comes up again when its pause is over."""
        records.record(waited_long().entry(after=0))
        sender = FailingSender(failures=1)
        outbox = outbox_of(engine, sender)
        assert [deliver(outbox), deliver(outbox)] == [[3], [0]]
        [row] = [one for one in reader.rows("app-1")["delivery"] if one["sent_at"] is None]
        assert (row["attempts"], row["problem"]) == (1, "OSError: the mail server is down")
        assert closed(engine).count(True) == 3
        all_due(engine)
        assert deliver(outbox) == [1]
        assert f"/{row['fact']}/{row['kind']}/" in sender.sent[-1]
        assert len(set(sender.sent)) == len(sender.sent) == 4
        rows = reader.rows("app-1")["delivery"]
        assert sorted((one["attempts"], one["problem"]) for one in rows) == [(1, None)] * 3 + [(2, None)]

    def test_lasting_problem_waits_longest(
        self, engine: Engine, records: SqlApplicationRecords, reader: RecordReader
    ) -> None:
        """What will not be better soon is tried again in half an hour, and what may be in five seconds."""
        records.record(waited_long().entry(after=0))
        errors = (NotDeliveredError("it is lasting", is_lasting=True), NotDeliveredError("it is not"))
        deliver(outbox_of(engine, *(FailingSender(9, error) for error in errors)))
        pauses = {"way-0": set[int](), "way-1": set[int]()}
        for row in reader.rows("app-1")["delivery"]:
            ahead = row["next_attempt_at"] - host_now()
            pauses[row["way"]].add(round(ahead.total_seconds() / 60))
        assert pauses == {"way-0": {30}, "way-1": {0}}


class TestTurns:
    """Who comes when."""

    def test_what_fails_does_not_starve_the_rest(
        self, engine: Engine, records: SqlApplicationRecords, reader: RecordReader
    ) -> None:
        """A batch is full of old notices that never leave: a new one leaves at once, and each has its turn."""

        def judge(notice: Notice) -> None:
            if notice.recipient != "new":
                raise NotDeliveredError("never")

        many(records, [f"old-{number}" for number in range(130)])
        outbox = outbox_of(engine, Doing(judge))
        deliver(outbox)
        all_due(engine)
        with writing(engine) as connection:
            row = connection.execute(select(t.notice).limit(1)).mappings().one()
            new = {**row, "id": "new", "recipient": "new", "at": NOON.replace(year=2030)}
            connection.execute(t.notice.insert(), [new])
        assert deliver(outbox) == [1]
        attempts = [one["attempts"] for one in reader.rows("app-1")["delivery"]]
        assert sorted(attempts) == [1] * 62 + [2] * 69

    def test_round_begins_anew_after_a_while(self, engine: Engine, records: SqlApplicationRecords) -> None:
        """Slow deliveries end a round early, so that what has come meanwhile is seen."""
        many(records, ["a", "b", "c"])
        way = Way("slow", Doing(lambda _: time.sleep(0.1)))
        outbox = Outbox(engine, [way], round_seconds=0.05)
        assert [deliver(outbox) for _ in range(4)] == [[1], [1], [1], [0]]

    def test_log_is_not_flooded(
        self, engine: Engine, records: SqlApplicationRecords, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Very many notices with one problem are one line in the log, however often they are tried."""
        many(records, [f"old-{number}" for number in range(50)])
        outbox = outbox_of(engine, FailingSender(1000, NotDeliveredError("nobody has an address")))
        with caplog.at_level(logging.INFO):
            for _ in range(3):
                deliver(outbox)
                all_due(engine)
        [line] = [one.getMessage() for one in caplog.records if one.name == "adapters.notices.sender"]
        assert line == "way-0: 50 notices not delivered, and tried again: nobody has an address"


class TestWays:
    """Each way for itself."""

    def test_one_way_down_holds_no_other_up(self, engine: Engine, records: SqlApplicationRecords) -> None:
        """What one way cannot deliver leaves by the other; it is closed when both have it."""
        records.record(waited_long().entry())
        down, up = FailingSender(failures=4), FailingSender()
        outbox = outbox_of(engine, down, up)
        assert deliver(outbox) == [0, 4]
        assert closed(engine) == [False] * 4
        all_due(engine)
        assert deliver(outbox) == [4, 0]
        assert closed(engine) == [True] * 4
        assert sorted(down.sent) == sorted(up.sent)

    def test_takes_only_its_kinds(
        self, engine: Engine, records: SqlApplicationRecords, reader: RecordReader
    ) -> None:
        """A notice for the cabinet is nothing for supervisors' ways, and is closed without them."""
        records.record(waited_long().entry())
        records.record(life(*SUBMITTED, name="app-2", channel=PORTAL, seed=2).entry())
        folder, mail = Way("folder", FailingSender()), Way("mail", FailingSender(), ESCALATIONS)
        assert deliver(Outbox(engine, [folder, mail])) == [5, 4]
        assert {one["way"] for one in reader.rows("app-2")["delivery"]} == {"folder"}
        assert closed(engine) == [True] * 5

    def test_way_that_is_taken_away(self, engine: Engine, records: SqlApplicationRecords) -> None:
        """What waited for it alone is closed at the next start; if it comes back, nothing old is sent by it."""
        records.record(waited_long().entry())
        folder, mail = Way("folder", FailingSender()), Way("mail", FailingSender(failures=9))
        deliver(Outbox(engine, [folder, mail]))
        alone = Outbox(engine, [folder])
        alone.settle()
        assert closed(engine) == [True] * 4
        all_due(engine)
        back = FailingSender()
        assert deliver(Outbox(engine, [folder, Way("mail", back)])) == [0, 0]

    def test_two_that_are_done_at_once(self, engine: Engine, records: SqlApplicationRecords) -> None:
        """Both ways deliver at the same instant: one of them sees that it was the last, and closes the notice."""
        many(records, [f"post-{number}" for number in range(30)])
        meet = threading.Barrier(2, timeout=20)
        outbox = outbox_of(engine, Doing(lambda _: meet.wait()), Doing(lambda _: meet.wait()))
        threads = [threading.Thread(target=outbox.deliver_waiting, args=(way,)) for way in outbox.ways]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert closed(engine) == [True] * 30


async def until(has_come: Callable[[], bool]) -> None:
    """It fails after 20 seconds."""
    for _ in range(1000):
        if has_come():
            return
        await asyncio.sleep(0.02)
    assert has_come()


class TestRounds:
    """The sender of a worker, until it is told to stop."""

    async def test_slow_way_holds_nothing_up(self, engine: Engine, records: SqlApplicationRecords) -> None:
        """While one way hangs the other delivers everything, and the end does not wait for what hangs."""
        records.record(waited_long().entry())
        others = set(threading.enumerate())  # of a test that ended by an error, until it is collected
        hangs, sent, stop = threading.Event(), list[Notice](), asyncio.Event()
        outbox = outbox_of(engine, Doing(lambda _: hangs.wait(60)), Doing(sent.append))
        working = asyncio.create_task(deliver_until(stop, outbox))
        await until(lambda: len(sent) == 4)
        stop.set()
        began = time.monotonic()
        await asyncio.wait_for(working, 20)
        assert time.monotonic() - began < 6
        assert closed(engine) == [False] * 4
        hangs.set()  # what hung ends before its record is taken away
        await until(lambda: not any(one.name.startswith("way-") for one in set(threading.enumerate()) - others))

    async def test_what_nobody_expected_is_seen(self, engine: Engine, records: SqlApplicationRecords) -> None:
        """A fault of ours in one way ends the worker: no way may fall silent unseen."""
        records.record(waited_long().entry())
        outbox = outbox_of(engine, FailingSender(9, KeyError("a fault of ours")))
        with pytest.raises(ExceptionGroup) as told:
            await asyncio.wait_for(deliver_until(asyncio.Event(), outbox), 20)
        assert told.group_contains(KeyError)

    async def test_record_that_is_away(self, address: str, caplog: pytest.LogCaptureFixture) -> None:
        """A record that does not answer, here for want of tables, is told in the log and asked again."""
        record, stop = connect(address), asyncio.Event()
        outbox = outbox_of(record, FailingSender())
        working = asyncio.create_task(deliver_until(stop, outbox))
        await until(lambda: caplog.text.count("the record does not answer") > 1)
        stop.set()
        await asyncio.wait_for(working, 20)
        assert working.exception() is None
        record.dispose()
