"""Makes a record whole again that was restored from an older copy: what it lacks is in the histories.

History comes first (docs/decisions/0001-history-first.md), so a record can only be behind it. Where the two say
different things of the same fact, nothing is written: somebody has to look.
"""

import asyncio
from collections.abc import Iterable

from temporalio.client import Client

from adapters.database.reader import RecordReader
from adapters.database.records import SqlApplicationRecords
from adapters.keys import KeyRing
from desk.comparing import Difference
from desk.deriving import derive
from desk.reconcile import history_of
from desk.recovered import Repaired
from models.errors import JournalConflictError
from models.library import Library
from models.state import Entry


class Repairer:
    """Writes what the record lacks, one execution after the other; nothing of it needs a worker."""

    def __init__(
        self, client: Client, reader: RecordReader, records: SqlApplicationRecords, ring: KeyRing, library: Library
    ) -> None:
        self._client = client
        self._reader = reader
        self._records = records
        self._ring = ring
        self._library = library

    async def repair(self, differences: Iterable[Difference]) -> list[Repaired]:
        """Rebuild what differs and can be rebuilt. A recall comes after its application, by its id.

        A child may still be claimed by an application whose end the record lacks: so whatever could not be rebuilt
        is tried again for as long as something else could.
        """
        done: list[Repaired] = []
        left, before = sorted({one.execution for one in differences}), 0
        while len(left) != before:
            before, turn, left = len(left), left, []
            for execution in turn:
                what = await self._repair(execution)
                if what is None:
                    left.append(execution)
                else:
                    done.append(Repaired(execution, what))
        return done

    async def _repair(self, execution: str) -> str | None:
        history = await history_of(self._client, execution)
        recorded = self._reader.entry(execution)
        if self._reader.erasures.find(execution) is not None:
            return None
        if history is None:
            return await self._free_children(execution) if recorded is None else None
        try:
            derived = await derive(history, self._ring)
        except Exception:  # noqa: BLE001 - the reconciliation after this tells what a replay raises
            return None
        if derived is None or not is_behind(recorded, derived):
            return None
        return await self.rebuild(derived, recorded)

    async def rebuild(self, derived: Entry, recorded: Entry | None) -> str | None:
        """Write what the record lacks of an entry; None where the record contradicts it after all."""
        pattern = self._library.regulation(derived.state.opening.regulation).registration_number
        try:
            await asyncio.to_thread(self._records.rebuild, derived, pattern)
        except JournalConflictError:
            return None
        missing = len(derived.facts) - (len(recorded.facts) if recorded else 0)
        return f"{missing} facts written" if missing else "its read model written anew"

    async def _free_children(self, execution: str) -> str | None:
        """A claim of what exists nowhere else: it would keep a child from ever being accepted."""
        _, claimed = self._reader.registration(execution)
        if not claimed:
            return None
        await asyncio.to_thread(self._records.release, execution)
        return f"{len(claimed)} children let go of: nothing else of it exists"


def is_behind(recorded: Entry | None, derived: Entry) -> bool:
    """Whether the record is history as it was some facts ago, or as it is now."""
    return recorded is None or recorded.facts == derived.facts[: len(recorded.facts)]
