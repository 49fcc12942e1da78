"""The charts against the tables of the design, stage by stage and command by command."""

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statemachine.exceptions import TransitionNotAllowed

from models.lifecycle import FINAL, Channel, Chart, Command, Lifecycle, RecallLifecycle, Stage, moves
from tests.models.builders import COUNTERS, PORTAL, PROVIDER, QUICK, SC

EVERYWHERE = tuple(Channel)

Table = dict[tuple[Stage, Command], tuple[Stage, tuple[Channel, ...]]]

APPLICATION: Table = {
    (Stage.NEW, Command.TAKE_TICKET): (Stage.QUEUED, COUNTERS),
    (Stage.NEW, Command.SUBMIT): (Stage.SUBMITTED, (PORTAL,)),
    (Stage.QUEUED, Command.CALL): (Stage.AT_COUNTER, EVERYWHERE),
    (Stage.QUEUED, Command.LEAVE): (Stage.LEFT, EVERYWHERE),
    (Stage.AT_COUNTER, Command.LEAVE): (Stage.LEFT, EVERYWHERE),
    (Stage.AT_COUNTER, Command.LOOK_UP): (Stage.AT_COUNTER, EVERYWHERE),
    (Stage.AT_COUNTER, Command.ACCEPT): (Stage.ACCEPTED, EVERYWHERE),
    (Stage.AT_COUNTER, Command.REFUSE_INTAKE): (Stage.INTAKE_REFUSED, EVERYWHERE),
    (Stage.SUBMITTED, Command.ACCEPT_SUBMISSION): (Stage.ACCEPTED, EVERYWHERE),
    (Stage.SUBMITTED, Command.REFUSE_SUBMISSION): (Stage.SUBMISSION_REFUSED, EVERYWHERE),
    (Stage.ACCEPTED, Command.VERIFY): (Stage.UNDER_REVIEW, EVERYWHERE),
    (Stage.ACCEPTED, Command.WITHDRAW): (Stage.WITHDRAWN, EVERYWHERE),
    (Stage.AT_COUNTER, Command.ATTACH): (Stage.AT_COUNTER, EVERYWHERE),
    (Stage.ACCEPTED, Command.ATTACH): (Stage.ACCEPTED, EVERYWHERE),
    (Stage.UNDER_REVIEW, Command.ATTACH): (Stage.UNDER_REVIEW, EVERYWHERE),
    (Stage.AWAITING_APPROVAL, Command.ATTACH): (Stage.AWAITING_APPROVAL, EVERYWHERE),
    (Stage.UNDER_REVIEW, Command.TAKE): (Stage.UNDER_REVIEW, EVERYWHERE),
    (Stage.UNDER_REVIEW, Command.RELEASE): (Stage.UNDER_REVIEW, EVERYWHERE),
    (Stage.UNDER_REVIEW, Command.REASSIGN): (Stage.UNDER_REVIEW, EVERYWHERE),
    (Stage.UNDER_REVIEW, Command.ASK_AGAIN): (Stage.UNDER_REVIEW, EVERYWHERE),
    (Stage.UNDER_REVIEW, Command.PREPARE_DECISION): (Stage.AWAITING_APPROVAL, EVERYWHERE),
    (Stage.UNDER_REVIEW, Command.WITHDRAW): (Stage.WITHDRAWN, EVERYWHERE),
    (Stage.AWAITING_APPROVAL, Command.TAKE): (Stage.AWAITING_APPROVAL, EVERYWHERE),
    (Stage.AWAITING_APPROVAL, Command.RELEASE): (Stage.AWAITING_APPROVAL, EVERYWHERE),
    (Stage.AWAITING_APPROVAL, Command.REASSIGN): (Stage.AWAITING_APPROVAL, EVERYWHERE),
    (Stage.AWAITING_APPROVAL, Command.RETURN_DRAFT): (Stage.UNDER_REVIEW, EVERYWHERE),
    (Stage.AWAITING_APPROVAL, Command.APPROVE): (Stage.DECIDED, EVERYWHERE),
    (Stage.AWAITING_APPROVAL, Command.WITHDRAW): (Stage.WITHDRAWN, EVERYWHERE),
    (Stage.DECIDED, Command.DELIVER): (Stage.READY, COUNTERS),
    (Stage.DECIDED, Command.PUBLISH): (Stage.PUBLISHED, (PORTAL,)),
    (Stage.READY, Command.COLLECT): (Stage.COLLECTED, EVERYWHERE),
    (Stage.READY, Command.RETENTION_ENDS): (Stage.DUE_FOR_STORAGE, (SC,)),
    (Stage.READY, Command.KEEP): (Stage.STORED, (PROVIDER,)),
    (Stage.DUE_FOR_STORAGE, Command.COLLECT): (Stage.COLLECTED, EVERYWHERE),
    (Stage.DUE_FOR_STORAGE, Command.HAND_OVER): (Stage.STORED, EVERYWHERE),
}
RECALL: Table = {
    (Stage.NEW, Command.RECALL): (Stage.REQUESTED, (SC,)),
    (Stage.NEW, Command.COLLECT): (Stage.COLLECTED, (PROVIDER,)),
    (Stage.REQUESTED, Command.SEND_BACK): (Stage.SENT, EVERYWHERE),
    (Stage.SENT, Command.DELIVER): (Stage.READY, EVERYWHERE),
    (Stage.READY, Command.COLLECT): (Stage.COLLECTED, EVERYWHERE),
    (Stage.READY, Command.RETENTION_ENDS): (Stage.DUE_FOR_STORAGE, EVERYWHERE),
    (Stage.DUE_FOR_STORAGE, Command.COLLECT): (Stage.COLLECTED, EVERYWHERE),
    (Stage.DUE_FOR_STORAGE, Command.HAND_OVER): (Stage.STORED, EVERYWHERE),
}
TABLES: dict[type[Chart], Table] = {Lifecycle: APPLICATION, RecallLifecycle: RECALL}
"""The design's tables: where each command leads, and on which channels; whatever is not here is illegal."""

