"""What a gateway answers, put together as text and signed by xmlsec: nothing here is the adapter's own."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from xml.sax.saxutils import escape

import httpx
import xmlsec
from lxml import etree

from adapters.host_clock import host_now
from models.data import local_iso
from tests.gateway.partners import Partner

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
DS = "http://www.w3.org/2000/09/xmldsig#"
C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
RSA = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA = "http://www.w3.org/2001/04/xmlenc#sha256"
X509 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3"
B64 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"

TRANSFORM = f'<ds:Transform Algorithm="{C14N}"/>'


@dataclass(frozen=True)
class Shape:
    """How an answer is signed; everything may be set to something wrong."""

    uri: str = "#id-1"
    c14n: str = C14N
    method: str = RSA
    digest: str = SHA
    transforms: str = TRANSFORM
    shown: str | None = None

    def signature(self, signer: Partner) -> str:
        """Not filled in yet."""
        return (
            f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo>'
            f'<ds:CanonicalizationMethod Algorithm="{self.c14n}"/><ds:SignatureMethod Algorithm="{self.method}"/>'
            f'<ds:Reference URI="{self.uri}"><ds:Transforms>{self.transforms}</ds:Transforms>'
            f'<ds:DigestMethod Algorithm="{self.digest}"/><ds:DigestValue/></ds:Reference></ds:SignedInfo>'
            f"<ds:SignatureValue/><ds:KeyInfo><wsse:SecurityTokenReference>"
            f'<wsse:KeyIdentifier EncodingType="{B64}" ValueType="{X509}">{self.shown or signer.shown}'
            "</wsse:KeyIdentifier></wsse:SecurityTokenReference></ds:KeyInfo></ds:Signature>"
        )


GOOD = Shape()


def envelope(content: str, signature: str = "", body_id: str = "id-1") -> str:
    """content: what stands in the Body."""
    header = f'<wsse:Security soap:mustUnderstand="1">{signature}</wsse:Security>' if signature else ""
    return (
        f'<soap:Envelope xmlns:soap="{SOAP}" xmlns:wsse="{WSSE}" xmlns:wsu="{WSU}">'
        f'<soap:Header>{header}</soap:Header><soap:Body wsu:Id="{body_id}">{content}</soap:Body></soap:Envelope>'
    )


def signed(content: str, signer: Partner, shape: Shape = GOOD, text: str | None = None) -> bytes:
    """An envelope around `content`, or `text` as it is, with its one signature filled in."""
    root = etree.fromstring((text or envelope(content, shape.signature(signer))).encode())
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(signer.key_pem, xmlsec.KeyFormat.PEM)
    for element in root.iter(f"{{{SOAP}}}Body"):
        if element.get(f"{{{WSU}}}Id"):
            context.register_id(element, "Id", WSU)
    context.sign(next(root.iter(f"{{{DS}}}Signature")))
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def is_rightly_signed(content: bytes, signer: Partner) -> bool:
    """Of a message of ours: xmlsec finds the signature right, by this key and over the Body."""
    root = etree.fromstring(content)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(signer.certificate_pem, xmlsec.KeyFormat.CERT_PEM)
    context.register_id(root[1], "Id", WSU)
    context.verify(root.find(f"{{{SOAP}}}Header/{{{WSSE}}}Security/{{{DS}}}Signature"))
    return root.find(f".//{{{DS}}}Reference").get("URI") == "#" + root[1].get(f"{{{WSU}}}Id")


def response(
    data: str, asked: str, *, at: datetime | None = None, status: str = "SCSS001", message: str = "done"
) -> str:
    """asked: the message id that it answers to."""
    return (
        '<t:SendMessageResponse xmlns:t="http://bip.bee.kz/SyncChannel/v10/Types"><response><responseInfo>'
        f"<messageId>answer-1</messageId><correlationId>{asked}</correlationId>"
        f"<responseDate>{local_iso(at or host_now())}</responseDate>"
        f"<status><code>{status}</code><message>{message}</message></status></responseInfo>"
        f"<responseData>{data}</responseData></response></t:SendMessageResponse>"
    )


def fault_of(code: str, at: datetime | None = None) -> str:
    return (
        "<soap:Fault><faultcode>soap:Server</faultcode><faultstring>fault</faultstring><detail>"
        '<t:SendMessageFault1_SendMessageFault xmlns:t="http://bip.bee.kz/SyncChannel/v10/Types">'
        f"<errorCode>{code}</errorCode><errorMessage>of Ахметова</errorMessage>"
        f"<errorDate>{local_iso(at or host_now())}</errorDate>"
        "</t:SendMessageFault1_SendMessageFault></detail></soap:Fault>"
    )


def nested(namespace: str, name: str, fields: str) -> str:
    """`data` that is of a type itself."""
    xsi = "http://www.w3.org/2001/XMLSchema-instance"
    return f'<data xmlns:xsi="{xsi}" xmlns:x="{namespace}" xsi:type="x:{name}">{fields}</data>'


def rooted(namespace: str, name: str, fields: str) -> str:
    """`data` with the answer's root in it."""
    return f'<data><x:{name} xmlns:x="{namespace}">{fields}</x:{name}></data>'


def as_string(namespace: str, name: str, fields: str, before: str = "") -> str:
    """`data` that hold XML as a text."""
    xsi, xs = "http://www.w3.org/2001/XMLSchema-instance", "http://www.w3.org/2001/XMLSchema"
    text = f'{before}<x:{name} xmlns:x="{namespace}">{fields}</x:{name}>'
    return f'<data xmlns:xsi="{xsi}" xmlns:xs="{xs}" xsi:type="xs:string">{escape(text)}</data>'


def asked_in(content: bytes) -> str:
    """The message id of a request."""
    found = re.search(rb"<requestInfo><messageId>([^<]+)</messageId>", content)
    assert found
    return found[1].decode()


class Stream(httpx.AsyncByteStream):
    """A body that comes part by part; counts what was taken of it."""

    def __init__(self, parts: Iterable[bytes], pause: float = 0) -> None:
        self._parts = parts
        self._pause = pause
        self.taken = 0
        self.asked = asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.asked.set()
        for part in self._parts:
            await asyncio.sleep(self._pause)
            self.taken += len(part)
            yield part


def answered(content: bytes, status: int = 200, **headers: str) -> httpx.Response:
    """An answer of HTTP; in a header's name _ stands for -."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers={"content-type": "text/xml"} | named, stream=Stream([content]))


@dataclass
class Answering:
    """A gateway in the place of HTTP: answers what `make` makes of the message that came, and keeps what came."""

    make: Callable[[bytes], httpx.Response | bytes]
    came: list[bytes] = field(default_factory=list)

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.came.append(request.content)
        made = self.make(request.content)
        return made if isinstance(made, httpx.Response) else answered(made)
