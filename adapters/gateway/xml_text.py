"""Reads XML that others wrote, and lets none of it reach further: UTF-8, elements and text, nothing else."""

import re
from typing import Any

from lxml import etree as _etree  # pyright: ignore[reportAttributeAccessIssue] - a compiled module without stubs

from adapters.gateway.faults import passing, refused

etree: Any = _etree
Element = Any
"""An element of lxml, which has no types."""

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
DS = "http://www.w3.org/2000/09/xmldsig#"
XS = "http://www.w3.org/2001/XMLSchema"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
CHANNEL = "http://bip.bee.kz/SyncChannel/v10/Types"

_DECLARED = re.compile(rb"^<\?xml\s[^>]*?encoding\s*=\s*[\"']([^\"']*)[\"']", re.IGNORECASE)
_PAGE = re.compile(rb"\s*<(!doctype\s+html|html)\b", re.IGNORECASE)
_BOM = b"\xef\xbb\xbf"


def parser() -> Any:
    """A new one: libxml2 with everything off that fetches, expands, guesses or repairs."""
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=False,
        remove_comments=False,
        remove_pis=False,
        ns_clean=False,
    )


def message(content: bytes) -> Element:
    """The root of a SOAP message. What is none at all, as the page of a proxy, is RegisterUnavailableError
    `no-soap`; what is one in disguise or with forbidden parts is RegisterRefusedError."""
    content = content.removeprefix(_BOM)
    if _PAGE.match(content):
        raise passing("no-soap")
    _check_characters(content)
    if not content.lstrip().startswith(b"<"):
        raise passing("no-soap")
    root = parsed(content, is_soap=SOAP.encode() in content)
    if root.tag != f"{{{SOAP}}}Envelope":
        raise passing("no-soap")
    return root


def parsed(content: bytes, *, is_soap: bool = True) -> Element:
    """The root of a text of elements. A DOCTYPE is found before a parser sees it: within UTF-8 it can be
    written in one way only. A message from within a message goes through the same gate."""
    _check_characters(content)
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise refused("answer-forbidden-xml")
    try:
        root = etree.fromstring(content, parser())
    except (etree.XMLSyntaxError, ValueError):
        raise (refused("answer-not-understood") if is_soap else passing("no-soap")) from None
    if root.getroottree().docinfo.doctype or any(not isinstance(one.tag, str) for one in _everything(root)):
        raise refused("answer-forbidden-xml")
    return root


def _check_characters(content: bytes) -> None:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        raise refused("answer-not-utf-8") from None
    declared = _DECLARED.match(content)
    if b"\x00" in content or (declared and declared[1].lower() not in (b"utf-8", b"utf8")):
        raise refused("answer-not-utf-8")


def _everything(root: Element) -> list[Element]:
    """With the comments and instructions before and after the root."""
    return [*root.itersiblings(preceding=True), *root.iter(), *root.itersiblings()]


def text_of(element: Element | None) -> str | None:
    """The text of an element that has no children, without the blanks around it; None for an empty one."""
    if element is None:
        return None
    if len(element):
        raise refused("answer-not-understood")
    return (element.text or "").strip() or None
