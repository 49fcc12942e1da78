"""What an operator reads on an execution's page in the Temporal UI; never a person's name or number.

The page is Markdown, and a pure function of what the execution is: the same in a replay.
"""

from collections.abc import Iterator, Sequence

from models.checks import Check, CheckOutcome
from models.clocks import Clock, Outcome, limits_passed
from models.data import shown
from models.lifecycle import Channel, Command, Stage
from models.messages import Opening, spelt
from models.state import State

LONGEST = 19_000
"""In bytes of UTF-8; the page has room for 20 kB."""

_WAITS_FOR = {
    Stage.NEW: "its first fact",
    Stage.QUEUED: "an officer at the counter, who calls the applicant",
    Stage.AT_COUNTER: "the officer, who accepts a complete package or refuses it",
    Stage.SUBMITTED: "its own checks of signature and children; then it accepts or refuses by itself",
    Stage.ACCEPTED: "the registers, for as long as the regulation says; then it goes on, whatever they say",
    Stage.UNDER_REVIEW: "a specialist, who drafts the decision",
    Stage.AWAITING_APPROVAL: "a head, who approves the draft or sends it back",
    Stage.DECIDED: "the result on its way, which an officer of the State Corporation delivers",
    Stage.READY: "the applicant, who collects the result",
    Stage.DUE_FOR_STORAGE: "the State Corporation, which hands the result over; it may still be collected",
    Stage.REQUESTED: "the provider, which sends the stored result back",
    Stage.SENT: "the result on its way back, which an officer of the State Corporation delivers",
}


def summary(opening: Opening) -> str:
    """One line for the list of executions."""
    kind = "recall · " if opening.recall_of else ""
    return f"{kind}{opening.channel} · {opening.office}"


def about(opening: Opening) -> str:
    """What this execution is, as it stands from its start: for who has never seen one."""
    name, of = opening.application, opening.recall_of
    what = (
        f"One recall of a stored result (R10), of `{of}`" if of else "One application for the guardians' allowance"
    )
    return "\n".join(
        (
            f"- {what}. Channel: {opening.channel}; office: {opening.office}.",
            "- It lives for weeks and mostly waits for people; a limit that passes ends nothing. What it waits "
            "for now stands in the current details.",
            f"- Commands are updates, and come through the desk: `starter.py do {name} COMMAND`, as "
            f"docs/lifecycle.md lists them. `starter.py show {name}` tells its facts, clocks and notices.",
            "- A cancellation is refused. What was terminated, reset or lost is told by `starter.py stuck`, and "
            f"`starter.py revive {name}` starts it again where it stood.",
            "- Contents are encrypted. For operators: docs/operations.md.",
        )
    )


def details(state: State, allowed: Sequence[Command]) -> str:
    """How it stands: what it waits for, what comes next, who has the file, clocks, checks, and what is wrong."""
    lines: list[str] = []
    size = 0
    for line in _lines(state, allowed):
        size += len(line.encode()) + 1
        if size > LONGEST:
            lines.append("- …")
            break
        lines.append(line)
    return "\n".join(lines)


def _lines(state: State, allowed: Sequence[Command]) -> Iterator[str]:
    yield f"### {state.stage} · {state.registration_number or 'not accepted yet'}"
    yield ""
    yield f"- **Waits for:** {_waits_for(state)}"
    yield f"- **Next:** {', '.join(map(spelt, allowed)) or 'nothing'}"
    yield f"- **In hand of:** {state.holder or 'nobody'}"
    yield f"- **Last fact:** number {state.last_fact}, {shown(state.changed_at)}"
    yield f"- **Limits passed:** {', '.join(limits_passed(state.clocks)) or 'none'}"
    yield f"- **Stuck:** {_stuck(state)}"
    yield ""
    yield "**Clocks**"
    yield ""
    yield from (_clock(clock) for clock in state.clocks)
    if state.checks:
        yield ""
        yield f"**Checks:** {_counted(state.checks)}"
        yield ""
        yield from (_check(check) for check in state.checks if check.outcome is not CheckOutcome.CONFIRMED)


def _waits_for(state: State) -> str:
    if state.stage is Stage.READY and state.opening.channel is Channel.PROVIDER:
        return "the applicant, who collects the result at the provider, where it is kept"
    return _WAITS_FOR.get(state.stage, "nothing, it has ended")


def _clock(clock: Clock) -> str:
    due = shown(clock.due_at) + (" (provisional)" if clock.provisional else "")
    return f"- **{clock.clock}**: {_stands(clock)}; started {shown(clock.started_at)}, due {due}"


def _stands(clock: Clock) -> str:
    if clock.outcome is Outcome.RUNNING:
        return f"running, warned at {clock.warned} %" if clock.warned else "running"
    outcome = "**PASSED**" if clock.outcome is Outcome.PASSED else str(clock.outcome)
    return f"{outcome}, stopped {shown(clock.stopped_at)}" if clock.stopped_at else f"{outcome}, and it runs on"


def _counted(checks: Sequence[Check]) -> str:
    counts = {outcome: sum(check.outcome is outcome for check in checks) for outcome in CheckOutcome}
    return ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count)


def _check(check: Check) -> str:
    """A check that is no confirmation, with the names of the fields that differ; the others are counted only."""
    fields = f": {', '.join(check.differing)}" if check.differing else ""
    return f"- {check.key}: **{check.label}**{fields}"


def _stuck(state: State) -> str:
    """What the execution knows itself: under review it may wait for a register, and for an operator to mend it."""
    silent = [check for check in state.checks if check.outcome is CheckOutcome.UNANSWERED]
    if state.stage is not Stage.UNDER_REVIEW or not silent:
        return "nothing that it knows of"
    failed = [check.key for check in silent if check.failure]
    if failed:
        return f"a register refuses {_some(failed)}: an operator has to look (docs/registers.md)"
    return f"a register is silent about {_some([check.key for check in silent])}: it is asked again by itself"


def _some(keys: Sequence[str]) -> str:
    more = f" and {len(keys) - _NAMED} more" if len(keys) > _NAMED else ""
    return ", ".join(keys[:_NAMED]) + more


_NAMED = 5
