"""One plugin for client, worker and replayer: converter, codec and sandbox are the same everywhere."""

import dataclasses
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter, DefaultFailureConverterWithEncodedAttributes
from temporalio.plugin import SimplePlugin
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from adapters.keys import KeyRing
from adapters.settings import Settings
from adapters.temporal.codec import EncryptionCodec

if TYPE_CHECKING:
    from adapters.temporal.tracing import Tracing

_PURE = ("models", "activities", "pydantic", "pydantic_core", "statemachine", "annotated_types")
"""Passed through even in the strict sandbox: our models are pure, and one class identity is needed."""


def tirek_plugin(ring: KeyRing, *, strict_sandbox: bool = False, tracing: "Tracing | None" = None) -> SimplePlugin:
    """A strict sandbox in tests and CI proves determinism; in production it would only cost time."""
    runner = _runner(strict=strict_sandbox)
    interceptors = [tracing.interceptor] if tracing else None
    return SimplePlugin(
        "tirek", data_converter=data_converter(ring), workflow_runner=runner, interceptors=interceptors
    )


@contextmanager
def tracing_of(settings: Settings, service: str) -> Generator["Tracing | None"]:
    """What makes the traces of a program while the block runs, if they are wanted: else nothing is imported."""
    if settings.otlp_endpoint is None:
        yield None
        return
    from adapters.temporal.tracing import Tracing

    tracing = Tracing(settings.otlp_endpoint, service)
    try:
        yield tracing
    finally:
        tracing.close()


def deriving_plugin(ring: KeyRing) -> SimplePlugin:
    """For a replay whose workflow instances are looked at afterwards, which a sandbox would hide."""
    runner = UnsandboxedWorkflowRunner()
    return SimplePlugin("tirek-deriving", data_converter=data_converter(ring), workflow_runner=runner)


def data_converter(ring: KeyRing) -> DataConverter:
    """Pydantic payloads, encrypted; failures too carry nothing in the clear but their type."""
    return dataclasses.replace(
        pydantic_data_converter,
        payload_codec=EncryptionCodec(ring),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )


def _runner(*, strict: bool) -> WorkflowRunner:
    if not strict:
        return UnsandboxedWorkflowRunner()
    return SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*_PURE))
