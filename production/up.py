"""`make production`: the parts of production on this machine until Ctrl-C; the data stays for the next time."""

import asyncio
import os
import shlex
import sys
import time
from pathlib import Path

from adapters.folder_lock import folder_lock
from adapters.logs import QUIET, write_logs
from adapters.process import run_program
from adapters.settings import ROOT, Settings, load_settings
from adapters.temporal.server import Say
from cli.up import take_the_terminal, until_stopped, watch
from models.errors import TirekError
from production.parts import Production, running_production

DATA = ROOT / ".tirek" / "production"
ENVIRONMENT = "environment"
"""The file in the data folder that leads the command line here, as a shell reads it."""


async def stay_up(settings: Settings, say: Say) -> None:
    """Run all parts until SIGINT or SIGTERM; UnavailableError if one does not begin, or ends by itself."""
    take_the_terminal()
    with folder_lock(settings.data):
        await until_stopped(_work(settings, say), say)


async def _work(settings: Settings, say: Say) -> None:
    began = time.monotonic()
    async with running_production(settings, say) as production:
        file = _leave_environment(settings.data / ENVIRONMENT, production)
        _tell(production, file, time.monotonic() - began, say)
        await watch(list(production.children))


def _tell(production: Production, file: Path, seconds: float, say: Say) -> None:
    stores, gateway = production.stores, production.gateway
    stands_in = " of ours: no register of the state is behind it" if gateway.child else ""
    say(
        f"PostgreSQL:      127.0.0.1:{stores.postgresql.port}, TLS; databases temporal, temporal_visibility, tirek"
    )
    say(f"Temporal server: {stores.temporal.address}, TLS, for whoever has a certificate")
    say(f"Temporal UI:     {production.sites.ui}, write actions off")
    say(f"gateway:         {gateway.address}{stands_in}")
    if production.settings.signatures_file is None:
        say("signatures:      those of a stand-in authority are believed (TIREK_SIGNATURES_FILE is not set)")
    say(f"board:           {production.sites.board} for supervisors")
    if production.sites.codec:
        say(f"codec server:    {production.sites.codec} for operators who sign in")
    say(f"workers:         log in {production.worker.log}, health on port {production.settings.health_port}")
    say(f"try:             set -a; . {file}; set +a; .venv/bin/python starter.py list")
    say(f"up after {seconds:.0f} s. Ctrl-C ends everything; the data stays.")


def _leave_environment(path: Path, production: Production) -> Path:
    lines = [f"{name}={shlex.quote(value)}\n" for name, value in sorted(production.environment.items())]
    path.touch(mode=0o600)
    path.write_text("".join(lines))
    return path


def main() -> int:
    """0 if it was ended; the exit code of the error otherwise."""
    write_logs("console", QUIET)
    try:
        settings = load_settings()
        if "TIREK_DATA" not in os.environ:
            settings = settings.model_copy(update={"data": DATA})
        asyncio.run(stay_up(settings, _say))
    except TirekError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except TimeoutError:
        sys.stderr.write("a part of production does not begin; look at the logs in the data folder\n")
        return 4
    return 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    run_program(main)
