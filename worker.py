"""Runs the process engine: workflows, activities and the sender of notices, until it is told to stop."""

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import Worker

from adapters.database.duties import SqlDuties
from adapters.database.engine import connect as connect_record
from adapters.database.engine import why_not
from adapters.database.exchanges import SqlExchanges
from adapters.database.reader import RecordReader
from adapters.database.records import SqlApplicationRecords
from adapters.database.ring_check import open_ring
from adapters.database.schema import ensure_schema
from adapters.faults import DyingSender, Fault, watch_commits
from adapters.keys import KeyRing
from adapters.logs import begin_logs
from adapters.notices.rounds import deliver_until
from adapters.notices.sender import Outbox
from adapters.notices.ways import ways_of
from adapters.process import run_program
from adapters.production import check_production
from adapters.registers.opening import open_registers
from adapters.regulations import load_library
from adapters.settings import ROOT, Settings, load_settings
from adapters.signatures.opening import open_verifier
from adapters.temporal.connection import connect, temporal_config
from adapters.temporal.namespace import prepare_namespace
from adapters.temporal.plugin import tirek_plugin, tracing_of
from desk.anchoring import anchor_until, duty_of
from desk.asking_again import AskingAgain, ask_again_until
from desk.desk import Desk
from desk.keeping import Keeping, keep_until
from desk.watching import Watcher, watch_until
from models.errors import TirekError
from models.library import install, installed
from operations.core import begin_core
from operations.health import Health
from operations.metrics import RecordCollector, StuckCollector, page_of
from operations.processes import Start, Supervisor, check_ports, environment_of
from operations.queues import Kind, at_work, kinds_of, make_asker, make_checker, make_worker
from operations.serving import telling
from workflows import operators

_log = logging.getLogger("tirek.worker")


@dataclass(frozen=True)
class Call:
    """What the command line says: which kinds of work are done, and in how many processes; None: in this one.

    `restarts`: how often a supervisor has started this one again.
    """

    kinds: tuple[Kind, ...]
    processes: int | None
    restarts: int


async def run(
    settings: Settings, ring: KeyRing, stop: asyncio.Event, kinds: tuple[Kind, ...], health: Health
) -> None:
    """Work until `stop` is set, then finish what is under way within the grace."""
    fault = Fault.parse(settings.fault) if settings.fault else None
    engine = connect_record(settings.record_url)
    await asyncio.to_thread(ensure_schema, engine)
    outbox = _outbox(settings, engine, fault)
    async with AsyncExitStack() as opened:
        tracing = opened.enter_context(tracing_of(settings, "tirek-worker"))
        plugin = tirek_plugin(ring, strict_sandbox=settings.sandbox, tracing=tracing)
        client = await connect(plugin, settings)
        await prepare_namespace(client, operators.registered())
        health.needs(engine, client)
        health.page.registry.register(RecordCollector(engine))
        await asyncio.to_thread(outbox.settle)
        registers = await opened.enter_async_context(open_registers(settings, SqlExchanges(engine, ring)))
        verifier = await opened.enter_async_context(open_verifier(settings, installed().posts))
        records = SqlApplicationRecords(engine, ring)
        makers: dict[Kind, Callable[[], Worker]] = {
            Kind.REGISTERS: lambda: make_asker(client, settings, registers),
            Kind.DOCUMENTS: lambda: make_checker(client, settings, verifier),
            Kind.PROCESS: lambda: make_worker(client, settings, records, verifier, fault),
        }
        await opened.enter_async_context(at_work([make() for kind, make in makers.items() if kind in kinds]))
        health.is_at_work = True
        _log.info("working on task queue %s: %s", settings.task_queue, ", ".join(kinds))
        if Kind.PROCESS in kinds:
            desk = _desk(client, settings, engine, ring)
            again = AskingAgain(desk, registers, SqlDuties(engine), settings.registers_per_second)
            rounds = _make_rounds(stop, engine, desk, outbox, again, health)
            await asyncio.gather(rounds, anchor_until(stop, duty_of(settings, engine)))
        await stop.wait()
        health.is_at_work = False
        _log.info("stopping")
    engine.dispose()


def _outbox(settings: Settings, engine: Engine, fault: Fault | None) -> Outbox:
    """What notices leave by; with a fault, this process is made to die on its way."""
    ways = ways_of(settings, installed())
    if fault:
        _log.warning("TIREK_FAULT is set: this process is going to kill itself at %s", fault)
        watch_commits(engine, fault)
        ways = [replace(way, sender=DyingSender(way.sender, fault)) for way in ways]
    return Outbox(engine, ways)


async def _make_rounds(
    stop: asyncio.Event, engine: Engine, desk: Desk, outbox: Outbox, again: AskingAgain, health: Health
) -> None:
    """What is done beside the work on tasks, until `stop` is set; most of it by one worker of all at a time."""
    watcher = Watcher(desk, SqlDuties(engine))
    health.page.registry.register(StuckCollector(watcher.stuck_counts))
    await asyncio.gather(
        deliver_until(stop, outbox),
        keep_until(stop, Keeping(engine, installed())),
        ask_again_until(stop, again),
        watch_until(stop, watcher),
    )


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


async def main(settings: Settings, call: Call) -> int:
    check_production(settings, temporal_config(settings))
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    if call.processes is not None:
        return await _supervise(settings, call.kinds, call.processes, stop)
    health = Health(page_of(begin_core(settings), call.restarts))
    async with telling(settings, health):
        install(load_library(settings.regulations))
        ways_of(settings, installed())  # what is wrong there is said before the record is touched
        # In a thread: a schema that is brought to its newest takes its time, and this process lives meanwhile.
        ring = await asyncio.to_thread(ring_of_the_record, settings)
        await run(settings, ring, stop, call.kinds, health)
    return 0


async def _supervise(settings: Settings, kinds: tuple[Kind, ...], count: int, stop: asyncio.Event) -> int:
    """Keep so many processes of this program going; the exit code that they come to."""
    command = (sys.executable, str(ROOT / "worker.py"), "--queues", ",".join(kinds))

    def plan(number: int, restarts: int) -> Start:
        return Start((*command, "--restarts", str(restarts)), environment_of(number, settings))

    return await Supervisor(plan, count, settings.grace_seconds, stop).run()


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="worker.py",
        description=__doc__,
        epilog="Settings come from the environment: TIREK_DATA, TIREK_DATABASE_URL, TIREK_KEYS_FILE, "
        "TIREK_REGULATIONS, TIREK_TASK_QUEUE, TIREK_CACHED_WORKFLOWS, TIREK_GRACE_SECONDS, TIREK_SMTP_URL, "
        "TIREK_WEBHOOK_URL, TIREK_LOG_LEVEL, … and Temporal's own TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, … "
        "(README, Settings). SIGINT and SIGTERM stop it gracefully.",
    )
    parser.add_argument(
        "--processes", type=int, metavar="N", help="work in N processes, and start again whichever dies"
    )
    parser.add_argument(
        "--queues",
        default=",".join(Kind),
        metavar="KINDS",
        help="the kinds of work to do, with commas between them; default: %(default)s",
    )
    parser.add_argument("--restarts", type=int, default=0, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def entry() -> int:
    arguments = _parse(sys.argv[1:])
    try:
        settings = load_settings()
        begin_logs(settings)
        if arguments.processes is not None:
            check_ports(arguments.processes, settings)
        return asyncio.run(
            main(settings, Call(kinds_of(arguments.queues), arguments.processes, arguments.restarts))
        )
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


if __name__ == "__main__":
    run_program(entry)
