"""Two applications for one child at the same instant, from threads and from processes: one of them gets it."""

import multiprocessing
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain

import pytest
from sqlalchemy import Engine, event, select

from adapters.database import tables as t
from adapters.database.engine import connect
from adapters.database.records import SqlApplicationRecords
from adapters.keys import KeyRing
from models.lifecycle import Command
from models.registration import Registered
from tests.proceedings import ACCEPTED, iin, life, wanted
from tests.rivals import Track, run

ROUNDS = 50

Rounds = Sequence[tuple[str, ...]]
"""Of one rival: the children that it wants, round by round."""


@contextmanager
def threads(rivals: int) -> Iterator[Executor]:
    Track.enter(threading.Barrier(rivals))
    with ThreadPoolExecutor(rivals) as pool:
        yield pool


@pytest.fixture(scope="module")
def processes() -> Iterator[Executor]:
    """Two processes, started once: each race is run by both of them."""
    spawning = multiprocessing.get_context("spawn")
    meeting = spawning.Barrier(2)
    with ProcessPoolExecutor(2, mp_context=spawning, initializer=Track.enter, initargs=(meeting,)) as pool:
        yield pool


@pytest.fixture(params=["threads", "processes"])
def pair(request: pytest.FixtureRequest) -> Iterator[Executor]:
    """Two that run at the same time, in this process or in two others."""
    if request.param == "processes":
        yield request.getfixturevalue("processes")
        return
    with threads(2) as pool:
        yield pool


def race(pool: Executor, address: str, ring: KeyRing, **rivals: Rounds) -> list[list[Registered]]:
    """What every rival was answered, round by round; its applications are `name-0`, `name-1` and so on."""
    asked = [
        [wanted(f"{name}-{number}", *children) for number, children in enumerate(rounds)]
        for name, rounds in rivals.items()
    ]
    running = [pool.submit(run, address, ring, rounds) for rounds in asked]
    return [one.result() for one in running]


def claimed(engine: Engine, ring: KeyRing, children: Sequence[str]) -> list[str | None]:
    with engine.connect() as connection:
        holders = {row.child_key: row.application for row in connection.execute(select(t.claim))}
    return [holders.get(ring.lookup_hash("iin", child)) for child in children]


def numbers(answers: list[list[Registered]]) -> list[str]:
    return sorted(answer.number for answer in chain(*answers) if answer.number)


class TestTwoRivals:
    """Exactly one of two gets the child; the other one is told who."""

    def test_one_child(self, engine: Engine, address: str, key_ring: KeyRing, pair: Executor) -> None:
        """In fifty rounds one child goes to one of two, and no number is lost."""
        rounds = [(iin(n),) for n in range(ROUNDS)]
        answers = race(pair, address, key_ring, a=rounds, b=rounds)
        assert numbers(answers) == [f"KRG-2026-{n:06}" for n in range(1, ROUNDS + 1)]
        assert outcome(answers) == [{"won", "lost to the winner"}] * ROUNDS
        assert [claimed(engine, key_ring, children) for children in rounds] == [
            [winner] for winner in winners("ab", answers)
        ]

    def test_two_children_in_opposite_order(
        self, engine: Engine, address: str, key_ring: KeyRing, pair: Executor
    ) -> None:
        """In fifty rounds both children go to one of two, whoever names which first, and nobody is locked out."""
        rounds = [(iin(n), iin(ROUNDS + n)) for n in range(ROUNDS)]
        answers = race(pair, address, key_ring, a=rounds, b=[children[::-1] for children in rounds])
        assert numbers(answers) == [f"KRG-2026-{n:06}" for n in range(1, ROUNDS + 1)]
        assert outcome(answers) == [{"won", "lost to the winner"}] * ROUNDS
        assert [claimed(engine, key_ring, children) for children in rounds] == [
            [winner, winner] for winner in winners("ab", answers)
        ]

    def test_one_application_twice(self, engine: Engine, address: str, key_ring: KeyRing, pair: Executor) -> None:
        """Two attempts of one application at once are answered the same, with one number."""
        asked = [wanted(f"a-{n}", iin(n), iin(ROUNDS + n)) for n in range(10)]
        running = [pair.submit(run, address, key_ring, asked) for _ in range(2)]
        first, second = (one.result() for one in running)
        assert first == second == [Registered(number=f"KRG-2026-{n:06}") for n in range(1, 11)]
        assert claimed(engine, key_ring, asked[9].children) == ["a-9", "a-9"]


