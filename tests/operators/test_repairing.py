"""`starter.py reconcile --repair`: a record that was restored from an older copy is whole again (C4)."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from adapters.database import tables as t
from adapters.database.engine import writing
from adapters.database.records import SqlApplicationRecords
from adapters.host_clock import host_now
from demo.stories import REFUSAL
from demo.visit import HEAD, SPECIALIST, Visit
from desk.comparing import Ahead, Difference
from desk.reconcile import differences
from desk.recovered import Repaired
from desk.repairing import Repairer
from models.lifecycle import Channel, Command, Stage
from models.messages import APPLICANT
from models.regulation import ClockKind
from models.state import Entry
from tests.conftest import House, strangers
from tests.lost_rows import put_back, rows_of

SC, PORTAL = Channel.STATE_CORPORATION, Channel.PORTAL


async def found(house: House, execution: str) -> list[Difference]:
    return await differences(house.engine.client, house.reader, house.ring, execution)


async def repair(house: House, execution: str) -> list[Repaired]:
    """What the command does about the differences of one execution."""
    return await repairer_of(house).repair(await found(house, execution))


def repairer_of(house: House) -> Repairer:
    records = SqlApplicationRecords(house.record, house.ring)
    return Repairer(house.engine.client, house.reader, records, house.ring, house.desk.library)


def recorded(house: House, execution: str) -> Entry:
    entry = house.reader.entry(execution)
    assert entry is not None
    return entry


async def in_review(house: House) -> Visit:
    visit = await Visit.open(house.desk, SC, strangers())
    await visit.be_accepted()
    return visit


async def accepted(visit: Visit, family: dict[str, Any]) -> None:
    await visit.do(Command.CALL, visit.clerk)
    await visit.accept(family)


Goes = Callable[[Visit], Awaitable[object]]


async def decided(visit: Visit) -> None:
    await visit.do(Command.TAKE, SPECIALIST)
    await visit.do(Command.PREPARE_DECISION, SPECIALIST, REFUSAL)
    await visit.do(Command.RETURN_DRAFT, HEAD, {"reason": "a word of the head's"})
    await visit.be_signed()


async def collected(visit: Visit) -> None:
    await decided(visit)
    await visit.be_delivered()
    await visit.collect()


async def withdrawn(visit: Visit) -> None:
    await visit.withdraw()


async def late(visit: Visit) -> None:
    await visit.skip_past(ClockKind.PROCESSING)


class TestYesterdaysCopy:
    """The record lacks what happened since; the histories have it."""

    @pytest.mark.parametrize("since", [decided, collected, withdrawn, late])
    async def test_newest_facts(self, house: House, since: Goes) -> None:
        """All that is told of an application is as it was before the loss, to the last notice and remark."""
        visit = await in_review(house)
        then = rows_of(house.record, visit.application)
        await since(visit)
        before, claims = recorded(house, visit.application), house.reader.registration(visit.application)
        put_back(house.record, visit.application, then)
        assert recorded(house, visit.application) != before
        [repaired] = await repair(house, visit.application)
        assert "facts written" in repaired.what
        assert await found(house, visit.application) == []
        assert recorded(house, visit.application) == before
        assert house.reader.registration(visit.application) == claims

    @pytest.mark.parametrize("since", [decided, collected])
    async def test_whole_application(self, house: House, since: Goes) -> None:
        """Of one that began after the copy nothing was left: number, children, request and all come back."""
        visit = await in_review(house)
        await since(visit)
        before, claims = recorded(house, visit.application), house.reader.registration(visit.application)
        put_back(house.record, visit.application, [])
        assert house.reader.find(visit.application) is None
        await repair(house, visit.application)
        assert await found(house, visit.application) == []
        assert recorded(house, visit.application) == before
        assert house.reader.registration(visit.application) == claims

    async def test_portal(self, house: House) -> None:
        """The signed request comes back with its signature."""
        visit = Visit(house.desk, PORTAL, "", strangers(), house.settings.signature_stand_in)
        await visit.submit()
        before = recorded(house, visit.application)
        put_back(house.record, visit.application, [])
        await repair(house, visit.application)
        assert recorded(house, visit.application) == before

    async def test_it_goes_on(self, house: House) -> None:
        """The execution never stopped: after the repair its next fact is recorded as any other."""
        visit = await in_review(house)
        then = rows_of(house.record, visit.application)
        await visit.do(Command.TAKE, SPECIALIST)
        put_back(house.record, visit.application, then)
        await repair(house, visit.application)
        await visit.do(Command.RELEASE, SPECIALIST)
        await visit.withdraw()
        assert visit.stage() is Stage.WITHDRAWN
        assert await found(house, visit.application) == []

    async def test_numbers_are_counted_on(self, house: House) -> None:
        """A number that comes back is never given a second time, though the counter was restored too."""
        first = await in_review(house)
        with house.record.connect() as connection:
            counters = [dict(row) for row in connection.execute(select(t.registration_counter)).mappings()]
        second = await in_review(house)
        put_back(house.record, second.application, [])
        with writing(house.record) as connection:
            connection.execute(delete(t.registration_counter))
            connection.execute(insert(t.registration_counter), counters)
        await repair(house, second.application)
        third = await in_review(house)
        numbers = {house.reader.registration(one.application)[0] for one in (first, second, third)}
        assert len(numbers) == 3
        assert None not in numbers

    async def test_child_that_moved_on(self, house: House) -> None:
        """In the copy a child belongs to an application that has ended since; whoever has it now comes first."""
        tickets = [await Visit.open(house.desk, SC, strangers()) for _ in range(2)]
        second, first = sorted(tickets, key=lambda visit: visit.application)
        family = first.example(Command.ACCEPT)
        await accepted(first, family)
        then = rows_of(house.record, first.application)
        await first.withdraw()
        await accepted(second, family)
        put_back(house.record, second.application, [])
        put_back(house.record, first.application, then)
        both = [*await found(house, first.application), *await found(house, second.application)]
        repaired = {one.execution for one in await repairer_of(house).repair(both)}
        assert repaired == {first.application, second.application}
        assert [*await found(house, first.application), *await found(house, second.application)] == []


class TestReadModel:
    """The facts are whole, and a row beside them is not."""

    async def test_lost_notice_and_clock(self, house: House) -> None:
        visit = await Visit.open(house.desk, SC, strangers())
        await visit.skip(minutes=16)
        before = recorded(house, visit.application)
        with writing(house.record) as connection:
            connection.execute(delete(t.delivery).where(t.delivery.c.notice.like(f"{visit.application}/%")))
            connection.execute(delete(t.notice).where(t.notice.c.application == visit.application))
            connection.execute(delete(t.clock).where(t.clock.c.application == visit.application))
        assert [one.what for one in await repair(house, visit.application)] == ["its read model written anew"]
        assert recorded(house, visit.application) == before

    async def test_lost_claim(self, house: House) -> None:
        visit = await in_review(house)
        with writing(house.record) as connection:
            connection.execute(delete(t.claim).where(t.claim.c.application == visit.application))
        await repair(house, visit.application)
        assert await found(house, visit.application) == []

    async def test_child_that_it_never_kept(self, house: House) -> None:
        """A child claimed for an acceptance that history does not have is let go of."""
        visit = await in_review(house)
        _, own = house.reader.registration(visit.application)
        row = {"child_key": secrets.token_hex(32), "application": visit.application, "claimed_at": host_now()}
        with writing(house.record) as connection:
            connection.execute(insert(t.claim), [row])
        await repair(house, visit.application)
        assert house.reader.registration(visit.application)[1] == own
        assert await found(house, visit.application) == []

    async def test_child_of_nobody(self, house: House) -> None:
        """A child that is claimed by what exists nowhere is let go of: it could never be accepted again."""
        ghost = "app-00000000000000000000"
        row = {"child_key": "f" * 64, "application": ghost, "claimed_at": host_now()}
        with writing(house.record) as connection:
            connection.execute(insert(t.claim), [row])
        [repaired] = await repair(house, ghost)
        assert "1 children let go of" in repaired.what
        assert house.reader.registration(ghost) == (None, set())


class TestContradiction:
    """Where both have a fact, and it is not the same, nobody writes: somebody has to look."""

    async def test_altered_fact(self, house: House) -> None:
        visit = await in_review(house)
        with writing(house.record) as connection:
            of_it = t.fact.c.application == visit.application
            connection.execute(update(t.fact).where(of_it, t.fact.c.number == 2).values(by=HEAD))
        before = recorded(house, visit.application)
        assert await repair(house, visit.application) == []
        assert recorded(house, visit.application) == before
        assert {one.ahead for one in await found(house, visit.application)} == {Ahead.NEITHER}

    async def test_child_that_somebody_else_has_by_now(self, house: House) -> None:
        """A child that was claimed anew meanwhile stays with whoever has it, and the difference stays told."""
        visit = await in_review(house)
        _, children = house.reader.registration(visit.application)
        with writing(house.record) as connection:
            claim = update(t.claim).where(t.claim.c.child_key.in_(children))
            connection.execute(claim.values(application="app-11111111111111111111"))
        assert await repair(house, visit.application) == []
        assert "0 children claimed" in (await found(house, visit.application))[0].what
        with writing(house.record) as connection:
            connection.execute(delete(t.claim).where(t.claim.c.child_key.in_(children)))
        await visit.do(Command.WITHDRAW, APPLICANT)
