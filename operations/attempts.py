"""Slows down whoever guesses passwords: failures are counted by name and by address."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

WINDOW_SECONDS = 15 * 60
_OF_ONE = 5
_OF_AN_ADDRESS = 30
_OF_A_NAME = 50
"""More than from one address: nobody shall be able to lock a colleague out from his own desk."""
_MOST_KEYS = 10_000

Key = tuple[str, str, str]
"""What is counted, and of whom: a name may be empty, and shall not be taken for no name."""


@dataclass
class Attempts:
    """The failures of the last quarter of an hour, in this process."""

    now: Callable[[], float] = time.monotonic
    _failed: dict[Key, deque[float]] = field(default_factory=dict)

    def wait_seconds(self, name: str, address: str) -> int:
        """How long nobody is heard under this name from there; 0: now."""
        return max(self._wait(key, most) for key, most in _keys(name, address))

    def begins(self, name: str, address: str) -> None:
        """An attempt counts as a failure from its beginning: many at the same time shall gain nothing."""
        while len(self._failed) > _MOST_KEYS:
            del self._failed[next(iter(self._failed))]  # somebody makes up names by the thousand
        for key, most in _keys(name, address):
            self._failed.setdefault(key, deque(maxlen=most)).append(self.now())

    def succeeded(self, name: str, address: str) -> None:
        """The last one was none; and the earlier ones, of this name from there, were somebody's own slips."""
        for key, _ in _keys(name, address):
            if self._failed.get(key):
                self._failed[key].pop()
        self._failed.pop(("one", name, address), None)

    def _wait(self, key: Key, most: int) -> int:
        failed = self._failed.get(key)
        if failed is None or len(failed) < most:
            return 0
        return max(0, round(failed[0] + WINDOW_SECONDS - self.now()))


def _keys(name: str, address: str) -> tuple[tuple[Key, int], ...]:
    return (
        (("one", name, address), _OF_ONE),
        (("address", "", address), _OF_AN_ADDRESS),
        (("name", name, ""), _OF_A_NAME),
    )
