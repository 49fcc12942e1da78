"""Runs the migrations in one transaction that locks out every other process that wants to."""

from alembic import context
from sqlalchemy import Engine, text

from adapters.database.engine import writing
from adapters.database.tables import metadata

_LOCK = 0x546972656B  # "Tirek"; any number that nobody else uses


def run() -> None:
    engine: Engine = context.config.attributes["engine"]
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            # A migration of a large record takes as long as it takes, and the others wait for it.
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SET LOCAL lock_timeout = 0"))
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        context.configure(connection=connection, target_metadata=metadata)
        context.run_migrations()


run()
