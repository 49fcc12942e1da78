"""What happens while the page is open: a limit that passes appears, and nothing else moves."""

from datetime import datetime, timedelta

from playwright.async_api import Page, expect
from sqlalchemy import Engine, insert, select

from adapters.database import tables as t
from adapters.database.engine import writing
from adapters.host_clock import host_now
from models.data import ALMATY, local_day
from models.lifecycle import Stage
from tests.browser.conftest import Live

_TWO_SECONDS = timedelta(seconds=2)


def about_to_pass(engine: Engine, due_at: datetime) -> str:
    """Somebody waits at a counter whose quarter of an hour ends then; the application."""
    a = t.application.c
    at_home = select(a.id).where(a.channel == "portal").order_by(a.opened_at.desc()).limit(1)
    with writing(engine) as connection:
        application = str(connection.execute(at_home).scalar_one())
        row = {
            "application": application,
            "clock": "waiting",
            "office": "sc-karaganda",
            "limit": True,
            "started_at": due_at - timedelta(minutes=15),
            "due_at": due_at,
            "outcome": "running",
            "unit": "minutes",
            "channel": "state-corporation",
            "stage": Stage.QUEUED,
            "due_on": local_day(due_at),
            "due_hour": due_at.astimezone(ALMATY).hour,
            "begun_on": local_day(due_at - timedelta(minutes=15)),
        }
        connection.execute(insert(t.clock), [row])
    return application


class TestLive:
    """No reload, no button."""

    async def test_a_limit_that_passes_appears(self, page: Page, live: Live) -> None:
        """Within two seconds, on the board and with an announcement; no row of the record changes meanwhile."""
        await page.goto("/?lang=en")
        await expect(page.locator("#live-state")).to_have_text("Updates by itself")
        before = int(await page.locator("#live").get_attribute("data-passed") or 0)
        due = host_now() + timedelta(seconds=3.3)
        application = about_to_pass(live.engine, due)
        row = page.locator(f'[data-row="{application}-waiting"]')
        await row.wait_for(timeout=15_000)
        assert host_now() - due < _TWO_SECONDS
        await expect(row.locator(".tag-fresh")).to_have_text("new")
        news = f"A limit has passed. Passed and still running: {before + 1}"
        await expect(page.get_by_role("status")).to_have_text(news)

    async def test_appears_on_the_list_too(self, page: Page, live: Live) -> None:
        """Of its filter alone: another clock's list stays as it is."""
        other = await page.context.new_page()
        await page.goto("/breaches?lang=en&clock=waiting")
        await other.goto("/breaches?lang=en&clock=processing")
        for one in (page, other):
            await expect(one.locator("#live-state")).to_have_text("Updates by itself")
        due = host_now() + timedelta(seconds=2.6)
        application = about_to_pass(live.engine, due)
        await page.locator(f'[data-row="{application}-waiting"]').wait_for(timeout=15_000)
        assert host_now() - due < _TWO_SECONDS
        assert await other.get_by_role("status").text_content() == ""
        assert await other.locator(f'[data-row="{application}-waiting"]').count() == 0

    async def test_nothing_else_moves(self, page: Page, live: Live) -> None:
        """What had the focus keeps it, what was scrolled or opened stays so."""
        await page.goto("/?lang=en")
        await page.locator("summary").click()
        key = str(await page.locator("[data-k^=cell-]").last.get_attribute("data-k"))
        await page.locator(f'[data-k="{key}"]').focus()
        await page.evaluate("window.scrollTo(0, 300)")
        application = about_to_pass(live.engine, host_now() + timedelta(seconds=2))
        await page.locator(f'[data-row="{application}-waiting"]').wait_for(timeout=15_000)
        assert await page.evaluate("document.activeElement.dataset.k") == key
        assert await page.evaluate("window.scrollY") == 300
        assert await page.locator("details").get_attribute("open") is not None

    async def test_pinned_stays(self, page: Page, live: Live) -> None:
        """A page that is told as of an instant does not listen."""
        await page.goto("/?lang=en&as-of=2026-03-01T10:00:00")
        told = await page.locator("main").inner_html()
        about_to_pass(live.engine, host_now() + timedelta(seconds=1))
        await page.wait_for_timeout(3_000)
        assert await page.locator("main").inner_html() == told
        assert await page.locator("#live-state").count() == 0
