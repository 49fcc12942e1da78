"""Reads an answer: whether it is a fault, whether it is to our message and of now, and which data it brings."""

from collections.abc import Sequence
from copy import deepcopy
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from pydantic import AwareDatetime, TypeAdapter, ValidationError

from adapters.gateway.envelope import Contract, Message
from adapters.gateway.exchanging import DONE
from adapters.gateway.faults import fault, refused
from adapters.gateway.trust import body_of, is_signed, verified_body
from adapters.gateway.xml_text import CHANNEL, SOAP, XSI, Element, etree, message, parsed, text_of
from adapters.host_clock import host_now

_AWAY = timedelta(minutes=15)
"""How far the answer's clock may be from ours: an older answer is one that is played again."""
_FAULT = f"{{{SOAP}}}Fault"
_SCHEMAS = Path(__file__).parent / "schemas"
_INSTANT = TypeAdapter(AwareDatetime)


def data_of(
    content: bytes, asked: Message, contract: Contract, trusted: Sequence[x509.Certificate]
) -> Element | None:
    """The element whose children are the register's answer, None for empty data.

    content: the body of an HTTP answer. RegisterUnavailableError for what passes, RegisterRefusedError for an
    answer that may not be believed or read, and for a fault that lasts.
    """
    envelope = message(content)
    if not is_signed(envelope):
        _raise_fault(body_of(envelope), is_signed=False)
    body = verified_body(envelope, trusted)
    _raise_fault(body, is_signed=True)
    _check_schema(body)
    response = body[0][0]
    _check_info(response.find("responseInfo"), asked)
    return _content(response.find("responseData/data"), contract)


def is_fault(content: bytes) -> bool:
    """Whether it looks like a SOAP fault: HTTP answers these with 500, as it does whatever else is wrong."""
    return b"Fault" in content and SOAP.encode() in content


def _raise_fault(body: Element, *, is_signed: bool) -> None:
    """A signed fault has to be of now; of an unsigned one nothing is believed but that there is one."""
    if [child.tag for child in body] != [_FAULT]:
        return
    error = body[0].find(f"detail/{{{CHANNEL}}}SendMessageFault1_SendMessageFault")
    if error is None:
        code = body[0].findtext("faultcode", "").rpartition(":")[2]
    else:
        code = error.findtext("errorCode", "")
    if is_signed and error is not None:
        _check_age(text_of(error.find("errorDate")))
    raise fault(code, is_signed=is_signed)


def _check_schema(body: Element) -> None:
    """Of the channel alone, so without the data: a register may have more to say than its schema here knows."""
    bare = deepcopy(body)
    if len(bare) != 1 or bare[0].tag != f"{{{CHANNEL}}}SendMessageResponse":
        raise refused("answer-not-understood")
    for data in bare.iterfind("*/response/responseData/data"):
        data.clear()
    if not _channel().validate(bare[0]):
        raise refused("answer-not-understood")


@cache
def _channel() -> Element:
    return etree.XMLSchema(file=str(_SCHEMAS / "sync_channel.xsd"))


def _check_info(info: Element, asked: Message) -> None:
    if text_of(info.find("correlationId")) != asked.message_id:
        raise refused("answer-of-another-message")
    _check_age(text_of(info.find("responseDate")))
    status = text_of(info.find("status/code"))
    if status != DONE:
        raise fault(status, is_signed=True)


def _check_age(text: str | None) -> None:
    """An instant without an offset is refused: nobody could say how old it is."""
    try:
        at: datetime = _INSTANT.validate_python(text)
    except ValidationError:
        raise refused("answer-not-understood") from None
    if abs(host_now() - at) > _AWAY:
        raise refused("answer-too-old")


def _content(data: Element, contract: Contract) -> Element | None:
    """In any of its three forms: `data` of the answer's type, the answer's root in it, or that root as a text."""
    if len(data):
        if (data.text or "").strip() or any((child.tail or "").strip() for child in data):
            raise refused("answer-not-understood")
        is_root = len(data) == 1 and data[0].tag == _root(contract)
        return data[0] if is_root else _typed(data, contract)
    text = text_of(data)
    if text is None:
        return None
    root = parsed(text.encode())
    if root.tag != _root(contract):
        raise refused("answer-not-understood")
    return root


def _root(contract: Contract) -> str:
    return f"{{{contract.namespace}}}{contract.answer}"


def _typed(data: Element, contract: Contract) -> Element:
    """Its xsi:type is the answer's: what another register would say is not taken for it. By name alone: a prefix
    that stands in a value only is not among what exclusive canonicalization signs, so it is bound to nothing."""
    if (data.get(f"{{{XSI}}}type") or "").rpartition(":")[2] != contract.answer:
        raise refused("answer-not-understood")
    return data
