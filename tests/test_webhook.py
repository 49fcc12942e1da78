"""What supervisors are told by webhook, over a real receiver on this machine that checks by another's library."""

import base64
import json
import logging
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine
from standardwebhooks import WebhookVerificationError

from adapters.database.reader import RecordReader
from adapters.database.records import SqlApplicationRecords
from adapters.host_clock import host_now
from adapters.notices.escalation import ESCALATIONS
from adapters.notices.sender import Outbox, Way
from adapters.notices.webhook import Receiver, WebhookNoticeSender
from adapters.settings import ROOT
from adapters.temporal.server import free_port
from models.errors import MalformedError
from models.outbound import NoticeKind
from models.ports import NotDeliveredError
from tests.proceedings import waited_long
from tests.receivers import Hook, make_certificate, receiver, trickling
from tests.test_mail import PASSED, WARNING
from tests.test_outbox import all_due
from tests.test_record import secrets_of

OLD, NEW, OTHER = (f"whsec_{base64.b64encode(bytes([byte]) * 32).decode()}" for byte in (1, 2, 3))
SETTING = "TIREK_WEBHOOK_SECRET"


def sender_to(url: str, secrets: str = NEW, seconds: float = 10) -> WebhookNoticeSender:
    return WebhookNoticeSender(Receiver.parse(SecretStr(url), SecretStr(secrets), SETTING), seconds)


def outbox_of(engine: Engine, sender: WebhookNoticeSender) -> Outbox:
    return Outbox(engine, [Way("webhook", sender, ESCALATIONS)])


def told(outbox: Outbox) -> int:
    return outbox.deliver_waiting(outbox.ways[0])


def problems(reader: RecordReader) -> set[str | None]:
    return {row["problem"] for row in reader.rows("app-1")["delivery"]}


