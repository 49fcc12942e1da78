"""The worked examples of docs/clock.md are what the code says."""

from datetime import datetime
from pathlib import Path

import pytest

from models.data import ALMATY
from models.lifecycle import Channel
from models.regulation import ClockKind
from tests.models.test_deadline import deadline

PAGE = Path(__file__).parents[2] / "docs" / "clock.md"
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.read_text(encoding="utf-8").partition("## Worked examples")[2].splitlines()
    if line.startswith("| ") and "T" in line
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{row[1]}-{row[2]}")
def test_worked_example(row: list[str]) -> None:
    clock, channel, starts, due = row[:4]
    found = deadline(ClockKind(clock), Channel(channel), datetime.fromisoformat(starts))
    assert found.due_at.astimezone(ALMATY).isoformat() == due


def test_there_are_some() -> None:
    assert len(ROWS) >= 10
