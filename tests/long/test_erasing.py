"""`starter.py erase` as an office uses it, with a real server whose retention has to be over."""

import secrets
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from adapters.settings import Settings
from adapters.temporal.server import Server
from demo.visit import Visit
from models.library import Library
from models.lifecycle import Channel, Stage
from tests.command_line import Ran, run_program
from tests.conftest import House, house_of, strangers
from tests.gone import age, delete_histories


@pytest.fixture
async def alone(server: Server, library: Library, address: str, tmp_path: Path) -> AsyncGenerator[House]:
    """A house that shares neither its record nor its queue."""
    queue = f"erasing-{secrets.token_hex(4)}"
    settings = Settings(data=tmp_path, database_url=address, task_queue=queue)
    async with house_of(settings, server, library) as house:
        yield house


async def run(house: House, *arguments: str) -> Ran:
    return await run_program(*arguments, "--json", environment=house.environment)


async def collected(house: House) -> str:
    """An application whose result was collected, and whose decision was printed."""
    visit = await Visit.open(house.desk, Channel.PROVIDER, strangers())
    await visit.be_accepted()
    await visit.be_decided()
    await visit.collect()
    assert await house.desk.until(lambda: visit.stage() is Stage.COLLECTED)
    out = house.settings.data / f"{visit.application}.pdf"
    printed = await run(house, "print", visit.application, "decision", "--out", str(out))
    assert printed.code == 0, printed.err
    return visit.application


def figures(ran: Ran) -> dict[str, object]:
    """What supervisors are told, but for the instant at which they asked."""
    assert ran.code == 0, ran.err
    return {name: value for name, value in ran.json.items() if name != "as_of"}


class TestErase:
    """Refused until everything is over, then done, and done twice it is the same."""

    async def test_whole_way(self, alone: House) -> None:
        """Too early, kept by the server, listed as due, erased; reconciled, shown, and printed no more."""
        application = await collected(alone)
        command = ("erase", application, "--as", "head", "--reason", "the term is over")
        early = await run(alone, *command)
        assert (early.code, [one["code"] for one in early.json["error"]["refusals"]]) == (
            3,
            ["term-not-over", "history-kept"],
        )
        age(alone.record, [application])
        kept = await run(alone, *command)
        assert (kept.code, kept.json["error"]["code"]) == (3, "history-kept")
        due = await run(alone, "erase", "--due")
        assert [one["application"] for one in due.json] == [application]
        sla = await run(alone, "sla", "summary", "--by", "officer")
        await delete_histories(alone.desk.client, [application])
        done = await run(alone, *command)
        assert (done.code, done.json["is_new"], done.json["files"]) == (0, True, 1), done.err
        again = await run(alone, *command)
        assert (again.code, again.json["is_new"], again.json["erased"]) == (0, False, done.json["erased"])
        assert (await run(alone, "erase", "--due")).json == []
        report = (await run(alone, "reconcile")).json
        assert (report["erased"], report["differences"]) == (1, [])
        shown = await run(alone, "show", application)
        assert shown.json["erased"]["by"] == "head"
        assert figures(await run(alone, "sla", "summary", "--by", "officer")) == figures(sla)
        out = str(alone.settings.data / "again.pdf")
        refused = await run(alone, "print", application, "decision", "--out", out)
        assert (refused.code, refused.json["error"]["code"]) == (3, "personal-data-erased")
        told = await run_program("show", application, environment=alone.environment)
        assert "personal data erased on" in told.out

    @pytest.mark.parametrize(
        ("arguments", "named"),
        [
            ((), "application"),
            (("app-1", "--due"), "application"),
            (("app-1", "--as", "head"), "--reason"),
            (("app-1", "--reason", "over"), "--as"),
            (("app-1", "--as", "head", "--reason", "x" * 201), "--reason"),
        ],
    )
    async def test_malformed(self, arguments: tuple[str, ...], named: str, address: str, tmp_path: Path) -> None:
        """2, with what is missing: nobody is supposed here, and no reason is made up."""
        where = {"TIREK_DATA": str(tmp_path), "TIREK_DATABASE_URL": address}
        ran = await run_program("erase", *arguments, "--json", environment=where)
        assert (ran.code, ran.json["error"]["fields"][0]["field"]) == (2, named)
