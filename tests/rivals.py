"""A rival in a race for children; a process of its own imports this and little else."""

from collections.abc import Sequence
from typing import Protocol

from adapters.database.engine import connect
from adapters.database.records import SqlApplicationRecords
from adapters.keys import KeyRing
from models.registration import Registered, RegistrationWanted

_PATIENCE = 30


class Meeting(Protocol):
    """Where the rivals of a round wait for each other."""

    def wait(self, timeout: float | None = None) -> int: ...

    def abort(self) -> None: ...


class Track:
    """The meeting point that this process runs to, put there before a race."""

    meeting: Meeting

    @classmethod
    def enter(cls, meeting: Meeting) -> None:
        cls.meeting = meeting


def run(address: str, ring: KeyRing, rounds: Sequence[RegistrationWanted]) -> list[Registered]:
    """In every round one application asks, at the instant at which those of all the others ask."""
    engine = connect(address)
    records = SqlApplicationRecords(engine, ring)
    answers: list[Registered] = []
    try:
        for one in rounds:
            Track.meeting.wait(_PATIENCE)
            answers.append(records.register(one))
    except BaseException:
        Track.meeting.abort()
        raise
    finally:
        engine.dispose()
    return answers
