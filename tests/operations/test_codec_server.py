"""The codec server: whoever has signed in reads, it is written down, and nobody else gets more than ciphertext."""

import asyncio
import base64
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from google.protobuf.json_format import MessageToDict
from sqlalchemy.exc import OperationalError
from temporalio.api.common.v1 import Payload
from temporalio.converter import WorkflowSerializationContext

from adapters.database.codec_accesses import CodecAccess
from adapters.keys import KeyRing
from adapters.temporal.codec import EncryptionCodec
from operations.attempts import Attempts
from operations.codec_server import create_codec_app
from operations.codec_sources import CodecSources, origin_of
from operations.operators import Operators, password_hash
from operations.sessions import Sessions, session_secret

UI = "http://127.0.0.1:8233"
HERE = "http://127.0.0.1:9733"
PASSWORD = "correct horse battery"  # noqa: S105 - of nobody
SECRET = "Әсел Нұрланқызы 150619643984"  # noqa: S105 - what is encrypted
HASH = password_hash(PASSWORD)
FROM_UI = {"Origin": UI, "X-Namespace": "default"}


@dataclass
class Desk:
    """A codec server, and a browser before it."""

    sources: CodecSources
    browser: httpx.AsyncClient
    file: Path
    noted: list[CodecAccess]
    now: list[float]

    async def sign_in(self, name: str = "aidar", password: str = PASSWORD, **headers: str) -> httpx.Response:
        form = {"name": name, "password": password}
        return await self.browser.post("/sign-in", data=form, headers={"Origin": HERE, **headers})

    async def decode(self, *payloads: Payload, **headers: str) -> httpx.Response:
        body = {"payloads": [MessageToDict(one) for one in payloads]}
        return await self.browser.post("/decode?preserveStorageRefs=true", json=body, headers=FROM_UI | headers)


@pytest_asyncio.fixture
async def desk(tmp_path: Path, key_ring: KeyRing) -> AsyncIterator[Desk]:
    file = tmp_path / "operators.yaml"
    file.write_text(f"aidar: {HASH}\n")
    noted: list[CodecAccess] = []
    now = [1000.0]
    sources = CodecSources(
        key_ring,
        Operators(file),
        Sessions(session_secret(None)),
        noted.append,
        UI,
        is_secure=False,
        hosts=frozenset({"127.0.0.1"}),
        attempts=Attempts(lambda: now[0]),
    )
    transport = httpx.ASGITransport(create_codec_app(sources), client=("192.0.2.7", 1))
    async with httpx.AsyncClient(transport=transport, base_url=HERE) as browser:
        yield Desk(sources, browser, file, noted, now)


@pytest_asyncio.fixture
async def sealed(key_ring: KeyRing) -> Payload:
    plain = Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(SECRET, ensure_ascii=False).encode())
    [one] = await EncryptionCodec(key_ring).encode([plain])
    return one


def data_of(answer: httpx.Response) -> list[bytes]:
    return [base64.b64decode(one["data"]) for one in answer.json()["payloads"]]


