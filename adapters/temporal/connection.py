"""Connects to the Temporal server named by the standard TEMPORAL_* variables."""

import asyncio
import logging
from typing import Any

from temporalio.client import Client
from temporalio.envconfig import ClientConfig
from temporalio.plugin import SimplePlugin
from temporalio.runtime import LogForwardingConfig, LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter

from adapters.settings import Settings
from models.errors import MalformedError, UnavailableError


def log_through_python() -> None:
    """Let the SDK's core speak through Python's logging, before anything of it is used: by itself it writes
    warnings to standard output, where a command prints its one document."""
    through = LogForwardingConfig(logger=logging.getLogger("temporalio.core"))
    spoken = LoggingConfig(filter=TelemetryFilter(core_level="ERROR", other_level="ERROR"), forwarding=through)
    runtime = Runtime(telemetry=TelemetryConfig(logging=spoken))
    Runtime.set_default(runtime, error_if_already_set=False)


async def connect(plugin: SimplePlugin, settings: Settings, *, own_server: str | None = None) -> Client:
    """A client; UnavailableError where no server answers in time, MalformedError for bad TEMPORAL_*.

    `own_server` is the address of a server that we started: nobody's profile, namespace or TLS is for it.
    """
    try:
        config: dict[str, Any] = (
            {"target_host": own_server} if own_server else dict(ClientConfig.load_client_connect_config())
        )
    except (ValueError, RuntimeError, OSError) as error:
        raise MalformedError(f"TEMPORAL_*: {error}") from error
    address = config.setdefault("target_host", f"127.0.0.1:{settings.temporal_port}")
    try:
        async with asyncio.timeout(settings.wait_seconds):
            return await Client.connect(**config, plugins=[plugin])
    except (TimeoutError, RuntimeError) as error:
        raise UnavailableError(
            f"no Temporal server answers at {address}, so nothing was delivered; "
            "start one with `make up`, or let TEMPORAL_ADDRESS name one that is there"
        ) from error
