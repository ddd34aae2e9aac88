"""Which addresses may be called: public ones, and the networks that settings name.

An endpoint's address is somebody else's word, and the server that calls it stands where that somebody does
not: beside databases, metadata services and machines without a password. So what a name resolves to is
judged, and exactly the address that was judged is connected to; a name that resolves to something else a
moment later is judged anew or not at all. Plain HTTP is for named networks alone: what is told is a script.
"""

import ipaddress
import socket
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import urlsplit

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], list[str]]

SETTING = "REELOG_WEBHOOK_NETWORKS"
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_COMPATIBLE = ipaddress.ip_network("::/96")
_NOBODYS = [
    ipaddress.ip_network(network)
    for network in (
        "100.64.0.0/10",  # shared by carriers
        "168.63.129.16/32",  # Azure's, for its machines alone
        "192.0.0.0/24",  # kept for protocols; Oracle's metadata
        "3fff::/20",  # for documents
        "fec0::/10",  # site-local
    )
]
"""Private, though ``ipaddress`` calls them anybody's, in some version of Python or in all."""


class AddressRefusedError(Exception):
    """None of the addresses of a host may be called; the message says why, and what would do."""


def embedded(address: IpAddress) -> IpAddress:
    """The IPv4 address that is reached by an IPv6 address, where one is; else the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_public(address: IpAddress) -> bool:
    """Whether anybody may own it."""
    address = embedded(address)
    special = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_link_local
    return address.is_global and not special and not any(address in network for network in _NOBODYS)


def numeric(host: str) -> IpAddress | None:
    """The address that a host is in one of its many writings (``127.1``, ``0x7f000001``); None: a name."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return None
    return ipaddress.ip_address(str(found[0][4][0]).partition("%")[0])


def resolved(host: str, port: int) -> list[str]:
    """All addresses of a name, in the order of preference. Blocks."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Addresses:
    """``networks``: those that may be called though they are private, and by plain HTTP."""

    def __init__(self, networks: Iterable[str] = (), resolve: Resolve = resolved) -> None:
        self._networks = [ipaddress.ip_network(network) for network in networks]
        self.resolve = resolve

    def is_named(self, address: IpAddress) -> bool:
        inner = embedded(address)
        return any(inner in network or address in network for network in self._networks)

    def may_be_called(self, address: IpAddress, *, encrypted: bool) -> bool:
        return self.is_named(address) or (encrypted and is_public(address))

    def fault(self, url: str) -> str | None:
        """Why an address cannot be called, as far as it can be known without asking for its name."""
        parts = urlsplit(url)
        encrypted = parts.scheme == "https"
        host = parts.hostname or ""
        if host.rstrip(".").lower().endswith("localhost"):
            address: IpAddress | None = ipaddress.ip_address("127.0.0.1")
        else:
            address = numeric(host.partition("%")[0])
        if address is not None and not self.may_be_called(address, encrypted=encrypted):
            return self.refusal(host, [address], encrypted=encrypted)
        if address is None and not encrypted and not self._networks:
            return f"plain http is only for networks that {SETTING} names; write https"
        return None

    def refusal(self, host: str, found: Sequence[IpAddress], *, encrypted: bool) -> str:
        public = all(is_public(address) for address in found)
        if public and not encrypted:
            return f"{host} is public, and plain http is only for networks that {SETTING} names; write https"
        shown = ", ".join(str(address) for address in found)
        return f"{host} is at {shown}, which is no public address; only {SETTING} can allow it"
