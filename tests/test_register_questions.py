"""Officers' own questions to the registers: who may ask, about whom; every question is on record (R17)."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from adapters.database import tables as t
from adapters.database.reader import RecordReader
from adapters.database.records import SqlApplicationRecords
from adapters.keys import KeyRing
from adapters.registers.stand_in import StandInRegisters
from adapters.registers.synthetic import birth_of, person_of
from desk.comparing import compare as compare_entries
from desk.officer import Officer
from desk.registers import Files, ask_birth, ask_person, checks_beside
from models.act import Act
from models.checks import Check, CheckOutcome, Said, compare
from models.errors import RefusedError, RegisterFailedError
from models.handling import carry_out
from models.library import Library
from models.lifecycle import Command
from models.ports import RegisterError, RegisterRefusedError, RegisterUnavailableError
from models.registers import Asking, LifeStatus, PersonEntry
from tests.command_line import run_program
from tests.models.builders import PORTAL, PROVIDER, SC
from tests.proceedings import ACCEPTED, AT_COUNTER, PUBLISHED, Life, iin, life

SPECIALIST, CLERK = Officer("specialist-1"), Officer("sc-intake-1")
UNDER_REVIEW = (*ACCEPTED, Command.VERIFY)


class Broken(StandInRegisters):
    """Answers nobody, and says why."""

    error: RegisterError = RegisterUnavailableError("network", "nobody there")

    async def find_person(self, iin: str, asking: Asking) -> PersonEntry | None:
        async with self._exchange("person", iin, asking):
            raise self.error


@pytest.fixture
def files(reader: RecordReader, library: Library) -> Files:
    return Files(reader, library)


@pytest.fixture
def registers(reader: RecordReader) -> StandInRegisters:
    return StandInRegisters(reader.exchanges)


@pytest.fixture
def open_case(records: SqlApplicationRecords) -> Life:
    """An application for two children that an office of SC has accepted."""
    one = life(*UNDER_REVIEW)
    records.record(one.entry())
    return one


def accesses(engine: Engine) -> list[tuple[str, str, str, str, str | None]]:
    """Who asked for what of which application, what came of it, and about whom."""
    a = t.access.c
    with engine.connect() as connection:
        rows = connection.execute(select(a.who, a.application, a.command, a.code, a.whom).order_by(a.id))
        return [tuple(row) for row in rows]


async def refused(asking: Awaitable[object]) -> str:
    """The code with which a question is refused."""
    with pytest.raises(RefusedError) as error:
        await asking
    return error.value.refusals[0].code


class TestQuestion:
    """What the register says, to whom it may."""

    async def test_a_person_is_told(self, files: Files, registers: StandInRegisters, open_case: Life) -> None:
        """The applicant and the children, by whoever takes the application in or decides it."""
        people = [open_case.request.applicant.iin, *open_case.children]
        for number in people:
            entry = await ask_person(files, registers, open_case.id, SPECIALIST, number)
            assert entry == person_of(number).entry().model_copy(update={"life_status": LifeStatus.ALIVE})
        assert await ask_person(files, registers, open_case.number, CLERK, people[0]) is not None

    async def test_a_birth_is_told(self, files: Files, registers: StandInRegisters, open_case: Life) -> None:
        """Number and date of the act, the child and its parents."""
        child = open_case.children[0]
        assert await ask_birth(files, registers, open_case.id, SPECIALIST, child) == birth_of(child)

    async def test_every_question_is_on_record(
        self, engine: Engine, key_ring: KeyRing, files: Files, registers: StandInRegisters, open_case: Life
    ) -> None:
        """Who, whom by a keyed hash, for what, when; and its exchange beside it, with its end."""
        child = open_case.children[0]
        await ask_birth(files, registers, open_case.id, SPECIALIST, child)
        whom = key_ring.lookup_hash("iin", child)
        assert accesses(engine) == [("specialist-1", open_case.id, "register-birth", "asked", whom)]
        [exchange] = files.reader.exchanges.of_application(open_case.id)
        assert (exchange["by"], exchange["service"], exchange["outcome"], exchange["code"]) == (
            "specialist-1",
            "stand-in:birth",
            "found",
            "SCSS001",
        )
        assert exchange["sent_at"] <= exchange["answered_at"]
        assert "whom" not in exchange

    @pytest.mark.parametrize(
        ("error", "permanent", "outcome"),
        [
            (RegisterUnavailableError("network", "nobody there"), False, "failed"),
            (RegisterRefusedError("SCE004", "no such service"), True, "refused"),
        ],
    )
    async def test_a_failure_says_whether_it_lasts(
        self,
        reader: RecordReader,
        files: Files,
        open_case: Life,
        error: RegisterError,
        permanent: bool,
        outcome: str,
    ) -> None:
        """With the gateway's code, to the officer and on record."""
        broken = Broken(reader.exchanges)
        broken.error = error
        with pytest.raises(RegisterFailedError, match=error.code) as raised:
            await ask_person(files, broken, open_case.id, SPECIALIST, open_case.request.applicant.iin)
        assert (raised.value.failure, raised.value.permanent) == (error.code, permanent)
        [exchange] = reader.exchanges.of_application(open_case.id)
        assert (exchange["outcome"], exchange["code"]) == (outcome, error.code)


