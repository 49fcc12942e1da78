"""Traces, sent by OTLP over HTTP: a command, what the process made of it, and what was written and asked for it.

Imported only where TIREK_OTLP_ENDPOINT is set. A span says what was done, when, for which application, and whether
it failed: never the words of a failure, in which an applicant may have a part. An endpoint that is away costs
nothing but the spans: some thousand wait for it, and then the oldest are lost.
"""

import logging
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from opentelemetry.context import Context, attach, create_key, get_value, set_value
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import SpanKind, Status
from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.contrib.opentelemetry import TracingInterceptor, TracingWorkflowInboundInterceptor
from temporalio.worker import HandleUpdateInput, WorkflowInboundInterceptor, WorkflowInterceptorClassInput

_SHOWN = frozenset({"temporalWorkflowID", "temporalRunID", "temporalActivityID", "temporalUpdateID"})
_TALKATIVE = "opentelemetry.sdk._shared_internal"
"""It tells of every single span that is lost; that none is taken, the exporter tells."""
_IS_COMMAND = create_key("tirek-command")
_PATH = "/v1/traces"
_ATTEMPT_SECONDS = 5
_LAST_SECONDS = 2.0
"""How long a program that ends waits for its last spans to be taken."""


class Tracing:
    """What sends the spans of one program, and the interceptor that makes them for client and worker."""

    def __init__(self, endpoint: str, service: str) -> None:
        logging.getLogger(_TALKATIVE).setLevel(logging.ERROR)
        exporter = OTLPSpanExporter(endpoint=_address(endpoint), timeout=_ATTEMPT_SECONDS)
        self._provider = TracerProvider(resource=Resource({"service.name": service}), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(_Discreet(exporter), schedule_delay_millis=1000))
        self.interceptor = _Interceptor(self._provider.get_tracer("tirek"))

    def close(self) -> None:
        """Send what waits, as far as the endpoint takes it soon; a program does not end later for its traces."""
        closing = Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        closing.join(_LAST_SECONDS)


def _address(endpoint: str) -> str:
    """A collector's address alone means its usual path."""
    return endpoint.rstrip("/") + _PATH if urlsplit(endpoint).path in ("", "/") else endpoint


class _Discreet(SpanExporter):
    """Takes away whatever may hold words of people before a span leaves."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._exporter.export([_discreet(span) for span in spans])

    def shutdown(self) -> None:
        self._exporter.shutdown()


def _discreet(span: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes={name: value for name, value in (span.attributes or {}).items() if name in _SHOWN},
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


class _Interceptor(TracingInterceptor):
    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002 - the SDK calls it by this name
    ) -> type[TracingWorkflowInboundInterceptor]:
        super().workflow_interceptor_class(input)
        return _Commands


class _Commands(TracingWorkflowInboundInterceptor):
    """Puts what a command causes into the command's own trace, and not into that of the application's beginning,
    which may be weeks old: then the collector has forgotten it.

    What is written of a command is scheduled by another coroutine, at the same instant of the workflow's time.
    """

    def __init__(self, next: WorkflowInboundInterceptor) -> None:  # noqa: A002
        super().__init__(next)
        self._last: tuple[float, Context] | None = None

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:  # noqa: A002
        context = self._context_of(input.headers)
        self._last = workflow.time(), context
        with _attached(context):
            self._completed_span(f"HandleUpdate:{input.update}", kind=SpanKind.SERVER)
            return await self.next.handle_update_handler(input)

    def handle_update_validator(self, input: HandleUpdateInput) -> None:  # noqa: A002
        with _attached(self._context_of(input.headers)):
            self._completed_span(f"ValidateUpdate:{input.update}", kind=SpanKind.SERVER)
            self.next.handle_update_validator(input)

    def _completed_span(self, span_name: str, **how: Any) -> None:
        is_loose = span_name.startswith("StartActivity:") and get_value(_IS_COMMAND) is None
        if is_loose and self._last is not None and self._last[0] == workflow.time():
            with _attached(self._last[1]):
                super()._completed_span(span_name, **how)
        else:
            super()._completed_span(span_name, **how)

    def _context_of(self, headers: Mapping[str, Payload]) -> Context:
        """The trace that these headers bring; none, if whoever sent them makes none."""
        given, context = headers.get(self.header_key), set_value(_IS_COMMAND, True, Context())
        if given is not None:
            context = self.text_map_propagator.extract(self.payload_converter.from_payloads([given])[0], context)
        return self._set_on_context(context)


@contextmanager
def _attached(context: Context) -> Generator[None]:
    token = attach(context)
    try:
        yield
    finally:
        # An application that is put out of memory ends this in a context that is not its own.
        with suppress(ValueError):
            token.var.reset(token)
