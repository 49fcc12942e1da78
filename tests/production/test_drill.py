"""The restore drill on PostgreSQL with Temporal on it, with pg_dump and pg_restore."""

import pytest

from tests.drilling import drilled


@pytest.mark.timeout(900)
async def test_both_losses() -> None:
    """An hour of the record, then Temporal's database: both come back."""
    told = await drilled("--on", "production")
    assert "42 facts rebuilt; 14 compared, 0 differences" in told
    assert "12 of 12 open applications go on" in told
