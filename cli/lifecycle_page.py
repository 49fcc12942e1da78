"""Writes docs/lifecycle.md from the charts: `make docs`. A test fails while the page and the charts differ."""

import sys

from models.authority import AUTHORITY
from models.lifecycle import Chart, Command, Lifecycle, Move, RecallLifecycle, moves
from models.messages import MESSAGES

_GUARDS = {
    "": "every channel",
    "at_a_counter": "State Corporation, provider",
    "on_the_portal": "portal",
    "at_the_state_corporation": "State Corporation",
    "at_the_provider": "provider",
}
_OPENING = {Command.TAKE_TICKET: "counter", Command.SUBMIT: "applicant"}

_HEAD = """# The lifecycle of an application, and of a recall

Generated from `models/lifecycle.py` by `make docs`; do not edit. The words are explained in
[the glossary](glossary.md), the requirements (R7) are those of the passport. `new` is before the first fact and
never stored.
"""
_RECALL = """## Out of storage again

What is `stored` has ended, and its execution with it. SC asks for it again by `starter.py recall` (R10), which
begins a chart of its own; at the provider, where nothing has to travel, a visit is a plain `collect`. The
application stays `stored` until a recall of it is collected.
"""


def lifecycle_page() -> str:
    """The page in Markdown: of each chart a diagram (Mermaid), its final stages, and a row for every arrow."""
    return "\n".join([_HEAD, *_chart(Lifecycle), _RECALL, *_chart(RecallLifecycle)])


def _chart(chart: type[Chart]) -> list[str]:
    stages = ", ".join(f"`{state.value}`" for state in chart.states if state.final)
    rows = [
        f"| `{move.source}` | `{move.command}` | {_by(move)} | `{move.target}` | {_GUARDS[move.guard]} |"
        for move in moves(chart)
    ]
    return [
        "```mermaid",
        f"{chart:mermaid}".rstrip(),
        "```",
        "",
        f"Final stages: {stages}.",
        "",
        "| From | Command | By | To | On |",
        "|---|---|---|---|---|",
        *rows,
        "",
    ]


_OTHERS = {
    Command.WITHDRAW: "applicant (or an officer for them)",
    Command.ASK_AGAIN: "specialist; the process, of what was left unanswered",
    Command.DELIVER: "intake at SC; the process at the provider",
    Command.SEND_BACK: "intake, specialist of the provider",
}


def _by(move: Move) -> str:
    known = _OPENING | _OTHERS
    if move.command in known:
        return known[move.command]
    if move.command not in MESSAGES:
        return "the process itself"
    return ", ".join(sorted(AUTHORITY[move.command]))


if __name__ == "__main__":
    sys.stdout.write(lifecycle_page())
