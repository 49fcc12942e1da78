"""The stand-in for the gateway, over real TLS, within the process of the tests."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.gateway.agreement import Agreement
from gateway_stand_in.behaviours import State, Told
from gateway_stand_in.certificates import prepare, write_gateway_file
from gateway_stand_in.people import EXAMPLES, People
from gateway_stand_in.server import StandIn
from gateway_stand_in.serving import make_tls_server


@dataclass(frozen=True)
class Gateway:
    """A stand-in that listens, and what an adapter needs to ask it."""

    stand_in: StandIn
    file: Path

    @property
    def agreement(self) -> Agreement:
        return Agreement.load(self.file)

    def asked(self, iin: str) -> list[dict[str, Any]]:
        """What came about somebody."""
        return [row for row in self.stand_in.asked if row["iin"] == iin]

    def switch(self, state: str) -> None:
        self.stand_in.behaviours.state = State(state)

    def tell(self, iin: str, behaviour: str, **how: object) -> None:
        self.stand_in.behaviours.tell(iin, Told.model_validate({"behaviour": behaviour, **how}))


@asynccontextmanager
async def gateway_in(folder: Path) -> AsyncGenerator[Gateway]:
    """A stand-in with its keys in a folder, on a free port of its own."""
    prepare(folder)
    listening = socket.create_server(("127.0.0.1", 0))
    file = write_gateway_file(folder, listening.getsockname()[1])
    stand_in = StandIn(folder, People.load(EXAMPLES))
    server = make_tls_server(stand_in, folder)
    serving = asyncio.create_task(server.serve([listening]))
    while not server.started:  # noqa: ASYNC110 - the library tells it in no other way
        await asyncio.sleep(0.01)
    try:
        yield Gateway(stand_in, file)
    finally:
        stand_in.holding.let_go()
        server.should_exit = True
        await serving
        listening.close()
