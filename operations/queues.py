"""The task queues of the engine, by kind, and a Temporal worker for each: here activities meet their adapters.

The queues are split so that each kind can have processes of its own: `process` carries the workflows and writes
the record, `registers` asks the state registers at a rate that the server keeps, `documents` looks at what is
signed.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from enum import StrEnum

from temporalio.client import Client
from temporalio.worker import PatchActivationInput, Worker

from activities.records import RecordActivities
from activities.registers import RegisterActivities
from activities.signatures import SignatureActivities
from adapters.database.records import SqlApplicationRecords
from adapters.faults import Fault, FaultInterceptor
from adapters.settings import Settings
from models.errors import MalformedError
from models.ports import SignatureVerifier, StateRegisters
from workflows.application import ApplicationWorkflow
from workflows.options import documents_queue, registers_queue
from workflows.recall import RecallWorkflow

_AT_ONCE = 16
"""As many activities as there are threads: one that waited for a thread would use up the time of its attempt."""
_ASKED_AT_ONCE = 50
"""As many questions wait for their answers at once."""
_WORKFLOW_POLLS = 20
"""How many tasks may be on their way at once: with the usual five, a thousand limits that pass at one instant
wait for each other, and after ten seconds the server takes a task away again and hands it out anew."""


class Kind(StrEnum):
    """The kinds of work that have a task queue each."""

    PROCESS = "process"
    REGISTERS = "registers"
    DOCUMENTS = "documents"


def kinds_of(text: str) -> tuple[Kind, ...]:
    """The kinds named with commas between them, each once; MalformedError for any other word."""
    words = {word.strip() for word in text.split(",")}
    if unknown := sorted(words - set(Kind)):
        reason = f"{', '.join(unknown) or 'nothing'} is no kind of queue; they are {', '.join(Kind)}"
        raise MalformedError(f"--queues: {reason}", [("--queues", reason)])
    return tuple(kind for kind in Kind if kind in words)


def make_worker(
    client: Client,
    settings: Settings,
    records: SqlApplicationRecords,
    verifier: SignatureVerifier,
    fault: Fault | None = None,
) -> Worker:
    """The worker of the process: workflows, and what they have written down."""
    signatures = SignatureActivities(verifier)
    writes = RecordActivities(records)
    return Worker(
        client,
        task_queue=settings.task_queue,
        workflows=[ApplicationWorkflow, RecallWorkflow],
        activities=[
            # Asked for on this queue by versions that had none for documents; such a question may still wait.
            signatures.verify_signature,
            writes.record,
            writes.register_application,
        ],
        activity_executor=ThreadPoolExecutor(_AT_ONCE),
        max_concurrent_activities=_AT_ONCE,
        max_cached_workflows=settings.cached_workflows,
        max_concurrent_workflow_task_polls=_WORKFLOW_POLLS,
        graceful_shutdown_timeout=timedelta(seconds=settings.grace_seconds),
        interceptors=[FaultInterceptor(fault)] if fault else [],
        patch_activation_callback=_begins_patches(settings),
    )


def _begins_patches(settings: Settings) -> Callable[[PatchActivationInput], bool]:
    """Which changes of the process this worker begins; one that another has begun is followed in any case."""
    dormant = frozenset((settings.dormant_patches or "").split(","))
    return lambda patch: patch.patch_id not in dormant


def make_asker(client: Client, settings: Settings, registers: StateRegisters) -> Worker:
    """The worker of the registers' own queue: the server itself keeps its rate for all workers together."""
    asks = RegisterActivities(registers)
    return Worker(
        client,
        task_queue=registers_queue(settings.task_queue),
        activities=[asks.ask_registers, asks.ask_register],
        max_concurrent_activities=_ASKED_AT_ONCE,
        max_task_queue_activities_per_second=settings.registers_per_second,
        graceful_shutdown_timeout=timedelta(seconds=settings.grace_seconds),
    )


def make_checker(client: Client, settings: Settings, verifier: SignatureVerifier) -> Worker:
    """The worker of documents: the check of a signature waits for strangers, and takes nobody else's place."""
    return Worker(
        client,
        task_queue=documents_queue(settings.task_queue),
        activities=[SignatureActivities(verifier).verify_signature],
        max_concurrent_activities=_AT_ONCE,
        graceful_shutdown_timeout=timedelta(seconds=settings.grace_seconds),
    )


@asynccontextmanager
async def at_work(workers: Sequence[Worker]) -> AsyncGenerator[None]:
    """All of them work until the end of the block, and are then stopped together: one grace is enough for all."""
    async with AsyncExitStack() as working:
        for worker in workers:
            await working.enter_async_context(worker)
        try:
            yield
        finally:
            await asyncio.gather(*(worker.shutdown() for worker in workers))
