"""Files that hold exactly what is shown, as of the instant it was shown."""

import csv
import re
import zipfile
from io import BytesIO, StringIO
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from desk.answering import Question
from desk.sla_views import BREACH
from tests.web.reading import links, rows

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def lines(browser: httpx.AsyncClient, address: str) -> list[dict[str, str]]:
    answer = await browser.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))


class TestExports:
    """CSV and Excel of what is on the page."""

    @pytest.mark.parametrize("path", ["/breaches", "/at-risk"])
    async def test_is_the_list_that_is_shown(self, browser: httpx.AsyncClient, path: str) -> None:
        """Row by row, in the order of the page, from its first page to its end; pinned to its instant."""
        words = "from=2026-01-01&to=2026-04-20&channel=provider&lang=en"
        html = (await browser.get(f"{path}?{words}&limit=500")).text
        address = links(html)[f"{path}.csv"][0]
        assert dict(parse_qsl(urlsplit(address).query))["as-of"] == "2026-03-18T16:00:00+05:00"
        told = [f"{row['application']}-{row['clock']}" for row in await lines(browser, address)]
        assert told == rows(html)
        assert len(told) > 5

    async def test_a_page_exports_the_whole_list(self, browser: httpx.AsyncClient) -> None:
        """However small the page, its file goes from the beginning of the list to its end."""
        second = links((await browser.get("/breaches?limit=2")).text)["next"][0]
        address = links((await browser.get(second)).text)["/breaches.csv"][0]
        whole = rows((await browser.get("/breaches?limit=500")).text)
        told = [f"{row['application']}-{row['clock']}" for row in await lines(browser, address)]
        assert told == whole

    @pytest.mark.parametrize("question", list(Question))
    async def test_every_link_of_the_board_leads_to_a_file(
        self, browser: httpx.AsyncClient, question: Question
    ) -> None:
        """Each part of the board, in both forms, with the name of what it is."""
        found = links((await browser.get("/?from=2026-02-01")).text)
        assert await lines(browser, found[f"/{question}.csv"][0])
        answer = await browser.get(found[f"/{question}.xlsx"][0])
        assert answer.headers["content-type"] == XLSX
        name = f'attachment; filename="tirek-{question}-2026-03-18T160000.xlsx"'
        assert answer.headers["content-disposition"] == name
        with zipfile.ZipFile(BytesIO(answer.content)) as book:
            assert book.testzip() is None

    async def test_excel_has_as_many_rows(self, browser: httpx.AsyncClient) -> None:
        """The same rows in either form, under the same names."""
        words = "from=2025-09-01&to=2026-02-01"
        told = await lines(browser, f"/breaches.csv?{words}")
        book = zipfile.ZipFile(BytesIO((await browser.get(f"/breaches.xlsx?{words}")).content))
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert tuple(told[0]) == BREACH
        assert len(re.findall(r"<row ", sheet)) == len(told) + 1

    async def test_bad_filter_is_no_file(self, browser: httpx.AsyncClient) -> None:
        """An error is a page with its status, never a file with an error in it."""
        answer = await browser.get("/breaches.csv?clock=sundial&lang=en")
        assert answer.status_code == 400
        assert "content-disposition" not in answer.headers

    async def test_limit(self, browser: httpx.AsyncClient) -> None:
        """So many rows as are asked for."""
        assert len(await lines(browser, "/breaches.csv?limit=3")) == 3
