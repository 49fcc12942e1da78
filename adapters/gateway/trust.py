"""Whether an answer may be believed: its form, its signature, its certificate; hands out what was verified alone.

The form is checked before the signature, and admits one way of signing: one Security header, one signature, one
reference, and that to the Body which is the Envelope's own child. What an attacker moves elsewhere, copies or adds
is then a message of another form. The library hands back the very text whose digest it compared, parsed anew.
"""

import base64
import binascii
from collections import Counter
from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

from adapters.gateway.envelope import TOKEN
from adapters.gateway.faults import refused
from adapters.gateway.xml_text import DS, SOAP, WSSE, WSU, Element, etree, parser
from adapters.host_clock import host_now

_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
_METHOD = SignatureMethod.RSA_SHA256
_DIGEST = DigestAlgorithm.SHA256
_CONFIGURATION = SignatureConfiguration(
    require_x509=True,
    location=f"./{{{SOAP}}}Header/{{{WSSE}}}Security/",
    expect_references=1,
    signature_methods=frozenset({_METHOD}),
    digest_algorithms=frozenset({_DIGEST}),
)
_HEADER, _BODY = f"{{{SOAP}}}Header", f"{{{SOAP}}}Body"


def body_of(envelope: Element) -> Element:
    """The one Body, not verified; RegisterRefusedError `answer-wrapped` where the Envelope has other children."""
    tags = [child.tag for child in envelope]
    if tags not in ([_HEADER, _BODY], [_BODY]):
        raise refused("answer-wrapped")
    return envelope[-1]


def is_signed(envelope: Element) -> bool:
    """Whether anything outside of the Body claims to be a signature or a Security header, right or wrong."""
    return bool(_outside(envelope, f"{{{DS}}}Signature") or _outside(envelope, f"{{{WSSE}}}Security"))


def verified_body(envelope: Element, trusted: Sequence[x509.Certificate]) -> Element:
    """The Body as it was signed, a tree of its own; RegisterRefusedError says why it may not be believed.

    A signature within the Body is the register's own, over its data: it is not looked at.
    """
    body, signature = body_of(envelope), _signature(envelope)
    _check_ids(envelope)
    _check_form(signature, body)
    certificate = _certificate(signature, trusted)
    try:
        result = XMLVerifier().verify(
            envelope,
            x509_cert=certificate,
            id_attribute="Id",
            parser=parser(),
            expect_config=_CONFIGURATION,
            validate_schema=False,  # _check_form is stricter
        )
    except (SignXMLException, ValueError, etree.LxmlError):
        raise refused("answer-signature") from None
    signed = result.signed_xml if isinstance(result, VerifyResult) else None
    if signed is None or signed.tag != _BODY or signed.get(_ID) != body.get(_ID):
        raise refused("answer-signature")
    return signed


_ID = f"{{{WSU}}}Id"


def _outside(envelope: Element, tag: str) -> list[Element]:
    body = body_of(envelope)
    return [one for one in envelope.iter(tag) if body not in one.iterancestors()]


def _signature(envelope: Element) -> Element:
    if not is_signed(envelope):
        raise refused("answer-unsigned")
    headers = _outside(envelope, f"{{{WSSE}}}Security")
    signatures = _outside(envelope, f"{{{DS}}}Signature")
    if len(headers) > 1 or len(signatures) > 1:
        raise refused("answer-wrapped")
    if not signatures:
        raise refused("answer-unsigned")
    if not headers or signatures[0].getparent() is not headers[0] or headers[0].getparent() is not envelope[0]:
        raise refused("answer-wrapped")
    return signatures[0]


def _check_ids(envelope: Element) -> None:
    """An id that stands twice would let the signature mean the one and the reader the other."""
    ids = Counter(
        value
        for element in envelope.iter()
        for name, value in element.attrib.items()
        if etree.QName(name).localname.lower() == "id"
    )
    if any(count > 1 for count in ids.values()):
        raise refused("answer-wrapped")


def _check_form(signature: Element, body: Element) -> None:
    info, value, _ = _children(signature, "SignedInfo", "SignatureValue", "KeyInfo")
    method, algorithm, reference = _children(info, "CanonicalizationMethod", "SignatureMethod", "Reference")
    transforms, digest, digest_value = _children(reference, "Transforms", "DigestMethod", "DigestValue")
    [transform] = _children(transforms, "Transform", code="answer-algorithm")
    if not body.get(_ID) or reference.get("URI") != f"#{body.get(_ID)}":
        raise refused("answer-wrapped")
    found = [one.get("Algorithm") for one in (method, transform, algorithm, digest)]
    if found != [_C14N, _C14N, _METHOD.value, _DIGEST.value] or len(algorithm) or len(digest):
        raise refused("answer-algorithm")
    for one in (*method, *transform):
        if one.tag != f"{{{_C14N}}}InclusiveNamespaces" or one.get("PrefixList") is None:
            raise refused("answer-algorithm")
    for one in (value, digest_value):
        _decoded(one, "answer-signature")


def _children(parent: Element, *names: str, code: str = "answer-wrapped") -> list[Element]:
    if [child.tag for child in parent] != [f"{{{DS}}}{name}" for name in names]:
        raise refused(code)
    return list(parent)


def _certificate(signature: Element, trusted: Sequence[x509.Certificate]) -> x509.Certificate:
    """The trusted certificate that the message shows: ours, byte for byte, and valid now."""
    shown = _shown(signature[2])
    now = host_now()
    for one in trusted:
        if one.public_bytes(Encoding.DER) == shown:
            if one.not_valid_before_utc <= now <= one.not_valid_after_utc:
                return one
            break
    raise refused("answer-certificate")


def _shown(key_info: Element) -> bytes:
    if [child.tag for child in key_info] != [f"{{{WSSE}}}SecurityTokenReference"]:
        raise refused("answer-certificate")
    if [child.tag for child in key_info[0]] != [f"{{{WSSE}}}KeyIdentifier"]:
        raise refused("answer-certificate")
    if key_info[0][0].get("ValueType") != TOKEN:
        raise refused("answer-certificate")
    return _decoded(key_info[0][0], "answer-certificate")


def _decoded(element: Element, code: str) -> bytes:
    """The library passes over what is no base64; what cannot be read strictly is refused before it."""
    try:
        decoded = base64.b64decode("".join((element.text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    if len(element) or not decoded:
        raise refused(code)
    return decoded
