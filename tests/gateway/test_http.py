"""What HTTP may do to an exchange: sizes, packing, slowness, pages of proxies, TLS, connections that are kept."""

import asyncio
import gzip
import ssl
import tracemalloc
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from adapters.gateway.exchange import LARGEST
from adapters.gateway.registers import gateway_registers
from adapters.host_clock import host_now
from models.ports import RegisterUnavailableError
from tests.gateway import people
from tests.gateway.answering import Stream, answered, asked_in, fault_of, response, signed
from tests.gateway.conftest import ASKING, Talk
from tests.gateway.partners import FakeExchangeLog, Partner, agreement_of
from tests.receivers import make_certificate

PAGE = (
    b"<!DOCTYPE html><html><head><title>502</title><meta charset=windows-1251></head><body>\xcf\xf0</body></html>"
)


def good(came: bytes, gateway: Partner) -> bytes:
    return signed(response(people.person_data(), asked_in(came)), gateway)


class TestSize:
    """How much is read."""

    async def test_endless(self, talk: Talk) -> None:
        """Ten megabytes and more, without a length: reading ends soon after one, and the memory with it."""

        def parts() -> Iterator[bytes]:
            yield b"<a>"
            for _ in range(1000):
                yield bytes(65_536).replace(b"\0", b"a")

        stream = Stream(parts())
        tracemalloc.start()
        try:
            refusal = await talk.refusal(lambda _: httpx.Response(200, stream=stream))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert refusal == "answer-too-large"
        assert stream.taken < LARGEST + 2 * 65_536
        assert peak < 4 * LARGEST

    async def test_announced(self, talk: Talk) -> None:
        """An answer that says it is too large is not read at all."""
        stream = Stream([b"<a/>"])
        made = httpx.Response(200, headers={"content-length": str(10_000_000)}, stream=stream)
        assert await talk.refusal(lambda _: made) == "answer-too-large"
        assert stream.taken == 0

    async def test_large_but_allowed(self, talk: Talk, gateway: Partner) -> None:
        """A person with half a megabyte of documents is read."""
        many = people.person().replace("<removed>", f"<note>{'я' * 250_000}</note><removed>")

        def make(came: bytes) -> bytes:
            return signed(response(people.person_data(many), asked_in(came)), gateway)

        assert await talk.person(make) == people.WOMAN_ENTRY

    @pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, identity"])
    async def test_packed(self, talk: Talk, gateway: Partner, encoding: str) -> None:
        """A bomb is not unpacked; neither is an answer that is none, as nobody asked for it."""
        stream = Stream([gzip.compress(bytes(50_000_000))])
        bomb = httpx.Response(200, headers={"content-encoding": encoding}, stream=stream)
        assert await talk.refusal(lambda _: bomb) == "answer-encoded"
        assert stream.taken == 0
        assert await talk.refusal(lambda came: answered(good(came, gateway), content_encoding=encoding)) == (
            "answer-encoded"
        )


class TestTime:
    """How long it may take."""

    async def test_dripping(self, talk: Talk) -> None:
        """A byte now and then does not hold the deadline up: it is for the whole attempt."""
        talk.seconds = 0.3
        began = host_now()
        stream = Stream((b"<" for _ in range(1000)), pause=0.05)
        assert await talk.failure(lambda _: httpx.Response(200, stream=stream)) == "timeout"
        assert (host_now() - began).total_seconds() < 2
        assert 0 < stream.taken < 10

    async def test_given_up(self, talk: Talk) -> None:
        """Whoever asked and does not wait: the exchange is put on record as given up."""
        stream = Stream([b"<"], pause=60)
        asking = asyncio.create_task(talk.person(lambda _: httpx.Response(200, stream=stream)))
        await stream.asked.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert [(one.outcome, one.code) for one in talk.log.ended] == [("failed", "given-up")]


