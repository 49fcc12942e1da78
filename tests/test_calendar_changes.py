"""The calendar changes while applications run: previewed, applied, followed by whatever is open (R6)."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from adapters.host_clock import host_today
from adapters.regulations import read_correction
from adapters.settings import Settings
from adapters.temporal.server import Server
from cli.reading import read_text
from demo.visit import INTAKE, Visit
from desk import replanning
from desk.beginnings import take_ticket
from desk.officer import Officer
from desk.recalling import request_recall
from desk.reconcile import differences
from models.data import local_iso
from models.journal import FactName
from models.library import Library, content_hash
from models.lifecycle import Channel, Command, Stage
from models.messages import Ticket
from models.regulation import ClockKind
from tests.calendar_orders import (
    PROCESSING,
    SUPERVISOR,
    accepted,
    applied,
    calendar,
    count_of,
    days_within,
    due_of,
    followers,
    kill_when,
    order,
)
from tests.command_line import run_program
from tests.conftest import House, house_of, strangers
from tests.databases import created

SC, PROVIDER, PORTAL = Channel.STATE_CORPORATION, Channel.PROVIDER, Channel.PORTAL


@pytest_asyncio.fixture(scope="session")
async def town_on_sqlite(
    tmp_path_factory: pytest.TempPathFactory, server: Server, library: Library
) -> AsyncGenerator[House]:
    settings = Settings(data=tmp_path_factory.mktemp("town"), task_queue="town-on-sqlite")
    async with house_of(settings, server, library) as one:
        yield one


@pytest_asyncio.fixture(scope="session")
async def town_on_postgresql(
    tmp_path_factory: pytest.TempPathFactory, server: Server, library: Library, postgresql: str
) -> AsyncGenerator[House]:
    with created(postgresql, "town") as address:
        data = tmp_path_factory.mktemp("town")
        settings = Settings(data=data, database_url=address, task_queue="town-on-postgresql")
        async with house_of(settings, server, library) as one:
            yield one


@pytest.fixture
def town(database: str, request: pytest.FixtureRequest) -> House:
    """An engine of its own, as a change of the calendar is for everything that is open there; what one test has
    changed stays so for the next one."""
    return request.getfixturevalue(f"town_on_{database}")


@pytest_asyncio.fixture
async def visit(town: House) -> Visit:
    """An application under review at SC."""
    return await accepted(town, SC)


@pytest.fixture(autouse=True)
def no_late_tickets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replanning, "_LAST_LOOK", 0.0)


async def check(town: House, visit: Visit) -> None:
    """History and record say the same, and the replay agrees."""
    await asyncio.sleep(0)
    found = await differences(town.engine.client, town.reader, town.ring, visit.application)
    assert found == []


class TestPreview:
    """Whose due date would move: from, to and why."""

    async def test_it_tells_and_changes_nothing(self, town: House, visit: Visit, tmp_path: Path) -> None:
        """An application that waits in the queue has no date that moves; the one under review has."""
        await Visit.open(town.desk, SC, strangers())
        before, [day], changes = due_of(visit), days_within(town, 1), count_of(town)
        ran = await calendar(town, "preview", order(tmp_path, day))
        assert ran.code == 0, ran.err
        assert (ran.json["open"] >= 2, ran.json["told"]) == (True, 0)
        [moved] = [one for one in ran.json["applications"] if one["application"] == visit.application]
        assert moved["registration_number"].startswith("KRG-")
        assert (moved["clock"], moved["from"]) == ("processing", local_iso(before))
        assert moved["to"] > moved["from"]
        assert moved["why"] == [f"{day}: a day off moved here, an order (until now: a working day)"]
        in_kazakh = await calendar(town, "preview", order(tmp_path, day), "--lang", "kk")
        [moved] = [one for one in in_kazakh.json["applications"] if one["application"] == visit.application]
        assert "ауыстырылған демалыс күні" in moved["why"][0]
        assert due_of(visit) == before
        assert count_of(town) == changes

    @pytest.mark.parametrize("command", ["preview", "apply"])
    async def test_a_file_that_cannot_be_meant(self, town: House, tmp_path: Path, command: str) -> None:
        """Named with its date, with exit code 2, and nothing is put into force."""
        [day], changes = days_within(town, 1), count_of(town)
        ran = await calendar(town, command, order(tmp_path, day, kind="moved working day"))
        assert ran.code == 2
        assert f"{day}: moved-working-day, but it is a working day already" in ran.out
        again = await calendar(town, command, order(tmp_path, day, day))
        assert again.code == 2
        assert f"{day} stands twice" in again.out
        assert count_of(town) == changes

    async def test_a_file_that_is_none(self, town: House, tmp_path: Path) -> None:
        (tmp_path / "wrong.yaml").write_text("entries: [{date: 2026-02-30, kind: holiday}]", encoding="utf-8")
        for file, word in ((str(tmp_path / "wrong.yaml"), "entries.0.date"), ("/nowhere.yaml", "/nowhere.yaml")):
            ran = await calendar(town, "preview", file)
            assert (ran.code, word in ran.out) == (2, True)


class TestApply:
    """Everything that is open follows, each with a fact; what is opened later goes by the new calendar."""

    async def test_due_dates_move(self, town: House, tmp_path: Path) -> None:
        """On every channel, with a fact that names the officer; what was told before is told from and to."""
        visits = [await accepted(town, channel) for channel in Channel]
        before, days = [due_of(one) for one in visits], days_within(town, 2)
        ran = await calendar(town, "apply", order(tmp_path, *days), "--as", SUPERVISOR)
        assert ran.code == 0, ran.out + ran.err
        view = ran.json
        assert view["told"] >= len(visits)
        assert {one["application"] for one in view["applications"]} >= {v.application for v in visits}
        for visit, was in zip(visits, before, strict=True):
            fact = town.reader.facts(visit.application)[-1]
            assert (fact.fact, fact.by) == (FactName.CALENDAR_CHANGED, SUPERVISOR)
            assert fact.details["processing_from"] == local_iso(was)
            assert fact.details["processing_to"] == local_iso(due_of(visit))
            assert due_of(visit) > was
            await check(town, visit)

    async def test_who_waits_in_the_queue_gets_the_right_ten_days(self, town: House, tmp_path: Path) -> None:
        """Its clocks do not move today, but the one that starts next counts by the new calendar."""
        waiting, done = await Visit.open(town.desk, SC, strangers()), await accepted(town, SC)
        await applied(town, order(tmp_path, *days_within(town, 2)))
        await waiting.be_accepted()
        assert due_of(waiting) == due_of(done)
        await check(town, waiting)

    async def test_what_is_opened_later_goes_by_it(self, town: House, tmp_path: Path) -> None:
        """A ticket, a request and a recall; nothing is left to follow, and a ticket's key still answers."""
        stored = await accepted(town, SC)
        await stored.be_decided()
        await stored.be_delivered()
        await stored.skip_past(ClockKind.RETENTION)
        await stored.do(Command.HAND_OVER, stored.clerk)
        ticket, key = Ticket(channel=SC), "a key of mine"
        first, _ = await take_ticket(town.desk, ticket, key)
        old = await accepted(town, SC)
        file = order(tmp_path, *days_within(town, 2))
        await applied(town, file)
        assert (await take_ticket(town.desk, ticket, key))[0] == first
        for channel in (SC, PORTAL):
            assert due_of(await accepted(town, channel)).date() >= due_of(old).date() - timedelta(days=4)
        now = town.desk.calendars.in_force(host_today()).calendar
        fresh = await accepted(town, SC)
        assert due_of(fresh) == due_of(old)
        recalled, _ = await request_recall(town.desk, stored.application, Officer(INTAKE[SC]))
        for application in (fresh.application, recalled.application):
            row = town.reader.find(application)
            assert row is not None
            assert (row.calendar, row.calendar_now) == (now, None)
            assert await differences(town.engine.client, town.reader, town.ring, application) == []
        assert (await calendar(town, "preview", file)).json["open"] == 0

    async def test_the_limit_falls_due_at_the_new_instant(self, town: House, visit: Visit, tmp_path: Path) -> None:
        """The timer moved too: nothing is passed at the old instant, everything at the new one."""
        was = due_of(visit)
        await applied(town, order(tmp_path, *days_within(town, 2)))
        ahead = was - town.reader.facts(visit.application)[-1].at
        await visit.skip(seconds=ahead.total_seconds() + 60)
        names = [fact.fact for fact in town.reader.facts(visit.application)]
        assert FactName.LIMIT_PASSED not in names
        await visit.skip_past(PROCESSING)
        passed = next(f for f in town.reader.facts(visit.application) if f.fact is FactName.LIMIT_PASSED)
        assert passed.at == due_of(visit)
        await check(town, visit)

    async def test_a_limit_that_had_passed_runs_again(self, town: House, visit: Visit, tmp_path: Path) -> None:
        """The order came late: what was passed is ahead again, and passes again at its new instant."""
        await visit.skip_past(PROCESSING)
        await applied(town, order(tmp_path, *days_within(town, 2)))
        changed = town.reader.facts(visit.application)[-1]
        assert changed.details["running_again"] == ["processing"]
        await visit.skip_past(PROCESSING)
        passed = [f for f in town.reader.facts(visit.application) if f.fact is FactName.LIMIT_PASSED]
        assert [fact.at for fact in passed][1:] == [due_of(visit)]
        assert passed[0].at < passed[1].at
        await check(town, visit)

    async def test_what_is_kept_at_the_provider_follows(self, town: House, tmp_path: Path) -> None:
        """R9: the execution waits for its twelve months by the calendar as it is in the end."""
        kept = await accepted(town, PROVIDER)
        await kept.be_decided()
        assert kept.stage() is Stage.READY
        regulation = town.desk.library.in_force(host_today())
        keeps = regulation.office("education-karaganda")
        assert keeps is not None
        await applied(town, order(tmp_path, *days_within(town, 1)))
        await kept.skip(days=380)
        assert kept.stage() is Stage.STORED
        await check(town, kept)

    async def test_in_two_steps(self, town: House, visit: Visit, tmp_path: Path) -> None:
        """The second order is added to the first; the first file again changes nothing any more."""
        one, two = days_within(town, 2)
        first = order(tmp_path, one)
        await applied(town, first)
        between = due_of(visit)
        await applied(town, order(tmp_path, two))
        assert due_of(visit) > between
        again = await applied(town, first)
        assert (again["told"], again["applications"]) == (0, [])
        assert [f.fact for f in town.reader.facts(visit.application)].count(FactName.CALENDAR_CHANGED) == 2
        await check(town, visit)

    async def test_an_announced_feast_settles_a_provisional_date(self, town: House, tmp_path: Path) -> None:
        """Days of years whose orders are not out make a date provisional; with the order it is sure."""
        visit = await accepted(town, SC)
        await visit.be_decided()
        await visit.skip(days=30)
        await visit.be_delivered()
        [clock] = [one for one in visit.clocks() if one.clock is ClockKind.RETENTION]
        assert clock.provisional
        await applied(town, order(tmp_path, settled_through=clock.due_at.year))
        [clock] = [one for one in visit.clocks() if one.clock is ClockKind.RETENTION]
        assert not clock.provisional
        await check(town, visit)

    async def test_only_heads_and_supervisors(self, town: House, visit: Visit, tmp_path: Path) -> None:
        file, changes = order(tmp_path, *days_within(town, 1)), count_of(town)
        for officer in ("specialist-1", "nobody-known"):
            ran = await calendar(town, "apply", file, "--as", officer)
            assert ran.code == 3
        assert count_of(town) == changes
        assert visit.stage() is Stage.UNDER_REVIEW


