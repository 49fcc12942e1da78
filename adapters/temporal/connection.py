"""Connects to the Temporal server named by the standard TEMPORAL_* variables."""

import asyncio
from typing import Any

from temporalio.client import Client
from temporalio.envconfig import ClientConfig
from temporalio.plugin import SimplePlugin

from models.errors import MalformedError, UnavailableError

DEFAULT_ADDRESS = "127.0.0.1:7233"


async def connect(plugin: SimplePlugin, wait_seconds: float) -> Client:
    """A client; UnavailableError where no server answers in time, MalformedError for bad TEMPORAL_*."""
    try:
        config: dict[str, Any] = dict(ClientConfig.load_client_connect_config())
    except (ValueError, RuntimeError, OSError) as error:
        raise MalformedError(f"TEMPORAL_*: {error}") from error
    address = config.setdefault("target_host", DEFAULT_ADDRESS)
    try:
        async with asyncio.timeout(wait_seconds):
            return await Client.connect(**config, plugins=[plugin])
    except (TimeoutError, RuntimeError) as error:
        raise UnavailableError(
            f"no Temporal server answers at {address}; start one with `make up`, or set TEMPORAL_ADDRESS"
        ) from error
