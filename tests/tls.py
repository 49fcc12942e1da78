"""TLS for tests: an authority of their own, and a front that speaks TLS before a server that does not."""

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from adapters.host_clock import host_now

Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


@dataclass(frozen=True)
class Identity:
    """The files of a certificate and of its key."""

    certificate: Path
    key: Path


class Authority:
    """Certifies whom it is told to; its own certificate is `file`."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        own = self._built(self._name, self._key.public_key()).add_extension(x509.BasicConstraints(True, 0), True)
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(own.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM))

    def certify(self, name: str) -> Identity:
        """For a server on 127.0.0.1, or for whoever comes to it."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        here = x509.SubjectAlternativeName(
            [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
        )
        made = self._built(subject, key.public_key()).add_extension(here, False).sign(self._key, hashes.SHA256())
        files = Identity(self._folder / f"{name}.crt.pem", self._folder / f"{name}.key.pem")
        files.certificate.write_bytes(made.public_bytes(Encoding.PEM))
        files.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        files.key.chmod(0o600)
        return files

    def _built(self, subject: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        now = host_now()
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=1))
        )


def server_side(identity: Identity, *, clients: Path | None = None) -> ssl.SSLContext:
    """As a server speaks TLS; with `clients`, only to whom that authority has certified."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity.certificate, identity.key)
    context.set_alpn_protocols(["h2", "postgresql"])
    if clients is not None:
        context.load_verify_locations(clients)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


@dataclass
class Front:
    """A front that runs: its port, and everything that clients have said through it."""

    port: int
    said: bytearray = field(default_factory=bytearray)


@asynccontextmanager
async def front(context: ssl.SSLContext, behind: Connect, *, is_postgresql: bool = False) -> AsyncIterator[Front]:
    """Speaks TLS on 127.0.0.1, and passes on what is inside of it. PostgreSQL's clients ask for TLS first."""
    made = Front(0)
    running: set[asyncio.Task[None]] = set()

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        try:
            if is_postgresql:
                await _until_tls_is_asked_for(reader, writer)
                await writer.start_tls(context)
            await _pass_on(reader, writer, *await behind(), made.said)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(met, "127.0.0.1", 0, ssl=None if is_postgresql else context)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def _until_tls_is_asked_for(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A client that asks for GSS first is told no; then it asks for TLS (SSLRequest, code 80877103)."""
    while int.from_bytes((await reader.readexactly(8))[4:]) != 80877103:
        writer.write(b"N")
        await writer.drain()
    writer.write(b"S")
    await writer.drain()


async def _pass_on(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    inner_reader: asyncio.StreamReader,
    inner_writer: asyncio.StreamWriter,
    said: bytearray,
) -> None:
    async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter, kept: bytearray | None) -> None:
        while data := await source.read(65536):
            if kept is not None:
                kept += data
            sink.write(data)
            await sink.drain()
        sink.close()

    try:
        await asyncio.gather(pump(reader, inner_writer, said), pump(inner_reader, writer, None))
    finally:
        inner_writer.close()