class TestTwoAtOnce:
    """Two officers apply two orders at the same time."""

    async def test_both_are_in_force(self, town: House, tmp_path: Path) -> None:
        """Whichever comes second contains the first one, and in the end everything goes by it."""
        visits = [await Visit.open(town.desk, SC, strangers()) for _ in range(8)]
        one, two = days_within(town, 2)
        await asyncio.gather(applied(town, order(tmp_path, one)), applied(town, order(tmp_path, two)))
        now = town.desk.calendars.in_force(host_today()).calendar
        calendar = town.desk.calendars.find(now)
        assert not calendar.is_working(one)
        assert not calendar.is_working(two)
        assert await town.desk.until(lambda: town.desk.calendars.changes.not_following(now) == [])
        for visit in visits:
            await check(town, visit)

    async def test_nothing_is_put_into_force_over_what_it_lacks(self, town: House, tmp_path: Path) -> None:
        """A change that was made before another one came in would take that one back: it is made anew instead."""
        one, two = days_within(town, 2)
        file = order(tmp_path, one)
        made = replanning.preview(town.desk.calendars, read_correction(read_text(file), file))
        await applied(town, order(tmp_path, two))
        assert not town.desk.calendars.changes.apply(made.change, SUPERVISOR, after=made.corrects.changes)
        await applied(town, file)
        calendar = town.desk.calendars.find(town.desk.calendars.in_force(host_today()).calendar)
        assert [calendar.is_working(day) for day in (one, two)] == [False, False]