class TestNoMessage:
    """What is no SOAP message passes: it is not the gateway that speaks."""

    @pytest.mark.parametrize(
        ("content", "kind"),
        [
            (PAGE, "text/html; charset=windows-1251"),
            (PAGE, "text/xml"),
            (b"\n <HTML><p>unclosed", "text/xml"),
            (b'{"error": 1}', "application/json"),
            (b"upstream connect error", "text/xml"),
            (b"", "text/xml"),
            (b"  ", "text/xml"),
            (b"<a", "text/xml"),
            (b"<error>closed</error>", "application/xml"),
            (b'<Envelope xmlns="http://www.w3.org/2003/05/soap-envelope"><Body/></Envelope>', "text/xml"),
        ],
    )
    async def test_no_soap(self, talk: Talk, content: bytes, kind: str) -> None:
        """A page, words, nothing, another protocol."""
        assert await talk.failure(lambda _: answered(content, content_type=kind)) == "no-soap"

    @pytest.mark.parametrize("status", [204, 301, 302, 408, 429, 502, 503, 504])
    async def test_passing_status(self, talk: Talk, status: int) -> None:
        """Busy, away, or a redirect, which is not followed."""
        made = answered(PAGE, status, location="https://127.0.0.1:9/elsewhere")
        assert await talk.failure(lambda _: made) == f"http-{status}"

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 415, 422])
    async def test_lasting_status(self, talk: Talk, status: int) -> None:
        """The request itself is wrong, or we are not let in."""
        assert await talk.refusal(lambda _: answered(PAGE, status)) == f"http-{status}"

    @pytest.mark.parametrize("content", [PAGE, b"", b"<error/>"])
    @pytest.mark.parametrize("kind", ["text/html", "text/xml"])
    async def test_500_without_a_fault(self, talk: Talk, content: bytes, kind: str) -> None:
        """500 is how SOAP tells a fault; without one it is a server's error."""
        assert await talk.failure(lambda _: answered(content, 500, content_type=kind)) == "http-500"

    async def test_500_with_a_fault(self, talk: Talk, gateway: Partner) -> None:
        """A fault is read as one with either status."""
        for status in (200, 500):
            made = answered(signed(fault_of("SCE004"), gateway), status)
            assert await talk.refusal(lambda _: made) == "SCE004"  # noqa: B023 - called in this turn

    @pytest.mark.parametrize(
        ("error", "code"),
        [
            (httpx.ConnectError, "network"),
            (httpx.ReadError, "network"),
            (httpx.RemoteProtocolError, "network"),
            (httpx.ConnectTimeout, "timeout"),
            (httpx.PoolTimeout, "timeout"),
        ],
    )
    async def test_network(self, talk: Talk, error: type[Exception], code: str) -> None:
        """What the network does passes, and tells nothing that the other side said."""

        def make(_: bytes) -> bytes:
            raise error(f"about {people.WOMAN}")

        assert await talk.failure(make) == code


@dataclass
class Server:
    """A gateway over TLS on this machine."""

    make: Callable[[bytes], bytes]
    connections: int = 0
    heads: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.heads.append(head.lower())
                length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
                content = self.make(await reader.readexactly(length))
                writer.write(
                    b"HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: %d\r\n\r\n" % len(content)
                    + content
                )
        except asyncio.IncompleteReadError:
            writer.close()


@asynccontextmanager
async def serving(server: Server, tls: ssl.SSLContext, host: str = "127.0.0.1") -> AsyncGenerator[str]:
    """The address of the server while it runs."""
    listening = await asyncio.start_server(server.serve, host, 0, ssl=tls)
    async with listening:
        yield f"https://{host}:{listening.sockets[0].getsockname()[1]}/bip-sync-wss"


class TestTls:
    """Over a real socket."""

    async def test_trusted(self, tmp_path: Path, us: Partner, gateway: Partner) -> None:
        """Fifty questions at once and fifty more use the same connections; the headers are the protocol's."""
        certificate, server = make_certificate(tmp_path), Server(lambda came: good(came, gateway))
        async with serving(server, certificate.context) as url:
            agreement = agreement_of(tmp_path, us, gateway, url=url, ca_file=certificate.file.name)
            log = FakeExchangeLog()
            async with gateway_registers(agreement, log, seconds=20) as registers:
                for _ in range(2):
                    found = await asyncio.gather(
                        *(registers.person.find_person(people.WOMAN, ASKING) for _ in range(50))
                    )
                    assert found == [people.WOMAN_ENTRY] * 50
        assert server.connections <= 50
        assert (len(log.begun), len(log.ended), len(server.heads)) == (100, 100, 100)
        for line in (b'soapaction: ""', b"content-type: text/xml; charset=utf-8", b"accept-encoding: identity"):
            assert line in server.heads[0]

    @pytest.mark.parametrize(("host", "is_authority_known"), [("127.0.0.1", False), ("127.0.0.2", True)])
    async def test_stranger(
        self, tmp_path: Path, us: Partner, gateway: Partner, host: str, is_authority_known: bool
    ) -> None:
        """A server whose certificate nobody vouches for, or which is of another place, is told nothing."""
        certificate, server = make_certificate(tmp_path), Server(lambda came: good(came, gateway))
        authorities = certificate.file.name if is_authority_known else None
        async with serving(server, certificate.context, host) as url:
            agreement = agreement_of(tmp_path, us, gateway, url=url, ca_file=authorities)
            async with gateway_registers(agreement, FakeExchangeLog()) as registers:
                with pytest.raises(RegisterUnavailableError, match=r"^network: "):
                    await registers.person.find_person(people.WOMAN, ASKING)
        assert server.heads == []
