"""What messages are made of, and who signs them: the names of the protocol, and the gateway's way to refuse."""

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
DS = "http://www.w3.org/2000/09/xmldsig#"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
TYPES = "http://bip.bee.kz/SyncChannel/v10/Types"
C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
RSA = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA = "http://www.w3.org/2001/04/xmlenc#sha256"

Element = Any
"""An element of lxml, which has no types."""


class FaultError(Exception):
    """The message is not processed; `code` is the gateway's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Signer:
    """Somebody who signs."""

    key: bytes
    certificate: bytes

    @classmethod
    def load(cls, folder: Path, name: str) -> "Signer":
        return cls((folder / f"{name}.key.pem").read_bytes(), (folder / f"{name}.crt.pem").read_bytes())

    @property
    def shown(self) -> str:
        """The certificate, as a message shows it."""
        der = x509.load_pem_x509_certificate(self.certificate).public_bytes(Encoding.DER)
        return base64.b64encode(der).decode()
