"""How an application is handled: its stages and the moves between them, one flat chart.

This chart is the only place that knows a legal move. docs/lifecycle.md is drawn from it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from statemachine import StateChart
from statemachine.states import States


class Channel(StrEnum):
    """Where an application comes in (R3)."""

    STATE_CORPORATION = "state-corporation"
    PROVIDER = "provider"
    PORTAL = "portal"


class Stage(StrEnum):
    """Where an application stands; one value, one column."""

    NEW = "new"
    QUEUED = "queued"
    AT_COUNTER = "at_counter"
    LEFT = "left"
    INTAKE_REFUSED = "intake_refused"
    SUBMITTED = "submitted"
    SUBMISSION_REFUSED = "submission_refused"
    ACCEPTED = "accepted"
    UNDER_REVIEW = "under_review"
    AWAITING_APPROVAL = "awaiting_approval"
    DECIDED = "decided"
    READY = "ready"
    DUE_FOR_STORAGE = "due_for_storage"
    COLLECTED = "collected"
    STORED = "stored"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Command(StrEnum):
    """What can be done to an application."""

    TAKE_TICKET = "take_ticket"
    CALL = "call"
    LEAVE = "leave"
    LOOK_UP = "look_up"
    ACCEPT = "accept"
    REFUSE_INTAKE = "refuse_intake"
    SUBMIT = "submit"
    ACCEPT_SUBMISSION = "accept_submission"
    REFUSE_SUBMISSION = "refuse_submission"
    VERIFY = "verify"
    TAKE = "take"
    RELEASE = "release"
    REASSIGN = "reassign"
    ASK_AGAIN = "ask_again"
    PREPARE_DECISION = "prepare_decision"
    RETURN_DRAFT = "return_draft"
    APPROVE = "approve"
    DELIVER = "deliver"
    PUBLISH = "publish"
    COLLECT = "collect"
    RETENTION_ENDS = "retention_ends"
    HAND_OVER = "hand_over"
    KEEP = "keep"
    WITHDRAW = "withdraw"


FINAL = frozenset(
    {
        Stage.LEFT,
        Stage.INTAKE_REFUSED,
        Stage.SUBMISSION_REFUSED,
        Stage.COLLECTED,
        Stage.STORED,
        Stage.PUBLISHED,
        Stage.WITHDRAWN,
    }
)


class Lifecycle(StateChart[Any]):
    """The chart. Its guards ask only for the channel, so they are total and pure."""

    allow_event_without_transition = False
    catch_errors_as_events = False
    atomic_configuration_update = True

    _s = States.from_enum(Stage, initial=Stage.NEW, final=FINAL, use_enum_instance=True)

    # Intake at a counter (R7, R8, R11-R14, R17-R19).
    take_ticket = _s.NEW.to(_s.QUEUED, cond="at_a_counter")
    call = _s.QUEUED.to(_s.AT_COUNTER)
    leave = _s.QUEUED.to(_s.LEFT)
    look_up = _s.AT_COUNTER.to.itself()
    accept = _s.AT_COUNTER.to(_s.ACCEPTED)
    refuse_intake = _s.AT_COUNTER.to(_s.INTAKE_REFUSED)

    # Intake on the portal (R15, R16, R22).
    submit = _s.NEW.to(_s.SUBMITTED, cond="on_the_portal")
    accept_submission = _s.SUBMITTED.to(_s.ACCEPTED)
    refuse_submission = _s.SUBMITTED.to(_s.SUBMISSION_REFUSED)

    # Verification (R17) and decision (R20).
    verify = _s.ACCEPTED.to(_s.UNDER_REVIEW)
    take = _s.UNDER_REVIEW.to.itself() | _s.AWAITING_APPROVAL.to.itself()
    release = _s.UNDER_REVIEW.to.itself() | _s.AWAITING_APPROVAL.to.itself()
    reassign = _s.UNDER_REVIEW.to.itself() | _s.AWAITING_APPROVAL.to.itself()
    ask_again = _s.UNDER_REVIEW.to.itself()
    prepare_decision = _s.UNDER_REVIEW.to(_s.AWAITING_APPROVAL)
    return_draft = _s.AWAITING_APPROVAL.to(_s.UNDER_REVIEW)
    approve = _s.AWAITING_APPROVAL.to(_s.DECIDED)
    withdraw = (
        _s.ACCEPTED.to(_s.WITHDRAWN) | _s.UNDER_REVIEW.to(_s.WITHDRAWN) | _s.AWAITING_APPROVAL.to(_s.WITHDRAWN)
    )

    # The way of the result (R5, R9, R21, R22).
    deliver = _s.DECIDED.to(_s.READY, cond="at_a_counter")
    publish = _s.DECIDED.to(_s.PUBLISHED, cond="on_the_portal")
    collect = _s.READY.to(_s.COLLECTED) | _s.DUE_FOR_STORAGE.to(_s.COLLECTED)
    retention_ends = _s.READY.to(_s.DUE_FOR_STORAGE, cond="at_the_state_corporation")
    hand_over = _s.DUE_FOR_STORAGE.to(_s.STORED)
    keep = _s.READY.to(_s.STORED, cond="at_the_provider")

    def __init__(self, channel: Channel, stage: Stage = Stage.NEW) -> None:
        self.channel = channel
        super().__init__(start_value=stage)

    def at_a_counter(self) -> bool:
        return self.channel is not Channel.PORTAL

    def on_the_portal(self) -> bool:
        return self.channel is Channel.PORTAL

    def at_the_state_corporation(self) -> bool:
        return self.channel is Channel.STATE_CORPORATION

    def at_the_provider(self) -> bool:
        return self.channel is Channel.PROVIDER

    @property
    def stage(self) -> Stage:
        return Stage(self.current_state_value)

    def enabled(self) -> list[Command]:
        """The commands that are legal now, in the order of the chart; none once it has ended."""
        names = {event.id for event in self.enabled_events()}
        return [command for command in Command if command in names]

    def allows(self, command: Command) -> bool:
        return command in self.enabled()


@dataclass(frozen=True)
class Move:
    """One arrow of the chart; `guard` is empty where every channel may go."""

    source: Stage
    command: Command
    target: Stage
    guard: str


def moves() -> Iterator[Move]:
    """Every arrow of the chart, in the order of the stages."""
    for state in Lifecycle.states:
        for transition in state.transitions:
            guard = " ".join(str(condition) for condition in transition.cond)
            for name in transition.event.split():
                target = transition.target or state
                yield Move(Stage(state.value), Command(name), Stage(target.value), guard)
