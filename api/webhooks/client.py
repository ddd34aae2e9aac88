"""One POST to an endpoint: a connection of its own, no redirect, no proxy, a limit for all of it.

No connection is kept for later: deliveries are rare, and one that was closed meanwhile would be a failed try.
Loaded with the first message: commands that send none need not wait for the library.
"""

import ipaddress
import ssl
import time
from collections.abc import Iterable, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import cached_property
from importlib.metadata import version
from typing import Any

import anyio
import httpcore2
from anyio import CapacityLimiter, to_thread

from api.webhooks.addresses import Addresses, AddressRefusedError
from api.webhooks.answer import Answer

TIMEOUT_S = 15.0
LONGEST_ERROR = 500
_FAILURES = (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.TimeoutException)


class CheckedNetwork(httpcore2.AsyncNetworkBackend):
    """Connects to the address that was judged, by its number; names are for certificates and headers."""

    def __init__(self, addresses: Addresses, *, encrypted: bool) -> None:
        self._addresses = addresses
        self._encrypted = encrypted
        self._connect = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - as the library calls it
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        allowed = await self.judged(host, port)
        failed: Exception | None = None
        for address in allowed:
            try:
                return await self._connect.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failed = error
        assert failed is not None
        raise failed

    async def judged(self, host: str, port: int) -> list[str]:
        """Those of a host's addresses that may be called. AddressRefusedError where there is none."""
        try:
            # Threads of its own: a name server that hangs holds up this host alone.
            texts = await to_thread.run_sync(
                self._addresses.resolve, host, port, abandon_on_cancel=True, limiter=CapacityLimiter(1)
            )
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(f"{host} has no address: {error}") from error
        found = [ipaddress.ip_address(text.partition("%")[0]) for text in texts]
        allowed = [
            address for address in found if self._addresses.may_be_called(address, encrypted=self._encrypted)
        ]
        if not allowed:
            raise AddressRefusedError(self._addresses.refusal(host, found, encrypted=self._encrypted))
        return [str(address) for address in allowed]

    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore2.AsyncNetworkStream:
        raise AddressRefusedError("sockets of this machine are called by nobody")

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(seconds)


class WebhookClient:
    def __init__(self, addresses: Addresses, timeout_s: float = TIMEOUT_S) -> None:
        self.addresses = addresses
        self._timeout_s = timeout_s

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Trusts what this machine trusts, or what ``SSL_CERT_FILE`` names."""
        return httpcore2.default_ssl_context()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Whatever happens is in the answer."""
        begun = time.monotonic()
        status, retry_after_s, error = None, None, None
        try:
            with anyio.fail_after(self._timeout_s):
                status, retry_after_s = await self._post(url, headers, body)
            error = _fault(status)
        except TimeoutError:
            error = f"no answer within {self._timeout_s:g} s"
        except AddressRefusedError as refused:
            error = str(refused)
        except (
            httpcore2.NetworkError,
            httpcore2.ProtocolError,
            httpcore2.TimeoutException,
            OSError,
        ) as failed:
            said = f"{type(failed).__name__}: {failed}"[:LONGEST_ERROR]
            error = "".join(letter if letter.isprintable() else "?" for letter in said)
        return Answer(status, error, time.monotonic() - begun, retry_after_s)

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, float | None]:
        encrypted = url.startswith("https://")
        sent = {
            "Content-Type": "application/json",
            "User-Agent": f"Reelog/{version('reelog')}",
            "Connection": "close",
            **headers,
        }
        async with (
            httpcore2.AsyncConnectionPool(
                ssl_context=self._tls if encrypted else None,
                max_connections=1,
                max_keepalive_connections=0,
                network_backend=CheckedNetwork(self.addresses, encrypted=encrypted),
            ) as pool,
            pool.stream("POST", url, headers=list(sent.items()), content=body) as response,
        ):
            # What else it says is nobody's business here, and may never end.
            told = {name.lower(): value for name, value in response.headers}.get(b"retry-after", b"")
            return response.status, _asked_s(told.decode("latin-1"))


def _asked_s(told: str) -> float | None:
    """How long ``Retry-After`` asks to wait: it names seconds or a date (RFC 9110)."""
    if told.isascii() and told.isdecimal():
        return float(told)
    try:
        at = parsedate_to_datetime(told)
    except ValueError:
        return None
    return max(0.0, (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - time.time())


def _fault(status: int) -> str | None:
    match status // 100:
        case 2:
            return None
        case 3:
            return f"it answered {status}, and redirects are not followed"
        case _:
            return f"it answered {status}"
