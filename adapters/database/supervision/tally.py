"""What a summary is made of: how many limits ended how, and how long they took, by group and unit.

Tallies of different parts of the record are added up, and only then turned into figures: so percentiles are exact.
"""

import struct
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from models.clocks import Outcome
from models.regulation import Unit
from models.supervision import SummaryRow, spread

_PAIR = struct.Struct("<qq")

Group = tuple[str | None, Unit]


@dataclass
class Tally:
    """The limits of one group that are counted in one unit."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    taken: Counter[int] = field(default_factory=Counter)
    overrun: Counter[int] = field(default_factory=Counter)
    ran: int = 0
    held: int = 0
    worst: tuple[int, str] | None = None
    """By how many microseconds it was late, and which application."""

    def stopped(self, outcome: Outcome, taken: int | None, overrun: int | None, count: int = 1) -> None:
        """Add limits that were stopped alike."""
        self.outcomes[outcome] += count
        if outcome is not Outcome.ENDED and taken is not None:
            self.taken[taken] += count
        if outcome is Outcome.PASSED and overrun is not None:
            self.overrun[overrun] += count

    def runs_late(self, overrun: int, late_by: int, application: str) -> None:
        """Add a limit that has passed and still runs."""
        self.outcomes[Outcome.PASSED] += 1
        self.overrun[overrun] += 1
        self.may_be_worst(late_by, application)

    def may_be_worst(self, late_by: int, application: str) -> None:
        worst = self.worst or (0, "")
        if late_by > worst[0] or (late_by == worst[0] and application < worst[1]):
            self.worst = (late_by, application)

    def row(self, key: str | None, unit: Unit) -> SummaryRow:
        met, passed = self.outcomes[Outcome.MET], self.outcomes[Outcome.PASSED]
        return SummaryRow(
            key=key,
            unit=unit,
            count=self.outcomes.total(),
            running=self.outcomes[Outcome.RUNNING],
            met=met,
            passed=passed,
            ended=self.outcomes[Outcome.ENDED],
            on_time=met / (met + passed) if met + passed else None,
            taken=spread(self.taken),
            overrun=spread(self.overrun),
            held=self.held / self.ran if self.ran else None,
            worst=self.worst[1] if self.worst else None,
        )


class Tallies(defaultdict[Group, Tally]):
    """A tally for each group and unit."""

    def __init__(self) -> None:
        super().__init__(Tally)

    def rows(self) -> Iterator[SummaryRow]:
        """In the order of the keys; what has no key comes last."""
        for key, unit in sorted(self, key=lambda group: (group[0] is None, group[0] or "", group[1])):
            yield self[key, unit].row(key, unit)


def pack(values: Mapping[int, int]) -> bytes:
    """Frequencies as bytes: value and count by turns, eight bytes each, little-endian."""
    return b"".join(_PAIR.pack(value, count) for value, count in sorted(values.items()))


def unpack(packed: bytes) -> Iterator[tuple[int, ...]]:
    """The values and their counts."""
    return _PAIR.iter_unpack(packed)