class TestRing:
    """Each rival shares one child with the next: whoever has a number has all, whoever has none has nothing."""

    def test_four_in_a_ring(self, engine: Engine, address: str, key_ring: KeyRing) -> None:
        """In every round somebody wins, no two neighbours do, and losers are told winners of their own round."""
        names = "abcd"
        rivals = {
            name: [(iin(4 * n + k), iin(4 * n + (k + 1) % 4)) for n in range(ROUNDS)]
            for k, name in enumerate(names)
        }
        with threads(4) as pool:
            answers = race(pool, address, key_ring, **rivals)
        given = numbers(answers)
        assert given == [f"KRG-2026-{n:06}" for n in range(1, len(given) + 1)]
        assert [one for one in outcome(answers) if one != {"won", "lost to the winner"}] == []
        for name, answered in zip(names, answers, strict=True):
            for number, (children, answer) in enumerate(zip(rivals[name], answered, strict=True)):
                has = [holder == f"{name}-{number}" for holder in claimed(engine, key_ring, children)]
                assert has == [answer.number is not None] * 2


def outcome(answers: list[list[Registered]]) -> list[set[str]]:
    """How each round went."""
    return [set(_told(together)) for together in zip(*answers, strict=True)]


def _told(together: tuple[Registered, ...]) -> Iterator[str]:
    given = {answer.number for answer in together if answer.number}
    for answer in together:
        if answer.number:
            yield "won" if answer.held == () else "won and lost"
        else:
            yield "lost to the winner" if answer.held and given.issuperset(answer.held) else "lost to nobody"


def winners(names: str, answers: list[list[Registered]]) -> list[str]:
    """Which application won each round; of two that both did, both together."""
    return [
        "+".join(f"{name}-{number}" for name, answer in zip(names, together, strict=True) if answer.number)
        for number, together in enumerate(zip(*answers, strict=True))
    ]


class TestEndMeanwhile:
    """The holder of a child ends between a rival's attempt to claim it and its look at who has it."""

    def test_no_number_without_the_child(self, engine: Engine, address: str, key_ring: KeyRing) -> None:
        """No number without the child: the rival tries again and has it, or, where one writes at a time, hears."""
        holder, records = life(*ACCEPTED), SqlApplicationRecords(engine, key_ring)
        records.register(wanted(holder.id, *holder.children))
        records.record(holder.entry())
        ending = holder.do(Command.WITHDRAW).entry()
        rival = connect(address)
        lets_in = engine.dialect.name == "postgresql"  # SQLite lets the end wait until the rival has its answer
        ending_at_once = threading.Thread(target=records.record, args=(ending,))

        @event.listens_for(rival, "after_cursor_execute")
        def _end(connection: object, cursor: object, statement: str, *rest: object) -> None:
            if statement.startswith("INSERT INTO claim") and ending_at_once.ident is None:
                ending_at_once.start()
                ending_at_once.join(20 if lets_in else 0.2)
                assert ending_at_once.is_alive() is not lets_in

        got = SqlApplicationRecords(rival, key_ring).register(wanted("b", *holder.children))
        ending_at_once.join()
        rival.dispose()
        assert bool(got.number) is lets_in
        assert got.held == (() if lets_in else ("KRG-2026-000001",))
        assert bool(records.register(wanted("c", *holder.children)).held) is lets_in
