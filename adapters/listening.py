"""The socket on which a program of ours listens, and who can reach it."""

import errno
import ipaddress
import socket
from dataclasses import dataclass

from models.errors import UnavailableError

_BACKLOG = 512
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
"""The names of the loopback address."""


@dataclass(frozen=True)
class Listener:
    """A program that listens, and where its host and its port can be set: errors tell."""

    name: str
    host_setting: str
    port_setting: str

    def listen(self, host: str, port: int) -> socket.socket:
        """UnavailableError if somebody else listens there, or there is no such address."""
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            listening = socket.socket(family, kind, protocol)
        except OSError as error:
            raise UnavailableError(f"{host} is no address of this machine; look at {self.host_setting}") from error
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen(_BACKLOG)
        except OSError as error:
            listening.close()
            why = "somebody listens there already" if error.errno == errno.EADDRINUSE else str(error.strerror)
            raise UnavailableError(
                f"{self.name} cannot listen on {host}, port {port}: {why}; take another port ({self.port_setting})"
            ) from error
        return listening


def is_loopback(host: str) -> bool:
    """Whether nobody but this machine reaches it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def host_name(host: str) -> str:
    """The name in a Host header, without its port: [::1]:8733 is ::1."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()
