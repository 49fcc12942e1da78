"""When the server's retention is over and a history is gone, the record still answers everything."""

import json
from pathlib import Path
from typing import Any

from demo.visit import Visit
from models.lifecycle import Channel, Command, Stage
from models.regulation import ClockKind
from tests.command_line import Ran, run_program
from tests.conftest import House, strangers
from tests.gone import delete_histories

SC, PORTAL = Channel.STATE_CORPORATION, Channel.PORTAL


async def run(house: House, *arguments: str, stdin: str | None = None) -> Ran:
    return await run_program(*arguments, "--json", environment=house.environment, stdin=stdin)


def told(ran: Ran) -> Any:
    """What it says, but for the instant at which it was asked."""
    return {k: v for k, v in ran.json.items() if k != "as_of"} if isinstance(ran.json, dict) else ran.json


def notices(house: House, visit: Visit) -> list[dict[str, Any]]:
    return house.reader.rows(visit.application)["notice"]


async def published(house: House) -> tuple[Visit, dict[str, Any]]:
    """A portal request that was granted, and the request with the key that it was sent under."""
    visit = Visit(house.desk, PORTAL, "", strangers())
    request = visit.example(Command.SUBMIT)
    key = f"sent-{request['applicant']['iin'][-4:]}-{house.settings.task_queue}"
    sent = await run(house, "submit", "-", "--id", key, stdin=json.dumps(request))
    assert sent.code == 0, sent.err + sent.out
    visit.application = sent.json["application"]
    await visit.be_decided()
    assert await house.desk.until(lambda: visit.stage() is Stage.PUBLISHED)
    assert await house.desk.until(lambda: all(one["sent_at"] for one in notices(house, visit)))
    return visit, {"key": key, "request": json.dumps(request), "answer": sent.json}


class TestAfterRetention:
    """An execution that has ended is deleted on the server."""

    async def test_everything_is_answered_as_before(self, house: House, tmp_path: Path) -> None:
        """Shown, printed, checked, counted, listed: the same, and a repeated command gets its first answer."""
        visit, sent = await published(house)
        number, paper = visit.application, tmp_path / "decision.pdf"
        printed = await run(house, "print", number, "decision", "--out", str(paper))
        assert printed.code == 0, printed.err
        questions = (
            ("show", number),
            ("verify-document", str(paper)),
            ("verify-document", printed.json["code"]),
            ("sla", "summary", "--by", "officer"),
            ("sla", "breaches"),
            ("checks", number, "--as", "specialist-1"),
        )
        before = [await run(house, *question) for question in questions]
        assert [ran.code for ran in before] == [0] * len(questions), [ran.err for ran in before]
        await delete_histories(house.desk.client, [number])
        after = [await run(house, *question) for question in questions]
        for then, now in zip(before, after, strict=True):
            assert (now.code, told(now)) == (then.code, told(then))
        again = await run(house, "print", number, "decision", "--out", str(tmp_path / "again.pdf"))
        assert (again.code, again.json["sha256"]) == (0, printed.json["sha256"])
        assert (tmp_path / "again.pdf").read_bytes() == paper.read_bytes()
        repeated = await run(house, "submit", "-", "--id", sent["key"], stdin=sent["request"])
        assert (repeated.code, repeated.json) == (0, sent["answer"])

    async def test_stored_result_is_recalled(self, house: House) -> None:
        """The result lies in storage for years; who comes for it then gets it."""
        visit = await Visit.open(house.desk, SC, strangers())
        await visit.be_accepted()
        await visit.be_decided()
        await visit.be_delivered()
        await visit.skip_past(ClockKind.RETENTION)
        await visit.do(Command.HAND_OVER, visit.clerk)
        assert visit.stage() is Stage.STORED
        await delete_histories(house.desk.client, [visit.application])
        await visit.be_recalled(days=40)
        await visit.do(Command.SEND_BACK, "specialist-1")
        await visit.be_delivered()
        await visit.collect()
        assert await house.desk.until(lambda: visit.stage() is Stage.COLLECTED)
