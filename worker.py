"""Runs the process engine: workflows, activities and the sender of notices, until it is told to stop."""

import argparse
import asyncio
import logging
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import Worker

from activities.records import RecordActivities
from activities.registers import RegisterActivities
from activities.signatures import SignatureActivities
from adapters.database.duties import SqlDuties
from adapters.database.engine import connect as connect_record
from adapters.database.engine import why_not
from adapters.database.exchanges import SqlExchanges
from adapters.database.reader import RecordReader
from adapters.database.records import SqlApplicationRecords
from adapters.database.ring_check import open_ring
from adapters.database.schema import ensure_schema
from adapters.faults import DyingSender, Fault, FaultInterceptor, watch_commits
from adapters.keys import KeyRing
from adapters.notices.rounds import deliver_until
from adapters.notices.sender import Outbox
from adapters.notices.ways import ways_of
from adapters.process import run_program
from adapters.production import check_production
from adapters.registers.opening import open_registers
from adapters.regulations import load_library
from adapters.settings import Settings, load_settings
from adapters.signatures.opening import open_verifier
from adapters.temporal.connection import connect, temporal_config
from adapters.temporal.namespace import prepare_namespace
from adapters.temporal.plugin import tirek_plugin
from desk.asking_again import AskingAgain, ask_again_until
from desk.desk import Desk
from desk.keeping import Keeping, keep_until
from desk.watching import Watcher, watch_until
from models.errors import TirekError
from models.library import install, installed
from models.ports import SignatureVerifier, StateRegisters
from workflows import operators
from workflows.application import ApplicationWorkflow
from workflows.options import registers_queue
from workflows.recall import RecallWorkflow

_log = logging.getLogger("tirek.worker")
_AT_ONCE = 16
"""As many activities as there are threads: one that waited for a thread would use up the time of its attempt."""
_ASKED_AT_ONCE = 50
"""As many questions wait for their answers at once."""
_WORKFLOW_POLLS = 20
"""How many tasks may be on their way at once: with the usual five, a thousand limits that pass at one instant
wait for each other, and after ten seconds the server takes a task away again and hands it out anew."""


def make_worker(
    client: Client,
    settings: Settings,
    records: SqlApplicationRecords,
    verifier: SignatureVerifier,
    fault: Fault | None = None,
) -> Worker:
    """The worker of the process engine; with `make_asker`, the place that joins activities to adapters."""
    signatures = SignatureActivities(verifier)
    writes = RecordActivities(records)
    return Worker(
        client,
        task_queue=settings.task_queue,
        workflows=[ApplicationWorkflow, RecallWorkflow],
        activities=[
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
    )


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


async def run(settings: Settings, ring: KeyRing, stop: asyncio.Event) -> None:
    """Work until `stop` is set, then finish what is under way within the grace."""
    fault = Fault.parse(settings.fault) if settings.fault else None
    ways = ways_of(settings, installed())
    engine = connect_record(settings.record_url)
    ensure_schema(engine)
    if fault:
        _log.warning("TIREK_FAULT is set: this process is going to kill itself at %s", fault)
        watch_commits(engine, fault)
        ways = [replace(way, sender=DyingSender(way.sender, fault)) for way in ways]
    plugin = tirek_plugin(ring, strict_sandbox=settings.sandbox)
    client = await connect(plugin, settings)
    await prepare_namespace(client, operators.registered())
    outbox = Outbox(engine, ways)
    await asyncio.to_thread(outbox.settle)
    records = SqlApplicationRecords(engine, ring)
    desk = _desk(client, settings, engine, ring)
    async with (
        open_registers(settings, SqlExchanges(engine, ring)) as registers,
        open_verifier(settings, installed().posts) as verifier,
        make_asker(client, settings, registers),
        make_worker(client, settings, records, verifier, fault),
    ):
        _log.info("working on task queue %s", settings.task_queue)
        await asyncio.gather(
            deliver_until(stop, outbox),
            keep_until(stop, Keeping(engine, installed())),
            ask_again_until(stop, AskingAgain(desk, registers, SqlDuties(engine), settings.registers_per_second)),
            watch_until(stop, Watcher(desk, SqlDuties(engine))),
        )
        _log.info("stopping")
    engine.dispose()


def _desk(client: Client, settings: Settings, engine: Engine, ring: KeyRing) -> Desk:
    return Desk(
        client,
        RecordReader(engine, ring),
        installed(),
        ring,
        task_queue=settings.task_queue,
        wait_seconds=settings.wait_seconds,
    )


def ring_of_the_record(settings: Settings) -> KeyRing:
    """The key ring, before anything is written or polled. MalformedError, WrongKeysError, SQLAlchemyError."""
    engine = connect_record(settings.record_url)
    ensure_schema(engine)
    try:
        return open_ring(settings, engine, adds=True)
    finally:
        engine.dispose()


async def main(settings: Settings) -> None:
    check_production(settings, temporal_config(settings))
    install(load_library(settings.regulations))
    ring = ring_of_the_record(settings)
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await run(settings, ring, stop)


def _parse(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(
        prog="worker.py",
        description=__doc__,
        epilog="Settings come from the environment: TIREK_DATA, TIREK_DATABASE_URL, TIREK_KEYS_FILE, "
        "TIREK_REGULATIONS, TIREK_TASK_QUEUE, TIREK_CACHED_WORKFLOWS, TIREK_GRACE_SECONDS, TIREK_SMTP_URL, "
        "TIREK_WEBHOOK_URL, TIREK_LOG_LEVEL, … and Temporal's own TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, … "
        "(README, Settings). SIGINT and SIGTERM stop it gracefully.",
    )
    parser.parse_args(arguments)


def entry() -> int:
    _parse(sys.argv[1:])
    try:
        settings = load_settings()
        logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
        asyncio.run(main(settings))
    except TirekError as error:
        sys.stderr.write(f"worker.py: {error}\n")
        return error.exit_code
    except SQLAlchemyError as error:
        sys.stderr.write(f"worker.py: TIREK_DATABASE_URL: {why_not(error)}\n")
        return 4
    except (RPCError, TimeoutError) as error:
        sys.stderr.write(
            f"worker.py: the Temporal server does not let us begin: {type(error).__name__}: {error}\n"
        )
        return 4
    return 0


if __name__ == "__main__":
    run_program(entry)
