"""Writes to the record. Regular activities, never local ones: history has a fact before the record does."""

from temporalio import activity

from models.errors import JournalConflictError
from models.ports import ApplicationRecords
from models.registration import Registered, RegistrationWanted
from models.state import Entry


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
    def register_application(self, wanted: RegistrationWanted) -> Registered:
        """Claim the children and give the registration number, both or neither."""
        return self._records.register(wanted)
