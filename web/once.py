"""Works an answer out once, however many ask for it at the same instant."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

T = TypeVar("T")

_KEPT = 64
_WORKERS = ThreadPoolExecutor(2, "tirek-page")
"""Few: they share one interpreter, so more of them at once would only end later, all of them."""


class Once(Generic[T]):
    """Answers by a key that contains the instant they are told as of: so none of them is ever out of date.

    Whoever asks while one is worked out waits for it. A failure is told to all who wait, and not kept.
    """

    def __init__(self) -> None:
        self._answers: OrderedDict[Hashable, asyncio.Future[T]] = OrderedDict()

    async def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The answer of this key; `make` runs in a thread, if nobody has begun it."""
        found = self._answers.get(key)
        if found is None:
            found = self._answers[key] = asyncio.get_running_loop().run_in_executor(_WORKERS, make)
            found.add_done_callback(lambda done: self._settle(key, done))
            while len(self._answers) > _KEPT:
                self._answers.popitem(last=False)
        return await asyncio.shield(found)  # one who goes away takes nobody's answer with him

    def _settle(self, key: Hashable, done: asyncio.Future[T]) -> None:
        if (done.cancelled() or done.exception() is not None) and self._answers.get(key) is done:
            del self._answers[key]
