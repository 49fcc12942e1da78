"""What Prometheus is shown: one page of the SDK and the service, right, cheap, and about nobody."""

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, event

from adapters.database.engine import connect
from adapters.settings import ROOT
from adapters.temporal.server import Server, free_port
from demo.visit import Visit
from desk.troubles import Trouble
from models.library import Library
from models.lifecycle import Channel, Command, Stage
from operations.metrics import RecordCollector, StuckCollector
from tests.conftest import strangers
from tests.watched import told, watched

OPERATIONS = ROOT / "operations"
_KNOWN_LABELS = frozenset(
    {
        *("stage", "channel", "clock", "office", "trouble", "register", "outcome"),
        *("le", "namespace", "task_queue", "workflow_type", "activity_type", "poller_type", "worker_type"),
        *("operation", "eager", "failure_reason", "status_code", "service_name"),
    }
)
_WORDS = frozenset({"time", "sum", "max", "min", "by", "le", "rate", "increase", "count", "absent", "or", "and"})


def families(text: bytes | str) -> dict[str, Any]:
    """The page read as Prometheus reads it: samples by their names."""
    content = text.decode() if isinstance(text, bytes) else text
    return {one.name: one for one in text_string_to_metric_families(content)}


def collected(*collectors: Any) -> dict[str, Any]:
    registry = CollectorRegistry(auto_describe=True)
    for one in collectors:
        registry.register(one)
    return families(generate_latest(registry))


class TestRecord:
    """The figures of the record."""

    def test_empty(self, engine: Engine) -> None:
        """Every family is there from the first day, and nothing is old."""
        told = collected(RecordCollector(engine))
        assert {"tirek_record_up", "tirek_applications", "tirek_limits_passed", "tirek_limits_late"} <= set(told)
        assert [one.value for one in told["tirek_record_up"].samples] == [1]
        assert {one.value for one in told["tirek_oldest_open_step_seconds"].samples} == {0}

    def test_asked_once_for_a_while(self, engine: Engine) -> None:
        """However often it is scraped, the record is asked once in fifteen seconds; for what ended more rarely."""
        asked: list[str] = []
        event.listen(engine, "after_cursor_execute", lambda _c, _r, statement, *_: asked.append(statement))
        clock = [1000.0]
        collector = RecordCollector(engine, lambda: clock[0])
        first = collected(collector)
        whole = len(asked)
        clock[0] += 14
        assert collected(collector).keys() == first.keys()
        assert len(asked) == whole > 3
        clock[0] += 2
        collected(collector)
        assert len(asked) == 2 * whole - 1

    def test_away(self, database: str) -> None:
        """A record that does not answer is told as such; the rest is left out, not made up."""
        gone = connect(f"postgresql://tirek:secret@127.0.0.1:{free_port()}/tirek")
        told = collected(RecordCollector(gone))
        assert set(told) == {"tirek_record_up"}
        assert [one.value for one in told["tirek_record_up"].samples] == [0]


class TestStuck:
    """What the worker that looks has found."""

    def test_by_trouble(self) -> None:
        counts = {Trouble.ENDED: 2}
        told = collected(StuckCollector(lambda: counts))["tirek_stuck_executions"]
        assert [(one.labels, one.value) for one in told.samples] == [({"trouble": str(Trouble.ENDED)}, 2)]

    def test_nobody_looks_here(self) -> None:
        """Another worker does: the family is there, and says nothing."""
        assert collected(StuckCollector(dict))["tirek_stuck_executions"].samples == []


class TestPage:
    """The page of a real worker."""

    async def test_one_page(self, tmp_path: Path, address: str, server: Server, library: Library) -> None:
        """It shows the SDK and the service, counts what happened, names nobody, and has all that is charted."""
        async with watched(tmp_path, address, server, library) as house:
            visit = await Visit.open(house.desk, Channel.PROVIDER, strangers())
            await visit.do(Command.CALL, visit.clerk)
            package = visit.example(Command.ACCEPT, children=1)
            await visit.do(Command.ACCEPT, visit.clerk, package)
            assert await house.desk.until(lambda: visit.stage() is Stage.UNDER_REVIEW)
            await asyncio.sleep(0.2)
            text = (await told(house.settings, "metrics")).text
        shown = families(text)
        asked = shown["tirek_register_outcomes"].samples
        assert {(one.labels["register"], one.labels["outcome"], one.value) for one in asked} == {
            ("person", "confirmed", 1),
            ("birth", "confirmed", 1),
        }
        standing = {(one.labels["stage"], one.labels["channel"]) for one in shown["tirek_applications"].samples}
        assert standing == {("under_review", "provider")}
        assert "temporal_workflow_task_execution_latency_seconds" in shown
        people = re.findall(r"[0-9]{12}", json.dumps(package))
        assert len(people) > 1
        for person in (visit.application, *people):
            assert person not in text
        labels = {name for one in shown.values() for sample in one.samples for name in sample.labels}
        assert labels <= _KNOWN_LABELS
        samples = {sample.name for one in shown.values() for sample in one.samples} | named(text)
        assert charted() - samples == {"up"}


def named(text: str) -> set[str]:
    """The names of all families, of those without a sample too."""
    return set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))


def expressions() -> Iterator[str]:
    dashboard = json.loads((OPERATIONS / "grafana" / "tirek.json").read_text())
    for panel in dashboard["panels"]:
        yield from (target["expr"] for target in panel.get("targets", ()))
    for rule in rules():
        yield rule["expr"]


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((OPERATIONS / "prometheus" / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def charted() -> set[str]:
    """The metrics that the dashboard and the rules ask for."""
    found: set[str] = set()
    for expression in expressions():
        bare = re.sub(r"\{[^}]*\}|\[[^]]*\]|\bby \([^)]*\)", "", expression)
        found |= set(re.findall(r"[a-z_:][a-z0-9_:]*", bare)) - _WORDS - {"histogram_quantile"}
    return found


class TestFiles:
    """The dashboard and the rules as files."""

    def test_something_is_charted(self) -> None:
        assert {"up", "tirek_applications", "temporal_num_pollers"} <= charted()

    @pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
    def test_alert_says_what_to_do(self, rule: dict[str, Any]) -> None:
        """Whoever is called reads what it means, what to do, and where more stands."""
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"]
        assert "docs/operations.md" in rule["annotations"]["description"]
        assert len(rule["annotations"]["description"]) > 80

    def test_stages_are_ours(self) -> None:
        """A stage that a chart or a rule names is one of the lifecycle."""
        named = [one for text in expressions() for one in re.findall(r'stage!?=~"([^"]*)"', text)]
        assert named
        assert {stage for one in named for stage in one.split("|")} <= set(Stage)

    def test_panels_have_one_source(self) -> None:
        """The data source that the provisioning makes, and no two panels in one place."""
        source = yaml.safe_load((OPERATIONS / "grafana/provisioning/datasources/prometheus.yml").read_text())
        dashboard = json.loads((OPERATIONS / "grafana" / "tirek.json").read_text())
        [known] = source["datasources"]
        panels = dashboard["panels"]
        assert {panel["datasource"]["uid"] for panel in panels if "datasource" in panel} == {known["uid"]}
        places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels]
        assert len(set(places)) == len(places)
        assert len({panel["id"] for panel in panels}) == len(panels)