class TestRefusal:
    """Whom nobody may ask for. A refused question is on record like any other, and nothing is sent."""

    @pytest.mark.parametrize(
        ("officer", "code"),
        [
            ("sc-supervisor", "not-authorised"),
            ("education-supervisor", "not-authorised"),
            ("education-intake-1", "not-authorised"),
            ("nobody-1", "unknown-officer"),
            ("applicant", "unknown-officer"),
            ("process", "unknown-officer"),
        ],
    )
    async def test_not_every_officer(
        self,
        engine: Engine,
        key_ring: KeyRing,
        files: Files,
        registers: StandInRegisters,
        open_case: Life,
        officer: str,
        code: str,
    ) -> None:
        """Another office's intake and supervisors have no need to know; who is no post is kept as nobody."""
        number = open_case.request.applicant.iin
        assert await refused(ask_person(files, registers, open_case.id, Officer(officer), number)) == code
        who = "unknown" if officer == "nobody-1" else officer
        whom = key_ring.lookup_hash("iin", number)
        assert accesses(engine) == [(who, open_case.id, "register-person", code, whom)]
        assert files.reader.exchanges.of_application(open_case.id) == []

    async def test_a_provider_asks_for_its_own(
        self, records: SqlApplicationRecords, files: Files, registers: StandInRegisters
    ) -> None:
        """At its own counter the department's intake officer may, and SC's may not."""
        one = life(*UNDER_REVIEW, channel=PROVIDER)
        records.record(one.entry())
        number = one.request.applicant.iin
        assert await ask_person(files, registers, one.id, Officer("education-intake-1"), number) is not None
        assert await refused(ask_person(files, registers, one.id, CLERK, number)) == "not-authorised"

    async def test_not_everybody(self, files: Files, registers: StandInRegisters, open_case: Life) -> None:
        """A stranger is nobody of this application, and the applicant's own birth is nobody's business."""
        code = "not-of-this-application"
        applicant = open_case.request.applicant.iin
        assert await refused(ask_person(files, registers, open_case.id, SPECIALIST, iin(5))) == code
        assert await refused(ask_birth(files, registers, open_case.id, SPECIALIST, applicant)) == code
        assert files.reader.exchanges.of_application(open_case.id) == []

    @pytest.mark.parametrize(
        ("life_of", "code"), [(AT_COUNTER, "not-of-this-application"), (PUBLISHED, "has-ended")]
    )
    async def test_not_without_a_purpose(
        self,
        records: SqlApplicationRecords,
        files: Files,
        registers: StandInRegisters,
        life_of: tuple[Command, ...],
        code: str,
    ) -> None:
        """Before a request is on record nobody is part of it; once it has ended there is nothing to verify."""
        one = life(*life_of, channel=PORTAL if life_of is PUBLISHED else SC)
        records.record(one.entry())
        assert await refused(ask_person(files, registers, one.id, SPECIALIST, iin(5))) == code

    async def test_an_application_that_is_not_there(
        self, engine: Engine, files: Files, registers: StandInRegisters
    ) -> None:
        """Whatever was given as its id may be somebody's number, and is not kept."""
        assert await refused(ask_person(files, registers, iin(7), SPECIALIST, iin(5))) == "unknown-application"
        [(who, application, _, code, whom)] = accesses(engine)
        assert (who, application, code) == ("specialist-1", "unknown", "unknown-application")
        assert whom is not None


