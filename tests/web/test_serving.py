"""The board as a program: where it listens, what it says, and how it ends."""

import asyncio
import socket

import httpx
import pytest

from tests.boards import Board
from tests.command_line import run_program, start_program


class TestProgram:
    """`starter.py board`."""

    @pytest.mark.parametrize("host", ["0.0.0.0", "10.9.8.7"])  # noqa: S104
    async def test_refuses_to_be_reached(self, board: Board, host: str) -> None:
        """Exit code 2 and the setting that allows it, whether by option or by environment."""
        by_option = await run_program("board", "--host", host, environment=board.environment)
        by_setting = await run_program("board", environment=board.environment | {"TIREK_BOARD_HOST": host})
        for ran in (by_option, by_setting):
            assert ran.code == 2
            assert "TIREK_BOARD_PUBLIC=true" in ran.err

    async def test_port_in_use(self, board: Board) -> None:
        """Exit code 4, with the port."""
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            ran = await run_program("board", "--port", port, environment=board.environment)
        assert ran.code == 4
        assert f"port {port}: somebody listens there already" in ran.err

    async def test_serves_and_ends(self, board: Board) -> None:
        """It says where it is, tells what changes, and ends with 0 at once though somebody listens."""
        process = await start_program("board", "--port", "0", environment=board.environment)
        assert process.stdout is not None
        said = (await asyncio.wait_for(process.stdout.readline(), 30)).decode()
        assert said.startswith("board: http://127.0.0.1:")
        address = said.split()[1]
        async with httpx.AsyncClient(base_url=address, timeout=20) as client:
            answer = await client.get("/?lang=en", headers={"X-Request-ID": "from-outside-1"})
            assert (answer.status_code, answer.headers["x-request-id"]) == (200, "from-outside-1")
            async with client.stream("GET", "/events") as events:
                told = events.aiter_lines()
                first = [await anext(told) for _ in range(4)]
                assert first[0] == "retry: 2000"
                assert first[2] == "event: mark"
                process.terminate()
                assert await asyncio.wait_for(process.wait(), 2.5) == 0
        assert process.stderr is not None
        [line] = [one for one in (await process.stderr.read()).decode().splitlines() if "GET / 200" in one]
        assert "request=from-outside-1" in line
        assert "lang=en" not in line
