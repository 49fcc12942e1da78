"""What a way out is told in secret, and where something may be sent in the clear."""

import ipaddress
from pathlib import Path

from pydantic import SecretStr

from models.errors import MalformedError


def is_this_machine(host: str) -> bool:
    """Whether what is sent there never leaves the machine; a name other than localhost may lead anywhere."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def read_secret(setting: str, file: Path) -> SecretStr:
    """The content of a file without the line's end; MalformedError names the setting."""
    try:
        secret = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise MalformedError(f"{setting}: {file} cannot be read ({type(error).__name__})") from None
    if not secret:
        raise MalformedError(f"{setting}: {file} is empty")
    return SecretStr(secret)
