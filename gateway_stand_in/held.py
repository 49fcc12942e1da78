"""Messages that are held: nothing is kept for a client that has left, and nobody holds up the stand-in's end."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

Receive = Callable[[], Awaitable[Any]]
"""Of ASGI: the next thing that a connection brings."""


class LeaveError(Exception):
    """The connection is closed without a word."""


class Holding:
    """Whoever is held, until it is over."""

    def __init__(self) -> None:
        self._over = asyncio.Event()

    def let_go(self) -> None:
        """The stand-in ends: nobody is held any more."""
        self._over.set()

    async def until(self, wanted: Awaitable[object], receive: Receive) -> None:
        """LeaveError where the client leaves before, or the stand-in ends."""
        waits = [asyncio.ensure_future(one) for one in (wanted, until_gone(receive), self._over.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            if not waits[0].done():
                raise LeaveError
        finally:
            for one in waits:
                one.cancel()
                with suppress(asyncio.CancelledError):
                    await one


async def until_gone(receive: Receive) -> None:
    """Until the client has left, or its connection is closed from here."""
    while (await receive())["type"] != "http.disconnect":
        pass
