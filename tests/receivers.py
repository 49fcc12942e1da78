"""Stand-ins for what is outside of the house: a mail server and a receiver of webhooks, both over TCP."""

import ipaddress
import socket
import ssl
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from standardwebhooks import Webhook

from adapters.host_clock import host_now
from adapters.temporal.server import free_port


@dataclass
class Certificate:
    """Of this machine alone, and its own authority: `file` is what a program has to trust."""

    file: Path
    context: ssl.SSLContext


def make_certificate(folder: Path) -> Certificate:
    key, now = ec.generate_private_key(ec.SECP256R1()), host_now()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a stand-in")])
    places: list[x509.GeneralName] = [x509.DNSName("localhost")]
    places.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
    builder = builder.not_valid_after(now + timedelta(days=1))
    builder = builder.add_extension(x509.SubjectAlternativeName(places), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    file = folder / "certificate.pem"
    file.write_bytes(builder.sign(key, SHA256()).public_bytes(Encoding.PEM))
    key_file = folder / "key.pem"
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file, key_file)
    return Certificate(file, context)


@dataclass
class MailBox:
    """What a mail server was given. Its answers are used up one by one; after them it says yes."""

    recipient_answers: list[str] = field(default_factory=list)
    message_answers: list[str] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    needs_login: bool = False

    @property
    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(one, policy=default) for one in self.raw]

    @property
    def text(self) -> str:
        """Everything that can be read in it: headers and bodies."""
        return "\n".join(f"{dict(one)}\n{one.get_content()}" for one in self.messages)

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.recipient_answers:
            return self.recipient_answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.needs_login and not session.authenticated:
            return "530 who are you?"
        self.raw.append(envelope.content)
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        return self.message_answers.pop(0) if self.message_answers else "250 OK"


@contextmanager
def mail_server(
    box: MailBox,
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    login: tuple[str, str] | None = None,
    port: int | None = None,
) -> Generator[int]:
    """A mail server on this machine; with `login`, it takes nothing without."""

    def judge(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: LoginPassword) -> AuthResult:
        given = (data.login.decode(), data.password.decode())
        return AuthResult(success=given == login, handled=False)

    box.needs_login = login is not None
    controller = Controller(
        box,
        hostname="127.0.0.1",
        port=port or free_port(),
        tls_context=starttls,
        require_starttls=starttls is not None,
        ssl_context=tls,
        authenticator=judge,
        auth_require_tls=tls is None,  # it does not see by itself that it is inside of TLS
    )
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@dataclass
class Hook:
    """What a receiver was posted. Its answers are used up one by one; after them it says 204."""

    answers: list[int] = field(default_factory=list)
    location: str = ""
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def verified(self, secret: str) -> list[Any]:
        """What was posted, as another's library reads it; an error of its where a signature is wrong."""
        pairs = zip(self.bodies, self.headers, strict=True)
        return [Webhook(secret).verify(body, headers) for body, headers in pairs]


@contextmanager
def receiver(hook: Hook, *, tls: ssl.SSLContext | None = None, port: int = 0) -> Generator[int]:
    """A receiver of webhooks on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            hook.bodies.append(self.rfile.read(int(self.headers["content-length"])))
            hook.headers.append({name.lower(): value for name, value in self.headers.items()})
            self.send_response(hook.answers.pop(0) if hook.answers else 204)
            if hook.location:
                self.send_header("location", hook.location)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
            """A test says what it has to say by itself."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def trickling(words: str) -> Generator[int]:
    """Whoever connects is told the words letter by letter, a twentieth of a second apart, and then nothing."""
    ended = threading.Event()

    def talk(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        rest = iter(words)
        with connection:
            while not ended.wait(0.05):
                try:
                    connection.sendall(next(rest, "").encode())
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=talk, args=(listening,))
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            ended.set()
            thread.join()
