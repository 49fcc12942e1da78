"""Reads messages to the gateway and writes its answers: SOAP 1.1 and WS-Security, by xmlsec."""

from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import uuid4
from xml.sax.saxutils import escape

import xmlsec as _xmlsec
from lxml import etree as _etree  # pyright: ignore[reportAttributeAccessIssue] - a compiled module without stubs

from adapters.host_clock import host_now
from adapters.settings import ROOT
from gateway_stand_in.names import C14N, DS, RSA, SHA, SOAP, TYPES, WSSE, WSU, XSI, Element, FaultError, Signer
from gateway_stand_in.trust import check_signature
from models.data import local_iso

etree: Any = _etree
xmlsec: Any = _xmlsec

_X509 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3"
_BASE64 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
_SCHEMA = ROOT / "adapters/gateway/schemas/messages.xsd"


@dataclass(frozen=True)
class Asked:
    """What a message asks: which service, in which form, and the fields of its data."""

    message_id: str
    correlation_id: str | None
    service: str
    sender: str
    is_text: bool
    fields: dict[str, str]
    question: str = ""
    """What the data are called, with their namespace."""


def read(content: bytes, sender: Signer, name: str) -> Asked:
    """FaultError: SCE001 for what is no message, SCE007 for an unsigned one, SCE006 for a wrong signature,
    FailedAuthentication for another sender than `name`."""
    root = _parsed(content)
    body = root.find(f"{{{SOAP}}}Body")
    if body is None or len(body) != 1 or body[0].tag != f"{{{TYPES}}}SendMessage":
        raise FaultError("SCE001", "the Body holds no SendMessage")
    check_signature(root, body, sender)
    _check_schema(root)
    asked = _asked(body[0][0])
    if asked.sender != name:
        raise FaultError("FailedAuthentication", "this sender may not ask")
    return asked


def _parsed(content: bytes) -> Element:
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError:
        raise FaultError("SCE001", "the message is no XML") from None
    if root.getroottree().docinfo.doctype:
        raise FaultError("SCE001", "a message has no document type")
    return root


@cache
def _schema() -> Element:
    return etree.XMLSchema(file=str(_SCHEMA))


def _check_schema(root: Element) -> None:
    if not _schema().validate(root):
        raise FaultError("SCE001", "the message is not as its schema says")


def _asked(request: Element) -> Asked:
    info, data = request.find("requestInfo"), request.find("requestData/data")
    is_text = len(data) == 0
    content = _parsed((data.text or "").encode()) if is_text else data
    if is_text:
        _check_schema(content)
    return Asked(
        message_id=info.findtext("messageId"),
        correlation_id=info.findtext("correlationId"),
        service=info.findtext("serviceId"),
        sender=info.findtext("sender/senderId"),
        is_text=is_text,
        fields={child.tag: child.text or "" for child in content},
        question=content.tag if is_text else _type_of(content),
    )


def _type_of(data: Element) -> str:
    """Its xsi:type with the namespace that the prefix stands for."""
    prefix, _, name = (data.get(f"{{{XSI}}}type") or "").rpartition(":")
    return f"{{{data.nsmap.get(prefix or None)}}}{name}"


def data(namespace: str, kind: str, fields: str, *, is_text: bool) -> str:
    """`data` in the form in which it was asked for: nested, or XML escaped into a text."""
    xs = "http://www.w3.org/2001/XMLSchema"
    if is_text:
        text = f'<x:{kind} xmlns:x="{namespace}">{fields}</x:{kind}>'
        return f'<data xmlns:xsi="{XSI}" xmlns:xs="{xs}" xsi:type="xs:string">{escape(text)}</data>'
    return f'<data xmlns:xsi="{XSI}" xmlns:x="{namespace}" xsi:type="x:{kind}">{fields}</data>'


def response(content: str, correlation: str, *, at: str | None = None) -> str:
    """What a Body holds when the message was processed; `correlation`: the id of the message it answers."""
    return (
        f'<t:SendMessageResponse xmlns:t="{TYPES}"><response><responseInfo>'
        f"<messageId>{uuid4()}</messageId><correlationId>{escape(correlation)}</correlationId>"
        f"<responseDate>{at or local_iso(host_now())}</responseDate>"
        "<status><code>SCSS001</code><message>Message has been processed successfully</message></status>"
        f"</responseInfo><responseData>{content}</responseData></response></t:SendMessageResponse>"
    )


def fault(code: str, message: str) -> str:
    """What a Body holds when it was not."""
    return (
        "<soap:Fault><faultcode>soap:Server</faultcode><faultstring>stand-in</faultstring><detail>"
        f'<t:SendMessageFault1_SendMessageFault xmlns:t="{TYPES}"><errorCode>{escape(code)}</errorCode>'
        f"<errorMessage>{escape(message)}</errorMessage><errorDate>{local_iso(host_now())}</errorDate>"
        "</t:SendMessageFault1_SendMessageFault></detail></soap:Fault>"
    )


def unsigned(content: str, security: str = "") -> bytes:
    """An envelope around what a Body holds."""
    header = f'<wsse:Security soap:mustUnderstand="1">{security}</wsse:Security>' if security else ""
    return (
        f'<soap:Envelope xmlns:soap="{SOAP}" xmlns:wsse="{WSSE}" xmlns:wsu="{WSU}"><soap:Header>{header}'
        f'</soap:Header><soap:Body wsu:Id="id-{uuid4()}">{content}</soap:Body></soap:Envelope>'
    ).encode()


def signed(content: str, signer: Signer, shown: Signer | None = None) -> bytes:
    """The same, its Body signed; `shown`: whose certificate it shows, the signer's if it is honest."""
    root = etree.fromstring(unsigned(content, _template((shown or signer).shown)))
    body, signature = root[1], root.find(f"{{{SOAP}}}Header/{{{WSSE}}}Security/{{{DS}}}Signature")
    signature.find(f".//{{{DS}}}Reference").set("URI", f"#{body.get(f'{{{WSU}}}Id')}")
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(signer.key, xmlsec.KeyFormat.PEM)
    context.register_id(body, "Id", WSU)
    context.sign(signature)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def _template(shown: str) -> str:
    return (
        f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{C14N}"/>'
        f'<ds:SignatureMethod Algorithm="{RSA}"/><ds:Reference URI=""><ds:Transforms>'
        f'<ds:Transform Algorithm="{C14N}"/></ds:Transforms><ds:DigestMethod Algorithm="{SHA}"/>'
        "<ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><wsse:SecurityTokenReference>"
        f'<wsse:KeyIdentifier EncodingType="{_BASE64}" ValueType="{_X509}">{shown}</wsse:KeyIdentifier>'
        "</wsse:SecurityTokenReference></ds:KeyInfo></ds:Signature>"
    )
