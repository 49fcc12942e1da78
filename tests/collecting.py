"""A collector for tests: takes spans by OTLP over HTTP, and keeps them."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Span:
    """What was taken of one span."""

    name: str
    service: str
    trace: bytes
    span: bytes
    parent: bytes
    attributes: dict[str, str]


@dataclass
class Collector:
    """Where it listens, every span that came, and the bytes that it came in."""

    address: str = ""
    spans: list[Span] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def take(self, body: bytes) -> None:
        self.bodies.append(body)
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            told = {one.key: one.value.string_value for one in resource.resource.attributes}
            for scope in resource.scope_spans:
                self.spans += [_span(one, told["service.name"]) for one in scope.spans]

    def of(self, application: str) -> list[Span]:
        """The spans of one application."""
        return [one for one in self.spans if one.attributes.get("temporalWorkflowID") == application]


def _span(one: Any, service: str) -> Span:
    attributes = {each.key: each.value.string_value for each in one.attributes}
    return Span(one.name, service, one.trace_id, one.span_id, one.parent_span_id, attributes)


@contextmanager
def collecting() -> Generator[Collector]:
    """A collector that listens on this machine until the end of the block."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collector.take(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200 if self.path == "/v1/traces" else 404)
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Nothing is said."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    collector.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield collector
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
