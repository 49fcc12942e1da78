"""Which ways notices go, by the settings: the folder takes all, e-mail and webhook what supervisors are told."""

from collections.abc import Iterator
from typing import NoReturn

from adapters.notices.addresses import AddressFile, checked_address
from adapters.notices.credentials import read_secret
from adapters.notices.escalation import ESCALATIONS
from adapters.notices.folder import FolderNoticeSender
from adapters.notices.mail import MailServer, SmtpNoticeSender
from adapters.notices.sender import Way
from adapters.notices.webhook import Receiver, WebhookNoticeSender
from adapters.settings import Settings
from models.errors import MalformedError
from models.library import Library

FOLDER, MAIL, WEBHOOK = "folder", "mail", "webhook"
"""Their names on record."""


def ways_of(settings: Settings, library: Library) -> list[Way]:
    """MalformedError names what is wrong with a setting, or is missing beside another one."""
    folder = Way(FOLDER, FolderNoticeSender(settings.data / "notices"))
    return [folder, *_mail(settings, library), *_webhook(settings)]


def _mail(settings: Settings, library: Library) -> Iterator[Way]:
    url, mail_from, file = settings.smtp_url, settings.mail_from, settings.addresses_file
    if url is None:
        return _needs("TIREK_SMTP_URL", mail_from, file, settings.smtp_password_file)
    if mail_from is None:
        _is_missing("TIREK_MAIL_FROM")
    if file is None:
        _is_missing("TIREK_ADDRESSES_FILE")
    server, addresses = MailServer.parse(url, settings.smtp_password_file), AddressFile(file)
    addresses.check()
    sender = checked_address("TIREK_MAIL_FROM", mail_from)
    yield Way(MAIL, SmtpNoticeSender(server, sender, addresses, library), ESCALATIONS)


def _webhook(settings: Settings) -> Iterator[Way]:
    url, secret, file = settings.webhook_url, settings.webhook_secret, settings.webhook_secret_file
    if url is None:
        return _needs("TIREK_WEBHOOK_URL", secret, file)
    setting = "TIREK_WEBHOOK_SECRET"
    if secret is not None and file is not None:
        raise MalformedError(f"{setting}: {setting}_FILE is set too; one of them is enough")
    if file is not None:
        setting = f"{setting}_FILE"
        secret = read_secret(setting, file)
    if secret is None:
        _is_missing(setting)
    yield Way(WEBHOOK, WebhookNoticeSender(Receiver.parse(url, secret, setting)), ESCALATIONS)


def _needs(setting: str, *beside: object) -> None:
    """Where nothing is sent, nothing is set: a forgotten address would keep every supervisor in the dark."""
    if any(one is not None for one in beside):
        _is_missing(setting)


def _is_missing(setting: str) -> NoReturn:
    raise MalformedError(f"{setting}: it is missing, beside others of its kind that are set (README, Settings)")