class TestDecoding:
    """What the UI asks for."""

    async def test_signed_in(self, desk: Desk, sealed: Payload, caplog: pytest.LogCaptureFixture) -> None:
        """Whoever has signed in gets the content, and it is on record and in the log: who, how many, of which
        namespace, and nothing of what it says."""
        assert (await desk.sign_in()).status_code == 303
        with caplog.at_level(logging.INFO, "tirek.codec"):
            answer = await desk.decode(sealed, sealed)
        assert answer.status_code == 200
        assert [json.loads(one) for one in data_of(answer)] == [SECRET, SECRET]
        assert desk.noted == [CodecAccess("aidar", "default", None, 2)]
        assert "aidar had 2 payloads of default decrypted" in caplog.text
        assert SECRET not in caplog.text
        assert answer.headers["access-control-allow-origin"] == UI
        assert answer.headers["access-control-allow-credentials"] == "true"
        assert answer.headers["cache-control"] == "no-store"

    async def test_signed_out(self, desk: Desk, sealed: Payload) -> None:
        """Without a session there is nothing but a 401 that the UI's page may read."""
        answer = await desk.decode(sealed)
        assert (answer.status_code, answer.json()) == (401, {"error": {"code": "not-signed-in"}})
        assert answer.headers["access-control-allow-origin"] == UI
        assert desk.noted == []

    async def test_what_cannot_be_read_goes_back_as_it_came(self, desk: Desk, sealed: Payload) -> None:
        """What is not encrypted, of another ring, or altered: the others are decrypted all the same."""
        await desk.sign_in()
        plain = Payload(metadata={"encoding": b"json/plain"}, data=b'"plain"')
        strange = Payload(metadata={**sealed.metadata, "encryption-key-id": b"strange"}, data=sealed.data)
        altered = Payload(metadata=sealed.metadata, data=sealed.data[:-1] + bytes([sealed.data[-1] ^ 1]))
        answer = await desk.decode(plain, strange, sealed, altered)
        assert data_of(answer)[0] == plain.data
        assert (data_of(answer)[1], data_of(answer)[3]) == (strange.data, altered.data)
        assert json.loads(data_of(answer)[2]) == SECRET
        assert desk.noted == [CodecAccess("aidar", "default", None, 1)]

    async def test_executions_are_noted(self, desk: Desk, key_ring: KeyRing, sealed: Payload) -> None:
        """A payload that is bound to an execution says whose it is; one that only claims it opens for nobody."""
        codec, plain = EncryptionCodec(key_ring), Payload(metadata={"encoding": b"json/plain"}, data=b'"x"')
        bound = [
            (await codec.with_context(WorkflowSerializationContext("default", name)).encode([plain]))[0]
            for name in ("app-1", "app-2", "app-2")
        ]
        claimed = Payload(metadata={**sealed.metadata, "bound-to": b"app-3"}, data=sealed.data)
        await desk.sign_in()
        await desk.decode(*bound, claimed)
        assert [(one.workflow, one.payloads) for one in desk.noted] == [("app-1", 1), ("app-2", 2)]

    async def test_workflow_is_noted_where_the_browser_tells_it(self, desk: Desk, sealed: Payload) -> None:
        await desk.sign_in()
        await desk.decode(sealed, Referer=f"{UI}/namespaces/default/workflows/app%2F1/0198/history")
        assert [one.workflow for one in desk.noted] == ["app/1"]

    async def test_what_cannot_be_written_down_is_not_shown(self, desk: Desk, sealed: Payload) -> None:
        """A record that is away decrypts nothing."""

        def away(access: CodecAccess) -> None:
            raise OperationalError("x", {}, Exception("away"))

        desk.sources.note = away
        await desk.sign_in()
        answer = await desk.decode(sealed)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "record-away")

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            (b"", 400),
            (b"[]", 400),
            (b"{}", 400),
            (b'{"payloads": {}}', 400),
            (b'{"payloads": [{"data": 3}]}', 400),
            (b'{"payloads": [3]}', 400),
            (b"[" * 100_000, 400),
            (b'{"payloads": [' + b"{}," * 2000 + b"{}]}", 400),
            (b" " * (8 * 1024 * 1024 + 1), 413),
        ],
        ids=["empty", "list", "object", "no list", "no bytes", "number", "deep", "too many", "too large"],
    )
    async def test_malformed(self, desk: Desk, body: bytes, status: int) -> None:
        await desk.sign_in()
        answer = await desk.browser.post("/decode", content=body, headers=FROM_UI)
        assert answer.status_code == status
        assert desk.noted == []

    async def test_fields_of_a_newer_ui_are_left_aside(self, desk: Desk, sealed: Payload) -> None:
        await desk.sign_in()
        body = {"payloads": [MessageToDict(sealed) | {"externalPayloads": [{"sizeBytes": "3"}]}], "more": 1}
        answer = await desk.browser.post("/decode", json=body, headers=FROM_UI)
        assert json.loads(data_of(answer)[0]) == SECRET

    @pytest.mark.parametrize("namespace", ["", "two words", "a" * 256, "../x"])
    async def test_namespace(self, desk: Desk, sealed: Payload, namespace: str) -> None:
        await desk.sign_in()
        assert (await desk.decode(sealed, **{"X-Namespace": namespace})).status_code == 400

    async def test_nothing_is_ever_encrypted(self, desk: Desk) -> None:
        await desk.sign_in()
        assert (await desk.browser.post("/encode", json={"payloads": []}, headers=FROM_UI)).status_code == 404


