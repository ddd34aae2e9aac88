"""Whether anybody listens at an address of a cluster."""

import socket
from typing import Final

KNOCK_S: Final = 10.0


def knock(address: str) -> None:
    """ConnectionError at once where nobody listens; Ray itself finds out after minutes."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        return
    try:
        with socket.create_connection((host.strip("[]"), int(port)), KNOCK_S):
            pass
    except (OSError, OverflowError) as error:
        raise ConnectionError(f"nothing answers there: {getattr(error, 'strerror', None) or error}") from None
