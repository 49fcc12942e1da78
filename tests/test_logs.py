"""What programs say: an event a line, with the application and the request it is about, and nobody's data."""

import asyncio
import json
import logging
from typing import Any

import httpx
import pytest
from temporalio import activity
from temporalio.testing import ActivityEnvironment

from adapters.logs import Line, write_logs
from adapters.requests import RequestIds, id_of
from tests.command_line import run_program
from tests.conftest import House

PERSON = "870412300123"
REVERSED = PERSON[::-1]


def fail(iin: str) -> None:
    """With somebody's number in a variable."""
    raise ValueError("something was wrong")


def record(message: str, **more: object) -> logging.LogRecord:
    made = logging.makeLogRecord({"name": "tirek.test", "levelname": "WARNING", "msg": message, "process": 7})
    made.created = 1_790_000_000.25
    made.__dict__.update(more)
    return made


def as_json(line: logging.LogRecord) -> Any:
    return json.loads(Line(is_json=True).format(line))


class TestLine:
    """One event as a line."""

    def test_json_is_one_object(self) -> None:
        """Its instant is UTC in ISO 8601, and a line break in the event makes no second line."""
        written = Line(is_json=True).format(record("қала\nsecond"))
        assert "\n" not in written
        assert json.loads(written) == {
            "timestamp": "2026-09-21T14:13:20.250+00:00",
            "level": "warning",
            "logger": "tirek.test",
            "event": "қала\nsecond",
            "process": 7,
        }

    def test_console_is_for_people(self) -> None:
        written = Line(is_json=False).format(record("working on task queue tirek", temporal_activity=None))
        assert "working on task queue tirek" in written
        assert "[tirek.test]" in written

    def test_no_line_begins_within_another(self) -> None:
        """Whoever names an execution, or makes an error, writes no line of his own into a log."""
        made = "app\n2026-11-26 [info] aidar signed in\r\x1b[2K\u2028"
        details = {"workflow_id": made, "run_id": "r"}
        written = Line(is_json=False).format(record(made, temporal_workflow=details))
        assert len(written.splitlines()) == 1
        assert "\x1b" not in written
        assert written.count("signed in") == 2

    def test_json_has_no_other_line_break_either(self) -> None:
        """Many readers end a line where JSON does not: they see one line, and a reader of JSON the same words."""
        made = "app\u2028forged\x85forged\x9b2J"
        written = Line(is_json=True).format(record(made))
        assert (len(written.splitlines()), "\x9b" in written) == (1, False)
        assert json.loads(written)["event"] == made

    def test_no_line_begins_within_a_traceback(self) -> None:
        """A workflow's type is a stranger's too, and the SDK says it in an exception."""
        error = RuntimeError("no such type: x\n2026-11-26 [critical] forged \x1b[2J")
        written = Line(is_json=False).format(record("went wrong", exc_info=(RuntimeError, error, None)))
        first, *more = written.split("\n")
        assert "went wrong" in first
        assert "    2026-11-26 [critical] forged \\u001b[2J" in more
        assert all(line.startswith("    ") for line in more)

    def test_workflow_is_reduced(self) -> None:
        """Of what the SDK adds stay the application, its run, and the update as the request."""
        details = {"workflow_id": "app", "run_id": "r", "namespace": "n", "update_id": "u", "update_name": "take"}
        told = as_json(record("said", temporal_workflow=details))
        assert {name: told[name] for name in ("application", "run", "request")} == {
            "application": "app",
            "run": "r",
            "request": "u",
        }
        assert not {"namespace", "update_name", "temporal_workflow"} & set(told)

    async def test_ours_inside_an_activity(self) -> None:
        """A plain logger of ours that speaks inside an activity tells for which application, in a thread too."""

        @activity.defn
        def work() -> Any:
            return as_json(record("said"))

        told = await asyncio.to_thread(ActivityEnvironment().run, work)
        assert {"application", "run", "activity", "attempt"} <= set(told)
        assert "application" not in as_json(record("outside"))

    @pytest.mark.parametrize("is_json", [True, False])
    def test_exception_without_variables(self, is_json: bool) -> None:
        """A traceback is one field of JSON, and never shows what a variable held."""
        with pytest.raises(ValueError, match="something was wrong") as raised:
            fail("".join(reversed(REVERSED)))
        error = raised.value
        written = Line(is_json=is_json).format(record("failed", exc_info=(ValueError, error, error.__traceback__)))
        assert PERSON not in written
        assert "something was wrong" in written
        assert "Traceback" in written
        if is_json:
            assert "Traceback" in json.loads(written)["exception"]

    def test_others_handlers_stay(self) -> None:
        """Where a test has set up logging, nothing is changed."""
        root = logging.getLogger()
        before = list(root.handlers), root.level
        write_logs("json", "DEBUG")
        assert (list(root.handlers), root.level) == before


class TestRequests:
    """What a request over HTTP leaves."""

    @staticmethod
    async def _get(path: str, caplog: pytest.LogCaptureFixture, **headers: str) -> httpx.Response:
        async def answer(scope: Any, receive: Any, send: Any) -> None:
            logging.getLogger("tirek.test").warning("inside")
            told = as_json(record("inside"))["request"].encode()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": told})

        caplog.set_level(logging.INFO, "tirek.requests")
        transport = httpx.ASGITransport(RequestIds(answer))
        async with httpx.AsyncClient(transport=transport, base_url="http://board") as client:
            return await client.get(path, headers=headers)

    async def test_harmless_id_is_kept(self, caplog: pytest.LogCaptureFixture) -> None:
        """The caller's own id is in every line and in the answer."""
        answer = await self._get("/", caplog, **{"X-Request-ID": "mine-12345"})
        assert answer.headers["x-request-id"] == answer.text == "mine-12345"

    @pytest.mark.parametrize("given", ["short", "x" * 65, "with space 123", "<script>alert", "", PERSON])
    async def test_another_is_made(self, caplog: pytest.LogCaptureFixture, given: str) -> None:
        """Whatever could forge a line, is no id, or may be somebody's number, gets one of ours."""
        answer = await self._get("/", caplog, **{"X-Request-ID": given})
        assert answer.headers["x-request-id"] == answer.text != given
        assert len(answer.text) == 32

    async def test_line_has_the_path_alone(self, caplog: pytest.LogCaptureFixture) -> None:
        """No query, no line break, no number that may be somebody's."""
        await self._get(f"/applications/one%0Atwo/{PERSON}/%20{PERSON}?iin={PERSON}", caplog)
        [line] = [one.getMessage() for one in caplog.records if one.name == "tirek.requests"]
        assert line.startswith("GET /applications/one%0Atwo/…/%20… 200, ")
        assert PERSON not in line

    def test_each_gets_another(self) -> None:
        assert id_of([]) != id_of([])


class TestPrograms:
    """What the programs really write."""

    async def test_command_line(self, house: House) -> None:
        """A command that has a result to print is quiet in either format."""
        for form in ("console", "json"):
            ran = await run_program("list", "--json", environment={**house.environment, "TIREK_LOG_FORMAT": form})
            assert (ran.code, ran.err) == (0, "")