for _table in TABLES.values():  # whatever is open follows the state's calendar, and stays where it stands
    for _stage in {leads for leads, _ in _table.values()} - FINAL:
        _table[_stage, Command.FOLLOW_CALENDAR] = (_stage, EVERYWHERE)

BEGINNINGS: list[tuple[type[Chart], Channel]] = [
    *((Lifecycle, channel) for channel in Channel),
    *((RecallLifecycle, channel) for channel in COUNTERS),
]
"""Where something can begin: on the portal nothing is ever recalled."""

ENDS = {
    Stage.LEFT,
    Stage.INTAKE_REFUSED,
    Stage.SUBMISSION_REFUSED,
    Stage.COLLECTED,
    Stage.STORED,
    Stage.PUBLISHED,
    Stage.WITHDRAWN,
}


def stages_of(chart: type[Chart]) -> list[Stage]:
    return [Stage(state.value) for state in chart.states]


every_chart = pytest.mark.parametrize("kind", TABLES)
every_stage = pytest.mark.parametrize(
    ("kind", "stage"), [(kind, stage) for kind in TABLES for stage in stages_of(kind)]
)
every_channel = pytest.mark.parametrize("channel", Channel)


def target(kind: type[Chart], channel: Channel, stage: Stage, command: Command) -> Stage | None:
    """Where the table says a command leads, None where it says that it is illegal."""
    leads, channels = TABLES[kind].get((stage, command), (None, ()))
    return leads if channel in channels else None


def after(kind: type[Chart], channel: Channel, stage: Stage, command: Command) -> Stage | None:
    """Where the chart leads, None where it refuses; a refusal must leave the stage as it was."""
    chart = kind(channel, stage)
    try:
        chart.send(command)
    except TransitionNotAllowed:
        assert chart.stage is stage
        return None
    return chart.stage


def reachable(kind: type[Chart], channel: Channel, start: Stage) -> set[Stage]:
    """Every stage to which the chart leads from a stage."""
    seen, todo = {start}, deque([start])
    while todo:
        stage = todo.popleft()
        for command in kind(channel, stage).enabled():
            found = after(kind, channel, stage, command)
            if found is not None and found not in seen:
                seen.add(found)
                todo.append(found)
    return seen


class TestTable:
    """Every chart, every stage, every command, every channel."""

    @every_channel
    @every_stage
    def test_each_legal_command_leads_where_the_design_says(
        self, kind: type[Chart], channel: Channel, stage: Stage
    ) -> None:
        """A legal command moves the chart to the stage of the design's table, on each channel (C1)."""
        legal = {c: leads for c in Command if (leads := target(kind, channel, stage, c)) is not None}
        assert {c: after(kind, channel, stage, c) for c in legal} == legal

    @every_channel
    @every_stage
    def test_each_other_command_is_refused_and_moves_nothing(
        self, kind: type[Chart], channel: Channel, stage: Stage
    ) -> None:
        """Any other command raises TransitionNotAllowed and leaves the stage unchanged (C1)."""
        for command in Command:
            if target(kind, channel, stage, command) is None:
                chart = kind(channel, stage)
                with pytest.raises(TransitionNotAllowed):
                    chart.send(command)
                assert chart.stage is stage

    @every_channel
    @every_stage
    def test_what_the_chart_offers_is_what_it_allows(
        self, kind: type[Chart], channel: Channel, stage: Stage
    ) -> None:
        """The commands that the chart offers are those of the table, in the order of the commands."""
        chart = kind(channel, stage)
        legal = [command for command in Command if target(kind, channel, stage, command) is not None]
        assert chart.enabled() == legal
        assert [command for command in Command if chart.allows(command)] == legal

    @every_chart
    def test_the_drawn_arrows_are_the_table(self, kind: type[Chart]) -> None:
        """The list of moves, from which docs/lifecycle.md is drawn, has each arrow of the table once."""
        drawn = [(move.source, move.command, move.target) for move in moves(kind)]
        table = [(stage, command, leads) for (stage, command), (leads, _) in TABLES[kind].items()]
        assert sorted(drawn) == sorted(table)

    @every_chart
    def test_an_arrow_has_a_guard_just_where_channels_differ(self, kind: type[Chart]) -> None:
        """A drawn guard stands on every arrow that some channel may not go, and on no other (R3)."""
        guarded = {(move.source, move.command) for move in moves(kind) if move.guard}
        assert guarded == {key for key, (_, channels) in TABLES[kind].items() if channels != EVERYWHERE}


