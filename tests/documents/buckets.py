"""A stand-in for S3-compatible storage over plain HTTP: objects of one bucket, and faults on demand."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

BUCKET = "papers"
_ERROR = '<?xml version="1.0"?><Error><Code>{code}</Code><Message>no</Message></Error>'


@dataclass
class Bucket:
    """What it holds; `refuses` is a status that every request gets."""

    objects: dict[str, bytes] = field(default_factory=dict)
    written: int = 0
    refuses: int | None = None
    address: str = ""

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.address,
            "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
        }


@contextmanager
def running_bucket() -> Iterator[Bucket]:
    """It listens for as long as a test needs it."""
    bucket = Bucket()

    class Handler(_Handler):
        of = bucket

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    bucket.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield bucket
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    of: Bucket
    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        key = self._key
        if key in self.of.objects and self.headers.get("If-None-Match") == "*":
            self._answer(412, _ERROR.format(code="PreconditionFailed").encode())
        elif key is not None:
            self.of.objects[key] = data
            self.of.written += 1
            self._answer(200)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        key, query = self._key, parse_qs(urlsplit(self.path).query)
        if key is None:
            return
        if "list-type" in query:
            self._answer(200, self._listing(query.get("prefix", [""])[0]))
        elif key in self.of.objects:
            self._object(self.of.objects[key])
        else:
            self._answer(404, _ERROR.format(code="NoSuchKey").encode())

    @property
    def _key(self) -> str | None:
        """What is asked for; None where the request was refused."""
        bucket, _, key = unquote(urlsplit(self.path).path).lstrip("/").partition("/")
        status = self.of.refuses or (None if bucket == BUCKET else 404)
        if status is None:
            return key
        self._answer(status, _ERROR.format(code="NoSuchBucket" if status == 404 else "AccessDenied").encode())
        return None

    def _object(self, data: bytes) -> None:
        wanted = self.headers.get("Range")
        if wanted is None:
            self._answer(200, data)
            return
        first, last = (int(one) for one in wanted.removeprefix("bytes=").split("-"))
        last = min(last, len(data) - 1)
        self._answer(206, data[first : last + 1], {"Content-Range": f"bytes {first}-{last}/{len(data)}"})

    def _listing(self, prefix: str) -> bytes:
        rows = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>2026-11-26T00:00:00Z</LastModified>"
            f'<ETag>"0"</ETag><Size>{len(data)}</Size></Contents>'
            for key, data in sorted(self.of.objects.items())
            if key.startswith(prefix)
        )
        return f"<ListBucketResult><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>".encode()

    def _answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        told = {"ETag": '"0"', "Last-Modified": f"{datetime.now(UTC):%a, %d %b %Y %H:%M:%S GMT}"}  # noqa: TID251
        for name, value in {**told, **(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's word
        pass
