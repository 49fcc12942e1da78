"""What the board works with."""

from collections.abc import Callable
from dataclasses import dataclass

from adapters.database.reader import RecordReader
from desk.answering import Answering
from desk.supervision import Supervision
from models.library import Library
from web.watch import Watch


@dataclass(frozen=True)
class Sources:
    """`supervise` counts by the calendar in force at that moment. `temporal_ui`: where Temporal's page listens.

    `hosts`: under which names the board may be asked for; None: under any.
    """

    supervise: Callable[[], Supervision]
    library: Library
    reader: RecordReader
    watch: Watch
    temporal_ui: str
    namespace: str = "default"
    hosts: frozenset[str] | None = frozenset({"127.0.0.1", "localhost", "::1"})

    def answering(self) -> Answering:
        return Answering(self.supervise(), self.library)
