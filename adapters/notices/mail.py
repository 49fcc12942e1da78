"""Delivers a supervisor's notices by e-mail, over a mail server of the office (SMTP)."""

import smtplib
import socket
import ssl
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from enum import StrEnum
from pathlib import Path
from threading import Timer
from typing import NoReturn
from urllib.parse import SplitResult, unquote, urlsplit

from pydantic import SecretStr

from adapters.notices.addresses import AddressFile
from adapters.notices.credentials import is_this_machine, read_secret
from adapters.notices.escalation import Escalation
from adapters.notices.letter import letter
from models.errors import MalformedError
from models.library import Library
from models.outbound import Notice
from models.ports import NotDeliveredError

_SETTING, _FILE = "TIREK_SMTP_URL", "TIREK_SMTP_PASSWORD_FILE"
_STEP_SECONDS = 10.0
_WHOLE_SECONDS = 30.0
_READY = 220


class Security(StrEnum):
    """How the way to a mail server is kept secret, by the scheme of its address."""

    STARTTLS = "smtp"
    TLS = "smtps"
    PLAIN = "smtp+plain"


_PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.PLAIN: 25}


@dataclass(frozen=True)
class MailServer:
    """Where e-mail is given to, and who gives it. `user` is empty where the server asks for nobody."""

    security: Security
    host: str
    port: int
    user: str = field(repr=False)
    password: SecretStr

    @classmethod
    def parse(cls, url: SecretStr, password_file: Path | None = None) -> "MailServer":
        """MalformedError names the setting that is wrong, and repeats nothing of it."""
        security, place, port = _place(url.get_secret_value())
        user, password = unquote(place.username or ""), SecretStr(unquote(place.password or ""))
        if password_file is not None:
            if password.get_secret_value():
                _refuse(f"the password stands in it and in {_FILE}")
            password = read_secret(_FILE, password_file)
        if bool(user) != bool(password.get_secret_value()):
            _refuse("a user needs a password, in the address or in a file, and a password a user")
        if not (user + password.get_secret_value()).isascii():
            _refuse("user and password are ASCII: SMTP knows no other letters there")
        return cls(security, place.hostname or "", port, user, password)


def _place(url: str) -> tuple[Security, SplitResult, int]:
    try:
        place = urlsplit(url)
        security, port = Security(place.scheme), place.port
    except ValueError:  # its text may repeat a part of the password
        _refuse("it is smtp://USER:PASSWORD@HOST:PORT (STARTTLS), smtps:// or smtp+plain://, with @ as %40")
    if not (place.hostname or "").strip() or place.path + place.query + place.fragment:
        _refuse("it has a host, and nothing behind the port")
    if security is Security.PLAIN and not is_this_machine(place.hostname or ""):
        _refuse("smtp+plain is for a relay on this machine: take smtp:// or smtps://")
    return security, place, port or _PORTS[security]


def _refuse(why: str) -> NoReturn:
    raise MalformedError(f"{_SETTING}: {why}") from None


class SmtpNoticeSender:
    """`NoticeSender` by e-mail; the same notice again is the same message again, with the same Message-ID."""

    def __init__(
        self,
        server: MailServer,
        sender: str,
        addresses: AddressFile,
        library: Library,
        step_seconds: float = _STEP_SECONDS,
        whole_seconds: float = _WHOLE_SECONDS,
    ) -> None:
        self._server = server
        self._sender = sender
        self._addresses = addresses
        self._library = library
        self._seconds = (step_seconds, whole_seconds)

    def send(self, message_id: str, application: str, notice: Notice) -> None:
        told = Escalation.of(application, notice)
        recipient = self._addresses.of(notice.recipient)
        message = letter(message_id, told, self._sender, recipient, self._library)
        try:
            self._hand_over(message, recipient)
        except smtplib.SMTPException as error:
            raise _refused(error) from None  # the original names the address
        except TimeoutError:
            raise NotDeliveredError("the mail server does not answer in time") from None

    def _hand_over(self, message: EmailMessage, recipient: str) -> None:
        step_seconds, whole_seconds = self._seconds
        smtp = self._client(step_seconds)
        with _at_most(whole_seconds, smtp):
            code, _ = smtp.connect(self._server.host, self._server.port)
            if code != _READY:
                raise smtplib.SMTPConnectError(code, "")
            if self._server.security is Security.STARTTLS:
                smtp.starttls(context=ssl.create_default_context())
            if self._server.user:
                smtp.login(self._server.user, self._server.password.get_secret_value())
            smtp.send_message(message, self._sender, [recipient])
            with suppress(OSError):  # it has the message: whatever comes now is no reason to send it again
                smtp.quit()

    def _client(self, seconds: float) -> smtplib.SMTP:
        """Not connected yet. It greets with the domain that it writes from: to ask for our own name takes time."""
        name = self._sender.rpartition("@")[2]
        if self._server.security is Security.TLS:
            context = ssl.create_default_context()
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(local_hostname=name, timeout=seconds, context=context)
        else:
            smtp = smtplib.SMTP(local_hostname=name, timeout=seconds)
        smtp._host = self._server.host  # type: ignore[attr-defined]  # noqa: SLF001 - TLS names the host by it
        return smtp


@contextmanager
def _at_most(seconds: float, smtp: smtplib.SMTP) -> Generator[None]:
    """Cut the connection off after so long: a time-out alone does not end what trickles."""

    def cut() -> None:
        if smtp.sock is not None:
            with suppress(OSError):
                socket.socket.shutdown(smtp.sock, socket.SHUT_RDWR)  # of the plain socket: TLS would wait

    timer = Timer(seconds, cut)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        smtp.close()


def _refused(error: smtplib.SMTPException) -> NotDeliveredError:
    """What a mail server says, by its code alone: its words may repeat an address or a user."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            code, what = max(answer[0] for answer in error.recipients.values()), "the recipient"
        case smtplib.SMTPSenderRefused():
            code, what = error.smtp_code, "the sender"
        case smtplib.SMTPAuthenticationError():
            code, what = error.smtp_code, "the login"
        case smtplib.SMTPConnectError():
            code, what = error.smtp_code, "the connection"
        case smtplib.SMTPResponseException():
            code, what = error.smtp_code, "the message"
        case smtplib.SMTPNotSupportedError():
            return NotDeliveredError("the mail server lacks what is asked of it: STARTTLS, or the login")
        case _:
            return NotDeliveredError(f"the mail server broke off or kept silent ({type(error).__name__})")
    return NotDeliveredError(f"the mail server refused {what} ({code})", is_lasting=code >= 500)
