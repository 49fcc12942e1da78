"""What the tests of supervisors' questions share: a small seeded record, on both databases."""

from datetime import datetime

import pytest
from sqlalchemy import Engine

from demo.seeding.load import Wanted, seed
from desk.supervision import Supervision
from models.data import ALMATY
from models.library import Library
from tests.models.builders import CALENDAR

UNTIL = datetime(2026, 11, 20, 15, 30, tzinfo=ALMATY)
"""Where the seeded history ends: a Friday afternoon."""
WANTED = Wanted(applications=400, years=2, seed=7, until=UNTIL)


def quiet(_done: int) -> None:
    """Nobody watches."""


@pytest.fixture
def seeded(engine: Engine, library: Library) -> Engine:
    """A record with a history of four hundred applications."""
    seed(engine, library, WANTED, quiet)
    return engine


@pytest.fixture
def supervision(seeded: Engine) -> Supervision:
    return Supervision(seeded, CALENDAR)
