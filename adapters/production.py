"""What has to be set before real people's applications may come: everything that is missing is named at once."""

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import URL
from sqlalchemy.engine import make_url

from adapters.gateway.agreement import is_of_a_stand_in
from adapters.listening import is_loopback
from adapters.settings import Settings
from models.errors import MalformedError

_ENCRYPTED = ("require", "verify-ca", "verify-full")
_SECRETS = Path("/run/secrets")
"""Where container engines mount secrets, readable by whoever is in the container."""

_NEEDED = {
    "keys_file": "is not set: a key ring made on this machine would be lost with it",
    "gateway_file": "is not set: synthetic registers would answer",
    "signatures_file": "is not set: signatures of a stand-in authority would be believed",
}

Problem = tuple[str, str]


def check_production(settings: Settings, temporal: Mapping[str, Any]) -> None:
    """With TIREK_PRODUCTION, MalformedError for whatever `production_problems` finds."""
    found = production_problems(settings, temporal) if settings.production else []
    if found:
        lines = "; ".join(f"{name} {reason}" for name, reason in found)
        raise MalformedError(f"TIREK_PRODUCTION is true, but {lines}", found)


def for_trials_only(settings: Settings, what: str) -> Settings:
    """The same settings; MalformedError in production, where nothing is made up."""
    if settings.production:
        reason = f"it is true, and {what} is for trials alone"
        raise MalformedError(f"TIREK_PRODUCTION: {reason}", [("TIREK_PRODUCTION", reason)])
    return settings


def production_problems(settings: Settings, temporal: Mapping[str, Any]) -> list[Problem]:
    """What must not be so where real people's applications are: the variable, and the reason.

    `temporal`: how Temporal is reached, as the SDK reads it from TEMPORAL_*: target_host, tls, …
    """
    return [
        *_of_the_record(settings),
        *_not_as_it_must_be(settings),
        *_of_the_keys(settings),
        *_of_temporal(temporal),
    ]


def _of_the_record(settings: Settings) -> Iterator[Problem]:
    name = "TIREK_DATABASE_URL"
    if settings.database_url is None:
        yield name, "is not set: the record would be a file of this machine"
        return
    address = make_url(settings.database_url)
    if address.get_backend_name() != "postgresql":
        yield name, "names no PostgreSQL: the record would be a file of this machine"
    elif not _stays_here(address) and address.query.get("sslmode") not in _ENCRYPTED:
        yield name, f"reaches another machine without TLS: say sslmode={_ENCRYPTED[-1]} in it"


def _stays_here(address: URL) -> bool:
    """Whether what is sent there never leaves the machine: a socket in a folder, or the loopback address.

    What the address leaves open, PostgreSQL's client takes from its own variables; a service may name any host.
    """
    if address.query.get("service") or os.environ.get("PGSERVICE"):
        return False
    hosts = [*_said(address, "host"), address.host or ""]
    if not any(hosts):
        hosts = [os.environ.get("PGHOST", "")]
    hosts += _said(address, "hostaddr") or [os.environ.get("PGHOSTADDR", "")]
    several = [host for one in hosts for host in one.split(",") if host]
    return all(host.startswith("/") or is_loopback(host) for host in several)


def _said(address: URL, name: str) -> list[str]:
    given = address.query.get(name, ())
    return [given] if isinstance(given, str) else list(given)


def _not_as_it_must_be(settings: Settings) -> Iterator[Problem]:
    for field, reason in _NEEDED.items():
        if getattr(settings, field) is None:
            yield f"TIREK_{field.upper()}", reason
    if settings.gateway_file is not None and is_of_a_stand_in(settings.gateway_file):
        yield "TIREK_GATEWAY_FILE", "is of the stand-in for the gateway: synthetic registers would answer"
    if settings.fault is not None:
        yield "TIREK_FAULT", "is set: a worker would kill itself"


def _of_the_keys(settings: Settings) -> Iterator[Problem]:
    if settings.keys_file is None:
        return
    try:
        mode = settings.keys_file.stat().st_mode
    except OSError as error:
        yield "TIREK_KEYS_FILE", f"names a file that cannot be read ({error.strerror})"
        return
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        yield "TIREK_KEYS_FILE", "names a file that others than its owner may write: chmod 600"
    elif mode & stat.S_IROTH and not settings.keys_file.resolve().is_relative_to(_SECRETS):
        yield "TIREK_KEYS_FILE", "names a file that everybody may read: chmod 600"


def _of_temporal(temporal: Mapping[str, Any]) -> Iterator[Problem]:
    address = str(temporal.get("target_host", ""))
    host = address.rpartition(":")[0].strip("[]") or address
    if not temporal.get("tls") and not is_loopback(host):
        yield "TEMPORAL_TLS", f"is not set: {host or 'Temporal'} is reached without TLS"
