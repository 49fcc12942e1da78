"""Compares an application's history with its record, by content.

The history is fetched from Temporal and the workflow's own code runs over it again; what comes out is
held against every row of the record. So it proves determinism and the record in one.
"""

from collections.abc import Iterator
from typing import Any

from temporalio import workflow
from temporalio.client import Client, WorkflowHistory
from temporalio.worker import (
    ExecuteWorkflowInput,
    Interceptor,
    Replayer,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from adapters.database.reader import RecordReader
from adapters.keys import KeyRing
from adapters.temporal.plugin import deriving_plugin
from models.data import Data
from models.state import Entry, State
from workflows.application import ApplicationWorkflow
from workflows.proceeding import ProceedingWorkflow
from workflows.recall import RecallWorkflow


async def differences(client: Client, reader: RecordReader, ring: KeyRing, application: str) -> list[str]:
    """A line for each difference between an application's history and its record; none if they are equal."""
    history = await client.get_workflow_handle(application).fetch_history()
    derived = await derive(history, ring)
    recorded = reader.entry(application)
    if recorded is None:
        return [f"{application}: the record has nothing of it"]
    lines = [*_compare(derived, recorded), *_compare_chain(derived, reader)]
    return [f"{application}: {line}" for line in lines]


async def derive(history: WorkflowHistory, ring: KeyRing) -> Entry:
    """What the history of an application or a recall makes of it: facts, state, and all it sent out."""
    witness = _Witness()
    replayer = Replayer(
        workflows=[ApplicationWorkflow, RecallWorkflow], plugins=[deriving_plugin(ring)], interceptors=[witness]
    )
    await replayer.replay_workflow(history)
    return witness.seen[-1].entry()


class _Witness(Interceptor):
    """Keeps hold of the workflow's instance, so that it can be asked when the replay is over."""

    def __init__(self) -> None:
        self.seen: list[ProceedingWorkflow] = []

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002 - the SDK calls it by this name
    ) -> type[WorkflowInboundInterceptor]:
        del input
        seen = self.seen

        class Seeing(WorkflowInboundInterceptor):
            async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002
                seen.append(workflow.instance())
                return await super().execute_workflow(input)

        return Seeing


def _compare(derived: Entry, recorded: Entry) -> Iterator[str]:
    yield from _compare_facts(derived, recorded)
    for field in State.model_fields:
        if _content(getattr(derived.state, field)) != _content(getattr(recorded.state, field)):
            yield f"{field} differ between history and record"
    for field in ("notices", "papers", "remarks", "request", "signature"):
        if _content(getattr(derived, field)) != _content(getattr(recorded, field)):
            yield f"{field} differ between history and record"


def _compare_chain(derived: Entry, reader: RecordReader) -> Iterator[str]:
    """A recall goes on where the story stood: its first fact names the last hash of what came before."""
    opening = derived.state.opening
    if opening.recall_of is None:
        return
    story = [reader.find(opening.recall_of), *reader.recalls(opening.recall_of)]
    place = [file.id for file in story if file].index(opening.application)
    before = story[place - 1]
    if before is None or derived.facts[0].previous != before.last_hash:
        yield "its journal does not go on from the last fact of the application"


def _compare_facts(derived: Entry, recorded: Entry) -> Iterator[str]:
    known = {fact.number: fact for fact in recorded.facts}
    for fact in derived.facts:
        there = known.pop(fact.number, None)
        if there is None:
            yield f"fact {fact.number} ({fact.fact}) is missing on record"
        elif there != fact or not there.is_intact():
            yield f"fact {fact.number} ({fact.fact}) has another content on record"
    for number, fact in known.items():
        yield f"fact {number} ({fact.fact}) is on record, but not in history"


def _content(value: Any) -> Any:
    """A value without the order of its parts, which the record does not keep."""
    if isinstance(value, tuple):
        return sorted(part.model_dump_json() if isinstance(part, Data) else str(part) for part in value)
    return value
