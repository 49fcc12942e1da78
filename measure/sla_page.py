"""Writes docs/sla-measurements.md: the machine, the figures, their bounds, and which was missed."""

from dataclasses import dataclass
from statistics import median

from measure.record_cost import Cost
from measure.samples import machine, percentile
from measure.sla_export import Export
from measure.sla_questions import Times, seconds_of


@dataclass(frozen=True)
class Asked:
    """One record, how long it took to seed it, and what it was asked."""

    database: str
    applications: int
    clocks: int
    late: int
    seeding: float
    times: Times


@dataclass(frozen=True)
class Figures:
    """The large record, the small office's, the exports of the large one, and the cost of writing."""

    many: Asked
    few: Asked
    exports: list[Export]
    cost: Cost


@dataclass(frozen=True)
class Bound:
    """At most so many milliseconds at the 95th percentile, for every question whose kind begins so."""

    kind: str
    milliseconds: float


_MANY = (
    Bound("a page", 50),
    Bound("the page after", 50),
    Bound("at risk", 50),
    Bound("buckets", 50),
    Bound("everything by office", 300),
    Bound("everything by month", 300),
    Bound("one month by office", 50),
    Bound("one month by month", 50),
)
_FEW = tuple(Bound(one.kind, 200) for one in _MANY)
_MEGABYTES = 200
_MOST_COST = 1.2

_HEAD = """# Supervisors' questions over a large record

Written by `make measure-sla`; do not edit. {machine}.
Times are of one run on a machine that does other things too: look at the bounds and the ratios. They test nothing;
`make measure-sla` ends with 1 if a bound is missed.

The records are seeded (`starter.py seed`), warm, and on the same machine as whoever asks. A page has fifty
breaches with the facts of their applications. Each filter (clock, channel, office, officer, state, first and last
due date) is given or not as if by a coin; half of the pages are asked for as of now, half as of the past.
"""


def page(figures: Figures) -> tuple[str, list[str]]:
    """The page in Markdown, and a line for every bound that was missed."""
    lines = [_HEAD.format(machine=machine())]
    missed: list[str] = []
    for asked, bounds in ((figures.many, _MANY), (figures.few, _FEW)):
        lines += _asked(asked, bounds)
        missed += _missed(asked, bounds)
    lines += [*_exports(figures.exports), *_cost(figures.cost)]
    missed += [
        f"export as {one.form}: {one.megabytes:.0f} MB" for one in figures.exports if one.megabytes > _MEGABYTES
    ]
    if ratio(figures.cost) > _MOST_COST:
        missed.append(f"record: {ratio(figures.cost):.2f} times as long, at most {_MOST_COST}")
    return "\n".join(lines), missed


def _asked(asked: Asked, bounds: tuple[Bound, ...]) -> list[str]:
    rows = [_row(kind, seconds, bounds) for kind, seconds in sorted(asked.times.seconds.items())]
    statements = ", ".join(str(number) for number in sorted(asked.times.statements))
    return [
        f"## {asked.database}: {asked.applications:,} applications, {asked.clocks:,} clocks, {asked.late:,} late",
        "",
        f"Seeding took {asked.seeding:.0f} s. SQL statements of a page that is not empty: {statements}.",
        "",
        "| question | n | p50 ms | p95 ms | slowest ms | p95 at most |",
        "|---|---|---|---|---|---|",
        *rows,
        "",
    ]


def _row(kind: str, seconds: list[float], bounds: tuple[Bound, ...]) -> str:
    bound = next((f"{one.milliseconds:g}" for one in bounds if kind.startswith(one.kind)), "–")
    times = f"{_ms(median(seconds))} | {_ms(percentile(seconds, 95))} | {_ms(max(seconds))}"
    return f"| {kind} | {len(seconds)} | {times} | {bound} |"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f}"


def _missed(asked: Asked, bounds: tuple[Bound, ...]) -> list[str]:
    found = [(one, percentile(seconds_of(one.kind, asked.times), 95) * 1000) for one in bounds]
    missed = [
        f"{asked.database}, {one.kind}: p95 {took:.1f} ms, at most {one.milliseconds:g}"
        for one, took in found
        if took > one.milliseconds
    ]
    if len(asked.times.statements) > 1:
        missed.append(f"{asked.database}: the number of statements of a page differs: {asked.times.statements}")
    return missed


def _exports(exports: list[Export]) -> list[str]:
    rows = [f"| {one.form} | {one.rows:,} | {one.seconds:.0f} | {one.megabytes:.0f} |" for one in exports]
    return [
        "## Exports from the large record",
        "",
        f"`starter.py sla breaches --format …` as a process of its own; at most {_MEGABYTES} MB.",
        "",
        "| form | rows | s | most MB |",
        "|---|---|---|---|",
        *rows,
        "",
    ]


def ratio(cost: Cost) -> float:
    """How many times as long `record` takes as it would without what supervisors need."""
    return median(cost.whole) / (median(cost.without) - median(cost.columns))


def _cost(cost: Cost) -> list[str]:
    return [
        "## What it adds to `record`",
        "",
        f"PostgreSQL, {len(cost.whole)} entries of lives with three clocks, by turns into a record and into one",
        f"without supervisors' indexes: p50 {_ms(median(cost.whole))} and {_ms(median(cost.without))} ms. Their",
        f"columns take {median(cost.columns) * 1e6:.0f} µs of an entry.",
        "",
        f"Ratio: **{ratio(cost):.2f}** (at most {_MOST_COST:g}).",
        "",
    ]
