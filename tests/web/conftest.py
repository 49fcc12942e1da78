"""A board over a seeded record for the whole run, on either database, and a browser's way to ask it."""

from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from models.library import Library
from tests.boards import Board, seeded_board
from tests.databases import created


@pytest.fixture(scope="session")
def board_on_sqlite(tmp_path_factory: pytest.TempPathFactory, library: Library) -> Iterator[Board]:
    data = tmp_path_factory.mktemp("board")
    with seeded_board(f"sqlite:///{data / 'record.sqlite'}", library, data) as board:
        yield board


@pytest.fixture(scope="session")
def board_on_postgresql(
    tmp_path_factory: pytest.TempPathFactory, library: Library, postgresql: str
) -> Iterator[Board]:
    data: Path = tmp_path_factory.mktemp("board")
    with created(postgresql, "board") as address, seeded_board(address, library, data) as board:
        yield board


@pytest.fixture
def board(database: str, request: pytest.FixtureRequest) -> Board:
    """Nobody writes into it, so all tests of a run share it."""
    return request.getfixturevalue(f"board_on_{database}")


@pytest_asyncio.fixture
async def browser(board: Board) -> AsyncGenerator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=board.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8733") as client:
        yield client
