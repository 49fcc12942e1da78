"""How an application is handled, and how a stored result is recalled: stages, and the moves between them.

Two flat charts, one for each. They are the only place that knows a legal move; docs/lifecycle.md is drawn
from them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from operator import or_
from typing import Any

from statemachine import State, StateChart
from statemachine.states import States
from statemachine.transition_list import TransitionList


class Channel(StrEnum):
    """Where an application comes in (R3)."""

    STATE_CORPORATION = "state-corporation"
    PROVIDER = "provider"
    PORTAL = "portal"


class Stage(StrEnum):
    """Where an application or a recall stands; one value, one column."""

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

    # Of a recall alone (R10).
    REQUESTED = "requested"
    SENT = "sent"


class Command(StrEnum):
    """What can be done to an application or a recall."""

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
    ATTACH = "attach"
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
    RECALL = "recall"
    SEND_BACK = "send_back"

    # Of whatever is open, for all applications at once (R6).
    FOLLOW_CALENDAR = "follow_calendar"


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
OPEN = tuple(stage for stage in Stage if stage not in FINAL)
"""By name, so that the record finds what is open by its index: what has ended would be read in full."""


class Chart(StateChart[Any]):
    """What both charts have in common. Guards ask only for the channel, so they are total and pure."""

    allow_event_without_transition = False
    catch_errors_as_events = False
    atomic_configuration_update = True

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
        """The commands that are legal now, in the order of the commands; none once it has ended."""
        names = {event.id for event in self.enabled_events()}
        return [command for command in Command if command in names]

    def allows(self, command: Command) -> bool:
        return command in self.enabled()


def _states(*stages: Stage) -> States:
    """The states of a chart that begins new, each with its stage as value."""
    return States(
        {
            stage.name: State(value=stage, initial=stage is Stage.NEW, final=stage in FINAL)
            for stage in (Stage.NEW, *stages)
        }
    )


def _wherever_open(states: States) -> TransitionList:
    """A move that changes no stage and is possible in every one between the beginning and the ends."""
    loops = [state.to.itself() for state in states if not state.initial and not state.final]
    return reduce(or_, loops)


class Lifecycle(Chart):
    """The chart of an application, from the queue ticket or the request to its end."""

    _s = _states(
        Stage.QUEUED,
        Stage.AT_COUNTER,
        Stage.LEFT,
        Stage.INTAKE_REFUSED,
        Stage.SUBMITTED,
        Stage.SUBMISSION_REFUSED,
        Stage.ACCEPTED,
        Stage.UNDER_REVIEW,
        Stage.AWAITING_APPROVAL,
        Stage.DECIDED,
        Stage.READY,
        Stage.DUE_FOR_STORAGE,
        Stage.COLLECTED,
        Stage.STORED,
        Stage.PUBLISHED,
        Stage.WITHDRAWN,
    )

    # Intake at a counter (R7, R8, R11-R14, R17-R19).
    take_ticket = _s.NEW.to(_s.QUEUED, cond="at_a_counter")
    call = _s.QUEUED.to(_s.AT_COUNTER)
    leave = _s.QUEUED.to(_s.LEFT) | _s.AT_COUNTER.to(_s.LEFT)
    look_up = _s.AT_COUNTER.to.itself()
    accept = _s.AT_COUNTER.to(_s.ACCEPTED)
    refuse_intake = _s.AT_COUNTER.to(_s.INTAKE_REFUSED)

    # Intake on the portal (R15, R16, R22).
    submit = _s.NEW.to(_s.SUBMITTED, cond="on_the_portal")
    accept_submission = _s.SUBMITTED.to(_s.ACCEPTED)
    refuse_submission = _s.SUBMITTED.to(_s.SUBMISSION_REFUSED)

    # Files of what is handed in: at the counter, and until it is decided (R11-R15).
    attach = (
        _s.AT_COUNTER.to.itself()
        | _s.ACCEPTED.to.itself()
        | _s.UNDER_REVIEW.to.itself()
        | _s.AWAITING_APPROVAL.to.itself()
    )

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

    follow_calendar = _wherever_open(_s)


class RecallLifecycle(Chart):
    """The chart of a result that comes out of storage again (R10): called back to SC, or handed out where it lies.

    At SC it is requested, sent, delivered, and then R9 applies again. At the provider nothing has to travel:
    a visit after the keeping has ended is a plain collection.
    """

    _s = _states(Stage.REQUESTED, Stage.SENT, Stage.READY, Stage.DUE_FOR_STORAGE, Stage.COLLECTED, Stage.STORED)

    recall = _s.NEW.to(_s.REQUESTED, cond="at_the_state_corporation")
    send_back = _s.REQUESTED.to(_s.SENT)
    deliver = _s.SENT.to(_s.READY)
    collect = (
        _s.NEW.to(_s.COLLECTED, cond="at_the_provider")
        | _s.READY.to(_s.COLLECTED)
        | _s.DUE_FOR_STORAGE.to(_s.COLLECTED)
    )
    retention_ends = _s.READY.to(_s.DUE_FOR_STORAGE)
    hand_over = _s.DUE_FOR_STORAGE.to(_s.STORED)

    follow_calendar = _wherever_open(_s)


@dataclass(frozen=True)
class Move:
    """One arrow of the chart; `guard` is empty where every channel may go."""

    source: Stage
    command: Command
    target: Stage
    guard: str


def moves(chart: type[Chart]) -> Iterator[Move]:
    """Every arrow of a chart, in the order of its stages."""
    for state in chart.states:
        for transition in state.transitions:
            guard = " ".join(str(condition) for condition in transition.cond)
            for name in transition.event.split():
                target = transition.target or state
                yield Move(Stage(state.value), Command(name), Stage(target.value), guard)
