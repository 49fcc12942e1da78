"""Shows what the fault tests have seen, for docs/reliability.md; gives premises where terms are short."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from datetime import datetime
from pathlib import Path

import pytest
import pytest_asyncio

from adapters.regulations import load_library
from models.library import Library, install
from tests.faults import table
from tests.faults.figures import FIGURES, Figures
from tests.faults.premises import Premises, premises
from tests.faults.short_terms import closing_in, write_regulations


def pytest_configure(config: pytest.Config) -> None:
    config.stash[FIGURES] = Figures()


@pytest.fixture
def figures(pytestconfig: pytest.Config) -> Figures:
    return pytestconfig.stash[FIGURES]


@pytest_asyncio.fixture
async def closes(request: pytest.FixtureRequest) -> datetime:
    """When the provider closes today, so far ahead as the test's module says; near midnight, after it."""
    ahead: int = request.module.AHEAD_SECONDS
    try:
        return closing_in(ahead)
    except ValueError:
        await asyncio.sleep(ahead + 1)
        return closing_in(ahead)


@pytest.fixture
def regulations(tmp_path: Path, library: Library, closes: datetime) -> Iterator[Path]:
    """Files in which whoever waits at the provider waits until `closes`."""
    folder = write_regulations(tmp_path / "regulations", closes)
    install(load_library(folder))
    yield folder
    install(library)


@pytest_asyncio.fixture
async def closing(tmp_path: Path, regulations: Path, address: str) -> AsyncGenerator[Premises]:
    """A server, and no worker yet, where the provider closes soon."""
    rules = load_library(regulations)
    async with premises(tmp_path / "data", rules, address, regulations=regulations) as here:
        yield here


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in table.lines():
        terminalreporter.write_line(line)
    measured = config.stash.get(FIGURES, Figures())
    if measured.rows:
        terminalreporter.section("figures")
        for line in measured.lines():
            terminalreporter.write_line(line)
