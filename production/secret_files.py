"""The secrets of production as files: passwords, key ring, certificates; made once, at random, never shown.

`python -m production.secret_files FOLDER` makes what is missing. To replace one, take its file away and do it
again (docs/production.md says what else follows from that).
"""

import argparse
import os
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path

from adapters.keys import load_key_ring
from models.errors import MalformedError, TirekError
from production.certificates import Pair, make_authority, make_certificate

PASSWORDS = (
    "postgresql_password",
    "temporal_database_password",
    "record_database_password",
    "session_secret",
    "grafana_password",
)
CERTIFIED = ("postgresql", "temporal", "client")
"""Who has a certificate of our authority: both servers, and whoever may reach Temporal."""
KEY_RING = "keys/key_ring.json"
"""In a folder of its own, which is mounted as a whole: its file is replaced when a key is added."""
IMAGES_USER = 10001
"""As whom the programs of our image run (Dockerfile)."""
_OURS, _EVERYBODYS = 0o600, 0o444


@dataclass(frozen=True)
class SecretFiles:
    """A folder with them, closed to everybody else."""

    folder: Path
    in_containers: bool = False
    """Whether each file may be read by everybody: a container runs as another user, and is given single files."""

    def make(self) -> list[str]:
        """Make what is missing; the names of what was made. MalformedError where that cannot be."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.folder.chmod(0o700)
            return [*self._make_passwords(), *self._make_key_ring(), *self._make_certificates()]
        except OSError as error:
            raise MalformedError(f"{self.folder}: secrets cannot be kept there ({error.strerror})") from error

    def path(self, name: str) -> Path:
        return self.folder / name

    def password(self, name: str) -> str:
        return self.path(name).read_text().strip()

    def _make_passwords(self) -> list[str]:
        return [name for name in PASSWORDS if self._keep(name, _password())]

    def _make_key_ring(self) -> list[str]:
        path = self.path(KEY_RING)
        made = not path.exists()
        load_key_ring(path, may_create=True)
        if made and self.in_containers and os.geteuid() == 0:
            for one in (path.parent, path):
                os.chown(one, IMAGES_USER, IMAGES_USER)
        return [KEY_RING] * made

    def _make_certificates(self) -> list[str]:
        made: list[str] = []
        if not self.path("authority.pem").exists():
            made += self._keep_pair("authority", make_authority())
        authority = Pair(self.path("authority.pem").read_bytes(), self.path("authority.key").read_bytes())
        for name in CERTIFIED:
            if not (self.path(f"{name}.pem").exists() and self.path(f"{name}.key").exists()):
                made += self._keep_pair(name, make_certificate(authority, name))
        return made

    def _keep_pair(self, name: str, pair: Pair) -> list[str]:
        for ending, content in (("key", pair.key), ("pem", pair.certificate)):
            self.path(f"{name}.{ending}").unlink(missing_ok=True)
            self._keep(f"{name}.{ending}", content)
        return [f"{name}.pem"]

    def _keep(self, name: str, content: bytes) -> bool:
        """Whether it was missing. The authority's own key no container is given."""
        try:
            file = os.open(self.path(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OURS)
        except FileExistsError:
            return False
        with os.fdopen(file, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(file)
        if name != "authority.key":
            self.path(name).chmod(self._mode)
        return True

    @property
    def _mode(self) -> int:
        return _EVERYBODYS if self.in_containers else _OURS


def _password() -> bytes:
    return f"{secrets.token_urlsafe(32)}\n".encode()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m production.secret_files", description=__doc__)
    parser.add_argument("folder", type=Path, help="where they are kept: not in the project, and not in its image")
    files = SecretFiles(parser.parse_args().folder, in_containers=True)
    try:
        made = files.make()
    except TirekError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    sys.stdout.write(f"made: {', '.join(made) or 'nothing, all of them are there'}\n")
    sys.stdout.write(f"TIREK_SECRETS={files.folder.absolute()}\n")
    if os.geteuid() != 0:
        keys = files.path(KEY_RING).parent
        sys.stdout.write(f"give the key ring to the image's user: sudo chown -R {IMAGES_USER} {keys}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
