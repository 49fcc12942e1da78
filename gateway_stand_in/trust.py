"""Whether a message is the sender's: one signature, over the Body that is read, in the one way that was agreed."""

from collections import Counter
from typing import Any

import xmlsec as _xmlsec
from lxml import etree as _etree  # pyright: ignore[reportAttributeAccessIssue] - a compiled module without stubs

from gateway_stand_in.names import C14N, DS, RSA, SHA, SOAP, WSSE, WSU, Element, FaultError, Signer

etree: Any = _etree
xmlsec: Any = _xmlsec

_ID = f"{{{WSU}}}Id"


def check_signature(root: Element, body: Element, sender: Signer) -> None:
    """FaultError: SCE007 for a message that is not signed, SCE006 for one that is signed in any other way."""
    signatures = root.findall(f"{{{SOAP}}}Header/{{{WSSE}}}Security/{{{DS}}}Signature")
    if not signatures:
        raise FaultError("SCE007", "the message is not signed")
    if len(signatures) > 1:
        raise FaultError("SCE006", "the message bears several signatures")
    _check_form(root, body, signatures[0])
    _check_certificate(signatures[0], sender)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(sender.certificate, xmlsec.KeyFormat.CERT_PEM)
    context.register_id(body, "Id", WSU)
    try:
        context.verify(signatures[0])
    except xmlsec.Error:
        raise FaultError("SCE006", "the signature is wrong") from None


def _check_form(root: Element, body: Element, signature: Element) -> None:
    """An id that stands twice, a second reference or another transform would sign something else than is read."""
    references = [one.get("URI") for one in signature.iter(f"{{{DS}}}Reference")]
    ids = Counter(value for one in root.iter() for name, value in one.attrib.items() if _is_id(name))
    if references != [f"#{body.get(_ID)}"] or any(count > 1 for count in ids.values()):
        raise FaultError("SCE006", "the signature is not over the Body")
    if [one.get("Algorithm") for one in signature.iter() if one.get("Algorithm")] != [C14N, RSA, C14N, SHA]:
        raise FaultError("SCE006", "only RSA with SHA-256 over exclusive XML is taken")


def _check_certificate(signature: Element, sender: Signer) -> None:
    shown = signature.find(f"{{{DS}}}KeyInfo/{{{WSSE}}}SecurityTokenReference/{{{WSSE}}}KeyIdentifier")
    if shown is None or "".join((shown.text or "").split()) != sender.shown:
        raise FaultError("SCE006", "the certificate is not the sender's")


def _is_id(name: str) -> bool:
    return etree.QName(name).localname.lower() == "id"
