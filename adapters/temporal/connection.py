"""Connects to the Temporal server named by the standard TEMPORAL_* variables."""

import asyncio
import logging
import os
import re
from typing import Any

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.envconfig import ClientConfig
from temporalio.plugin import SimplePlugin
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)

from adapters.settings import Settings
from models.errors import MalformedError, UnavailableError


def log_through_python(level: str = "ERROR", metrics: PrometheusConfig | None = None) -> None:
    """Let the SDK's core speak through Python's logging, before anything of it is used: by itself it writes
    warnings to standard output, where a command prints its one document. ValueError if `metrics` names an
    address where somebody listens.

    Which application a line is about stands in fields of its own (adapters/logs.py), and not in its words.
    """
    through = LogForwardingConfig(logger=logging.getLogger("temporalio.core"))
    spoken = LoggingConfig(filter=TelemetryFilter(core_level=level, other_level="ERROR"), forwarding=through)
    telemetry = TelemetryConfig(logging=spoken, metrics=metrics, attach_service_name=False)
    Runtime.set_default(Runtime(telemetry=telemetry), error_if_already_set=False)
    activity.logger.activity_info_on_message = False
    workflow.logger.workflow_info_on_message = False


def temporal_config(settings: Settings) -> dict[str, Any]:
    """Where Temporal is and how it is reached, by the standard TEMPORAL_*: target_host always, and whatever of
    namespace, api_key, tls, rpc_metadata is set. MalformedError."""
    try:
        config: dict[str, Any] = dict(ClientConfig.load_client_connect_config())
    except (ValueError, RuntimeError, OSError) as error:
        raise MalformedError(f"{_named_in(str(error)) or _empty_paths() or 'TEMPORAL_*'}: {error}") from error
    return {"target_host": f"127.0.0.1:{settings.temporal_port}"} | config


def _named_in(text: str) -> str:
    """The variables whose values an error repeats: the SDK names a file, and not who named it."""
    names = [
        name for name, value in os.environ.items() if name.startswith("TEMPORAL_") and value and value in text
    ]
    return ", ".join(sorted(names))


def _empty_paths() -> str:
    """The variables that should name a file and are empty: an empty name is read as this folder."""
    return ", ".join(
        sorted(name for name, value in os.environ.items() if re.fullmatch("TEMPORAL_.+_PATH", name) and not value)
    )


async def connect(plugin: SimplePlugin, settings: Settings, *, own_server: str | None = None) -> Client:
    """A client; UnavailableError where no server answers in time, MalformedError for bad TEMPORAL_*.

    `own_server` is the address of a server that we started: nobody's profile, namespace or TLS is for it.
    """
    config: dict[str, Any] = {"target_host": own_server} if own_server else temporal_config(settings)
    address = config["target_host"]
    try:
        async with asyncio.timeout(settings.wait_seconds):
            return await Client.connect(**config, plugins=[plugin])
    except ValueError as error:  # one of certificate and key alone
        raise MalformedError(f"{_CLIENT}: {error}") from error
    except (TimeoutError, RuntimeError) as error:
        what, to_do = _trouble(str(error), address)
        raise UnavailableError(f"{what}, so nothing was delivered; {to_do}") from error


_CLIENT = "TEMPORAL_TLS_CLIENT_CERT_PATH, TEMPORAL_TLS_CLIENT_KEY_PATH"

_TROUBLES = {
    # What the SDK's core says of a connection, and what that means.
    "InvalidCertificate": (
        "the certificate of the Temporal server at {} is not one that we trust",
        "look at TEMPORAL_TLS_SERVER_CA_CERT_PATH and TEMPORAL_TLS_SERVER_NAME",
    ),
    "NoCertificatesPresented|PrivateKeyParseError|InconsistentKeys": (
        "our own certificate for the Temporal server at {} cannot be used, or the key is not its key",
        f"look at {_CLIENT}",
    ),
    "code: Unauthenticated|code: PermissionDenied": (
        "the Temporal server at {} does not let us in",
        "look at TEMPORAL_API_KEY",
    ),
    "error after connection: Status { code: (Unknown|Cancelled)|AlertReceived|fatal alert|ConnectionReset": (
        "the Temporal server at {} broke the connection off",
        "look whether it wants TLS, and a certificate of ours: TEMPORAL_TLS, TEMPORAL_TLS_CLIENT_CERT_PATH",
    ),
}
_NOBODY = (
    "no Temporal server answers at {}",
    "start one with `make up`, or let TEMPORAL_ADDRESS name one that is there",
)


def _trouble(said: str, address: str) -> tuple[str, str]:
    """What is wrong with a connection, and what to do."""
    what, to_do = next((told for signs, told in _TROUBLES.items() if re.search(signs, said)), _NOBODY)
    return what.format(address), to_do
