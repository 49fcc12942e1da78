"""What supervisors are told by e-mail, over a real mail server on this machine."""

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from adapters.database.reader import RecordReader
from adapters.database.records import SqlApplicationRecords
from adapters.host_clock import host_now
from adapters.notices.addresses import AddressFile
from adapters.notices.escalation import ESCALATIONS, Escalation
from adapters.notices.letter import letter
from adapters.notices.mail import MailServer, SmtpNoticeSender
from adapters.notices.sender import Outbox, Way
from adapters.temporal.server import free_port
from models.errors import MalformedError
from models.library import Library
from models.outbound import Notice, NoticeKind
from models.ports import NotDeliveredError
from tests.models.builders import RULES
from tests.proceedings import waited_long
from tests.receivers import MailBox, mail_server, make_certificate, trickling
from tests.test_outbox import all_due
from tests.test_record import secrets_of

FROM, SUPERVISOR = "tirek@example.kz", "supervisor@sc.example.kz"
USER = "tirek"
WARNING = Notice(
    fact=2,
    kind=NoticeKind.WARNING_REACHED,
    recipient="sc-supervisor",
    at=datetime(2026, 11, 23, 4, 7, 30, tzinfo=UTC),
    details={"clock": "waiting", "office": "sc-karaganda", "percent": 50, "due_at": "2026-11-23T09:15:00+05:00"},
)
PASSED = Notice(
    fact=5,
    kind=NoticeKind.LIMIT_PASSED,
    recipient="sc-supervisor",
    at=datetime(2026, 11, 23, 4, 15, tzinfo=UTC),
    details={"clock": "waiting", "office": "sc-karaganda", "stage": "queued"},
)
LIBRARY = Library([RULES.regulation], [RULES.calendar])
SenderOf = Callable[..., SmtpNoticeSender]


@pytest.fixture
def addresses(tmp_path: Path) -> Path:
    file = tmp_path / "addresses.yaml"
    file.write_text(f"sc-supervisor: {SUPERVISOR}\neducation-supervisor: {SUPERVISOR}\n")
    return file


@pytest.fixture
def sender_of(addresses: Path) -> SenderOf:
    def make(url: str, **more: float) -> SmtpNoticeSender:
        server = MailServer.parse(SecretStr(url))
        return SmtpNoticeSender(server, FROM, AddressFile(addresses), LIBRARY, **more)

    return make


def outbox_of(engine: Engine, sender: SmtpNoticeSender) -> Outbox:
    return Outbox(engine, [Way("mail", sender, ESCALATIONS)])


def told(outbox: Outbox) -> int:
    return outbox.deliver_waiting(outbox.ways[0])


def written(application: str, notice: Notice) -> bytes:
    return letter(f"{application}/x", Escalation.of(application, notice), FROM, SUPERVISOR, LIBRARY).as_bytes()


