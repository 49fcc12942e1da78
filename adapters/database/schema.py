"""Brings a database to the newest schema; of several processes that start at once, one does it."""

from pathlib import Path

from sqlalchemy import Engine, inspect, text

from models.errors import MalformedError

HEAD = "0012"
"""The newest revision in migrations/versions; a test holds it against the folder."""

_MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def ensure_schema(engine: Engine) -> None:
    """Upgrade the schema where it is not the newest; MalformedError for a database of a newer Tirek."""
    revision = current_revision(engine)
    if revision == HEAD:
        return
    if revision is not None and revision > HEAD:
        raise MalformedError(f"TIREK_DATABASE_URL: the database has schema {revision}, this Tirek knows {HEAD}")
    # Alembic takes a tenth of a second to import; most starts need none of it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["engine"] = engine
    command.upgrade(config, "head")


def current_revision(engine: Engine) -> str | None:
    if not inspect(engine).has_table("alembic_version"):
        return None
    with engine.connect() as connection:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
