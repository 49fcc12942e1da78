"""Writes docs/lifecycle.md from the chart: `make docs`. A test fails while the page and the chart differ."""

import sys

from models.lifecycle import FINAL, Command, Lifecycle, Move, Stage, moves
from models.messages import MESSAGES
from models.rules import AUTHORITY

_GUARDS = {
    "": "every channel",
    "at_a_counter": "State Corporation, provider",
    "on_the_portal": "portal",
    "at_the_state_corporation": "State Corporation",
    "at_the_provider": "provider",
}
_OPENING = {Command.TAKE_TICKET: "counter", Command.SUBMIT: "applicant"}

_HEAD = """# The lifecycle of an application

Generated from `models/lifecycle.py` by `make docs`; do not edit. The words are explained in
[the glossary](glossary.md), the requirements (R7) are those of the passport.
"""


def lifecycle_page() -> str:
    """The page in Markdown: a diagram (Mermaid), the stages, and a row for every arrow."""
    stages = ", ".join(f"`{stage}`" for stage in Stage if stage in FINAL)
    rows = [
        f"| `{move.source}` | `{move.command}` | {_by(move)} | `{move.target}` | {_GUARDS[move.guard]} |"
        for move in moves()
    ]
    diagram = f"{Lifecycle:mermaid}".rstrip()
    return "\n".join(
        [
            _HEAD,
            "```mermaid",
            diagram,
            "```",
            "",
            f"Final stages: {stages}. `new` is before the first fact and never stored.",
            "",
            "| From | Command | By | To | On |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _by(move: Move) -> str:
    if move.command in _OPENING:
        return _OPENING[move.command]
    if move.command is Command.WITHDRAW:
        return "applicant (or an officer for them)"
    if move.command is Command.DELIVER:
        return "intake at SC; the process at the provider"
    if move.command not in MESSAGES:
        return "the process itself"
    return ", ".join(sorted(AUTHORITY[move.command]))


if __name__ == "__main__":
    sys.stdout.write(lifecycle_page())