class TestLetter:
    """What a supervisor reads."""

    def test_passed_limit(self) -> None:
        """In three languages, one after the other: the application, the clock, the office, when it was due."""
        message = message_from_bytes(written("app-1", PASSED), policy=default)
        assert message["Subject"] == "Мерзім бұзылды · Срок нарушен · Limit passed: app-1"
        assert (message["From"], message["To"]) == (FROM, SUPERVISOR)
        assert message.get_content().replace("\r", "") == (
            "Мерзім бұзылды\nӨтініш: app-1\nМерзім: Кезек күту (waiting)\n"
            "Орны: «Азаматтарға арналған үкімет» мемлекеттік корпорациясы (sc-karaganda)\n"
            "Мерзімнің аяқталу сәті (Алматы уақыты): 23.11.2026 09:15\n\n"
            "Срок нарушен\nЗаявление: app-1\nСрок: Ожидание в очереди (waiting)\n"
            "Место: Государственная корпорация «Правительство для граждан» (sc-karaganda)\n"
            "Момент истечения срока (время Алматы): 23.11.2026 09:15\n\n"
            "Limit passed\nApplication: app-1\nClock: Waiting to hand documents in (waiting)\n"
            'Office: State Corporation "Government for Citizens" (sc-karaganda)\n'
            "Due (time of Almaty): 23.11.2026 09:15\n"
        )

    def test_warning(self) -> None:
        """A warning says how much of the term is used up."""
        message = message_from_bytes(written("app-1", WARNING), policy=default)
        assert message["Subject"] == "Ескерту · Предупреждение · Warning 50 %: app-1"
        text = message.get_content()
        for words in ("мерзімнің 50 %-ы өтті", "истекло 50 % срока", "50 % of the term is used up", "09:15"):
            assert words in text

    def test_same_at_every_try(self) -> None:
        """Not a byte differs between two tries, and two notices have two ids."""
        assert written("app-1", PASSED) == written("app-1", PASSED)
        ids = {message_from_bytes(written(one, PASSED))["Message-ID"] for one in ("app-1", "app-2", "app-1")}
        assert len(ids) == 2

    @pytest.mark.parametrize(
        ("application", "field", "value"),
        [
            ("app-1\r\nBcc: thief@example.kz", "clock", "waiting"),
            ("app-1\n", "clock", "waiting"),
            ("app-1", "office", "sc-karaganda\r\nBcc: thief@example.kz"),
            ("app-1", "office", "sc-karaganda\n"),
            ("app-1", "clock", "waiting\r\n\r\nanother body"),
        ],
    )
    def test_no_header_can_be_forged(self, application: str, field: str, value: str) -> None:
        """An id or a code with a line break is no escalation: nothing is written at all."""
        notice = PASSED.model_copy(update={"details": {**PASSED.details, field: value}})
        with pytest.raises(ValueError, match="validation error"):
            written(application, notice)


class TestSending:
    """Over the network."""

    def test_plain(self, sender_of: SenderOf) -> None:
        """A relay on this machine takes it for the one post it is for."""
        box = MailBox()
        with mail_server(box) as port:
            sender_of(f"smtp+plain://127.0.0.1:{port}").send("app-1/5", "app-1", PASSED)
        assert box.envelopes == [(FROM, [SUPERVISOR])]
        [message] = box.messages
        assert message["Auto-Submitted"] == "auto-generated"
        assert "Limit passed" in message.get_content()

    @pytest.mark.parametrize("scheme", ["smtp", "smtps"])
    def test_secret_way_with_a_login(
        self, sender_of: SenderOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
    ) -> None:
        """STARTTLS, or TLS from the start, to a server whose certificate is trusted; user and password count."""
        certificate, box = make_certificate(tmp_path), MailBox()
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.file))
        kind = {"smtp": "starttls", "smtps": "tls"}[scheme]
        with mail_server(box, login=(USER, "a b/c@d"), **{kind: certificate.context}) as port:
            sender_of(f"{scheme}://{USER}:a%20b%2Fc%40d@localhost:{port}").send("app-1/5", "app-1", PASSED)
            with pytest.raises(NotDeliveredError, match=r"refused the login \(535\)") as refused:
                sender_of(f"{scheme}://{USER}:wrong-word@localhost:{port}").send("app-1/5", "app-1", PASSED)
        assert len(box.raw) == 1
        assert refused.value.is_lasting
        assert "wrong-word" not in repr(refused.value)

    def test_untrusted_certificate(self, sender_of: SenderOf, tmp_path: Path) -> None:
        """Nothing is sent to a server that cannot show who it is."""
        box = MailBox()
        with (
            mail_server(box, starttls=make_certificate(tmp_path).context) as port,
            pytest.raises(OSError, match="certificate verify failed"),
        ):
            sender_of(f"smtp://localhost:{port}").send("app-1/5", "app-1", PASSED)
        assert box.raw == []

    def test_no_starttls(self, sender_of: SenderOf) -> None:
        """A server that offers none is given neither the message nor the password."""
        box = MailBox()
        with mail_server(box) as port, pytest.raises(NotDeliveredError, match="lacks what is asked of it"):
            sender_of(f"smtp://{USER}:secret@localhost:{port}").send("app-1/5", "app-1", PASSED)
        assert box.raw == []

    @pytest.mark.parametrize("words", ["", f"220 {'a' * 1000}"], ids=["silent", "trickling"])
    def test_server_that_takes_for_ever(self, sender_of: SenderOf, words: str) -> None:
        """A server that says nothing, or a letter now and then, is left after a while."""
        began = host_now()
        with trickling(words) as port:
            sender = sender_of(f"smtp+plain://127.0.0.1:{port}", step_seconds=1.0, whole_seconds=1.5)
            with pytest.raises(NotDeliveredError, match="kept silent"):
                sender.send("app-1/5", "app-1", PASSED)
        assert host_now() - began < timedelta(seconds=10)


