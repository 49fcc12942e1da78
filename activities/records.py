"""Writes to the record. Regular activities, never local ones: history has a fact before the record does."""

from temporalio import activity

from models.data import Data, Instant
from models.errors import JournalConflictError
from models.ports import ApplicationRecords
from models.state import Entry


class NumberWanted(Data):
    """An application that is being accepted needs its registration number."""

    application: str
    at: Instant
    pattern: str


class RecordActivities:
    """The record's two writes, over whichever database the worker was given."""

    def __init__(self, records: ApplicationRecords) -> None:
        self._records = records

    @activity.defn
    def record(self, entry: Entry) -> int:
        """Write facts, read model and outbox in one transaction; returns the last fact's number on record."""
        try:
            return self._records.record(entry)
        except JournalConflictError as conflict:
            # Not given up: the pending activity stays in sight of operators, and goes through once they mended
            # the record.
            activity.logger.critical("journal conflict: %s", conflict)
            raise

    @activity.defn
    def assign_registration_number(self, wanted: NumberWanted) -> str:
        return self._records.assign_registration_number(wanted.application, wanted.at, wanted.pattern)
