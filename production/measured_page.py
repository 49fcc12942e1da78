"""What was measured on the parts of production, as Markdown."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from production.load import Done
from production.sizes import Sizes

_BIGGEST = 8
_OURS = ("Temporal server", "PostgreSQL", "workers")
"""What grows with the applications of a service; drivers and the gateway are somebody else's machines."""


@dataclass(frozen=True)
class Cost:
    """Of so many whole lives: seconds on the wall, of processors by part, and bytes before and after."""

    lives: int
    seconds: float
    processor: Mapping[str, float]
    before: Sizes
    after: Sizes
    events: float
    history: float
    """Bytes of one history, as the server counts them."""


@dataclass(frozen=True)
class Rush:
    """A load: how many worker processes and drivers, what came of it, and processor seconds by part."""

    processes: int
    drivers: int
    commands_of_a_life: int
    done: Done
    processor: Mapping[str, float]


def page(cost: Cost, rushes: Sequence[Rush], load: float) -> str:
    """All of it. `load`: how many programs ran on the machine before."""
    return "\n".join([*_machine(load), *_cost(cost), *_bytes(cost), *_tables(cost), *_rushes(rushes), ""])


def _machine(load: float) -> list[str]:
    cores = os.cpu_count() or 1
    machine = f"{cores} cores ({platform.machine()}), {platform.system()}, CPython {platform.python_version()}"
    return [f"Machine: {machine}; load before: {load:.1f}. Everything ran on it, drivers too.", ""]


def _cost(cost: Cost) -> list[str]:
    lines = [
        f"{cost.lives} applications in {cost.seconds:.0f} s. One history: {cost.events:.0f} events, "
        f"{cost.history / 1e3:.1f} kB.",
        "",
        "| Processor seconds | an application |",
        "|---|---|",
        *(f"| {name} | {seconds / cost.lives:.3f} |" for name, seconds in cost.processor.items()),
    ]
    ours = sum(cost.processor[name] for name in _OURS) / cost.lives
    return [*lines, f"| server, PostgreSQL and workers together | {ours:.3f} |", ""]


def _bytes(cost: Cost) -> list[str]:
    lines = ["| Database | an application | all of it now |", "|---|---|---|"]
    for name, size in cost.after.databases.items():
        each = (size - cost.before.databases[name]) / cost.lives
        lines.append(f"| `{name}` | {each / 1e3:.1f} kB | {size / 1e6:.1f} MB |")
    ahead = (cost.after.written_ahead - cost.before.written_ahead) / cost.lives
    commits = (cost.after.commits - cost.before.commits) / cost.lives
    return [*lines, "", f"{commits:.0f} transactions and {ahead / 1e3:.0f} kB of WAL an application.", ""]


def _tables(cost: Cost) -> list[str]:
    grown = [
        (after.bytes - cost.before.tables[name][table].bytes, name, table, after.rows - before.rows)
        for name, tables in cost.after.tables.items()
        for table, after in tables.items()
        if (before := cost.before.tables[name].get(table))
    ]
    lines = ["| Table | bytes an application | rows an application |", "|---|---|---|"]
    for size, name, table, rows in sorted(grown, reverse=True)[:_BIGGEST]:
        lines.append(f"| `{name}.{table}` | {size / cost.lives / 1e3:.1f} kB | {rows / cost.lives:.1f} |")
    return [*lines, ""]


def _rushes(rushes: Sequence[Rush]) -> list[str]:
    head = "| Worker processes | drivers | applications/s | commands/s | p50 | p95 | cores: server | PostgreSQL |"
    lines = [f"{head} workers | drivers |", "|---|---|---|---|---|---|---|---|---|---|"]
    return [*lines, *(_rush(one) for one in rushes), ""]


def _rush(rush: Rush) -> str:
    done = rush.done
    ranked = sorted(done.commands)
    p50, p95 = (ranked[-(-percent * len(ranked) // 100) - 1] * 1000 for percent in (50, 95))
    cores = [rush.processor[name] / done.seconds for name in (*_OURS, "drivers")]
    lives, commands = len(done.lives) / done.seconds, len(done.commands) / done.seconds
    columns = [str(rush.processes), str(rush.drivers), f"{lives:.2f}", f"{commands:.1f}"]
    columns += [f"{p50:.0f} ms", f"{p95:.0f} ms", *(f"{one:.2f}" for one in cores)]
    return f"| {' | '.join(columns)} |"
