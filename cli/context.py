"""What a command of the command line works with; nothing is opened or imported before it is needed."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import Engine, Row
from sqlalchemy.exc import SQLAlchemyError

from adapters.database.engine import connect, why_not
from adapters.database.reader import RecordReader
from adapters.database.ring_check import open_ring
from adapters.database.schema import ensure_schema
from adapters.keys import KeyRing
from adapters.logs import QUIET, write_logs
from adapters.production import check_production, for_trials_only
from adapters.regulations import load_library
from adapters.settings import Settings, load_settings
from models.errors import UnavailableError, UnknownApplicationError
from models.library import Library

if TYPE_CHECKING:
    from adapters.documents.store import EncryptedDocumentStore
    from desk.desk import Desk


class Context:
    """Settings, rules and record, each opened when it is first asked for."""

    @cached_property
    def settings(self) -> Settings:
        settings = load_settings()
        write_logs(settings.log_format, QUIET)
        return settings

    @cached_property
    def ready_settings(self) -> Settings:
        """The settings, with everything that production needs. Temporal's are read in production only."""
        if self.settings.production:
            from adapters.temporal.connection import temporal_config

            check_production(self.settings, temporal_config(self.settings))
        return self.settings

    def for_trials_only(self, what: str) -> Settings:
        """The settings, for what must not be done where real people's applications are. MalformedError."""
        return for_trials_only(self.settings, what)

    @cached_property
    def library(self) -> Library:
        return load_library(self.settings.regulations)

    @cached_property
    def ring(self) -> KeyRing:
        """The key ring, which is the one of this record. MalformedError, WrongKeysError."""
        return open_ring(self.settings, self.engine, adds=False)

    @cached_property
    def reader(self) -> RecordReader:
        return RecordReader(self.engine, self.ring)

    @cached_property
    def engine(self) -> Engine:
        """The record, with its newest schema. UnavailableError; MalformedError in production, where a setting is
        missing."""
        url = self.ready_settings.record_url
        try:
            engine = connect(url)
            ensure_schema(engine)
        except SQLAlchemyError as error:
            raise UnavailableError(
                f"the record does not answer ({why_not(error)}); look at TIREK_DATABASE_URL"
            ) from error
        return engine

    @cached_property
    def documents(self) -> "EncryptedDocumentStore":
        """The store of documents. Its library is imported here: few commands need it."""
        from adapters.documents.opening import open_documents

        return open_documents(self.settings, self.ring)

    def find(self, reference: str) -> Row[tuple[object, ...]]:
        """The application with this id or registration number; UnknownApplicationError if there is none."""
        row = self.reader.find(reference)
        if row is None:
            raise UnknownApplicationError(f"there is no application {reference}; see `starter.py list`")
        return row

    @asynccontextmanager
    async def desk(self) -> AsyncGenerator["Desk"]:
        """A desk at the server of TEMPORAL_ADDRESS. Temporal's client is imported here: reading needs none."""
        from adapters.temporal.connection import connect as connect_server
        from adapters.temporal.connection import log_through_python
        from adapters.temporal.plugin import tirek_plugin, tracing_of
        from desk.desk import Desk

        settings = self.settings
        log_through_python()
        with tracing_of(settings, "tirek-desk") as tracing:
            client = await connect_server(tirek_plugin(self.ring, tracing=tracing), settings)
            yield Desk(
                client,
                self.reader,
                self.library,
                self.ring,
                task_queue=settings.task_queue,
                wait_seconds=settings.wait_seconds,
            )
