"""Writes docs/measurements.md: the machine, the figures, their ratios, and which bound was missed."""

from dataclasses import dataclass
from statistics import median

from measure import forms
from measure.clock import OPEN
from measure.commands import Times
from measure.gateway import AT_ONCE, MOST_MILLISECONDS, Signing
from measure.many_open import FEW, ManyOpen
from measure.samples import machine, percentile
from measure.signatures import Signatures
from measure.uploads import Uploads
from models.lifecycle import Channel, Command
from models.messages import spelt

_MOST_EVENTS = {Channel.STATE_CORPORATION: 110, Channel.PORTAL: 70}
_MOST_RATIO = 2.0
_MOST_MICROSECONDS = 100
_MOST_PREVIEW = 5.0
_MOST_GROWTH = 1.3


@dataclass(frozen=True)
class Clock:
    """Seconds of a due date alone and of a whole plan, of a preview, and how many due dates it moves."""

    alone: list[float]
    whole: list[float]
    preview: float
    moved: int


@dataclass(frozen=True)
class Figures:
    """What was measured: events by (channel, thorough), seconds by command, of bare updates, of starts."""

    events: dict[tuple[Channel, bool], list[int]]
    commands: dict[Command, Times]
    bare: list[float]
    starts: list[float]
    clock: Clock
    many_open: ManyOpen
    signing: Signing
    checks: list[list[float]]
    uploads: Uploads
    forms: forms.Times
    signatures: Signatures

    @property
    def growth(self) -> float:
        """How much longer the slowest updates take with ten thousand applications open."""
        return _p95(self.many_open.many) / _p95(self.many_open.few)

    @property
    def all_commands(self) -> Times:
        every = list(self.commands.values())
        return Times([s for one in every for s in one.answered], [s for one in every for s in one.readable])

    @property
    def ratio(self) -> float:
        return median(self.all_commands.answered) / median(self.bare)


def page(figures: Figures) -> tuple[str, list[str]]:
    """The page in Markdown, and a line for every bound that was missed."""
    lines = [_HEAD.format(machine=machine()), *_events(figures), *_times(figures), *_clock(figures)]
    lines += [
        *_many_open(figures),
        *_gateway(figures),
        *figures.uploads.lines(),
        *figures.signatures.section(),
        *_forms(figures),
        *_starts(figures),
    ]
    return "\n".join(lines), _missed(figures)


_HEAD = """# Measurements

Written by `make measure`; do not edit. {machine}.
Times are of one run on a machine that does other things too: look at the ratios. They test nothing; `make measure`
ends with 1 if a bound is missed.
"""


def _events(figures: Figures) -> list[str]:
    rows = [
        f"| {channel} | {'with look-up and holder' if thorough else 'reference'} "
        f"| {min(counts)} to {max(counts)} | {_bound(channel, thorough=thorough)} |"
        for (channel, thorough), counts in figures.events.items()
    ]
    return [
        "## Events of one application in history",
        "",
        "The reference application: one child, every register answers at once, no warning point reached. At a",
        "counter it is called, accepted, drafted, approved, delivered and collected; on the portal it is sent in,",
        "drafted, approved and published. The second row of a channel adds what may be done besides: a look-up",
        "at the counter, and somebody who takes the file. Five lives each, at the pace of people: everything is",
        "recorded before the next command. They differ by whether two activities end within one workflow task.",
        "",
        "| channel | life | events | at most |",
        "|---|---|---|---|",
        *rows,
        "",
    ]


def _bound(channel: Channel, *, thorough: bool) -> str:
    return str(_MOST_EVENTS[channel]) if channel in _MOST_EVENTS and not thorough else "–"


def _times(figures: Figures) -> list[str]:
    rows = [_row(spelt(name), times) for name, times in figures.commands.items()]
    return [
        "## A command, from call to answer",
        "",
        "In one process, over whole lives at SC, everything quiet before each command: until the process has",
        "answered, and until what was done can be read from the record too. A bare update, on the same server and",
        "after each command, is a workflow of one handler that counts: no codec, no record, no rules.",
        "",
        "| command | n | answered: p50 ms | p99 ms | readable: p50 ms | p99 ms |",
        "|---|---|---|---|---|---|",
        *rows,
        _row("**all commands**", figures.all_commands),
        f"| bare update | {len(figures.bare)} | {_ms(figures.bare)} | – | – |",
        "",
        f"Ratio of the medians, answer to bare update: **{figures.ratio:.2f}** (at most {_MOST_RATIO:g}); "
        f"until readable: {median(figures.all_commands.readable) / median(figures.bare):.2f}.",
        "",
    ]


def _row(name: str, times: Times) -> str:
    return f"| {name} | {len(times.answered)} | {_ms(times.answered)} | {_ms(times.readable)} |"


def _ms(times: list[float]) -> str:
    return f"{median(times) * 1000:.1f} | {_p99(times) * 1000:.1f}"


