"""The host's time, for what no workflow sees: a refused attempt, the pause of a sender, today's rules."""

from datetime import UTC, datetime


def host_now() -> datetime:
    """Now, aware, in UTC. Legal terms never use it: their time is the workflow's."""
    return datetime.now(UTC)  # noqa: TID251 - the one place that may
