"""What every life has to keep, and walks of legal commands that nobody thought of."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from models.authority import AUTHORITY
from models.journal import Fact
from models.lifecycle import Channel, Command
from models.messages import open_to_people
from models.regulation import Role
from models.request import Request
from tests.models.builders import REGULATION, Case

Steps = Sequence[tuple[int, int, int]]
"""Of each step: which of the legal commands, by which officer, and how many minutes after the one before."""


def check_chain(facts: Sequence[Fact], *, after: str = "") -> None:
    """The facts are numbered from one, each intact and chained to the one before, the first to `after`."""
    assert [fact.number for fact in facts] == list(range(1, len(facts) + 1))
    assert all(fact.is_intact() for fact in facts)
    assert [fact.previous for fact in facts] == [after, *(fact.hash for fact in facts[:-1])]


def check_at_rest(case: Case) -> None:
    """Whatever has ended has no clock that runs, and nobody holds it."""
    assert case.application.has_ended
    assert not [clock.clock for clock in case.application.clocks.values() if clock.is_running]
    assert case.application.holder is None


def outgoing(proceeding: Any) -> str:
    """Everything that leaves the encrypted part: journal, notices, papers and read model, as JSON."""
    entry = proceeding.entry(after=0).model_dump(mode="json", exclude={"request", "signature", "remarks"})
    return json.dumps(entry, ensure_ascii=False)


def check_without_persons(case: Case, request: Request | None = None) -> None:
    """No word of a person's language, no number and no signature of theirs stands in what is kept in the open.

    `request`: the application's, where the case is a recall, which has none of its own.
    """
    text = outgoing(case.application)
    assert text.isascii()
    assert "stand-in" not in text
    request = request or case.application.request
    if request is not None:
        people = (request.applicant, *request.children)
        secrets = [word for one in people for word in (one.iin, one.surname, one.name, one.patronymic or one.name)]
        secrets.append(request.applicant.address)
        secrets.extend([request.account.iban] if request.account else [])
        assert not [secret for secret in secrets if secret in text]


def somebody(command: Command, channel: Channel, choice: int) -> str:
    """One of the officers who may give a command, or whose command it is not at all."""
    roles = AUTHORITY.get(command, frozenset({Role.SUPERVISOR}))
    able = [one.code for one in REGULATION.officers if roles & {*one.roles}]
    return able[choice % len(able)]


def wander(case: Case, steps: Steps) -> None:
    """Go on by whatever the chart allows and the rules do not refuse."""
    for choice, officer, minutes in steps:
        chart = case.application.chart
        legal = chart.enabled()
        if not legal:
            break
        command = legal[choice % len(legal)]
        case.now += timedelta(minutes=minutes + 1)
        for_people = command in open_to_people(chart)
        by = somebody(command, case.channel, officer) if for_people else case.usual(command)
        if for_people and case.refusals(command, by=by):
            continue
        case.now -= timedelta(minutes=1)
        case.do(command, by=by)
