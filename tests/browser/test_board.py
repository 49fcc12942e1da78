"""The board as a supervisor uses it: with and without a script, by keyboard, on a telephone, in each language."""

import csv
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from tests.browser.conftest import LANGUAGES, NARROW, WIDE, Live

PAGES = ("/", "/breaches", "/at-risk", "/?clock=service&as-of=2026-01-15&by=officer")
_TABS = 90


async def story_of(page: Page) -> str:
    """The address of the application whose limit passed last."""
    await page.goto("/breaches?lang=en")
    return str(await page.locator("[data-row] a").first.get_attribute("href")).split("?")[0]


async def tab_to(page: Page, prefix: str) -> str:
    """Press Tab until a link of this kind has the focus; its key."""
    for _ in range(_TABS):
        await page.keyboard.press("Tab")
        key = await page.evaluate("document.activeElement?.dataset?.k ?? ''")
        if key.startswith(prefix):
            return key
    raise AssertionError(f"no {prefix} within {_TABS} steps")


class TestAccess:
    """Nobody is left out."""

    @pytest.mark.parametrize("language", LANGUAGES)
    async def test_axe_finds_nothing(self, page: Page, language: str) -> None:
        """No violation on any page, in any language, wide or narrow."""
        story = await story_of(page)
        for size in (WIDE, NARROW):
            await page.set_viewport_size(size)
            for path in (*PAGES, story):
                await page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}")
                found = await Axe().run(page)
                assert found.violations_count == 0, f"{path}: {found.generate_report()}"

    async def test_axe_finds_nothing_on_an_error(self, chromium: Browser, live: Live) -> None:
        """The page that tells of an error is as good as the others."""
        for path in ("/?clock=sundial", "/applications/nobody", "/nothing"):
            page = await chromium.new_page(base_url=live.address)
            await page.goto(path)
            found = await Axe().run(page)
            assert found.violations_count == 0, found.generate_report()
            await page.close()

    async def test_keyboard_alone(self, page: Page) -> None:
        """The link past the menu, a cell of the grid, its list, and the story of an application."""
        await page.goto("/?lang=en")
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.className") == "skip"
        await page.keyboard.press("Enter")
        assert await page.evaluate("document.activeElement.id") == "content"
        await tab_to(page, "cell-")
        count = int(await page.evaluate("document.activeElement.textContent"))
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/*office=*")
        assert await page.locator("tbody tr").count() == min(count, 50)
        await tab_to(page, "r-" if "/at-risk" in page.url else "b-")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/applications/**")
        assert await page.locator(".timeline li").count() > 1

    async def test_focus_is_seen(self, page: Page) -> None:
        """Whatever has the focus has an outline."""
        await page.goto("/?lang=en")
        for prefix in ("reload", "passed-open", "cell-"):
            await tab_to(page, prefix)
            outline = await page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
            assert outline == "3px"

    async def test_narrow_screen(self, page: Page) -> None:
        """On 360 pixels no page moves sideways as a whole."""
        story = await story_of(page)
        await page.set_viewport_size(NARROW)
        for language in LANGUAGES:
            for path in (*PAGES, story):
                await page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}")
                assert await page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], path


class TestWithoutScript:
    """The page works as the server has made it."""

    async def test_everything_is_there(self, chromium: Browser, live: Live) -> None:
        """Figures, filter, drill-down and a link to reload; nothing that promises what only a script does."""
        context = await chromium.new_context(base_url=live.address, java_script_enabled=False)
        page = await context.new_page()
        await page.goto("/?lang=en")
        assert await page.get_by_role("link", name="Reload").is_visible()
        assert not await page.locator("#live-state").is_visible()
        await page.get_by_label("Limit", exact=True).select_option("processing")
        await page.get_by_role("button", name="Show").click()
        assert "clock=processing" in page.url
        assert "officer=" not in page.url
        await page.locator("[data-k=passed]").click()
        await page.locator("tbody a").first.click()
        assert await page.get_by_role("heading", name="What happened").is_visible()
        await context.close()


class TestFiles:
    """What is shown can be taken away."""

    async def test_export(self, page: Page, tmp_path: Path) -> None:
        """A click, and the rows of the page are in a file."""
        await page.goto("/breaches?lang=en&limit=500")
        shown = await page.locator("tbody tr").count()
        async with page.expect_download() as waiting:
            await page.get_by_role("link", name="CSV").click()
        download = await waiting.value
        assert download.suggested_filename.startswith("tirek-breaches-")
        path = tmp_path / "breaches.csv"
        await download.save_as(path)
        with path.open(encoding="utf-8-sig", newline="") as file:
            assert len(list(csv.DictReader(file))) == shown > 10


class TestLooks:
    """What it looks like."""

    @pytest.mark.parametrize("language", LANGUAGES)
    async def test_screenshots(self, page: Page, shots: Path, language: str, database: str) -> None:
        """A picture of each page for people to look at; each shows something."""
        story = await story_of(page)
        for name, path in {"board": "/", "breaches": "/breaches", "at-risk": "/at-risk", "story": story}.items():
            await page.goto(f"{path}?lang={language}")
            picture = await page.screenshot(path=shots / f"{name}-{language}-{database}.png", full_page=True)
            assert len(picture) > 30_000
