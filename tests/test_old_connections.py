"""A server closes connections of a certain age (five minutes, unless it is told otherwise): nobody notices."""

import asyncio
import time
from pathlib import Path

import pytest
from temporalio.client import Client

from adapters.temporal import server as temporal_server
from adapters.temporal.namespace import prepare_namespace
from adapters.temporal.server import Place, free_port, running_server
from desk.delivery import Delivery
from models.errors import UnavailableError
from workflows import operators

_AGES = {"frontend.keepAliveMaxConnectionAge": '"50ms"', "frontend.keepAliveMaxConnectionAgeGrace": '"1s"'}
_SECONDS = 3


class TestOldConnections:
    """What is asked just when the connection closes is asked again on a new one."""

    async def test_asked_again(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Some hundred questions, while every connection lives for a twentieth of a second."""
        monkeypatch.setattr(temporal_server, "_DYNAMIC_CONFIG", temporal_server._DYNAMIC_CONFIG | _AGES)
        place = Place(None, tmp_path / "log", free_port(), None, operators.flags())
        async with running_server(place, print) as server:
            client = await Client.connect(server.address)
            asked = await asyncio.gather(*(_ask(client) for _ in range(4)))
        assert sum(asked) > 100


async def _ask(client: Client) -> int:
    """Look for a worker that is not there, and prepare what is prepared, until the time is over; how often."""
    delivery, asked, end = Delivery(client, "nobody", 8), 0, time.monotonic() + _SECONDS
    while time.monotonic() < end:
        assert not await delivery._sees_worker()
        await prepare_namespace(client, operators.registered())
        asked += 1
    with pytest.raises(UnavailableError, match="no worker is there"):
        await delivery.need_worker()
    return asked