class TestBeside:
    """What the specialist sees: the register and the application, side by side."""

    @pytest.fixture
    def checked(self, records: SqlApplicationRecords) -> Life:
        """The register has another name for the applicant, and is silent about the second child."""
        one = life(*ACCEPTED)
        one.proceeding = _verified(one)
        records.record(one.entry())
        return one

    async def test_both_sides_are_shown(
        self, engine: Engine, files: Files, checked: Life, registers: StandInRegisters
    ) -> None:
        """Each field with both values and its verdict, how often it was asked, and the looking is on record."""
        person, first, second = checks_beside(files, checked.id, SPECIALIST)
        fields = {one["field"]: one for one in person["fields"]}
        given = checked.request.applicant.name
        assert fields["name"] == {
            "field": "name",
            "application": given,
            "register": f"{given}жан",
            "verdict": "differs",
        }
        assert (person["outcome"], person["differing"], person["attempts"]) == ("differs", ["name"], 0)
        assert first["outcome"] == "confirmed"
        assert (second["outcome"], second["failure"], second["fields"]) == ("unanswered", "SCE005", [])
        looked = [(who, application, what, code) for who, application, what, code, _ in accesses(engine)]
        assert looked == [("specialist-1", checked.id, "checks", "read")] * 3
        assert len({whom for *_, whom in accesses(engine)}) == 3, "the applicant and both children"

    async def test_what_was_said_is_encrypted(self, engine: Engine, files: Files, checked: Life) -> None:
        """In the table there is no name; who destroys the application's key erases what was said with the rest."""
        with engine.connect() as connection:
            rows = connection.execute(select(t.verification.c.check, t.verification.c.personal)).all()
        personal = {row.check: row.personal for row in rows}
        assert personal["birth-2"] is None
        assert checked.request.applicant.surname.encode() not in personal["person"]
        assert list(compare_entries(checked.entry(), files.reader.entry(checked.id))) == []
        with engine.begin() as connection:
            connection.execute(t.application_key.delete())
        person = {one["check"]: one for one in checks_beside(files, checked.id, SPECIALIST)}["person"]
        assert {one["register"] for one in person["fields"]} == {None}
        assert "differs" in {one["verdict"] for one in person["fields"]}

    async def test_not_for_everybody(self, files: Files, checked: Life) -> None:
        """Who may not ask may not look either."""
        with pytest.raises(RefusedError, match="only who takes this application in"):
            checks_beside(files, checked.id, Officer("sc-supervisor"))


def _verified(one: Life) -> Any:
    """The application after the registers: another name, a confirmed birth, and a failure that lasts."""
    application, now = one.application, one.now
    person, first, second = application.open_questions()
    answers = {
        person.key: person_of(person.person.iin).entry().model_copy(update={"name": f"{person.person.name}жан"}),
        first.key: birth_of(first.person.iin),
    }
    checks = [
        Check(
            register_name=asked.register_name,
            child=asked.child,
            outcome=compare(asked, answers[asked.key])[0],
            fields=compare(asked, answers[asked.key])[1],
            asked_at=now,
            answered_at=now,
        )
        for asked in (person, first)
    ]
    silent = Check(
        register_name=second.register_name,
        child=second.child,
        outcome=CheckOutcome.UNANSWERED,
        failure="SCE005",
        asked_at=now,
        answered_at=None,
    )
    said = tuple(Said(check=key, answer=answer) for key, answer in answers.items())
    act = Act(command=Command.VERIFY, by="process", at=now, cause="registers", checks=(*checks, silent), said=said)
    carry_out(application, act)
    return application


class TestProgram:
    """The commands as people type them."""

    @pytest.fixture
    def ask(self, address: str, tmp_path: Path, open_case: Life) -> Callable[..., Awaitable[Any]]:
        environment = {"TIREK_DATA": str(tmp_path), "TIREK_DATABASE_URL": address}

        async def ask(*arguments: str) -> Any:
            return await run_program(*arguments, "--for", open_case.id, environment=environment)

        return ask

    async def test_found(self, ask: Callable[..., Awaitable[Any]], open_case: Life) -> None:
        """Exit 0, and every field of the contract."""
        number, child = open_case.request.applicant.iin, open_case.children[0]
        ran = await ask("register", "person", number, "--as", "specialist-1", "--json")
        known = person_of(number).entry().model_dump(mode="json", exclude={"life_status"})
        assert (ran.code, ran.json) == (0, {"found": True, **known, "life_status": "alive"})
        ran = await ask("register", "birth", child, "--as", "specialist-1", "--json")
        record = birth_of(child)
        assert ran.code == 0
        assert (ran.json["found"], ran.json["act_number"]) == (True, record.act_number)
        assert ran.json["act_date"] == record.act_date.isoformat()
        assert ran.json["child"]["iin"] == child
        assert [parent["parent"] for parent in ran.json["parents"]] == ["mother", "father"]

    async def test_refused_and_malformed(
        self, ask: Callable[..., Awaitable[Any]], open_case: Life, engine: Engine
    ) -> None:
        """Exit 3 for who may not ask, exit 2 for what is no IIN; nothing is sent, and no number is repeated."""
        number = open_case.request.applicant.iin
        ran = await ask("register", "person", number, "--as", "sc-supervisor", "--json")
        assert (ran.code, ran.json["error"]["code"]) == (3, "not-authorised")
        wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
        ran = await ask("register", "person", wrong, "--as", "specialist-1", "--json")
        assert (ran.code, ran.json["error"]["code"]) == (2, "malformed")
        assert wrong not in ran.out + ran.err
        assert len(accesses(engine)) == 1

    async def test_nobody_asks_for_nobody(self, ask: Callable[..., Awaitable[Any]], open_case: Life) -> None:
        """Who asks has to be said: the row that proves it must not be a guess. Stand-ins say what they are."""
        number = open_case.request.applicant.iin
        ran = await ask("register", "person", number)
        assert (ran.code, "--as" in ran.err) == (2, True)
        ran = await ask("register", "person", number, "--as", "specialist-1")
        assert (ran.code, "stand-ins" in ran.err) == (0, True)