def _p99(times: list[float]) -> float:
    return percentile(times, 99)


def _p95(times: list[float]) -> float:
    return percentile(times, 95)


def _starts(figures: Figures) -> list[str]:
    return [
        "## The command line",
        "",
        "Starting `starter.py officers --json` (Python, imports, rules; no server): "
        f"p50 {median(figures.starts):.2f} s, the slowest of {len(figures.starts)}: {max(figures.starts):.2f} s.",
        "",
    ]


def _clock(figures: Figures) -> list[str]:
    clock = figures.clock
    return [
        "## Due dates",
        "",
        "The ten working days at SC, from starts over the days and hours of a year whose calendar is loaded;",
        "means of a hundred. A plan is the due instant, whether it is provisional, and the warnings on the way.",
        "",
        f"Due instant alone: p50 {_us(clock.alone)} µs; a whole plan: p50 {_us(clock.whole)} µs, the slowest",
        f"hundred {max(clock.whole) * 1e6:.0f} µs (at most {_MOST_MICROSECONDS}).",
        "",
        f"`calendar preview` with {OPEN} applications open, of which {clock.moved} move, SQLite: "
        f"**{clock.preview:.2f} s** (at most {_MOST_PREVIEW:g}), without the start of the command line.",
        "",
    ]


def _many_open(figures: Figures) -> list[str]:
    many = figures.many_open
    return [
        "## Updates while many applications are open",
        "",
        f"Somebody takes and puts down a file, {len(many.few)} times with {FEW} applications open; then another",
        f"one with {OPEN} open, on the same server, worker and record. Opening them took {many.opening:.0f} s.",
        "",
        "| open | p50 ms | p95 ms |",
        "|---|---|---|",
        f"| {FEW} | {median(many.few) * 1000:.1f} | {_p95(many.few) * 1000:.1f} |",
        f"| {OPEN} | {median(many.many) * 1000:.1f} | {_p95(many.many) * 1000:.1f} |",
        "",
        f"Ratio of the 95th percentiles: **{figures.growth:.2f}** (at most {_MOST_GROWTH:g}).",
        "",
    ]


def _gateway(figures: Figures) -> list[str]:
    """Of a message alone, and of many at once: each answer, and how long a round of them took."""
    answers = [seconds for one in figures.checks for seconds in one]
    rounds = [max(one) for one in figures.checks]
    return [
        "## Messages to the gateway",
        "",
        f"One message of {figures.signing.size} bytes put together and signed (RSA of 2048 bits), and one like it",
        f"parsed and checked; the median of both together at most {MOST_MILLISECONDS:g} ms.",
        "",
        "| | p50 ms | p95 ms |",
        "|---|---|---|",
        *figures.signing.rows(),
        "",
        f"{AT_ONCE} checks at once over pooled connections, {len(rounds)} times: each is signed, answered by the",
        "stand-in on the same machine, and checked.",
        "",
        "| | p50 ms | p95 ms |",
        "|---|---|---|",
        f"| one answer | {median(answers) * 1000:.0f} | {_p95(answers) * 1000:.0f} |",
        f"| all {AT_ONCE} | {median(rounds) * 1000:.0f} | {_p95(rounds) * 1000:.0f} |",
        "",
    ]


def _forms(figures: Figures) -> list[str]:
    return [
        "## Printed forms",
        "",
        "A sheet of two children and seven papers, or a list of ten results, printed by a printer that is warm;",
        f"{forms.SAMPLES} of each form, all of other people; the median at most {forms.MOST_MILLISECONDS:g} ms.",
        "",
        "| form | p50 ms | p95 ms |",
        "|---|---|---|",
        *forms.rows(figures.forms),
        "",
    ]


def _us(times: list[float]) -> str:
    return f"{median(times) * 1e6:.0f}"


def _missed(figures: Figures) -> list[str]:
    missed = [
        f"{channel}: {max(counts)} events, at most {_MOST_EVENTS[channel]}"
        for (channel, thorough), counts in figures.events.items()
        if not thorough and max(counts) > _MOST_EVENTS.get(channel, max(counts))
    ]
    if max(figures.clock.whole) * 1e6 > _MOST_MICROSECONDS:
        missed.append(f"due dates: {max(figures.clock.whole) * 1e6:.0f} µs, at most {_MOST_MICROSECONDS}")
    if figures.clock.preview > _MOST_PREVIEW:
        missed.append(f"preview: {figures.clock.preview:.1f} s, at most {_MOST_PREVIEW:g}")
    if figures.growth > _MOST_GROWTH:
        missed.append(f"updates with {OPEN} open: ratio {figures.growth:.2f}, at most {_MOST_GROWTH:g}")
    if figures.ratio > _MOST_RATIO:
        missed.append(f"commands: ratio {figures.ratio:.2f}, at most {_MOST_RATIO:g}")
    missed += figures.signing.missed + figures.signatures.missed
    return missed + figures.uploads.missed + forms.missed(figures.forms)
