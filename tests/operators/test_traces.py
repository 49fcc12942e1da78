"""Traces: what a command causes is one trace, and nothing of anybody's leaves with it."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from temporalio.worker import Replayer

from adapters.keys import load_key_ring
from adapters.settings import ROOT, Settings
from adapters.temporal.connection import connect as connect_server
from adapters.temporal.plugin import tirek_plugin, tracing_of
from adapters.temporal.server import Server, free_port
from demo.visit import SPECIALIST, Visit
from desk.desk import Desk
from desk.reconcile import differences
from desk.replaying import stored_history
from models.errors import RefusedError
from models.library import Library
from models.lifecycle import Channel, Command, Stage
from tests.collecting import Collector, Span, collecting
from tests.conftest import House, make_desk, strangers
from tests.record_histories import HISTORIES, KEYS
from tests.watched import watched
from workflows.application import ApplicationWorkflow
from workflows.recall import RecallWorkflow


async def traced_desk(house: House, tracing: Any) -> Desk:
    """A desk whose client makes traces as the command line's does."""
    plugin = tirek_plugin(house.ring, tracing=tracing)
    client = await connect_server(plugin, house.settings, own_server=house.engine.server.address)
    return make_desk(house.settings, house.ring, client, house.desk.library, house.record)


async def carried(house: House, desk: Desk) -> tuple[Visit, list[str]]:
    """An application up to its review, a command that is refused, and the numbers of the people in it."""
    visit = await Visit.open(desk, Channel.PROVIDER, strangers())
    await visit.do(Command.CALL, visit.clerk)
    assert await desk.until(lambda: visit.stage() is Stage.AT_COUNTER)
    package = visit.example(Command.ACCEPT, children=1)
    await visit.do(Command.ACCEPT, visit.clerk, package)
    assert await desk.until(lambda: visit.stage() is Stage.UNDER_REVIEW)
    with pytest.raises(RefusedError):
        await visit.do(Command.RETURN_DRAFT, SPECIALIST, {"reason": "анасы келмеді"})
    return visit, re.findall(r"[0-9]{12}", json.dumps(package))


def parents(spans: list[Span], name: str) -> list[str]:
    """The names from a span up to the root of its trace."""
    by_id = {(one.trace, one.span): one for one in spans}
    one = next(span for span in spans if span.name == name)
    names = [one.name]
    while one.parent:
        one = by_id[(one.trace, one.parent)]
        names.append(one.name)
    return names


def taken(collector: Collector, visit: Visit) -> list[Span]:
    spans = collector.of(visit.application)
    assert len({one.span for one in spans}) == len(spans), "a span was sent twice"
    return spans


class TestTraces:
    """With an endpoint."""

    async def test_a_command_is_one_trace(
        self, tmp_path: Path, address: str, server: Server, library: Library
    ) -> None:
        """From the desk through the process to the activity that it caused, over two programs; nobody's data."""
        with collecting() as collector:
            endpoint = collector.address
            async with watched(tmp_path, address, server, library, otlp_endpoint=endpoint) as house:
                with tracing_of(house.settings, "tirek-desk") as tracing:
                    desk = await traced_desk(house, tracing)
                    visit, people = await carried(house, desk)
            spans = taken(collector, visit)
        assert parents(spans, "RunActivity:register_application") == [
            "RunActivity:register_application",
            "StartActivity:register_application",
            "StartWorkflowUpdate:accept",
        ]
        [accept] = {one.trace for one in spans if one.name == "HandleUpdate:accept"}
        assert {one.service for one in spans if one.trace == accept} == {"tirek-desk", "tirek-worker"}
        [call] = {one.trace for one in spans if one.name == "HandleUpdate:call"}
        assert "RunActivity:record" in {one.name for one in spans if one.trace == call}
        assert {one.name for one in spans if one.name.endswith("return_draft")} == {
            "StartWorkflowUpdate:return_draft",
            "ValidateUpdate:return_draft",
        }
        sent = b"".join(collector.bodies)
        for words in (*people, "анасы", "RefusedError", "illegal", "Traceback"):
            assert words.encode() not in sent

    async def test_endpoint_is_away(self, tmp_path: Path, address: str, server: Server, library: Library) -> None:
        """Nothing is lost and nobody waits: neither a command nor the end of a program."""
        endpoint = f"http://127.0.0.1:{free_port()}"
        async with watched(tmp_path, address, server, library, otlp_endpoint=endpoint) as house:
            began = time.monotonic()
            with tracing_of(house.settings, "tirek-desk") as tracing:
                desk = await traced_desk(house, tracing)
                visit, _ = await carried(house, desk)
                assert time.monotonic() - began < 20
                ended = time.monotonic()
            assert time.monotonic() - ended < 4
            assert await differences(house.engine.client, house.reader, house.ring, visit.application) == []
            stopping = time.monotonic()
            assert await house.engine.worker.stop() == 0
            assert time.monotonic() - stopping < 10


class TestReplay:
    """A history knows nothing of traces."""

    async def test_stored_histories_replay(self, library: Library, tmp_path: Path) -> None:
        """They were made without, and a worker that makes traces replays them all; a replay sends none."""
        ring = load_key_ring(KEYS, may_create=False)
        with collecting() as collector:
            settings = Settings(data=tmp_path, otlp_endpoint=collector.address)
            with tracing_of(settings, "tirek-worker") as tracing:
                plugin = tirek_plugin(ring, strict_sandbox=True, tracing=tracing)
                replayer = Replayer(workflows=[ApplicationWorkflow, RecallWorkflow], plugins=[plugin])
                files = [one for one in sorted(HISTORIES.glob("*.json")) if one != KEYS]
                assert len(files) > 10
                for file in files:
                    replayed = await replayer.replay_workflow(stored_history(file))
                    assert replayed.replay_failure is None
            assert collector.spans == []


def test_nothing_is_imported_without() -> None:
    """Whoever wants no traces does not pay for them at the start."""
    words = "import sys, worker, starter; print([one for one in sys.modules if one.startswith('opentelemetry')])"
    ran = subprocess.run(
        [sys.executable, "-c", words], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout.strip() == "[]"
