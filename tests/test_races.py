"""Two applications for one child at the same instant, from threads and from processes: one of them gets it."""

import multiprocessing
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain
from typing import Protocol

import pytest
from sqlalchemy import Engine, select

from adapters.database import tables as t
from adapters.database.engine import connect
from adapters.database.records import SqlApplicationRecords
from adapters.keys import KeyRing
from models.registration import Registered
from tests.proceedings import iin, wanted

pytest_plugins = ["tests.databases"]

ROUNDS = 50
PATIENCE = 30

Rounds = Sequence[tuple[str, ...]]
"""Of one rival: the children that it wants, round by round."""


class Meeting(Protocol):
    """Where the rivals of a round wait for each other."""

    def wait(self, timeout: float | None = None) -> int: ...

    def abort(self) -> None: ...


class Track:
    """The meeting point of this process, put there as the process begins."""

    meeting: Meeting

    @classmethod
    def enter(cls, meeting: Meeting) -> None:
        cls.meeting = meeting


def run(address: str, ring: KeyRing, name: str, rounds: Rounds) -> list[Registered]:
    """One rival: in every round a new application, which asks at the instant at which all the others ask."""
    engine = connect(address)
    records = SqlApplicationRecords(engine, ring)
    answers: list[Registered] = []
    try:
        for number, children in enumerate(rounds):
            Track.meeting.wait(PATIENCE)
            answers.append(records.register(wanted(f"{name}-{number}", *children)))
    except BaseException:
        Track.meeting.abort()
        raise
    finally:
        engine.dispose()
    return answers


@contextmanager
def threads(rivals: int) -> Iterator[Executor]:
    Track.enter(threading.Barrier(rivals))
    with ThreadPoolExecutor(rivals) as pool:
        yield pool


@contextmanager
def processes(rivals: int) -> Iterator[Executor]:
    spawning = multiprocessing.get_context("spawn")
    meeting = spawning.Barrier(rivals)
    with ProcessPoolExecutor(rivals, mp_context=spawning, initializer=Track.enter, initargs=(meeting,)) as pool:
        yield pool


def race(pool: Executor, address: str, ring: KeyRing, *rivals: Rounds) -> list[list[Registered]]:
    """What every rival was answered, round by round."""
    running = [pool.submit(run, address, ring, f"rival-{n}", rounds) for n, rounds in enumerate(rivals)]
    return [one.result() for one in running]


def claimed(engine: Engine, ring: KeyRing, children: Sequence[str]) -> list[str | None]:
    with engine.connect() as connection:
        holders = {row.child_key: row.application for row in connection.execute(select(t.claim))}
    return [holders.get(ring.lookup_hash("iin", child)) for child in children]


def numbers(answers: list[list[Registered]]) -> list[str]:
    return sorted(answer.number for answer in chain(*answers) if answer.number)


every_way = pytest.mark.parametrize("started", [threads, processes])


@every_way
class TestTwoRivals:
    """Exactly one of two gets the child; the other one is told who."""

    def test_one_child(self, engine: Engine, address: str, key_ring: KeyRing, started: type[Executor]) -> None:
        """In fifty rounds one child goes to one of two, and no number is lost."""
        rounds = [(iin(n),) for n in range(ROUNDS)]
        with started(2) as pool:
            answers = race(pool, address, key_ring, rounds, rounds)
        assert numbers(answers) == [f"KRG-2026-{n:06}" for n in range(1, ROUNDS + 1)]
        assert outcome(answers) == [{"won", "lost to the winner"}] * ROUNDS
        assert [claimed(engine, key_ring, children) for children in rounds] == holders(answers)

    def test_two_children_in_opposite_order(
        self, engine: Engine, address: str, key_ring: KeyRing, started: type[Executor]
    ) -> None:
        """In fifty rounds both children go to one of two, whoever names which first, and nobody is locked out."""
        rounds = [(iin(n), iin(ROUNDS + n)) for n in range(ROUNDS)]
        with started(2) as pool:
            answers = race(pool, address, key_ring, rounds, [children[::-1] for children in rounds])
        assert numbers(answers) == [f"KRG-2026-{n:06}" for n in range(1, ROUNDS + 1)]
        assert outcome(answers) == [{"won", "lost to the winner"}] * ROUNDS
        assert [claimed(engine, key_ring, children) for children in rounds] == [
            [holder, holder] for (holder,) in holders(answers)
        ]

    def test_one_application_twice(
        self, engine: Engine, address: str, key_ring: KeyRing, started: type[Executor]
    ) -> None:
        """Two attempts of one application at once are answered the same, with one number."""
        rounds = [(iin(n), iin(ROUNDS + n)) for n in range(10)]
        with started(2) as pool:
            running = [pool.submit(run, address, key_ring, "same", rounds) for _ in range(2)]
            first, second = (one.result() for one in running)
        assert first == second == [Registered(number=f"KRG-2026-{n:06}") for n in range(1, 11)]
        assert claimed(engine, key_ring, rounds[9]) == ["same-9", "same-9"]


class TestRing:
    """Each rival shares one child with the next: whoever has a number has all, whoever has none has nothing."""

    def test_four_in_a_ring(self, engine: Engine, address: str, key_ring: KeyRing) -> None:
        """In every round somebody wins, no two neighbours do, and losers are told winners of their own round."""
        rivals = [[(iin(4 * n + k), iin(4 * n + (k + 1) % 4)) for n in range(ROUNDS)] for k in range(4)]
        with threads(4) as pool:
            answers = race(pool, address, key_ring, *rivals)
        assert numbers(answers) == [f"KRG-2026-{n:06}" for n in range(1, len(numbers(answers)) + 1)]
        assert [one for one in outcome(answers) if one != {"won", "lost to the winner"}] == []
        for rival, (rounds, given) in enumerate(zip(rivals, answers, strict=True)):
            for number, (children, answer) in enumerate(zip(rounds, given, strict=True)):
                has = [holder == f"rival-{rival}-{number}" for holder in claimed(engine, key_ring, children)]
                assert has == [answer.number is not None] * 2


def outcome(answers: list[list[Registered]]) -> list[set[str]]:
    """How each round went."""
    return [set(_told(together)) for together in zip(*answers, strict=True)]


def _told(together: tuple[Registered, ...]) -> Iterator[str]:
    winners = {answer.number for answer in together if answer.number}
    for answer in together:
        if answer.number:
            yield "won" if answer.held == () else "won and lost"
        else:
            yield "lost to the winner" if answer.held and winners.issuperset(answer.held) else "lost to nobody"


def holders(answers: list[list[Registered]]) -> list[list[str]]:
    """Which application won each round."""
    return [
        [f"rival-{rival}-{number}" for rival, answer in enumerate(together) if answer.number]
        for number, together in enumerate(zip(*answers, strict=True))
    ]