class TestKilled:
    """An apply that dies half-way has put the change into force; the same command again ends it."""

    async def test_it_goes_on(self, town: House, tmp_path: Path) -> None:
        """Whenever it is killed, nobody is told twice, and in the end everybody follows."""
        visits = [await Visit.open(town.desk, SC, strangers()) for _ in range(40)]
        file, changes = order(tmp_path, *days_within(town, 1)), count_of(town)
        await kill_when(town, file, lambda: 3 <= followers(town, visits) < len(visits))
        assert followers(town, visits) >= 3
        last = town.desk.calendars.changes.last()
        assert last is not None
        left = len(town.desk.calendars.changes.not_following(last.change.calendar))
        view = await applied(town, file)
        assert 0 < view["told"] <= left
        assert followers(town, visits) == len(visits)
        for visit in visits:
            names = [fact.fact for fact in town.reader.facts(visit.application)]
            assert names.count(FactName.CALENDAR_CHANGED) == 1
        assert (last.number, last.applied_by) == (changes + 1, SUPERVISOR)


class TestNotTold:
    """What cannot be told is named, with exit code 4: nobody may believe that everything follows."""

    async def test_an_execution_that_is_not_on_record_yet(self, town: House, tmp_path: Path) -> None:
        """A ticket that no worker has seen runs by the calendar it was given; which one, nobody sees yet."""
        opening, queue = "app-00000000000000000001", town.settings.task_queue
        await town.engine.client.start_workflow(
            "NobodysWorkflow",
            id=opening,
            task_queue=queue,
            execution_timeout=timedelta(minutes=5),
        )
        await asyncio.sleep(1.5)  # until the server lists it
        ran = await calendar(town, "apply", order(tmp_path, *days_within(town, 1)), "--as", SUPERVISOR)
        assert ran.code == 4
        assert f"{opening}: it runs and is not on record yet" in ran.out
        await town.engine.client.get_workflow_handle(opening).terminate()

    async def test_without_a_worker(self, town: House, visit: Visit, tmp_path: Path) -> None:
        """The change is in force and says so; repeated when a worker is there, the command ends what it began."""
        file, before = order(tmp_path, *days_within(town, 1)), due_of(visit)
        nowhere = town.environment | {"TIREK_TASK_QUEUE": "where-nobody-works"}
        ran = await run_program("calendar", "apply", file, "--as", SUPERVISOR, environment=nowhere)
        assert ran.code == 4
        assert "is in force, and not all that is open could be told" in ran.err
        assert due_of(visit) == before
        now = town.desk.calendars.in_force(host_today())
        assert content_hash(town.desk.calendars.find(now.calendar)) == now.calendar
        assert (await applied(town, file))["told"] >= 1
        assert due_of(visit) > before