class TestOnRecord:
    """By the outbox, on either database."""

    def test_delivered_without_personal_data(
        self, engine: Engine, records: SqlApplicationRecords, reader: RecordReader, sender_of: SenderOf
    ) -> None:
        """Every escalation is mailed once and noted; nothing of the request can be read in any of it."""
        one, box = waited_long(), MailBox()
        records.record(one.entry())
        with mail_server(box) as port:
            outbox = outbox_of(engine, sender_of(f"smtp+plain://127.0.0.1:{port}"))
            assert [told(outbox), told(outbox)] == [4, 0]
        assert [row["attempts"] for row in reader.rows("app-1")["delivery"] if row["sent_at"]] == [1] * 4
        assert box.text.count("app-1") == 4 * 4
        assert [secret for secret in secrets_of(one) if secret in box.text] == []

    def test_retried_after_being_down(
        self, engine: Engine, records: SqlApplicationRecords, reader: RecordReader, sender_of: SenderOf
    ) -> None:
        """A server that is away is noted; what it half took is given to it again with the same Message-ID."""
        records.record(waited_long().entry())
        box, port = MailBox(message_answers=["451 try again"]), free_port()
        outbox = outbox_of(engine, sender_of(f"smtp+plain://127.0.0.1:{port}"))
        assert told(outbox) == 0
        assert {row["problem"] for row in reader.rows("app-1")["delivery"]} == {
            "ConnectionRefusedError: [Errno 111] Connection refused"
        }
        all_due(engine)
        with mail_server(box, port=port):
            assert told(outbox) == 3
            all_due(engine)
            assert told(outbox) == 1
        ids = [message["Message-ID"] for message in box.messages]
        assert (len(ids), len(set(ids)), ids[0]) == (5, 4, ids[-1])
        assert box.raw[0] == box.raw[-1]

    def test_permanent_refusal(
        self, engine: Engine, records: SqlApplicationRecords, reader: RecordReader, sender_of: SenderOf
    ) -> None:
        """It is noted by its code, without the address, and tried again after the longest pause."""
        records.record(waited_long().entry())
        box = MailBox(recipient_answers=[f"550 5.1.1 <{SUPERVISOR}> is unknown"] * 4)
        with mail_server(box) as port:
            assert told(outbox_of(engine, sender_of(f"smtp+plain://127.0.0.1:{port}"))) == 0
        rows = reader.rows("app-1")["delivery"]
        assert {row["problem"] for row in rows} == {"the mail server refused the recipient (550)"}
        ahead = [row["next_attempt_at"] - host_now() for row in rows]
        assert all(timedelta(minutes=29) < one <= timedelta(minutes=30) for one in ahead)

    def test_address_that_is_given_later(
        self,
        engine: Engine,
        records: SqlApplicationRecords,
        reader: RecordReader,
        sender_of: SenderOf,
        addresses: Path,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """A post without an address is noted and told once; with one, its notices leave without a new start."""
        records.record(waited_long().entry())
        addresses.write_text("{}")
        box = MailBox()
        with mail_server(box) as port, caplog.at_level(logging.INFO):
            outbox = outbox_of(engine, sender_of(f"smtp+plain://127.0.0.1:{port}"))
            for _ in range(3):
                assert told(outbox) == 0
                all_due(engine)
            problem = "sc-supervisor has no address in TIREK_ADDRESSES_FILE"
            assert {row["problem"] for row in reader.rows("app-1")["delivery"]} == {problem}
            assert caplog.text.count(problem) == 1
            addresses.write_text(json.dumps({"sc-supervisor": SUPERVISOR}))
            assert told(outbox) == 4
        assert len(box.raw) == 4

    def test_file_that_breaks_meanwhile(
        self,
        engine: Engine,
        records: SqlApplicationRecords,
        reader: RecordReader,
        sender_of: SenderOf,
        addresses: Path,
    ) -> None:
        """A file that cannot be read for now is noted, without what stands in it, and stops nothing."""
        records.record(waited_long().entry())
        addresses.write_text(f"sc-supervisor: {SUPERVISOR}\nsc-supervisor: [")
        assert told(outbox_of(engine, sender_of("smtp+plain://127.0.0.1:9"))) == 0
        problems = {row["problem"] for row in reader.rows("app-1")["delivery"]}
        assert problems == {"TIREK_ADDRESSES_FILE cannot be read"}


class TestSettings:
    """What is wrong is named, and no secret with it."""

    @pytest.mark.parametrize(
        "url",
        [
            "mail.example.kz",
            "http://mail.example.kz",
            "smtp://",
            "smtp://:25",
            "smtp://tirek:hidden@mail.example.kz:hidden",
            "smtp://tirek:hid/den@mail.example.kz",
            "smtp://tirek@mail.example.kz",
            "smtp://:hidden@mail.example.kz",
            "smtp://tirek:hiddenй@mail.example.kz",
            "smtp://mail.example.kz/hidden",
            "smtp://mail.example.kz?hidden",
            "smtp+plain://mail.example.kz",
            "smtp+plain://10.0.0.1",
        ],
    )
    def test_bad_address_of_a_server(self, url: str) -> None:
        """The message names the setting and repeats nothing of the address."""
        with pytest.raises(MalformedError, match=r"^TIREK_SMTP_URL: ") as told_so:
            MailServer.parse(SecretStr(url))
        assert "hid" not in str(told_so.value)

    def test_password_in_a_file(self, tmp_path: Path) -> None:
        """A file may hold the password, which then no repr shows; two of them, or an empty one, are refused."""
        file = tmp_path / "password"
        file.write_text("hidden\n")
        server = MailServer.parse(SecretStr("smtp://tirek@mail.example.kz"), file)
        assert (server.user, server.password.get_secret_value(), server.port) == ("tirek", "hidden", 587)
        assert "hidden" not in repr(server)
        with pytest.raises(MalformedError, match="TIREK_SMTP_PASSWORD_FILE"):
            MailServer.parse(SecretStr("smtp://tirek:other@mail.example.kz"), file)
        file.write_text("\n")
        for wrong in (file, tmp_path / "none"):
            with pytest.raises(MalformedError, match=r"^TIREK_SMTP_PASSWORD_FILE"):
                MailServer.parse(SecretStr("smtp://tirek@mail.example.kz"), wrong)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "- a",
            "sc-supervisor: [",
            "sc-supervisor: a@b.kz\nsc-supervisor: c@d.kz",
            "sc-supervisor: nobody",
            "sc-supervisor: 'a@b.kz, c@d.kz'",
            'sc-supervisor: "a@b.kz\\r\\nBcc: thief@example.kz"',
            'sc-supervisor: "a@b.kz\\n"',
            "Supervisor: a@b.kz",
            "sc-supervisor: 5",
        ],
    )
    def test_bad_file_of_addresses(self, addresses: Path, text: str) -> None:
        """A file that is no list of posts and plain addresses is named at the start."""
        addresses.write_text(text)
        with pytest.raises(MalformedError, match=r"^TIREK_ADDRESSES_FILE: .*addresses\.yaml"):
            AddressFile(addresses).check()
