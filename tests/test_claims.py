"""One open application per child: claims, and the registration numbers that go with them, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from adapters.database import tables as t
from adapters.database.reader import RecordReader
from adapters.database.records import SqlApplicationRecords
from adapters.keys import KeyRing
from models.errors import JournalConflictError
from models.lifecycle import FINAL, Channel, Command, Stage
from models.registration import Registered
from tests.models.builders import PORTAL, PROVIDER, SC
from tests.proceedings import (
    ACCEPTED,
    AT_COUNTER,
    DECIDED,
    KEPT,
    NOON,
    PUBLISHED,
    STORED,
    STORED_AGAIN,
    SUBMITTED,
    iin,
    life,
    wanted,
)

FIRST, SECOND, THIRD = "KRG-2026-000001", "KRG-2026-000002", "KRG-2026-000003"
LATER = NOON + timedelta(days=1)

ENDS = {
    Stage.COLLECTED: (SC, (*DECIDED, Command.DELIVER, Command.COLLECT)),
    Stage.STORED: (PROVIDER, KEPT),
    Stage.PUBLISHED: (PORTAL, PUBLISHED),
    Stage.WITHDRAWN: (SC, (*ACCEPTED, Command.WITHDRAW)),
}
"""How an application can end that has been registered; the other ends come before that."""

UNREGISTERED_ENDS = {
    Stage.LEFT: (SC, (*AT_COUNTER, Command.LEAVE)),
    Stage.INTAKE_REFUSED: (SC, (*AT_COUNTER, Command.REFUSE_INTAKE)),
    Stage.SUBMISSION_REFUSED: (PORTAL, (Command.SUBMIT, Command.REFUSE_SUBMISSION)),
}

every_end = pytest.mark.parametrize("ends", ENDS)


def claims(engine: Engine, ring: KeyRing, *children: str) -> list[str | None]:
    """Which application has each of the children; None: the child is free."""
    with engine.connect() as connection:
        holders = {row.child_key: row.application for row in connection.execute(select(t.claim))}
    return [holders.get(ring.lookup_hash("iin", child)) for child in children]


class TestClaiming:
    """An application gets all its children and a number, or nothing."""

    def test_free_children_are_claimed(
        self, records: SqlApplicationRecords, engine: Engine, key_ring: KeyRing
    ) -> None:
        """Whoever asks for free children has every one of them, and a number, at the instant of the asking."""
        assert records.register(wanted("a", iin(1), iin(2))) == Registered(number=FIRST)
        assert claims(engine, key_ring, iin(1), iin(2), iin(3)) == ["a", "a", None]
        with engine.connect() as connection:
            assert set(connection.execute(select(t.claim.c.claimed_at)).scalars()) == {NOON}

    def test_same_again(self, records: SqlApplicationRecords, engine: Engine) -> None:
        """The same again, in any order and at any time, is answered the same and leaves every row as it is."""
        first = records.register(wanted("a", iin(1), iin(2)))
        before = rows(engine)
        again = [wanted("a", iin(1), iin(2)), wanted("a", iin(2), iin(1), at=LATER)]
        assert [records.register(one) for one in again] == [first, first]
        assert rows(engine) == before

    def test_one_child_of_another_holds_all(
        self, records: SqlApplicationRecords, engine: Engine, key_ring: KeyRing
    ) -> None:
        """One child that is not free keeps the others unclaimed: the holder is named, a third can have them."""
        records.register(wanted("a", iin(1), iin(2)))
        assert records.register(wanted("b", iin(2), iin(3))) == Registered(held=(FIRST,))
        assert claims(engine, key_ring, iin(1), iin(2), iin(3)) == ["a", "a", None]
        assert records.register(wanted("c", iin(3))) == Registered(number=SECOND)

    def test_every_holder_is_named_once(self, records: SqlApplicationRecords) -> None:
        """Who asks for children of several applications is told each of their numbers, and each once."""
        records.register(wanted("a", iin(1), iin(2)))
        records.register(wanted("b", iin(3)))
        held = (FIRST, SECOND)
        assert records.register(wanted("c", iin(3), iin(2), iin(1), iin(4))) == Registered(held=held)

    def test_refusal_takes_back_only_its_own(
        self, records: SqlApplicationRecords, engine: Engine, key_ring: KeyRing
    ) -> None:
        """A late attempt with other children that is refused leaves alone what the application has."""
        records.register(wanted("a", iin(1)))
        records.register(wanted("b", iin(2)))
        assert records.register(wanted("b", iin(3), iin(1))).held == (FIRST,)
        assert claims(engine, key_ring, iin(1), iin(2), iin(3)) == ["a", "b", None]

    def test_refused_again_and_again(
        self, records: SqlApplicationRecords, engine: Engine, key_ring: KeyRing
    ) -> None:
        """A refused application may ask for other children, and gets them if they are free."""
        records.register(wanted("a", iin(1)))
        assert [records.register(wanted("b", iin(1), iin(2))).held for _ in range(2)] == [(FIRST,), (FIRST,)]
        assert records.register(wanted("b", iin(2))) == Registered(number=SECOND)
        assert claims(engine, key_ring, iin(1), iin(2)) == ["a", "b"]

    def test_twenty_children(self, records: SqlApplicationRecords, engine: Engine, key_ring: KeyRing) -> None:
        """As many children as a request may have are claimed together, or none of them."""
        many = [iin(n) for n in range(20)]
        records.register(wanted("a", iin(19)))
        assert records.register(wanted("b", *many)) == Registered(held=(FIRST,))
        assert claims(engine, key_ring, *many) == [None] * 19 + ["a"]
        assert records.register(wanted("b", *many[:19])) == Registered(number=SECOND)
        assert claims(engine, key_ring, *many) == ["b"] * 19 + ["a"]

    def test_no_child_in_the_clear(self, records: SqlApplicationRecords, engine: Engine) -> None:
        """A claim knows a child by a keyed hash; the IIN itself stands nowhere."""
        records.register(wanted("a", iin(1)))
        assert iin(1) not in repr(rows(engine))


class TestReleasing:
    """A child is free again once its application has ended on record, and no earlier."""

    @every_end
    def test_an_end_frees_the_children(
        self, records: SqlApplicationRecords, engine: Engine, key_ring: KeyRing, ends: Stage
    ) -> None:
        """After any end that a registered application can have, every one of its children is free."""
        channel, lived = ENDS[ends]
        one = life(*lived, channel=channel)
        records.register(wanted(one.id, *one.children))
        records.record(one.entry())
        assert RecordReader(engine, key_ring).find(one.id).stage == ends
        assert claims(engine, key_ring, *one.children) == [None, None]
        assert records.register(wanted("b", *one.children)) == Registered(number=SECOND)

    def test_every_end_is_tried(self) -> None:
        """No final stage of the chart is forgotten by the tests here."""
        assert ENDS.keys() | UNREGISTERED_ENDS.keys() == FINAL

    @pytest.mark.parametrize(
        ("channel", "lived"),
        [(SC, STORED), (PROVIDER, KEPT), (PORTAL, PUBLISHED)],
        ids=["sc", "provider", "portal"],
    )
    def test_every_stage_before_the_end_holds(
        self, records: SqlApplicationRecords, channel: Channel, lived: tuple[Command, ...]
    ) -> None:
        """While an application is open, in whatever stage, nobody else gets its children."""
        one, answers = life(channel=channel), []
        begins = len(SUBMITTED if channel is PORTAL else ACCEPTED)
        for number, command in enumerate(lived):
            records.record(one.do(command).entry(after=number))
            if number == begins - 1:
                records.register(wanted(one.id, *one.children))
            if number >= begins - 1:
                answers.append(records.register(wanted("b", one.children[1])))
        assert len(answers) == len(lived) - begins + 1
        assert set(answers[:-1]) == {Registered(held=(FIRST,))}
        assert answers[-1] == Registered(number=SECOND)

    def test_only_its_own(self, records: SqlApplicationRecords, engine: Engine, key_ring: KeyRing) -> None:
        """The end of one application frees no child of another."""
        one = life(*ACCEPTED)
        records.register(wanted(one.id, *one.children))
        records.register(wanted("b", iin(1)))
        records.record(one.do(Command.WITHDRAW).entry())
        assert claims(engine, key_ring, *one.children, iin(1)) == [None, None, "b"]

    def test_end_told_again(self, records: SqlApplicationRecords, engine: Engine, key_ring: KeyRing) -> None:
        """An end that is written again takes the child from nobody who has it now."""
        ended = life(*ACCEPTED, Command.WITHDRAW)
        records.record(ended.entry())
        records.register(wanted("b", *ended.children))
        records.record(ended.entry())
        assert claims(engine, key_ring, *ended.children) == ["b", "b"]

    def test_failed_end_frees_nothing(
        self, records: SqlApplicationRecords, engine: Engine, key_ring: KeyRing
    ) -> None:
        """An end that the record refuses has not happened: the children stay where they are."""
        one = life(*ACCEPTED)
        records.record(one.entry())
        records.register(wanted(one.id, *one.children))
        one.do(Command.VERIFY, Command.WITHDRAW)
        with pytest.raises(JournalConflictError):
            records.record(one.entry(after=4))
        assert claims(engine, key_ring, *one.children) == [one.id, one.id]

    def test_recall_touches_no_claim(
        self, records: SqlApplicationRecords, engine: Engine, key_ring: KeyRing
    ) -> None:
        """A recall has no children of its own: its end frees none that are in another application by now."""
        one = life(*STORED)
        records.record(one.entry())
        records.register(wanted("b", *one.children))
        records.record(one.recalled(*STORED_AGAIN).entry())
        assert claims(engine, key_ring, *one.children) == ["b", "b"]


class TestLateAttempts:
    """An attempt to register that wakes up when all is over changes nothing."""

    @every_end
    def test_after_the_end(
        self, records: SqlApplicationRecords, engine: Engine, key_ring: KeyRing, ends: Stage
    ) -> None:
        """An application that has ended on record is told its number again, and claims no child."""
        channel, lived = ENDS[ends]
        one = life(*lived, channel=channel)
        asked = wanted(one.id, *one.children)
        records.register(asked)
        records.record(one.entry())
        before = rows(engine)
        assert records.register(asked) == Registered(number=FIRST)
        assert rows(engine) == before

    @pytest.mark.parametrize("ends", UNREGISTERED_ENDS)
    def test_after_an_end_without_a_number(
        self, records: SqlApplicationRecords, engine: Engine, key_ring: KeyRing, ends: Stage
    ) -> None:
        """One that ended without a number gets none afterwards, and the next application gets the first."""
        channel, lived = UNREGISTERED_ENDS[ends]
        one = life(*lived, channel=channel)
        records.record(one.entry())
        assert RecordReader(engine, key_ring).find(one.id).stage == ends
        assert records.register(wanted(one.id, iin(1))) == Registered()
        assert records.register(wanted("b", iin(1))) == Registered(number=FIRST)

    def test_while_another_has_the_child(
        self, records: SqlApplicationRecords, engine: Engine, key_ring: KeyRing
    ) -> None:
        """It takes no child from the application that came after, and is not refused for it either."""
        ended = life(*ACCEPTED, Command.WITHDRAW)
        asked = wanted(ended.id, *ended.children)
        records.register(asked)
        records.record(ended.entry())
        records.register(wanted("b", *ended.children))
        assert records.register(asked) == Registered(number=FIRST)
        assert claims(engine, key_ring, *ended.children) == ["b", "b"]


class TestNumbersUnderRefusals:
    """A refused application gets no number, so numbers have no holes."""

    def test_no_number_is_spent_on_a_refusal(self, records: SqlApplicationRecords) -> None:
        """Between two applications that get their children, any number may be refused: they are 1 and 2."""
        first = records.register(wanted("a", iin(1)))
        refused = [records.register(wanted(f"b-{n}", iin(1))) for n in range(5)]
        assert {answer.number for answer in refused} == {None}
        assert (first.number, records.register(wanted("c", iin(2))).number) == (FIRST, SECOND)

    def test_refused_then_free(self, records: SqlApplicationRecords) -> None:
        """Whoever was refused gets the next number once the child is free, as if it asked for the first time."""
        one = life(*ACCEPTED)
        records.register(wanted(one.id, *one.children))
        refused = records.register(wanted("b", one.children[0]))
        records.register(wanted("c", iin(1)))
        records.record(one.do(Command.WITHDRAW).entry())
        assert (refused.number, records.register(wanted("b", one.children[0])).number) == (None, THIRD)

    def test_crowd(self, records: SqlApplicationRecords, engine: Engine) -> None:
        """Forty applications for ten children at once: ten numbers, from 1 to 10, one for each child."""
        asked = [wanted(f"app-{n}", iin(n % 10)) for n in range(40)]
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(records.register, asked))
        numbers = [answer.number for answer in answers if answer.number]
        assert sorted(numbers) == [f"KRG-2026-{n:06}" for n in range(1, 11)]
        assert {answer.held[0] for answer in answers if answer.held} <= set(numbers)
        assert len({one.children for one, answer in zip(asked, answers, strict=True) if answer.number}) == 10
        with engine.connect() as connection:
            assert connection.execute(select(t.registration_counter.c.last)).scalar_one() == 10


def rows(engine: Engine) -> list[list[tuple[object, ...]]]:
    """Everything that registering writes."""
    with engine.connect() as connection:
        return [
            sorted(tuple(row) for row in connection.execute(select(table)))
            for table in (t.claim, t.registration, t.registration_counter)
        ]
