"""A real browser, and the board as a program of its own over a record that lives now."""

import asyncio
import shutil
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright
from sqlalchemy import Engine

from adapters.host_clock import host_now
from models.library import Library
from tests.boards import seeded_board
from tests.command_line import start_program

LANGUAGES = ("kk", "ru", "en")
WIDE = {"width": 1400, "height": 900}
NARROW = {"width": 360, "height": 740}
_SHOTS = pytest.StashKey[Path]()


@dataclass(frozen=True)
class Live:
    """A board that runs: its address, and the record that it reads."""

    address: str
    engine: Engine


@pytest_asyncio.fixture(scope="session")
async def chromium() -> AsyncGenerator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        await browser.close()


@pytest_asyncio.fixture
async def live(address: str, library: Library, tmp_path: Path) -> AsyncGenerator[Live]:
    """A year's history up to now, and a board that serves it."""
    until = host_now().replace(microsecond=0)
    with seeded_board(address, library, tmp_path, until, applications=1_500) as board:
        process = await start_program("board", "--port", "0", environment=board.environment)
        assert process.stdout is not None
        said = (await asyncio.wait_for(process.stdout.readline(), 30)).decode()
        yield Live(said.split()[1].rstrip("/"), board.engine)
        process.terminate()
        assert await process.wait() == 0


@pytest_asyncio.fixture
async def context(chromium: Browser, live: Live) -> AsyncGenerator[BrowserContext]:
    made = await chromium.new_context(base_url=live.address, viewport=WIDE, locale="en-GB")
    yield made
    await made.close()


@pytest_asyncio.fixture
async def page(context: BrowserContext) -> AsyncGenerator[Page]:
    """A page on which nothing may go wrong unseen: an error in its console fails the test."""
    made = await context.new_page()
    errors: list[str] = []
    made.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    made.on("pageerror", lambda error: errors.append(str(error)))
    yield made
    assert errors == []


@pytest.fixture(scope="session")
def shots(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Path:
    """Where screenshots go, for people to look at."""
    folder = tmp_path_factory.mktemp("shots")
    pytestconfig.stash[_SHOTS] = folder
    return folder


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    folder = config.stash.get(_SHOTS, None)
    if folder is not None:
        terminalreporter.write_line(f"screenshots of the board: {folder}")
