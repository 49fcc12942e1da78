"""The Temporal UI in a real browser, with the codec server set: readable for whoever has signed in, and for nobody
else."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from adapters.database.codec_accesses import codec_accesses
from adapters.settings import Settings
from adapters.temporal.server import Place, free_port, running_server
from demo.visit import Visit
from models.library import Library
from models.lifecycle import Channel
from operations.operators import password_hash
from tests.browser.conftest import WIDE
from tests.command_line import start_program
from tests.conftest import House, house_of, strangers
from workflows import operators

PASSWORD = "correct horse battery"  # noqa: S105 - of nobody
_OF_THE_UI = """(endpoint) => {
    localStorage.setItem('endpoint', JSON.stringify(endpoint));
    localStorage.setItem('includeCredentials', 'true');
    localStorage.setItem('overrideRemoteCodecConfiguration', 'true');
}"""
"""As its own dialog keeps it."""


@dataclass(frozen=True)
class Watched:
    """A house whose server has its UI, and a codec server beside it."""

    house: House
    ui: str
    codec: str


@pytest_asyncio.fixture
async def watched(
    new_address: Callable[[str], str], tmp_path: Path, library: Library, database: str
) -> AsyncIterator[Watched]:
    data = tmp_path / "temporal"
    place = Place(data / "temporal.sqlite", data / "temporal.log", free_port(), free_port(), operators.flags())
    settings = Settings(data=tmp_path / "house", database_url=new_address("record"), task_queue="watched")
    (tmp_path / "operators.json").write_text(json.dumps({"aidar": password_hash(PASSWORD)}))
    async with running_server(place, print) as server, house_of(settings, server, library) as house:
        assert server.ui is not None
        more = {"TIREK_OPERATORS_FILE": str(tmp_path / "operators.json"), "TIREK_TEMPORAL_UI": server.ui}
        process = await start_program("codec", "--port", "0", environment=house.environment | more)
        assert process.stdout is not None
        said = (await asyncio.wait_for(process.stdout.readline(), 30)).decode()
        yield Watched(house, server.ui, said.split()[-1].rstrip("/"))
        process.terminate()
        assert await process.wait() == 0


@pytest_asyncio.fixture
async def page(chromium: Browser, watched: Watched) -> AsyncIterator[Page]:
    """A browser in whose UI the codec server is set."""
    context = await chromium.new_context(viewport=WIDE, locale="en-GB")
    made = await context.new_page()
    await made.goto(watched.ui)
    await made.evaluate(_OF_THE_UI, watched.codec)
    yield made
    await context.close()


async def sign_in(page: Page, password: str) -> None:
    await page.get_by_label("Name").fill("aidar")
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in").click()


class TestTemporalUi:
    """What its page of an application shows."""

    async def test_readable_after_signing_in_alone(self, watched: Watched, page: Page, shots: Path) -> None:
        """Signed out: ciphertext. Signed in: the whole request, and it is on record. Out again: ciphertext."""
        visit = await Visit.open(
            watched.house.desk, Channel.PORTAL, strangers(), watched.house.settings.signature_stand_in
        )
        await visit.submit()
        request = watched.house.reader.request(visit.application)
        assert request is not None
        address = f"{watched.ui}/namespaces/default/workflows/{visit.application}"
        refused = page.get_by_text("Codec Server could not connect").locator("visible=true").first
        whom = page.get_by_text(request.applicant.iin).first

        await page.goto(address)
        await expect(refused).to_be_visible()
        await expect(whom).to_have_count(0)
        await page.screenshot(path=shots / "codec-signed-out.png")

        await page.goto(f"{watched.codec}/sign-in")
        await sign_in(page, "a wrong password")
        await expect(page.get_by_role("alert")).to_have_text("Name or password is wrong.")
        await sign_in(page, PASSWORD)
        await expect(page.get_by_text("Signed in as aidar")).to_be_visible()

        await page.goto(address)
        await expect(whom).to_be_visible()
        await expect(page.get_by_text("processing due").first).to_be_visible()
        await page.screenshot(path=shots / "codec-signed-in.png")
        noted = codec_accesses(watched.house.record)
        assert {(one.operator, one.namespace) for one in noted} == {("aidar", "default")}
        assert visit.application in {one.workflow for one in noted}
        assert sum(one.payloads for one in noted) > 1

        await page.goto(f"{watched.codec}/sign-in")
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        await page.goto(address)
        await expect(refused).to_be_visible()
        await expect(whom).to_have_count(0)
