"""How large production's databases are, asked of PostgreSQL itself."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.engine import make_url

from adapters.database.engine import connect
from production.secret_files import SecretFiles

DATABASES = ("temporal", "temporal_visibility", "tirek")
_TABLES = """
SELECT c.relname AS name, pg_total_relation_size(c.oid) AS bytes, s.n_live_tup AS rows
FROM pg_class c JOIN pg_stat_user_tables s ON s.relid = c.oid
WHERE c.relkind = 'r'
"""
_WRITTEN = """
SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0'), sum(xact_commit)
FROM pg_stat_database WHERE datname IN ('temporal', 'temporal_visibility', 'tirek')
"""


@dataclass(frozen=True)
class Table:
    """One table with its indexes and long values, in bytes; `rows` as the last ANALYZE counted them."""

    bytes: int
    rows: int


@dataclass(frozen=True)
class Sizes:
    """Bytes of whole databases and of their tables; bytes of WAL and transactions since the cluster was made."""

    databases: Mapping[str, int]
    tables: Mapping[str, Mapping[str, Table]]
    written_ahead: int
    commits: int


def measure_sizes(address: str, secrets: SecretFiles) -> Sizes:
    """Those of a cluster, after a VACUUM ANALYZE: what is deleted already is not counted as rows.

    `address`: that of a superuser, without password, of any of its databases.
    """
    databases: dict[str, int] = {}
    tables: dict[str, Mapping[str, Table]] = {}
    written_ahead = commits = 0
    password = secrets.password("postgresql_password")
    for name in DATABASES:
        url = make_url(address).set(database=name, password=password)
        engine = connect(url.render_as_string(hide_password=False))
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if not databases:  # before the first VACUUM, which writes too
                written_ahead, commits = connection.execute(text(_WRITTEN)).one()
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text("VACUUM ANALYZE"))
            databases[name] = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
            tables[name] = {row.name: Table(row.bytes, row.rows) for row in connection.execute(text(_TABLES))}
        engine.dispose()
    return Sizes(databases, tables, int(written_ahead), int(commits))
