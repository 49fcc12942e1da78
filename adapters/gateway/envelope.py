"""Makes a message to the gateway: a request of the synchronous channel, signed as WS-Security says."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.serialization import Encoding
from signxml.algorithms import (
    CanonicalizationMethod,
    DigestAlgorithm,
    SignatureConstructionMethod,
    SignatureMethod,
)
from signxml.signer import XMLSigner

from adapters.gateway.agreement import Agreement, Service
from adapters.gateway.xml_text import CHANNEL, DS, SOAP, WSSE, WSU, XS, XSI, Element, etree
from adapters.host_clock import host_now
from models.data import local_iso

TOKEN = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3"  # noqa: S105 - a name
_BASE64 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"

Fields = Sequence[tuple[str, str]]
"""The elements of a register's question, in their order."""


@dataclass(frozen=True)
class Contract:
    """What a register's data are called: their namespace, and the type and root of question and answer."""

    namespace: str
    question: str
    answer: str


@dataclass(frozen=True)
class Message:
    """One message, before it is written: by its id the answer is known."""

    message_id: str
    correlation_id: str
    sent_at: datetime
    service: Service

    @classmethod
    def make(cls, service: Service, correlation_id: str) -> "Message":
        return cls(str(uuid4()), correlation_id, host_now(), service)

    @property
    def date(self) -> str:
        """When it was made, as the schema's dateTime."""
        return local_iso(self.sent_at)


def signed_message(agreement: Agreement, message: Message, contract: Contract, question: Fields) -> bytes:
    """The whole envelope in UTF-8: its Body is signed, and what is signed can be read by nobody as another."""
    body_id = f"id-{uuid4()}"
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
    header = etree.SubElement(envelope, f"{{{SOAP}}}Header")
    security = etree.SubElement(header, f"{{{WSSE}}}Security", nsmap={"wsse": WSSE})
    security.set(f"{{{SOAP}}}mustUnderstand", "1")
    body = etree.SubElement(envelope, f"{{{SOAP}}}Body", nsmap={"wsu": WSU})
    body.set(f"{{{WSU}}}Id", body_id)
    _add_request(body, agreement, message, contract, question)
    security.append(_signature(envelope, body_id, agreement))
    return etree.tostring(envelope, encoding="utf-8", xml_declaration=True)


def _add_request(
    body: Element, agreement: Agreement, message: Message, contract: Contract, question: Fields
) -> None:
    request = etree.SubElement(
        etree.SubElement(body, f"{{{CHANNEL}}}SendMessage", nsmap={"t": CHANNEL}), "request"
    )
    info = etree.SubElement(request, "requestInfo")
    fields = [
        ("messageId", message.message_id),
        ("correlationId", message.correlation_id),
        ("serviceId", message.service.service),
        ("messageDate", message.date),
    ]
    if message.service.route is not None:
        fields.append(("routeId", message.service.route))
    _add(info, fields)
    sender = etree.SubElement(info, "sender")
    _add(sender, [("senderId", agreement.file.sender)])
    if agreement.password is not None:
        _add(sender, [("password", agreement.password.get_secret_value())])
    _add_data(etree.SubElement(request, "requestData"), message.service, contract, question)


def _add_data(place: Element, service: Service, contract: Contract, question: Fields) -> None:
    """Nested: `data` itself is of the question's type. As a string: the question is a text of its own."""
    if service.data == "nested":
        data = etree.SubElement(place, "data", nsmap={"d": contract.namespace, "xsi": XSI})
        data.set(f"{{{XSI}}}type", f"d:{contract.question}")
        _add(data, question)
        return
    root = etree.Element(f"{{{contract.namespace}}}{contract.question}", nsmap={"d": contract.namespace})
    _add(root, question)
    data = etree.SubElement(place, "data", nsmap={"xs": XS, "xsi": XSI})
    data.set(f"{{{XSI}}}type", "xs:string")
    data.text = etree.tostring(root, encoding="unicode")


def _add(parent: Element, fields: Fields) -> None:
    for name, text in fields:
        etree.SubElement(parent, name).text = text


def _signature(envelope: Element, body_id: str, agreement: Agreement) -> Element:
    signer = XMLSigner(
        SignatureConstructionMethod.detached,
        SignatureMethod.RSA_SHA256,
        DigestAlgorithm.SHA256,
        CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    return signer.sign(
        envelope,
        key=agreement.key,
        reference_uri=f"#{body_id}",
        id_attribute="Id",  # its local name: by any other the library would sign the whole message instead
        key_info=_key_info(agreement),
    )


def _key_info(agreement: Agreement) -> Any:
    info = etree.Element(f"{{{DS}}}KeyInfo", nsmap={"ds": DS})
    reference = etree.SubElement(info, f"{{{WSSE}}}SecurityTokenReference", nsmap={"wsse": WSSE})
    identifier = etree.SubElement(reference, f"{{{WSSE}}}KeyIdentifier", EncodingType=_BASE64, ValueType=TOKEN)
    identifier.text = base64.b64encode(agreement.certificate.public_bytes(Encoding.DER)).decode()
    return info
