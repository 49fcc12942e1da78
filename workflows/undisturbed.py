"""Goes on when somebody cancels an execution from outside: a family's application does not end by a click.

Temporal cancels the task that runs `run`. So `run` lives in a task of its own, and the request is answered with a
reason that operators see.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Protocol, TypeVar

REASON = (
    "refused: an application ends as the passport says, and by nothing else; "
    "`starter.py do APPLICATION withdraw` is for an applicant who takes it back"
)


class Undisturbed(Protocol):
    """A workflow that says why it goes on."""

    def refuse_cancellation(self, reason: str) -> None: ...


W = TypeVar("W", bound=Undisturbed)
Begins = TypeVar("Begins")
Closes = TypeVar("Closes")


def undisturbed(run: Callable[[W, Begins], Awaitable[Closes]]) -> Callable[[W, Begins], Awaitable[Closes]]:
    """`run`, which no cancellation from outside ends."""

    @wraps(run)
    async def shielded(self: W, begins: Begins) -> Closes:
        life = asyncio.ensure_future(run(self, begins))
        while not life.done():
            try:
                await asyncio.shield(life)
            except asyncio.CancelledError:
                if life.done():
                    break
                self.refuse_cancellation(REASON)
                _forget_the_cancelling()
        return life.result()

    return shielded


def _forget_the_cancelling() -> None:
    task = asyncio.current_task()
    if task is not None:
        task.uncancel()
