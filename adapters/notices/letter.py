"""The e-mail that a supervisor reads: the same at every try, in the three languages one after the other."""

import hashlib
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from adapters.notices.escalation import Escalation, on_the_wall
from models.data import Text
from models.library import Library

_WARNING = Text(kk="Ескерту", ru="Предупреждение", en="Warning")
_PASSED = Text(kk="Мерзім бұзылды", ru="Срок нарушен", en="Limit passed")
_USED_UP = Text(kk="мерзімнің {} %-ы өтті", ru="истекло {} % срока", en="{} % of the term is used up")
_APPLICATION = Text(kk="Өтініш", ru="Заявление", en="Application")
_CLOCK = Text(kk="Мерзім", ru="Срок", en="Clock")
_OFFICE = Text(kk="Орны", ru="Место", en="Office")
_DUE = Text(
    kk="Мерзімнің аяқталу сәті (Алматы уақыты)",
    ru="Момент истечения срока (время Алматы)",
    en="Due (time of Almaty)",
)
_LANGUAGES = ("kk", "ru", "en")
_ID_HOST = "notices.tirek"


def letter(message_id: str, told: Escalation, sender: str, recipient: str, library: Library) -> EmailMessage:
    """It is dated to the instant it tells of, and its Message-ID is made of the notice's id."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = recipient
    message["Subject"] = _subject(told)
    message["Date"] = format_datetime(told.at)
    message["Message-ID"] = f"<{hashlib.sha256(message_id.encode()).hexdigest()[:40]}@{_ID_HOST}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence is to be answered
    body = "\n\n".join(_told(told, language, library) for language in _LANGUAGES)
    message.set_content(f"{body}\n", cte="base64")
    return message


def _subject(told: Escalation) -> str:
    words = _PASSED if told.percent is None else _WARNING
    share = "" if told.percent is None else f" {told.percent} %"
    return f"{' · '.join(_in(words, language) for language in _LANGUAGES)}{share}: {told.application}"


def _told(told: Escalation, language: str, library: Library) -> str:
    used_up = "" if told.percent is None else f": {_in(_USED_UP, language).format(told.percent)}"
    clock, office = _names(told, library)
    lines = (
        (_APPLICATION, told.application),
        (_CLOCK, f"{_in(clock, language)} ({told.clock})"),
        (_OFFICE, f"{_in(office, language)} ({told.office})"),
        (_DUE, on_the_wall(told.due_at)),
    )
    head = _in(_PASSED if told.percent is None else _WARNING, language) + used_up
    return "\n".join([head, *(f"{_in(label, language)}: {value}" for label, value in lines)])


def _names(told: Escalation, library: Library) -> tuple[Text, Text]:
    """What the newest regulation calls the clock and the office; the code, where it does not know the office."""
    regulation = max(library.regulations.values(), key=lambda one: one.valid_from)
    office = regulation.office(told.office)
    unnamed = Text(kk=told.office, ru=told.office, en=told.office)
    return regulation.clocks[told.clock].name, office.name if office else unnamed


def _in(text: Text, language: str) -> str:
    return str(getattr(text, language))
