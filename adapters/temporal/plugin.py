"""One plugin for client, worker and replayer: converter, codec and sandbox are the same everywhere."""

import dataclasses

from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter, DefaultFailureConverterWithEncodedAttributes
from temporalio.plugin import SimplePlugin
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from adapters.keys import KeyRing
from adapters.temporal.codec import EncryptionCodec

_PURE = ("models", "activities", "pydantic", "pydantic_core", "statemachine", "annotated_types")
"""Passed through even in the strict sandbox: our models are pure, and one class identity is needed."""


def tirek_plugin(ring: KeyRing, *, strict_sandbox: bool = False) -> SimplePlugin:
    """Strict in tests and CI, where the sandbox proves determinism; all modules pass through in production."""
    runner = _runner(strict=strict_sandbox)
    return SimplePlugin("tirek", data_converter=data_converter(ring), workflow_runner=runner)


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
    restrictions = SandboxRestrictions.default
    if strict:
        return SandboxedWorkflowRunner(restrictions=restrictions.with_passthrough_modules(*_PURE))
    return SandboxedWorkflowRunner(restrictions=restrictions.with_passthrough_all_modules())