class TestOrigins:
    """Whose pages may ask."""

    @pytest.mark.parametrize(
        "origin", ["http://127.0.0.1:8234", "https://127.0.0.1:8233", "null", "http://evil.kz"]
    )
    async def test_another_page(self, desk: Desk, sealed: Payload, origin: str) -> None:
        """A page of another origin is not answered, whoever's cookie it brings, nor allowed to ask."""
        await desk.sign_in()
        answer = await desk.decode(sealed, Origin=origin)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "foreign-origin")
        first = await desk.browser.options("/decode", headers={"Origin": origin})
        assert first.status_code == 403
        assert not any(name.startswith("access-control") for name in [*answer.headers, *first.headers])
        assert desk.noted == []

    async def test_preflight(self, desk: Desk) -> None:
        """The UI's own page is told that it may, with its cookie and its two headers."""
        answer = await desk.browser.options("/decode", headers={"Origin": UI})
        assert answer.status_code == 204
        assert answer.headers["access-control-allow-headers"] == "content-type, x-namespace"
        assert answer.headers["access-control-allow-methods"] == "POST"
        assert answer.headers["access-control-allow-origin"] == UI

    @pytest.mark.parametrize("more", [{}, {"Content-Length": "10"}])
    async def test_body_in_pieces(self, desk: Desk, more: dict[str, str]) -> None:
        """It does not say how large it is, even if it says so too: it would fill the disk before anybody asks who
        sent it."""

        async def pieces() -> AsyncIterator[bytes]:
            yield b"name=aidar&password=x"

        headers = {"Origin": HERE, "Transfer-Encoding": "chunked", **more}
        assert (await desk.browser.post("/sign-in", content=pieces(), headers=headers)).status_code == 411

    async def test_foreign_name(self, desk: Desk) -> None:
        """A name of somebody's that leads here gets nothing."""
        assert (await desk.browser.get("/sign-in", headers={"Host": "evil.kz:9733"})).status_code == 421

    @pytest.mark.parametrize("path", ["/sign-in", "/sign-out"])
    async def test_form_of_another_page(self, desk: Desk, path: str) -> None:
        """Nobody is signed in or out by somebody else's page."""
        await desk.sign_in()
        form = {"name": "aidar", "password": PASSWORD}
        answer = await desk.browser.post(path, data=form, headers={"Origin": "http://evil.kz"})
        assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)

    def test_origin_of(self) -> None:
        """As a browser names it."""
        assert origin_of("HTTP://127.0.0.1:8233/ui/") == "http://127.0.0.1:8233"
        assert (
            origin_of("https://ui.example.kz:443")
            == origin_of("https://ui.example.kz/x")
            == "https://ui.example.kz"
        )