class TestPosting:
    """One request."""

    def test_signed_and_read_by_another(self) -> None:
        """An independent library finds the signature right and reads what happened."""
        hook = Hook()
        with receiver(hook) as port:
            sender_to(f"http://127.0.0.1:{port}/tirek?token=hidden").send("app-1/2/x", "app-1", WARNING)
            sender_to(f"http://127.0.0.1:{port}/").send("app-1/5/x", "app-1", PASSED)
        assert hook.verified(NEW) == [
            {
                "type": "warning-reached",
                "timestamp": "2026-11-23T09:07:30+05:00",
                "data": {
                    "application": "app-1",
                    "fact": 2,
                    "clock": "waiting",
                    "office": "sc-karaganda",
                    "recipient": "sc-supervisor",
                    "due_at": "2026-11-23T09:15:00+05:00",
                    "percent": 50,
                },
            },
            {
                "type": "limit-passed",
                "timestamp": "2026-11-23T09:15:00+05:00",
                "data": {
                    "application": "app-1",
                    "fact": 5,
                    "clock": "waiting",
                    "office": "sc-karaganda",
                    "recipient": "sc-supervisor",
                    "due_at": "2026-11-23T09:15:00+05:00",
                    "percent": None,
                },
            },
        ]
        assert [one["webhook-id"] for one in hook.headers] == ["app-1/2/x", "app-1/5/x"]
        assert hook.headers[0]["content-type"] == "application/json"

    def test_another_secret_or_body_is_found_out(self) -> None:
        """What somebody else signed, or changed on the way, does not pass the library's check."""
        hook = Hook()
        with receiver(hook) as port:
            sender_to(f"http://127.0.0.1:{port}/").send("app-1/5", "app-1", PASSED)
        with pytest.raises(WebhookVerificationError):
            hook.verified(OTHER)
        hook.bodies[0] = hook.bodies[0].replace(b"sc-karaganda", b"sc-astana")
        with pytest.raises(WebhookVerificationError):
            hook.verified(NEW)

    def test_secrets_that_change(self) -> None:
        """With two secrets there are two signatures: whoever knows either one is content."""
        hook = Hook()
        with receiver(hook) as port:
            sender_to(f"http://127.0.0.1:{port}/", f"{OLD} {NEW}").send("app-1/5", "app-1", PASSED)
        assert hook.verified(OLD) == hook.verified(NEW)
        assert hook.headers[0]["webhook-signature"].count("v1,") == 2

    def test_receiver_of_the_manual(self) -> None:
        """What docs/notices.md gives a receiver to copy takes what is ours, and nothing else."""
        [code] = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "notices.md").read_text(), re.DOTALL)
        manual: dict[str, Any] = {}
        exec(code, manual)  # noqa: S102 - it is our own page
        hook = Hook()
        with receiver(hook) as port:
            sender_to(f"http://127.0.0.1:{port}/", f"{OLD} {NEW}").send("app-1/5", "app-1", PASSED)
        headers, body = hook.headers[0], hook.bodies[0]
        assert [manual["is_ours"](secret, headers, body) for secret in (OLD, NEW, OTHER)] == [True, True, False]
        assert not manual["is_ours"](NEW, headers, body + b" ")
        assert not manual["is_ours"](NEW, headers | {"webhook-timestamp": "1795634280"}, body)

    def test_over_tls(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A receiver has to show a certificate that is trusted."""
        certificate, hook = make_certificate(tmp_path), Hook()
        with receiver(hook, tls=certificate.context) as port:
            with pytest.raises(NotDeliveredError, match=r"cannot be reached \(ConnectError\)"):
                sender_to(f"https://localhost:{port}/").send("app-1/5", "app-1", PASSED)
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate.file))
            sender_to(f"https://localhost:{port}/").send("app-1/5", "app-1", PASSED)
        assert len(hook.verified(NEW)) == 1

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    def test_redirect_is_not_followed(self, status: int) -> None:
        """Nobody can send our notices elsewhere: a redirect is a problem, and nothing is posted where it leads."""
        hook, elsewhere = Hook([status]), Hook()
        with receiver(elsewhere) as other, receiver(hook) as port:
            hook.location = f"http://127.0.0.1:{other}/"
            with pytest.raises(NotDeliveredError, match=f"answered {status}"):
                sender_to(f"http://127.0.0.1:{port}/").send("app-1/5", "app-1", PASSED)
        assert (len(hook.bodies), elsewhere.bodies) == (1, [])

    @pytest.mark.parametrize("words", ["", f"HTTP/1.1 200 {'a' * 1000}"], ids=["silent", "trickling"])
    def test_receiver_that_takes_for_ever(self, words: str) -> None:
        """A receiver that says nothing, or a letter now and then, is left after a while."""
        began = host_now()
        with trickling(words) as port, pytest.raises(NotDeliveredError, match="does not answer in time"):
            sender_to(f"http://127.0.0.1:{port}/", seconds=1).send("app-1/5", "app-1", PASSED)
        assert host_now() - began < timedelta(seconds=10)

    def test_body_of_an_answer_is_not_read(self) -> None:
        """The status is enough: an endless answer holds nobody up."""
        answer = "HTTP/1.1 200 OK\r\n\r\n" + "a" * 10_000
        began = host_now()
        with trickling(answer) as port:
            sender_to(f"http://127.0.0.1:{port}/").send("app-1/5", "app-1", PASSED)
        assert host_now() - began < timedelta(seconds=5)

    def test_other_notices_are_not_told(self) -> None:
        """What is for the applicant's cabinet does not leave by this way, whoever asks."""
        other = PASSED.model_copy(update={"kind": NoticeKind.RESULT_PUBLISHED})
        with pytest.raises(ValueError, match="not for a supervisor"):
            sender_to("http://127.0.0.1:9/").send("app-1/5", "app-1", other)


class TestOnRecord:
    """By the outbox, on either database."""

    def test_delivered_without_personal_data(
        self, engine: Engine, records: SqlApplicationRecords, reader: RecordReader
    ) -> None:
        """Every escalation is posted once, under the id of the notice; nothing of the request is in any of it."""
        one, hook = waited_long(), Hook()
        records.record(one.entry())
        with receiver(hook) as port:
            outbox = outbox_of(engine, sender_to(f"http://127.0.0.1:{port}/"))
            assert [told(outbox), told(outbox)] == [4, 0]
        assert [row["attempts"] for row in reader.rows("app-1")["delivery"] if row["sent_at"]] == [1] * 4
        posted = json.dumps([hook.verified(NEW), hook.headers], ensure_ascii=False)
        assert posted.count('"app-1"') == 4
        assert [secret for secret in secrets_of(one) if secret in posted] == []
        ids = [headers["webhook-id"] for headers in hook.headers]
        assert ids[-1] == "app-1/5/limit-passed/sc-supervisor"
        assert len(set(ids)) == 4

    def test_retried_after_being_down(
        self, engine: Engine, records: SqlApplicationRecords, reader: RecordReader
    ) -> None:
        """Whatever goes wrong is noted, by the status alone, and posted again with the same id and body."""
        records.record(waited_long().entry())
        hook, port = Hook([410, 500, 404, 302]), free_port()
        outbox = outbox_of(engine, sender_to(f"http://127.0.0.1:{port}/?token=hidden"))
        assert told(outbox) == 0
        assert problems(reader) == {"the receiver cannot be reached (ConnectError)"}
        with receiver(hook, port=port):
            all_due(engine)
            assert told(outbox) == 0
            assert problems(reader) == {f"the receiver answered {status}" for status in (410, 500, 404, 302)}
            all_due(engine)
            assert told(outbox) == 4
        ids = [headers["webhook-id"] for headers in hook.headers]
        assert sorted(ids[:4]) == sorted(ids[4:])
        assert len(set(ids)) == 4
        assert len(set(hook.bodies)) == 4
        assert len(hook.verified(NEW)) == 8

    def test_nothing_secret_is_told(
        self,
        engine: Engine,
        records: SqlApplicationRecords,
        reader: RecordReader,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """Neither secret nor the address with its token stands in the log, on record or in what a repr shows."""
        records.record(waited_long().entry())
        hook = Hook([204, 500])
        with receiver(hook) as port, caplog.at_level(logging.DEBUG):
            url = SecretStr(f"http://127.0.0.1:{port}/?token=hidden")
            for given in (url, SecretStr(f"http://127.0.0.1:{free_port()}/?token=hidden")):
                place = Receiver.parse(given, SecretStr(NEW), SETTING)
                told(outbox_of(engine, WebhookNoticeSender(place)))
        seen = f"{caplog.text} {problems(reader)} {place!r} {place}"
        assert "answered 500" in seen
        assert [secret for secret in ("hidden", NEW, NEW[6:], repr(b"\x02" * 32)) if secret in seen] == []


class TestSettings:
    """What is wrong is named, and no secret with it."""

    @pytest.mark.parametrize(
        "url",
        [
            "hidden",
            "ftp://127.0.0.1/hidden",
            "https:///hidden",
            "https://user:hidden@example.kz/",
            "http://example.kz/hidden",
            "http://10.0.0.1/hidden",
            "http://localhost.example.kz/hidden",
            "https://example.kz:hidden/",
            "https://example.kz:99999999/hidden",
        ],
    )
    def test_bad_address(self, url: str) -> None:
        """https is needed but for this machine itself; the message repeats nothing of the address."""
        with pytest.raises(MalformedError, match=r"^TIREK_WEBHOOK_URL: ") as told_so:
            Receiver.parse(SecretStr(url), SecretStr(NEW), SETTING)
        assert "hidden" not in str(told_so.value)

    @pytest.mark.parametrize(
        "url", ["http://127.0.0.1:1/", "http://[::1]/x", "http://localhost/", "https://a.kz/x"]
    )
    def test_good_address(self, url: str) -> None:
        """This machine may be told in the clear, anybody else over TLS."""
        assert Receiver.parse(SecretStr(url), SecretStr(NEW), SETTING).url.get_secret_value() == url

    @pytest.mark.parametrize(
        "secret", ["", " ", "hidden", "whsec_", "whsec_hidden!", NEW[6:], f"{NEW},{OLD}", NEW[:30]]
    )
    def test_bad_secret(self, secret: str) -> None:
        """A secret that is none, or too short to be one, is refused without being repeated."""
        with pytest.raises(MalformedError, match=rf"^{SETTING}: ") as told_so:
            Receiver.parse(SecretStr("https://example.kz/"), SecretStr(secret), SETTING)
        assert "hidden" not in str(told_so.value)
