"""The SDK's core in a worker: it speaks through Python's logging, and counts what it does for Prometheus."""

from temporalio.runtime import PrometheusConfig

from adapters.settings import Settings
from adapters.temporal.connection import log_through_python
from adapters.temporal.server import free_port
from models.errors import UnavailableError

_TRIES = 5


def begin_core(settings: Settings) -> str | None:
    """Before any client is made. Where the core tells its metrics, on this machine alone; None if nobody asks."""
    if settings.health_port is None:
        log_through_python("WARN")
        return None
    for _ in range(_TRIES):
        address = f"127.0.0.1:{free_port()}"
        try:
            log_through_python("WARN", _metrics(address))
        except ValueError:  # somebody else took the port meanwhile
            continue
        return address
    raise UnavailableError("no port of this machine is free for the metrics of the Temporal SDK")


def _metrics(address: str) -> PrometheusConfig:
    """In names as Prometheus has them: seconds, and `_total` behind what only grows."""
    return PrometheusConfig(
        bind_address=address, counters_total_suffix=True, unit_suffix=True, durations_as_seconds=True
    )
