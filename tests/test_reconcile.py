"""`starter.py reconcile`: every execution and every row, both ways, by content."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import Executable, delete, insert, update

from adapters.database import tables as t
from adapters.database.engine import connect, writing
from adapters.host_clock import host_now
from demo.visit import Visit
from desk.comparing import Ahead, Difference
from desk.reconcile import differences, reconcile_these
from models.lifecycle import Channel, Command, Stage
from tests.command_line import run_program
from tests.conftest import House, strangers

SC = Channel.STATE_CORPORATION


@pytest_asyncio.fixture
async def accepted(house: House) -> AsyncIterator[Visit]:
    visit = await Visit.open(house.desk, SC, strangers())
    await visit.be_accepted()
    yield visit


def change(house: House, *statements: Executable) -> None:
    """What somebody does to the record behind everybody's back."""
    engine = connect(house.settings.record_url)
    with writing(engine) as connection:
        for statement in statements:
            connection.execute(statement)
    engine.dispose()


async def told(house: House, visit: Visit) -> list[Difference]:
    return await differences(house.engine.client, house.reader, house.ring, visit.application)


class TestSides:
    """Each difference says which side knows more."""

    async def test_equal(self, house: House, accepted: Visit) -> None:
        """Nothing was touched: no difference."""
        assert await told(house, accepted) == []

    async def test_record_that_lags_behind(self, house: House, accepted: Visit) -> None:
        """The last fact is missing, and the read model stands before it: history is ahead, said in one line."""
        name = accepted.application
        [*_, before, last] = house.reader.facts(name)
        change(
            house,
            delete(t.fact).where(t.fact.c.application == name, t.fact.c.number == last.number),
            update(t.application)
            .where(t.application.c.id == name)
            .values(last_fact=before.number, last_hash=before.hash, stage=before.stage, changed_at=before.at),
        )
        [found] = await told(house, accepted)
        assert found == Difference(name, Ahead.HISTORY, f"fact {last.number} ({last.fact}) is missing on record")

    async def test_fact_that_history_lacks(self, house: House, accepted: Visit) -> None:
        """A fact on record that never happened: the record is ahead."""
        name = accepted.application
        last = house.reader.facts(name)[-1]
        invented = last.model_copy(update={"number": last.number + 1, "previous": last.hash, "hash": "f" * 64})
        change(house, insert(t.fact).values(application=name, **invented.model_dump()))
        [found] = await told(house, accepted)
        assert (found.ahead, found.what) == (
            Ahead.RECORD,
            f"fact {invented.number} ({invented.fact}) is on record, but not in history",
        )

    @pytest.mark.parametrize("column", ["stage", "holder", "last_hash", "changed_at"])
    async def test_read_model_that_was_altered(self, house: House, accepted: Visit, column: str) -> None:
        """The facts are whole and the read model says something else: neither is ahead, the field is named."""
        other: dict[str, Any] = {
            "stage": Stage.STORED,
            "holder": "head",
            "last_hash": "f" * 64,
            "changed_at": house.reader.facts(accepted.application)[0].at,
        }
        row = t.application.c.id == accepted.application
        change(house, update(t.application).where(row).values({column: other[column]}))
        [found] = await told(house, accepted)
        assert found.ahead is Ahead.NEITHER
        assert found.what.startswith(f"{column} differ")

    async def test_claim_that_was_lost(self, house: House, accepted: Visit) -> None:
        """An open application whose child somebody could claim again is a difference."""
        change(house, delete(t.claim).where(t.claim.c.application == accepted.application))
        [found] = await told(house, accepted)
        assert found.what == "it has 0 children claimed on record, 1 by its history"

    async def test_notice_that_is_missing(self, house: House) -> None:
        """A notice that history sent out and the record lacks: history is ahead."""
        visit = await Visit.open(house.desk, SC, strangers())
        await visit.skip(minutes=16)
        change(house, delete(t.notice).where(t.notice.c.application == visit.application))
        [found] = await told(house, visit)
        assert (found.ahead, found.what) == (Ahead.HISTORY, "notices differ")


class TestMissing:
    """One side has nothing at all."""

    async def test_nothing_on_record(self, house: House) -> None:
        """An execution of which the record has nothing: history is ahead."""
        visit = await Visit.open(house.desk, SC, strangers())
        name = visit.application
        change(
            house,
            *(delete(table).where(table.c.application == name) for table in (t.clock, t.fact)),
            delete(t.application).where(t.application.c.id == name),
        )
        assert [(one.ahead, one.what) for one in await told(house, visit)] == [
            (Ahead.HISTORY, "the record has nothing of its 1 facts")
        ]

    async def test_no_execution(self, house: House) -> None:
        """An open application on record that the server knows nothing of: the record is ahead."""
        visit = await Visit.open(house.desk, SC, strangers())
        name = f"{visit.application}-x"
        row = house.reader.find(visit.application)
        assert row is not None
        values = {**row._mapping, "id": name}
        change(house, insert(t.application).values({k: v for k, v in values.items() if k in t.application.c}))
        report = await reconcile_these(house.engine.client, house.reader, house.ring, [name])
        assert [str(one) for one in report.differences] == [
            f"{name}: the record is ahead: it is queued on record, and the server has no execution of it"
        ]
        change(house, delete(t.application).where(t.application.c.id == name))

    async def test_claim_of_nobody(self, house: House) -> None:
        """A child that is claimed for an application which is nowhere: the record is ahead."""
        claim = insert(t.claim).values(child_key="0" * 64, application="app-nowhere", claimed_at=host_now())
        change(house, claim)
        assert "app-nowhere" in set(house.reader.executions())
        report = await reconcile_these(house.engine.client, house.reader, house.ring, ["app-nowhere"])
        assert [one.ahead for one in report.differences] == [Ahead.RECORD]
        change(house, delete(t.claim).where(t.claim.c.application == "app-nowhere"))

    async def test_ended_from_outside(self, house: House, accepted: Visit) -> None:
        """A terminated execution is told even where both sides say the same of it."""
        await house.engine.client.get_workflow_handle(accepted.application).terminate("by mistake")
        [found] = await told(house, accepted)
        assert found.what == "its execution was terminated from outside: nothing goes on in it"


class TestCommandLine:
    """The exit code is 0 only if both sides are equal."""

    async def test_both_ways(self, house: House, accepted: Visit) -> None:
        """On an engine of its own task queue: 0 and what was compared; 1 and the difference once it is altered."""
        other = await Visit.open(house.desk, Channel.PROVIDER, strangers())
        await other.do(Command.LEAVE, other.clerk)
        change(
            house, update(t.application).where(t.application.c.id == other.application).values(stage=Stage.QUEUED)
        )
        ran = await run_program("reconcile", "--json", environment=house.environment)
        assert ran.code == 1
        mine = [one for one in ran.json["differences"] if one["execution"] == other.application]
        assert mine == [
            {
                "execution": other.application,
                "ahead": "neither",
                "what": "stage differ: left in history, queued on record",
            }
        ]
        assert accepted.application not in {one["execution"] for one in ran.json["differences"]}
        ran = await run_program("reconcile", environment=house.environment)
        assert ran.code == 1
        assert "stage differ: left in history, queued on record" in ran.out
