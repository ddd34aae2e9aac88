"""The gateway over google-genai, the default SDK.

Every argument below closes a trap that was proved against a counting server; do not "simplify" without it:

* an ``httpx2`` client of our own: with aiohttp (which Ray brings along) the SDK repeats a POST after a
  disconnect, unasked; its errors cannot be pickled; redirects would turn POST into GET;
* ``attempts=1`` and ``automatic_continuation=False``: a call is one request;
* ``vertexai=False`` and explicit key, base URL and version: the environment (``GOOGLE_API_KEY``,
  ``GOOGLE_GENAI_USE_VERTEXAI``, ``GOOGLE_GEMINI_BASE_URL``, ``GOOGLE_GENAI_API_VERSION``) would override;
* ``should_return_http_response``: the raw body, since the SDK's parser drops fields and dies of others;
* the request goes through ``extra_body``, verbatim: what is recorded is what was sent.
"""

import asyncio
import ssl
import time
from typing import Any

import httpx2
from google import genai
from google.genai import errors, types

from actors.gemini.gateway import (
    GOOGLE_BASE_URL,
    SDK_CAPABILITIES,
    GatewaySettings,
    Json,
    WireAnswer,
    check_model_name,
    conceal,
    is_loopback,
)
from actors.gemini.http_failures import failure_of_http
from domain.failures import AttemptFailedError, Code, Failure

_CONNECT_TIMEOUT_S = 15.0
_LISTING_TIMEOUT_S = 60.0
_MOST_PAGES = 20
"""Of a thousand models each; a server that turns in circles is left."""
_GRACE_S = 0.5
"""The SDK's own time limit, which knows what it was waiting for, comes first; ours ends what trickles on."""
_REPLACED = types.Content(role="user", parts=[types.Part(text="-")])
"""The SDK insists on contents of its own type; ``extra_body`` then puts the real ones in their place."""


class GenaiGateway:
    """See `actors.gemini.gateway.Gateway`."""

    capabilities = SDK_CAPABILITIES["google-genai"]

    def __init__(self, settings: GatewaySettings) -> None:
        base_url = settings.base_url or GOOGLE_BASE_URL
        trust = ssl.create_default_context()
        environment = not is_loopback(base_url)
        # No limit on connections: how many calls may be in flight is the throttle's decision, and a full pool
        # would look like a slow provider.
        self._http = httpx2.AsyncClient(
            verify=trust,
            trust_env=environment,
            follow_redirects=False,
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=32),
            event_hooks={"request": [_bound_connecting], "response": [_take_as_utf8]},
        )
        self._unused = httpx2.Client(verify=trust, trust_env=environment)
        self._client = genai.Client(
            vertexai=False,
            api_key=settings.api_key.get_secret_value(),
            http_options=types.HttpOptions(
                base_url=base_url,
                api_version=settings.api_version,
                httpx_async_client=self._http,
                httpx_client=self._unused,
                retry_options=types.HttpRetryOptions(attempts=1),
            ),
        )
        self._secret = settings.api_key.get_secret_value()

    async def generate(self, model: str, contents: list[Json], config: Json, timeout_s: float) -> WireAnswer:
        check_model_name(model)
        started = time.monotonic()
        body = config | {"contents": contents}
        options = types.GenerateContentConfig(
            should_return_http_response=True,
            automatic_continuation=False,
            automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
            http_options=types.HttpOptions(timeout=max(1, round(timeout_s * 1000)), extra_body=body),
        )
        try:
            async with asyncio.timeout(timeout_s + _GRACE_S):
                response = await self._client.aio.models.generate_content(
                    model=model, contents=[_REPLACED], config=options
                )
        except errors.APIError as refused:
            return self._answer(refused.response, started)
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError) as broken:
            raise AttemptFailedError(_unanswered(broken, model, started)) from broken
        http = response.sdk_http_response
        assert http is not None
        return WireAnswer(
            status=200,  # the SDK raises for every other status, which is answered above
            headers={name.lower(): value for name, value in (http.headers or {}).items()},
            body=(http.body or "").encode(),
            elapsed_s=time.monotonic() - started,
        )

    async def list_models(self) -> list[Json]:
        started = time.monotonic()
        try:
            async with asyncio.timeout(_LISTING_TIMEOUT_S):
                pages = await self._client.aio.models.list(config=types.ListModelsConfig(page_size=1000))
                models = [_model(model) for model in pages.page]
                for _ in range(_MOST_PAGES - 1):
                    try:
                        models += [_model(model) for model in await pages.next_page()]
                    except IndexError:  # the SDK's way to say that there is none
                        break
                return models
        except errors.APIError as refused:
            raise AttemptFailedError(failure_of_http(self._answer(refused.response, started))) from refused
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError) as broken:
            raise AttemptFailedError(_unanswered(broken, None, started)) from broken

    async def close(self) -> None:
        await self._http.aclose()
        self._unused.close()

    def _answer(self, response: Any, started: float) -> WireAnswer:
        assert isinstance(response, httpx2.Response)
        return WireAnswer(
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            body=conceal(response.content, self._secret),
            elapsed_s=time.monotonic() - started,
        )


async def _bound_connecting(request: httpx2.Request) -> None:
    """Give up early where nothing listens; an SDK's time limit is for the whole answer."""
    limits = request.extensions.get("timeout") or {}
    for phase in ("connect", "pool"):
        limits[phase] = min(limits.get(phase) or _CONNECT_TIMEOUT_S, _CONNECT_TIMEOUT_S)
    request.extensions["timeout"] = limits


async def _take_as_utf8(response: httpx2.Response) -> None:
    """Have the body, which the SDK hands on as text, keep its bytes: JSON is UTF-8 whatever a header says."""
    response.encoding = "utf-8"


_NEVER_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.LocalProtocolError,
    httpx2.UnsupportedProtocol,
    httpx2.InvalidURL,
)


def _unanswered(broken: Exception, model: str | None, started: float) -> Failure:
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


def _model(model: types.Model) -> Json:
    """Return a listed model in the wire's spelling."""
    wire = model.model_dump(exclude_none=True, by_alias=True, mode="json")
    wire["supportedGenerationMethods"] = wire.pop("supportedActions", [])
    return wire
