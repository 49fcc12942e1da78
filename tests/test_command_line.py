"""The command line as its users run it: forms, output and exit codes are a contract."""

import asyncio
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from models.messages import MESSAGES
from tests.command_line import Ran, run_program
from tests.conftest import House

COUNTERS = ("state-corporation", "provider")
VIEW = {"application", "registration_number", "stage", "channel", "allowed", "clocks", "facts"}
CLOCK = {"clock", "started_at", "due_at", "stopped_at", "outcome"}
FACT = {"number", "at", "fact", "by"}


class Clerk:
    """Somebody at a keyboard, with an application in front of them."""

    def __init__(self, house: House) -> None:
        self.environment = house.environment
        self.application = ""

    async def run(self, *arguments: str, stdin: str | None = None) -> Ran:
        return await run_program(*arguments, "--json", environment=self.environment, stdin=stdin)

    async def ticket(self, channel: str = "state-corporation", *more: str) -> dict[str, Any]:
        ran = await self.run("ticket", "--channel", channel, *more)
        assert ran.code == 0, ran.err
        self.application = ran.json["application"]
        return ran.json

    async def do(self, command: str, *more: str, example: tuple[str, ...] | None = None) -> Ran:
        if example is None:
            return await self.run("do", self.application, command, *more)
        text = (await self.run("example", command, *example)).out
        return await self.run("do", self.application, command, "--with", "-", *more, stdin=text)


@pytest.fixture
def clerk(house: House) -> Clerk:
    return Clerk(house)


