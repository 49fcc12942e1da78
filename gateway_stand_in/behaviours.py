"""How the stand-in can be told to behave towards messages about an IIN, and the gateway as a whole."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from adapters.registers.synthetic import behaviour_of
from models.data import Data
from models.registers import Register


class Behaviour(StrEnum):
    """What it does with a message; the last two are about what the register knows."""

    SLOW = "slow"
    SILENT = "silent"
    OUT_OF_ORDER = "out-of-order"
    HANGS_UP = "hangs-up"
    FAILS = "fails"
    FAULTS = "faults"
    NONSENSE = "nonsense"
    NO_SOAP = "no-soap"
    UNSIGNED = "unsigned"
    WRONG_SIGNATURE = "wrong-signature"
    WRONG_CERTIFICATE = "wrong-certificate"
    ALTERED = "altered"
    OTHER_MESSAGE = "other-message"
    REPLAYED = "replayed"
    OLD_ANSWER = "old-answer"
    OTHER_PERSON = "other-person"
    TWICE = "twice"
    LARGE = "large"
    UNKNOWN = "unknown"
    DIFFERS = "differs"


class State(StrEnum):
    """The gateway as a whole: it answers, closes every connection, lets everybody wait, or fails."""

    UP = "up"
    DOWN = "down"
    SILENT = "silent"
    FAILING = "failing"


class Told(Data):
    """One behaviour; `times`: for so many messages, then as usual.

    `seconds`: how slow, a second if it is not said; of silence, after which the connection is closed without a
    word, and for ever if it is not said. `only`: of one register, else of all.
    """

    behaviour: Behaviour
    times: Annotated[int, Field(ge=1)] | None = None
    seconds: Annotated[float, Field(ge=0, le=600)] | None = None
    only: Register | None = None

    def concerns(self, register: Register) -> bool:
        return self.only in (None, register)


class Behaviours:
    """What holds for each IIN now: what was told while it runs, then the file, then the IIN's serial."""

    def __init__(self, of_the_file: dict[str, Told]) -> None:
        self._file = dict(of_the_file)
        self._told: dict[str, Told] = {}
        self._left: dict[str, int] = {}
        self.state = State.UP

    def tell(self, iin: str, told: Told) -> None:
        self._told[iin] = told
        self._left.pop(iin, None)

    def forget(self) -> None:
        """As at the start: what was told while it runs, and how often, is forgotten."""
        self._told.clear()
        self._left.clear()
        self.state = State.UP

    def next(self, iin: str, register: Register) -> Told | None:
        """How to treat the next message about an IIN; None: as usual."""
        told = self._told.get(iin) or self._file.get(iin) or _by_serial(iin)
        if told is not None and not told.concerns(register):
            return None
        if told is None or told.times is None:
            return told
        left = self._left.get(iin, told.times)
        self._left[iin] = left - 1
        return told if left > 0 else None


def _by_serial(iin: str) -> Told | None:
    """The same serials as the stand-ins inside the process know (adapters/registers/synthetic_people.yaml)."""
    name = behaviour_of(iin)
    if name is None:
        return None
    behaviour = Behaviour(name)
    # Somebody who is silent by their serial is soon silent: a trial that moves time ahead waits for each attempt.
    return Told(behaviour=behaviour, seconds=0.1 if behaviour is Behaviour.SILENT else 0.5)
