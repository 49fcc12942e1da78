"""The pages as a browser gets them: languages, filters, links that hold what they promise, and errors."""

import httpx
import pytest

from tests.web.reading import attribute, links, number, rows

LANGUAGES = ("kk", "ru", "en")
LISTS = ("/breaches", "/at-risk")


async def an_application(browser: httpx.AsyncClient) -> str:
    answer = await browser.get("/api/sla/breaches?limit=1")
    return answer.json()["breaches"][0]["application"]


async def whole_list(browser: httpx.AsyncClient, address: str) -> list[str]:
    """Every row of a list, page after page."""
    found: list[str] = []
    for _ in range(50):
        html = (await browser.get(address)).text
        found += rows(html)
        following = links(html).get("next")
        if following is None:
            return found
        address = following[0]
    raise AssertionError("the list has no end")


class TestLanguages:
    """Every page in Kazakh, Russian and English."""

    @pytest.mark.parametrize("language", LANGUAGES)
    async def test_every_page(self, browser: httpx.AsyncClient, language: str) -> None:
        """Each is whole, says its language, and has no word that was left without a translation."""
        story = f"/applications/{await an_application(browser)}"
        for path in ("/", *LISTS, story):
            answer = await browser.get(path, params={"lang": language})
            assert answer.status_code == 200, path
            assert f'<html lang="{language}">' in answer.text
            assert answer.text.rstrip().endswith("</html>")

    async def test_browser_says_which(self, browser: httpx.AsyncClient) -> None:
        """Without a word in the address the browser's wish counts, and then Kazakh."""
        wishes = {"ru-KZ,ru;q=0.9,en;q=0.8": "ru", "de, en;q=0.5": "en", "de": "kk", "": "kk", "en;q=x,ru": "ru"}
        for wish, language in wishes.items():
            answer = await browser.get("/", headers={"Accept-Language": wish})
            assert f'<html lang="{language}">' in answer.text
            assert answer.headers["vary"] == "Accept-Language"

    async def test_switch_keeps_the_filter(self, browser: httpx.AsyncClient) -> None:
        """The same page with the same filter, and no link of it leaves the language."""
        html = (await browser.get("/?clock=processing&from=2026-03-01&lang=ru")).text
        assert 'href="/?clock=processing&amp;from=2026-03-01&amp;lang=kk"' in html
        pages = [href for href, _ in links(html).values() if "." not in href.split("?")[0]]
        assert pages
        assert all("lang=ru" in href for href in pages)


class TestBoard:
    """What the board counts is what its links lead to."""

    async def test_cells_are_as_long_as_their_lists(self, browser: httpx.AsyncClient) -> None:
        """Every cell of the grid, and the figures that have a list."""
        html = (await browser.get("/?lang=en")).text
        found = links(html)
        counted = {key: one for key, one in found.items() if key.startswith("cell-")}
        assert len(counted) > 3
        for key, (href, words) in (counted | {k: found[k] for k in ("passed-open", "near", "passed")}).items():
            assert len(await whole_list(browser, href)) == number(words), key

    async def test_is_of_one_instant(self, browser: httpx.AsyncClient) -> None:
        """The instant stands on the page, and everything that leads on is pinned to it."""
        html = (await browser.get("/?lang=en")).text
        assert "As of 18 Mar 2026 16:00:00" in html
        pinned = [href for key, (href, _) in links(html).items() if key.startswith(("cell", "/"))]
        assert pinned
        assert all("as-of=2026-03-18T16%3A00%3A00%2B05%3A00" in href for href in pinned)

    async def test_filter_narrows(self, browser: httpx.AsyncClient) -> None:
        """A channel leaves what came in through it."""
        everything, one = [
            number(links((await browser.get(f"/?lang=en{more}")).text)["passed"][1])
            for more in ("", "&channel=portal")
        ]
        assert 0 < one < everything

    async def test_empty_words_leave_the_address(self, browser: httpx.AsyncClient) -> None:
        """What a form leaves empty is taken out, so the address can be shared."""
        answer = await browser.get("/?clock=&office=egov-portal&as-of=&lang=ru")
        assert (answer.status_code, answer.headers["location"]) == (303, "/?office=egov-portal&lang=ru")

    async def test_says_what_reload_is_for(self, browser: httpx.AsyncClient) -> None:
        """Without a script there is a link to the same address; what is pinned has one to how things stand now."""
        assert links((await browser.get("/?clock=service")).text)["reload"][0] == "/?clock=service"
        pinned = (await browser.get("/?clock=service&as-of=2026-03-01")).text
        assert 'href="/?clock=service"' in pinned
        assert "board.js" not in pinned


class TestLists:
    """Lists: in order, page by page."""

    @pytest.mark.parametrize("path", LISTS)
    async def test_pages_are_the_whole(self, browser: httpx.AsyncClient, path: str) -> None:
        """Small pages one after the other are the large page, and each leads back to the first."""
        words = "from=2026-02-01&to=2026-04-20"
        whole = rows((await browser.get(f"{path}?{words}&limit=500")).text)
        assert len(whole) > 12
        assert await whole_list(browser, f"{path}?{words}&limit=5") == whole
        second = links((await browser.get(f"{path}?{words}&limit=5")).text)["next"][0]
        first = links((await browser.get(second)).text)["first"][0]
        assert rows((await browser.get(first)).text) == whole[:5]

    async def test_sorted(self, browser: httpx.AsyncClient) -> None:
        """The latest first, and the same from the other end."""
        latest, earliest = [
            rows((await browser.get(f"/breaches?sort={sort}&limit=500")).text) for sort in ("recent", "due")
        ]
        assert latest == earliest[::-1]


class TestStory:
    """An application's own page."""

    async def test_tells_limits_hands_and_facts(self, browser: httpx.AsyncClient) -> None:
        """With a link into Temporal's page, and without anything personal."""
        application = await an_application(browser)
        html = (await browser.get(f"/applications/{application}?lang=en")).text
        assert f'href="http://127.0.0.1:8233/namespaces/default/workflows/{application}"' in html
        for words in ("Time limits", "Who had the file", "limit passed", "What happened"):
            assert words in html

    async def test_unknown_is_404(self, browser: httpx.AsyncClient) -> None:
        """What nobody knows is said in the reader's language."""
        answer = await browser.get("/applications/nobody?lang=ru")
        assert answer.status_code == 404
        assert "Такого заявления нет." in answer.text


class TestHostile:
    """What a stranger puts into an address stays text."""

    @pytest.mark.parametrize(
        "path",
        [
            "/applications/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
            "/?clock=%3Cscript%3Ealert(1)%3C%2Fscript%3E",
            "/?%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E=1",
            "/breaches?after=%3Cscript%3Ealert(1)%3C%2Fscript%3E",
            "/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        ],
    )
    async def test_is_escaped(self, browser: httpx.AsyncClient, path: str) -> None:
        """No script comes back, and it is an error of the one who asked."""
        answer = await browser.get(path)
        assert answer.status_code in (400, 404)
        assert "<script>alert" not in answer.text

    async def test_bad_filter_is_a_page(self, browser: httpx.AsyncClient) -> None:
        """It names the field and what there is, in a page with the board's own frame."""
        answer = await browser.get("/?clock=sundial&lang=kk")
        assert answer.status_code == 400
        assert "Мерзім түрі" in answer.text
        assert "waiting, service, processing, recall" in answer.text
        assert attribute(answer.text, "lang") == "kk"
