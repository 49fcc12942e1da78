"""What the outages measured, for docs/reliability.md: a table at the end of the run."""

from dataclasses import dataclass, field

import pytest

_HEAD = ("outage", "database", "applications", "figure")


@dataclass
class Figures:
    """The rows that tests have noted, in order."""

    rows: list[tuple[str, str, str, str]] = field(default_factory=list)

    def note(self, outage: str, database: str, applications: int, figure: str) -> None:
        self.rows.append((outage, database, str(applications), figure))

    def lines(self) -> list[str]:
        """The table in Markdown, to be copied as it is."""
        return [f"| {' | '.join(row)} |" for row in (_HEAD, ("---",) * len(_HEAD), *self.rows)]


FIGURES = pytest.StashKey[Figures]()
