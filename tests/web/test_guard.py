"""Who may ask, and what a browser is told to keep to."""

import httpx
import pytest

from adapters.listening import LOOPBACK, host_name
from models.errors import MalformedError, UnavailableError
from tests.boards import Board
from web.board import create_app
from web.serving import hosts_of, listen

PATHS = (
    "/",
    "/breaches",
    "/nothing",
    "/?clock=x",
    "/api/sla/heat",
    "/breaches.csv",
    "/static/board.css",
    "/api/x",
)


class TestHost:
    """A page of somebody's must not reach the board by a name of its own."""

    @pytest.mark.parametrize(
        "host", ["evil.example", "127.0.0.1.evil.example", "evil.example:8733", "", "10.0.0.7"]
    )
    async def test_foreign_name_is_refused(self, browser: httpx.AsyncClient, host: str) -> None:
        """Whatever is asked for, and nothing of it is told."""
        for path in PATHS:
            answer = await browser.get(path, headers={"Host": host})
            assert answer.status_code == 421
            assert len(answer.content) < 100

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost:9999", "[::1]:8733", "LOCALHOST"])
    async def test_own_names_are_answered(self, browser: httpx.AsyncClient, host: str) -> None:
        """The names of the loopback address, by any port: a tunnel may have another."""
        assert (await browser.get("/api/sla/buckets", headers={"Host": host})).status_code == 200

    def test_name_without_port(self) -> None:
        """As a Host header has it."""
        assert [host_name(host) for host in ("a:1", "[::1]:2", "A", "")] == ["a", "::1", "a", ""]


class TestHeaders:
    """Every answer has them, errors too."""

    @pytest.mark.parametrize("path", PATHS)
    async def test_are_strict(self, browser: httpx.AsyncClient, path: str) -> None:
        """No script or style but our own files, no frame, no kind guessed, no address told on."""
        headers = (await browser.get(path)).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"

    async def test_nothing_is_kept_but_files(self, browser: httpx.AsyncClient) -> None:
        """A page is never kept by a browser; a file is, under an address that changes with its content."""
        assert (await browser.get("/")).headers["cache-control"] == "no-store"
        assert "immutable" in (await browser.get("/static/board.css?v=1")).headers["cache-control"]
        assert (await browser.get("/static/none.css?v=1")).headers["cache-control"] == "no-store"

    async def test_nothing_is_inline_or_from_elsewhere(self, browser: httpx.AsyncClient) -> None:
        """No page has a style or a script of its own, or asks another machine for anything."""
        for path in ("/", "/breaches", "/at-risk"):
            html = (await browser.get(path)).text
            assert "<style" not in html
            assert " style=" not in html
            assert " onclick" not in html
            assert html.count("<script") == html.count('<script src="/static/')
            assert 'src="http' not in html
            assert 'href="http' not in html

    async def test_what_nobody_expected(self, board: Board) -> None:
        """500, with the same headers, and without a word of what it was."""
        sources = board.sources.__class__(**{**board.sources.__dict__, "supervise": lambda: 1 // 0})
        transport = httpx.ASGITransport(app=create_app(sources), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            answer = await client.get("/?lang=en")
        assert answer.status_code == 500
        assert "Something unexpected happened" in answer.text
        assert "division" not in answer.text
        assert "content-security-policy" in answer.headers


class TestAddress:
    """Where the board listens."""

    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.1.2.3", "board.example"])  # noqa: S104
    def test_others_can_reach_it_only_if_told(self, host: str) -> None:
        """Refused with the reason, unless it was said to be meant."""
        with pytest.raises(MalformedError, match="TIREK_BOARD_PUBLIC=true") as refused:
            hosts_of(host, is_public=False)
        assert refused.value.exit_code == 2
        assert hosts_of(host, is_public=True) is None

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.2"])
    def test_loopback(self, host: str) -> None:
        """Its own names, whether or not anything was said."""
        assert hosts_of(host, is_public=False) == hosts_of(host, is_public=True) == LOOPBACK | {host}

    def test_port_in_use(self) -> None:
        """Said by its number, with a way out."""
        with listen("127.0.0.1", 0) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(UnavailableError, match=f"port {port}: somebody listens there already"):
                listen("127.0.0.1", port)