class TestSigningIn:
    """Names, passwords, cookies."""

    async def test_cookie(self, desk: Desk) -> None:
        """For eight hours, out of reach of scripts and of other sites; over TLS with the strictest name."""
        cookie = (await desk.sign_in()).headers["set-cookie"]
        assert cookie.startswith("tirek-codec=")
        for part in ("HttpOnly", "SameSite=strict", "Max-Age=28800", "Path=/"):
            assert part in cookie
        assert "Secure" not in cookie
        desk.sources.is_secure = True
        strict = (await desk.sign_in()).headers["set-cookie"]
        assert strict.startswith("__Host-tirek-codec=")
        assert "Secure" in strict

    @pytest.mark.parametrize(
        ("name", "password"),
        [
            ("aidar", "wrong"),
            ("nobody", PASSWORD),
            ("", ""),
            ("aidar", ""),
            ("aidar", "p" * 5000),
            ("aidar", "ÿ\x00"),
        ],
    )
    async def test_wrong(self, desk: Desk, name: str, password: str) -> None:
        """Whatever was wrong, the words are the same, and no cookie comes."""
        answer = await desk.sign_in(name, password)
        assert (answer.status_code, "set-cookie" in answer.headers) == (401, False)
        assert "Name or password is wrong." in answer.text

    async def test_name_is_not_repeated(self, desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
        """Somebody may have typed the password there."""
        answer = await desk.sign_in("<script>typed</script>", "x")
        assert "typed" not in answer.text + caplog.text

    async def test_whoever_was_taken_out_reads_nothing_more(self, desk: Desk, sealed: Payload) -> None:
        """At once, and so does whoever's password was changed; while the file is broken nobody does."""
        await desk.sign_in()
        assert (await desk.decode(sealed)).status_code == 200
        for content, status in (("{}", 401), (f"aidar: {password_hash('another password')}", 401), ("{", 503)):
            desk.file.write_text(content)
            assert (await desk.decode(sealed)).status_code == status
        desk.file.write_text(f"aidar: {HASH}\n")
        assert (await desk.decode(sealed)).status_code == 200

    async def test_signed_out_cookie_is_worth_nothing(self, desk: Desk, sealed: Payload) -> None:
        """Wherever a copy of it is."""
        cookie = (await desk.sign_in()).cookies["tirek-codec"]
        answer = await desk.browser.post("/sign-out", headers={"Origin": HERE})
        assert answer.status_code == 303
        desk.browser.cookies.set("tirek-codec", cookie)
        assert (await desk.decode(sealed)).status_code == 401

    @pytest.mark.parametrize("cookie", ["", "x", "e30.aaaa.bbbb"])
    async def test_made_up_cookie(self, desk: Desk, sealed: Payload, cookie: str) -> None:
        desk.browser.cookies.set("tirek-codec", cookie)
        assert (await desk.decode(sealed)).status_code == 401

    async def test_cookie_of_another_secret_or_of_yesterday(self, desk: Desk, sealed: Payload) -> None:
        """A new start without a secret file signs everybody out; eight hours do too."""
        await desk.sign_in()
        desk.sources.sessions = Sessions(session_secret(None))
        assert (await desk.decode(sealed)).status_code == 401
        await desk.sign_in()
        desk.sources.sessions.lasts_seconds = -1
        assert (await desk.decode(sealed)).status_code == 401

    async def test_page(self, desk: Desk) -> None:
        """It says whether one is signed in, loads nothing, and may not be framed."""
        out = await desk.browser.get("/sign-in")
        assert "<form" in out.text
        assert "<script" not in out.text
        policy = out.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        await desk.sign_in()
        assert "Signed in as <b>aidar</b>" in (await desk.browser.get("/")).text


class TestGuessing:
    """Failures are counted."""

    async def test_five_of_one_name_from_one_place(self, desk: Desk) -> None:
        """After five the right password is not heard either, for a quarter of an hour, and nobody else is locked
        out by it."""
        for _ in range(5):
            assert (await desk.sign_in("aidar", "wrong")).status_code == 401
        refused = await desk.sign_in()
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "900")
        desk.file.write_text(f"aidar: {HASH}\ndana: {HASH}\n")
        assert (await desk.sign_in("dana")).status_code == 303
        desk.now[0] += 901
        assert (await desk.sign_in()).status_code == 303

    def test_many_names_from_one_place(self) -> None:
        """Thirty failures lock the place."""
        attempts = Attempts(lambda: 0.0)
        for number in range(30):
            assert attempts.wait_seconds("aidar", "192.0.2.7") == 0
            attempts.begins(f"name-{number}", "192.0.2.7")
        assert attempts.wait_seconds("aidar", "192.0.2.7") == 900
        assert attempts.wait_seconds("aidar", "192.0.2.8") == 0

    @pytest.mark.parametrize(("name", "address"), [("", "192.0.2.7"), ("aidar", "")])
    def test_nothing_given_is_counted_by_itself(self, name: str, address: str) -> None:
        """An empty name or an unknown address does not stand for all names of a place, or for all places."""
        attempts = Attempts(lambda: 0.0)
        attempts.begins(name, address)
        for number in range(60):
            attempts.begins(f"name-{number}" if address else name, address or f"192.0.2.{number}")
        assert attempts.wait_seconds("dana" if address else name, address or "198.51.100.1") == 900

    def test_one_name_from_many_places(self) -> None:
        """Fifty lock the name, wherever they come from."""
        attempts = Attempts(lambda: 0.0)
        for number in range(50):
            attempts.begins("aidar", f"192.0.2.{number}")
        assert attempts.wait_seconds("aidar", "198.51.100.1") == 900

    def test_memory_is_bounded(self) -> None:
        """Names that are made up by the thousand fill nothing."""
        attempts = Attempts(lambda: 0.0)
        for number in range(12_000):
            attempts.begins(f"name-{number}", f"{number}")
        assert len(attempts._failed) <= 10_003

    async def test_many_at_once(self, desk: Desk) -> None:
        """Whoever tries all at the same time gains nothing: no more than the few that were under way."""
        answers = await asyncio.gather(*(desk.sign_in("aidar", "wrong") for _ in range(12)))
        assert [one.status_code for one in answers].count(401) == 5
        assert {one.status_code for one in answers} == {401, 429}
