"""The HTTP client under google-genai, and what its SDK is not left to do: interactions, files, lists.

The SDK has clients for these too. They are not used, because they cannot be held to the gateway's promises:
by default they send five POSTs on 429, 500 and 503, they follow continuations, they take whichever of two
HTTP libraries happens to be installed, and they read downloads into memory. So these calls go over the client
that the adapter owns anyway, with the SDK's own headers, and one of them is one request.

The address is always the gateway's own: what an answer points to is never called, so the key stays with the
host that it was meant for, and a redirect is an answer like any other.
"""

import asyncio
import platform
import ssl
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx2

from actors.gemini.gateway import Json, WireAnswer, conceal, is_loopback, refuse_file_over
from domain.failures import AttemptFailedError, Code, Failure

_CONNECT_TIMEOUT_S = 15.0
GRACE_S = 0.5
"""The transport's own time limit, which knows what it was waiting for, comes first; ours ends what trickles
on."""
UNANSWERED = (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError)
"""What is raised where no answer came."""
_NEVER_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.LocalProtocolError,
    httpx2.UnsupportedProtocol,
    httpx2.InvalidURL,
)


class Rest:
    """One client of one API. ``http``, ``unused`` and ``trust`` are lent to the SDK: it insists on each."""

    def __init__(self, base_url: str, api_version: str, secret: str, sdk_version: str) -> None:
        self.trust = ssl.create_default_context()
        environment = not is_loopback(base_url)
        # No limit on connections: how many calls may be in flight is the throttle's decision, and a full pool
        # would look like a slow provider.
        self.http = httpx2.AsyncClient(
            verify=self.trust,
            trust_env=environment,
            follow_redirects=False,
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=32),
            event_hooks={"request": [_bound_connecting], "response": [_take_as_utf8]},
        )
        self.unused = httpx2.Client(verify=self.trust, trust_env=environment)
        self._root = f"{base_url.rstrip('/')}/{api_version}"
        self._secret = secret
        sdk = f"google-genai-sdk/{sdk_version} gl-python/{platform.python_version()}"
        self._headers = {
            "x-goog-api-key": secret,
            "accept": "application/json",
            "user-agent": sdk,
            "x-goog-api-client": sdk,
        }

    async def send(
        self,
        method: str,
        path: str,
        timeout_s: float,
        *,
        body: Json | None = None,
        query: Mapping[str, str] | None = None,
        model: str | None = None,
    ) -> WireAnswer:
        """Send one request and return its answer, of any status; raises `AttemptFailedError`."""
        started = time.monotonic()
        request = self._request(method, path, timeout_s, body, query)
        try:
            async with asyncio.timeout(timeout_s + GRACE_S):
                response = await self.http.send(request)
        except UNANSWERED as broken:
            raise AttemptFailedError(unanswered(broken, model, started)) from broken
        return answered(response, self._secret, started)

    async def download(self, path: str, target: Path, timeout_s: float, most_bytes: int) -> WireAnswer:
        """Write a file's bytes to ``target`` as they come; the answer's body is then empty.

        Raises `AttemptFailedError`, also where there are more bytes than ``most_bytes``.
        """
        started = time.monotonic()
        request = self._request("GET", path, timeout_s, None, {"alt": "media"})
        try:
            async with asyncio.timeout(timeout_s + GRACE_S):
                response = await self.http.send(request, stream=True)
                try:
                    if not response.is_success:
                        await response.aread()
                        return answered(response, self._secret, started)
                    await _write(response, target, most_bytes)
                finally:
                    await response.aclose()
        except UNANSWERED as broken:
            raise AttemptFailedError(unanswered(broken, None, started)) from broken
        return answered(response, self._secret, started, body=b"")

    async def close(self) -> None:
        await self.http.aclose()
        self.unused.close()

    def _request(
        self, method: str, path: str, timeout_s: float, body: Json | None, query: Mapping[str, str] | None
    ) -> httpx2.Request:
        return self.http.build_request(
            method,
            f"{self._root}/{path}",
            params=query,
            json=body,
            headers=self._headers,
            timeout=httpx2.Timeout(timeout_s),
        )


async def _write(response: httpx2.Response, target: Path, most_bytes: int) -> None:
    announced = response.headers.get("content-length", "")
    refuse_file_over(most_bytes, int(announced) if announced.isdecimal() else 0)
    size = 0
    with target.open("wb") as file:
        async for piece in response.aiter_bytes():
            size += len(piece)
            refuse_file_over(most_bytes, size)
            await asyncio.to_thread(file.write, piece)


def answered(response: Any, secret: str, started: float, *, body: bytes | None = None) -> WireAnswer:
    """An answer in the form of the gateway; of an error without the key, which it may echo."""
    assert isinstance(response, httpx2.Response)
    content = response.content if body is None else body
    return WireAnswer(
        status=response.status_code,
        headers={name.lower(): value for name, value in response.headers.items()},
        body=content if response.is_success else conceal(content, secret),
        elapsed_s=time.monotonic() - started,
    )


def unanswered(broken: Exception, model: str | None, started: float) -> Failure:
    """Tell what became of a request that got no answer; in doubt it was sent, and may be charged."""
    said = f"{type(broken).__name__}: {broken}".removesuffix(": ")
    elapsed = time.monotonic() - started
    if isinstance(broken, _NEVER_SENT):
        hopeless = isinstance(broken, httpx2.UnsupportedProtocol | httpx2.InvalidURL)
        return Failure.of(
            Code.CONNECTION_FAILED, said, retryable=not hopeless, model=model, elapsed_s=elapsed
        )
    if isinstance(broken, TimeoutError | httpx2.TimeoutException):
        return Failure.of(
            Code.TIMEOUT, f"No answer within {elapsed:.1f} s ({said})", model=model, elapsed_s=elapsed
        )
    if isinstance(broken, httpx2.DecodingError):
        return Failure.of(Code.MALFORMED_BODY, said, model=model, elapsed_s=elapsed)
    return Failure.of(Code.CONNECTION_LOST, said, model=model, elapsed_s=elapsed)


async def _bound_connecting(request: httpx2.Request) -> None:
    """Give up early where nothing listens; an SDK's time limit is for the whole answer."""
    limits = request.extensions.get("timeout") or {}
    for phase in ("connect", "pool"):
        limits[phase] = min(limits.get(phase) or _CONNECT_TIMEOUT_S, _CONNECT_TIMEOUT_S)
    request.extensions["timeout"] = limits


async def _take_as_utf8(response: httpx2.Response) -> None:
    """Have the body, which the SDK hands on as text, keep its bytes: JSON is UTF-8 whatever a header says."""
    response.encoding = "utf-8"