class TestShape:
    """What the charts promise as a whole."""

    @every_chart
    @every_channel
    def test_it_begins_new(self, kind: type[Chart], channel: Channel) -> None:
        """A proceeding that nothing has happened to is new."""
        assert kind(channel).stage is Stage.NEW

    def test_final_stages_are_those_of_the_design(self) -> None:
        """The stages that end a proceeding are the design's seven."""
        assert FINAL == ENDS

    @every_channel
    @every_stage
    def test_a_final_stage_allows_nothing(self, kind: type[Chart], channel: Channel, stage: Stage) -> None:
        """Once a proceeding has ended no command is offered and none is taken; any other stage offers some."""
        if stage in ENDS:
            assert kind(channel, stage).enabled() == []
            assert {after(kind, channel, stage, command) for command in Command} == {None}
        else:
            assert any(kind(one, stage).enabled() for one in Channel)

    def test_every_stage_is_reachable(self) -> None:
        """From new, some channel leads to every stage of each chart: there is no dead wood."""
        for kind in TABLES:
            found = set().union(*(reachable(kind, channel, Stage.NEW) for channel in Channel))
            assert found == set(stages_of(kind))
        assert set().union(*(stages_of(kind) for kind in TABLES)) == set(Stage)

    def test_the_portal_knows_no_counter(self) -> None:
        """On the portal nobody queues, is called, or collects: the result is published (R16, R22)."""
        found = reachable(Lifecycle, PORTAL, Stage.NEW)
        assert Stage.PUBLISHED in found
        assert not found & {Stage.QUEUED, Stage.AT_COUNTER, Stage.READY, Stage.COLLECTED, Stage.STORED}

    def test_only_the_state_corporation_hands_over(self) -> None:
        """A result becomes due for storage, and is recalled, at the State Corporation alone (R9, R10)."""
        for kind in TABLES:
            where = [c for c in Channel if Stage.DUE_FOR_STORAGE in reachable(kind, c, Stage.NEW)]
            assert where == [SC]

    def test_nothing_is_recalled_on_the_portal(self) -> None:
        """What is published lies in the cabinet for good."""
        assert reachable(RecallLifecycle, PORTAL, Stage.NEW) == {Stage.NEW}

    @pytest.mark.parametrize(("kind", "channel"), BEGINNINGS)
    def test_no_stage_is_a_trap(self, kind: type[Chart], channel: Channel) -> None:
        """Every stage that a channel reaches and that is not final leads to a final one."""
        traps = {s for s in reachable(kind, channel, Stage.NEW) if not reachable(kind, channel, s) & FINAL}
        assert traps == set()

    def test_each_stage_and_command_belongs_to_its_chart(self) -> None:
        """An application is never requested back, a recall never queues: each chart keeps to its own words."""
        assert set(stages_of(Lifecycle)) & {Stage.REQUESTED, Stage.SENT} == set()
        assert {command for _, command in APPLICATION} == set(Command) - {Command.RECALL, Command.SEND_BACK}
        assert {move.command for kind in TABLES for move in moves(kind)} == set(Command)
        assert {move.command for move in moves(RecallLifecycle)} == {command for _, command in RECALL}


class TestWalks:
    """Any commands in any order."""

    @QUICK
    @given(
        st.sampled_from(list(TABLES)), st.sampled_from(Channel), st.lists(st.sampled_from(Command), max_size=60)
    )
    def test_no_commands_leave_the_chart(
        self, kind: type[Chart], channel: Channel, commands: list[Command]
    ) -> None:
        """Whatever is sent in whatever order, the stage is always the one that the table gives."""
        chart, stage = kind(channel), Stage.NEW
        for command in commands:
            leads = target(kind, channel, stage, command)
            if leads is None:
                with pytest.raises(TransitionNotAllowed):
                    chart.send(command)
            else:
                chart.send(command)
                stage = leads
            assert chart.stage is stage

    @QUICK
    @given(st.sampled_from(BEGINNINGS), st.lists(st.integers(0, 9), max_size=60))
    def test_legal_walks_stop_only_at_an_end(
        self, begins: tuple[type[Chart], Channel], choices: list[int]
    ) -> None:
        """A walk of legal commands goes on until it stands in a final stage, never short of one."""
        kind, channel = begins
        chart = kind(channel)
        for choice in choices:
            legal = chart.enabled()
            assert bool(legal) == (chart.stage not in FINAL)
            if not legal:
                break
            before, command = chart.stage, legal[choice % len(legal)]
            chart.send(command)
            assert chart.stage is target(kind, channel, before, command)
