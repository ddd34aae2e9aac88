"""One POST to an endpoint: a connection of its own, no redirect, no proxy, a limit for all of it.

No connection is kept for later: deliveries are rare, and one that was closed meanwhile would be a failed try.
"""

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version

import anyio
import httpcore2

from api.webhooks.addresses import Addresses, AddressRefusedError, CheckedNetwork

TIMEOUT_S = 15.0
GONE = 410
_FAILURES = (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.TimeoutException)


@dataclass(frozen=True)
class Answer:
    """``status`` is None where none came; ``error`` says why it counts as failed, None where it does not."""

    status: int | None
    error: str | None
    elapsed_s: float
    retry_after_s: float | None = None


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
            error = f"{type(failed).__name__}: {failed}"[:500]
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
            wait_s = float(told) if told.isdigit() and len(told) < 6 else None  # noqa: PLR2004 - up to a day
            return response.status, wait_s


def _fault(status: int) -> str | None:
    match status // 100:
        case 2:
            return None
        case 3:
            return f"it answered {status}, and redirects are not followed"
        case _:
            return f"it answered {status}"
