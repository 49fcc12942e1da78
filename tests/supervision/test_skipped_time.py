"""Where a trial has skipped time, what is told now is told as of the latest instant on record."""

from tests.command_line import run_program
from tests.conftest import House


class TestSkippedTime:
    """`starter.py skip`, and what supervisors are told afterwards."""

    async def test_a_limit_that_passed_ahead_of_the_host(self, house: House) -> None:
        """Somebody waits, an hour is skipped, and the breach is listed without a word about when."""
        ticket = await run_program("ticket", "--channel", "provider", "--json", environment=house.environment)
        application = ticket.json["application"]
        skipped = await run_program("skip", application, "1h", "--json", environment=house.environment)
        assert skipped.code == 0, skipped.err
        arguments = ("sla", "breaches", "--clock", "waiting", "--limit", "1000", "--json")
        told = (await run_program(*arguments, environment=house.environment)).json
        [breach] = [one for one in told["breaches"] if one["application"] == application]
        assert (breach["state"], breach["officer"], breach["stage"]) == ("open", None, "queued")
        assert "LimitPassed" in [fact["fact"] for fact in breach["facts"]]
        called = ("do", application, "call", "--as", "education-intake-1", "--json")
        assert (await run_program(*called, environment=house.environment)).code == 0
        told = (await run_program(*arguments, environment=house.environment)).json
        [breach] = [one for one in told["breaches"] if one["application"] == application]
        assert breach["state"] == "closed"
        assert breach["overrun"] >= 44
