"""The host's time, for what no workflow sees: a refused attempt, the pause of a sender, today's rules."""

from datetime import UTC, date, datetime

from models.data import local_day


def host_now() -> datetime:
    """Now, aware, in UTC. Legal terms never use it: their time is the workflow's."""
    return datetime.now(UTC)  # noqa: TID251 - the one place that may


def host_today() -> date:
    """Today's date in Karaganda."""
    return local_day(host_now())