class TestInputs:
    """schema, example, officers and check need no server."""

    async def test_every_example_is_valid_by_its_schema(self) -> None:
        """What `example NAME` prints is accepted by what `schema NAME` prints, for every input."""
        names = ["ticket" if command == "take_ticket" else command.replace("_", "-") for command in MESSAGES]
        at_once = asyncio.Semaphore(2)

        async def is_valid(name: str) -> bool:
            async with at_once:
                schema = await run_program("schema", name)
                example = await run_program("example", name, "--seed", "1")
                assert (schema.code, example.code) == (0, 0), name
                jsonschema.validate(example.json, schema.json)
                return True

        assert all(await asyncio.gather(*(is_valid(name) for name in names)))

    async def test_schema_without_a_name_prints_all(self) -> None:
        """Each input stands under the name that `example` takes."""
        ran = await run_program("schema")
        assert {"ticket", "submit", "accept", "refuse-intake", "hand-over"} <= set(ran.json)

    async def test_unknown_name_is_malformed(self) -> None:
        """An unknown name ends with 2 and says which names there are."""
        for command in ("schema", "example"):
            ran = await run_program(command, "nonsense")
            assert ran.code == 2
            assert "accept" in ran.err

    async def test_officers_by_role(self) -> None:
        """--role leaves only posts with that role; an unknown role is malformed."""
        ran = await run_program("officers", "--role", "head", "--json")
        assert {officer["officer"] for officer in ran.json} == {"head", "deputy-head"}
        assert (await run_program("officers", "--role", "cook")).code == 2

    async def test_a_pipe_gets_every_letter(self, clerk: Clerk) -> None:
        """What is printed for people into a pipe is neither cut nor wrapped: ids can be copied from it."""
        opened = await clerk.ticket("provider")
        listed = await run_program("list", environment=clerk.environment)
        assert opened["application"] in listed.out
        assert "…" not in (await run_program("officers")).out

    @pytest.mark.parametrize("channel", [*COUNTERS, "portal"])
    async def test_complete_example_passes_the_check(self, channel: str) -> None:
        """A complete package is complete on every channel (R11, R15)."""
        example = await run_program("example", "submit" if channel == "portal" else "accept", "--channel", channel)
        ran = await run_program("check", "-", "--json", stdin=example.out)
        assert ran.code == 0
        assert ran.json["complete"] is True

    @pytest.mark.parametrize(
        ("wish", "item", "requirement"),
        [
            (("--missing", "child-income"), "child-income", "R11"),
            (("--missing", "death-certificate"), "parental-care-absence", "R13"),
            (("--born", "2007-08-13", "--missing", "birth-certificate"), "birth-certificate", "R12"),
            (("--place", "abroad", "--missing", "birth-certificate"), "birth-certificate", "R12"),
        ],
    )
    async def test_check_names_what_is_missing(self, wish: tuple[str, ...], item: str, requirement: str) -> None:
        """The check ends with 3 and names the document, the child and the requirement."""
        example = await run_program("example", "accept", "--children", "2", *wish)
        ran = await run_program("check", "-", "--json", stdin=example.out)
        assert ran.code == 3
        missing = ran.json["missing"]
        assert {one["item"] for one in missing} == {item}
        assert {one["child"] for one in missing} == {1, 2}
        assert all(requirement in one["requirement"] for one in missing)

    async def test_check_without_birth_certificate_after_the_day(self) -> None:
        """A child born in the country on 14 August 2007 needs no certificate (R12)."""
        example = await run_program("example", "accept", "--born", "2007-08-14", "--missing", "birth-certificate")
        assert (await run_program("check", "-", stdin=example.out)).code == 0

    @pytest.mark.parametrize(
        ("text", "named"),
        [("{", "no JSON"), ("[]", "whole input"), ('{"applicant": {}}', "applicant.iin"), ("\x00", "no JSON")],
    )
    async def test_malformed_input_names_the_field(self, text: str, named: str) -> None:
        """Exit 2, and the field is named; a personal number never appears in the words."""
        ran = await run_program("check", "-", stdin=text)
        assert ran.code == 2
        assert named in ran.err

    async def test_wrong_iin_is_named_without_its_value(self) -> None:
        """A checksum that is wrong is malformed input, and the number itself is not repeated."""
        data = (await run_program("example", "accept")).json
        wrong = data["children"][0]["iin"][:11] + str((int(data["children"][0]["iin"][11]) + 1) % 10)
        data["children"][0]["iin"] = wrong
        ran = await run_program("check", "-", "--json", stdin=json.dumps(data))
        assert ran.code == 2
        assert ran.json["error"]["fields"][0]["field"] == "children.0.iin"
        assert wrong not in ran.out + ran.err

    async def test_rules_over_several_fields_name_them(self) -> None:
        """The same child twice, a child that is not there, dates in the future: each is named by its place."""
        data = (await run_program("example", "accept", "--children", "2", "--seed", "5")).json
        data["documents"][0]["child"] = 9
        data["children"][1] = data["children"][0]
        ran = await run_program("check", "-", "--json", stdin=json.dumps(data))
        named = {field["field"] for field in ran.json["error"]["fields"]}
        assert (ran.code, named) == (2, {"children", "documents.0.child"})
        assert (await run_program("example", "accept", "--born", "2050-01-01")).code == 2
        assert (await run_program("example", "ticket", "--channel", "portal")).code == 2

    async def test_contract_without_an_account_is_missing(self) -> None:
        """A contract on an account that the application does not name is no contract (R11, item 6)."""
        data = (await run_program("example", "accept")).json | {"account": None}
        ran = await run_program("check", "-", "--json", stdin=json.dumps(data))
        assert (ran.code, [one["item"] for one in ran.json["missing"]]) == (3, ["bank-account-contract"])

    async def test_missing_file_is_malformed(self, tmp_path: Path) -> None:
        """A file that is not there, or is no text, ends with 2."""
        assert (await run_program("check", str(tmp_path / "none.json"))).code == 2
        (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
        assert (await run_program("check", str(tmp_path / "bytes.json"))).code == 2


class TestApplication:
    """One application through the commands."""

    @pytest.mark.parametrize("channel", COUNTERS)
    async def test_straight_way(self, clerk: Clerk, channel: str) -> None:
        """From the ticket to the collection; each answer carries what the contract names."""
        opened = await clerk.ticket(channel)
        assert opened["stage"] == "queued"
        assert opened["registration_number"] is None
        assert opened["allowed"] == ["call", "leave"]
        await clerk.do("call")
        accepted = await clerk.do("accept", example=("--channel", channel))
        assert accepted.json["stage"] == "accepted"
        assert accepted.json["registration_number"].startswith("KRG-")
        steps = ["take", "prepare-decision", "approve"] + (["deliver"] if channel == "state-corporation" else [])
        for step in steps:
            ran = await clerk.do(step, example=()) if step == "prepare-decision" else await clerk.do(step)
            assert ran.code == 0, ran.out
        collected = await clerk.do("collect", example=())
        assert collected.json["stage"] == "collected"
        assert collected.json["allowed"] == []
        for view in (opened, accepted.json, collected.json):
            assert set(view) >= VIEW
            assert all(set(clock) >= CLOCK for clock in view["clocks"])
            assert all(set(fact) >= FACT for fact in view["facts"])
        number = accepted.json["registration_number"]
        shown = await clerk.run("show", number)
        assert shown.json["application"] == clerk.application
        assert shown.json["package"]["complete"] is True
        assert {check["outcome"] for check in shown.json["checks"]} == {"confirmed"}

    async def test_same_key_is_done_once(self, clerk: Clerk) -> None:
        """A repeated ticket and a repeated command answer the same to the letter, and happen once."""
        first = await clerk.ticket("provider", "--id", "family 1")
        call = await clerk.do("call", "--id", "call 1")
        again = await clerk.do("call", "--id", "call 1")
        assert again.out == call.out
        assert await clerk.ticket("provider", "--id", "family 1") == first
        shown = await clerk.run("show", clerk.application)
        assert [fact["fact"] for fact in shown.json["facts"]] == ["TicketTaken", "ApplicantCalled"]

    async def test_same_key_for_something_else_is_refused(self, clerk: Clerk) -> None:
        """An id that was used for another command, or another counter, is refused with 3."""
        await clerk.ticket("provider", "--id", "family 2")
        await clerk.do("call", "--id", "once")
        other = await clerk.do("refuse-intake", "--id", "once", example=())
        assert (other.code, other.json["error"]["code"]) == (3, "id-reused")
        ticket = await clerk.run("ticket", "--channel", "state-corporation", "--id", "family 2")
        assert (ticket.code, ticket.json["error"]["code"]) == (3, "id-reused")

    async def test_repeated_after_the_end(self, clerk: Clerk) -> None:
        """A final command answers the same when it is repeated; another one comes too late."""
        await clerk.ticket()
        left = await clerk.do("leave", "--id", "gone")
        assert (await clerk.do("leave", "--id", "gone")).out == left.out
        late = await clerk.do("call")
        assert (late.code, late.json["error"]["code"]) == (3, "illegal-move")

    async def test_refusals_carry_code_reason_requirement(self, clerk: Clerk) -> None:
        """The rules refuse with 3 and say why, by which requirement and what is missing (R19)."""
        await clerk.ticket()
        assert (await clerk.do("accept", example=())).json["error"]["code"] == "illegal-move"
        await clerk.do("call")
        ran = await clerk.do("accept", example=("--missing", "child-income"))
        assert ran.code == 3
        error = ran.json["error"]
        assert (error["code"], error["requirement"]) == ("incomplete-package", "R19")
        assert error["refusals"][0]["missing"][0]["item"] == "child-income"
        complete = (await clerk.run("example", "accept")).out
        refused = await clerk.run("do", clerk.application, "refuse-intake", "--with", "-", stdin=complete)
        assert refused.json["error"]["code"] == "package-complete"
        wrong = await clerk.do("refuse-intake", "--as", "specialist-1", example=())
        assert wrong.json["error"]["code"] == "not-authorised"
        assert (await clerk.do("verify")).code == 2
        assert (await clerk.do("accept")).code == 2

    async def test_skip_passes_a_limit(self, clerk: Clerk) -> None:
        """Sixteen minutes in the queue: the limit is passed at its instant, and the wait goes on (R7, C2)."""
        opened = await clerk.ticket()
        moved = await clerk.run("skip", clerk.application, "16m")
        assert moved.json["stage"] == "queued"
        [waiting] = moved.json["clocks"]
        assert (waiting["outcome"], waiting["stopped_at"]) == ("passed", None)
        passed = moved.json["facts"][-1]
        assert (passed["fact"], passed["at"]) == ("LimitPassed", opened["clocks"][0]["due_at"])
        assert moved.json["notices"][0]["recipient"] == "sc-supervisor"

    async def test_list_filters(self, clerk: Clerk) -> None:
        """Stage, channel and limit narrow the list; a wrong value is malformed."""
        await clerk.ticket("provider")
        ran = await clerk.run("list", "--stage", "queued", "--channel", "provider", "--limit", "1")
        assert [row["application"] for row in ran.json] == [clerk.application]
        assert (await clerk.run("list", "--stage", "asleep")).code == 2
        assert (await clerk.run("list", "--limit", "0")).code == 2


class TestWords:
    """What people write is shown as they wrote it, and cannot break anything."""

    async def test_repeated_without_as_answers_the_same(self, clerk: Clerk) -> None:
        """Every command with an id and no --as answers the same again, though somebody else would be next."""
        await clerk.ticket("provider")
        package = ("--channel", "provider", "--seed", "3")
        for step, example in (("call", None), ("accept", package), ("take", None), ("prepare-decision", ())):
            officer = ("--as", "specialist-2") if step in ("take", "prepare-decision") else ()
            text = (await clerk.run("example", step, *example)).out if example is not None else None
            given = ("--with", "-") if example is not None else ()
            first = await clerk.run("do", clerk.application, step, *officer, *given, "--id", step, stdin=text)
            again = await clerk.run("do", clerk.application, step, *given, "--id", step, stdin=text)
            assert (first.code, again.out) == (0, first.out), step
        other = await clerk.do("take", "--id", "take", "--as", "specialist-1")
        assert other.json["error"]["code"] == "id-reused"

    @pytest.mark.parametrize("key", ["", " ", "\t"])
    async def test_blank_id_is_malformed(self, clerk: Clerk, key: str) -> None:
        """An --id that says nothing is a mistake in a script, and nothing is done under it."""
        given = ("ticket", "--channel", "provider"), ("do", "app-any", "call"), ("recall", "app-any")
        for arguments in (*given, ("submit", "-")):
            ran = await clerk.run(*arguments, "--id", key)
            assert (ran.code, ran.json["error"]["fields"][0]["field"]) == (2, "--id")

    async def test_nobody_is_supposed_to_be_the_applicant(self, clerk: Clerk) -> None:
        """Without --as a recall is an intake officer's, also of something that nobody has stored."""
        submitted = await run_program("example", "submit")
        ran = await clerk.run("submit", "-", stdin=submitted.out)
        for application in (ran.json["application"], "KRG-1999-000001"):
            recall = await clerk.run("recall", application)
            assert "as sc-intake-1 (no --as" in recall.err
            assert recall.code in (3, 5)

    async def test_reason_that_looks_like_markup_is_shown(self, clerk: Clerk) -> None:
        """A reason with brackets, or that begins like a date, is shown to people as it is."""
        await clerk.ticket("provider")
        await clerk.do("call")
        await clerk.do("accept", example=("--channel", "provider"))
        for reason in ("see [/p. 3] of the act", "2026 Term wrong"):
            await clerk.do("prepare-decision", example=())
            text = json.dumps({"reason": reason})
            ran = await clerk.run("do", clerk.application, "return-draft", "--with", "-", stdin=text)
            assert ran.code == 0, ran.out
        shown = await run_program("show", clerk.application, environment=clerk.environment)
        assert shown.code == 0, shown.err
        assert "see [/p. 3] of the act" in shown.out
        assert "2026 Term wrong" in shown.out

    @pytest.mark.parametrize("officer", ["Айгүл", "Head", "", "900101300811 x"])
    async def test_officer_that_is_no_code_is_malformed(self, officer: str) -> None:
        """--as with anything but a post's code is malformed, as one JSON document."""
        ran = await run_program("do", "app-any", "call", "--as", officer, "--json")
        assert (ran.code, ran.json["error"]["fields"][0]["field"]) == (2, "--as")

    async def test_control_characters_are_malformed(self) -> None:
        """A reason that would move a terminal's cursor is not taken."""
        text = json.dumps({"reason": "\x1b[2J"})
        ran = await run_program("do", "app-any", "return-draft", "--with", "-", stdin=text)
        assert ran.code == 2

    async def test_endless_input_is_malformed(self) -> None:
        """A file without end is not read to its end."""
        assert (await run_program("check", "/dev/zero")).code == 2


class TestTrouble:
    """What goes wrong says what to do, and ends with its own code."""

    async def test_unknown_application(self, clerk: Clerk) -> None:
        """5 for every command that names an application which is not there."""
        names = ("app-none", "", "KRG-1999-000001", "no such/thing")
        commands = [c for name in names for c in (("show", name), ("do", name, "call"), ("skip", name, "1m"))]
        ran = await asyncio.gather(*(clerk.run(*command) for command in commands))
        assert [(one.code, command) for command, one in zip(commands, ran, strict=True) if one.code != 5] == []

    async def test_no_server(self, tmp_path: Path) -> None:
        """4, and it says that the command was not delivered and what to start."""
        nowhere = {"TEMPORAL_ADDRESS": "127.0.0.1:9", "TIREK_DATA": str(tmp_path), "TIREK_WAIT_SECONDS": "2"}
        ran = await run_program("ticket", "--channel", "provider", environment=nowhere)
        assert ran.code == 4
        assert "make up" in ran.err
        assert "nothing was delivered" in ran.err

    async def test_no_worker(self, house: House) -> None:
        """A ticket is safe without a worker (its clock runs); a command says that it was not delivered."""
        nobody = house.environment | {"TIREK_TASK_QUEUE": "nobody", "TIREK_WAIT_SECONDS": "2"}
        ticket = await run_program("ticket", "--channel", "provider", "--json", environment=nobody)
        assert ticket.code == 4
        assert ticket.json["error"]["pending"] is True
        command = await run_program("do", "app-any", "call", "--json", environment=nobody)
        assert (command.code, command.json["error"]["pending"]) == (4, False)
        assert "not delivered" in command.json["error"]["reason"]

    @pytest.mark.parametrize("duration", ["", "3", "3w", "-1d", "0m", "d", "900d", "9" * 50 + "d"])
    async def test_bad_duration(self, duration: str) -> None:
        """A duration that is none, not positive or beyond reason is malformed."""
        assert (await run_program("skip", "app-any", "--", duration)).code == 2

    async def test_bad_settings_are_named(self, tmp_path: Path) -> None:
        """A worker with a bad setting ends at once with 2 and names the setting."""
        cases = {
            "TIREK_TASK_QUEUE": "no spaces",
            "TIREK_DATABASE_URL": "oracle://x",
            "TIREK_GRACE_SECONDS": "soon",
            "TIREK_REGULATIONS": str(tmp_path),
            "TIREK_KEYS_FILE": str(tmp_path / "none.json"),
        }
        anywhere = {"TIREK_DATA": str(tmp_path), "TEMPORAL_ADDRESS": "127.0.0.1:9"}
        ran = await asyncio.gather(
            *(run_program(program="worker.py", environment=anywhere | {name: cases[name]}) for name in cases)
        )
        for name, one in zip(cases, ran, strict=True):
            assert (one.code, name in one.err) == (2, True), (name, one.err)

    async def test_usage_errors_are_json_too(self) -> None:
        """With --json even a usage error is one document on stdout."""
        ran = await run_program("ticket", "--json")
        assert ran.code == 2
        assert ran.json["error"]["code"] == "malformed"

    async def test_help_says_that_as_is_a_claim(self) -> None:
        """--as is a claim, not a proof, and --help says so."""
        ran = await run_program("do", "--help")
        assert ran.code == 0
        assert "claim, not a proof" in " ".join(ran.out.split())
