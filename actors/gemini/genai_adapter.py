"""The gateway over google-genai, the default SDK.

Every argument below closes a trap that was proved against a counting server; do not "simplify" without it:

* an ``httpx2`` client of our own (``rest.py``): with aiohttp (which Ray brings along) the SDK repeats a POST
  after a disconnect, unasked; its errors cannot be pickled; redirects would turn POST into GET;
* ``attempts=1`` and ``automatic_continuation=False``: a call is one request;
* ``vertexai=False`` and explicit key, base URL and version: the environment (``GOOGLE_API_KEY``,
  ``GOOGLE_GENAI_USE_VERTEXAI``, ``GOOGLE_GEMINI_BASE_URL``, ``GOOGLE_GENAI_API_VERSION``) would override;
* ``should_return_http_response``: the raw body, since the SDK's parser drops fields and dies of others;
* interactions, files and lists do not go through the SDK at all: see ``rest.py``. So it is loaded for the
  first generation, and whoever only lists models does without;
* the request goes through ``extra_body``, verbatim: what is recorded is what was sent.
"""

import asyncio
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from actors.gemini.gateway import (
    GOOGLE_BASE_URL,
    MOST_FILE_BYTES,
    SDK_CAPABILITIES,
    GatewaySettings,
    Json,
    WireAnswer,
    check_call_id,
    check_model_name,
    file_id,
)
from actors.gemini.pages import PAGE_SIZE, all_pages
from actors.gemini.rest import GRACE_S, UNANSWERED, Rest, answered, unanswered
from domain.failures import AttemptFailedError

if TYPE_CHECKING:
    from google import genai


def load_sdk() -> None:
    """40 MB; a second, or several."""
    from google import genai  # noqa: F401, PLC0415 - only where something is to be generated


class GenaiGateway:
    """See `actors.gemini.gateway.Gateway`."""

    capabilities = SDK_CAPABILITIES["google-genai"]

    def __init__(self, settings: GatewaySettings) -> None:
        self._base_url = settings.base_url or GOOGLE_BASE_URL
        self._api_version = settings.api_version
        self._secret = settings.api_key.get_secret_value()
        self._rest = Rest(self._base_url, self._api_version, self._secret, version("google-genai"))
        self._client: genai.Client | None = None

    def _connect(self) -> "genai.Client":
        from google import genai  # noqa: PLC0415 - see load_sdk
        from google.genai import types  # noqa: PLC0415 - see load_sdk

        return genai.Client(
            vertexai=False,
            api_key=self._secret,
            http_options=types.HttpOptions(
                base_url=self._base_url,
                api_version=self._api_version,
                httpx_async_client=self._rest.http,
                httpx_client=self._rest.unused,
                async_client_args={"ssl": self._rest.trust},
                retry_options=types.HttpRetryOptions(attempts=1),
            ),
        )

    async def generate(self, model: str, contents: list[Json], config: Json, timeout_s: float) -> WireAnswer:
        check_model_name(model)
        if self._client is None:
            self._client = await asyncio.to_thread(self._connect)
        from google.genai import errors, types  # noqa: PLC0415 - loaded by now

        started = time.monotonic()
        body = config | {"contents": contents}
        options = types.GenerateContentConfig(
            should_return_http_response=True,
            automatic_continuation=False,
            automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
            http_options=types.HttpOptions(timeout=max(1, round(timeout_s * 1000)), extra_body=body),
        )
        try:
            async with asyncio.timeout(timeout_s + GRACE_S):
                # The SDK insists on contents of its own type; the real ones are in ``extra_body``.
                replaced = types.Content(role="user", parts=[types.Part(text="-")])
                response = await self._client.aio.models.generate_content(
                    model=model, contents=[replaced], config=options
                )
        except errors.APIError as refused:
            return answered(refused.response, self._secret, started)
        except UNANSWERED as broken:
            raise AttemptFailedError(unanswered(broken, model, started)) from broken
        http = response.sdk_http_response
        assert http is not None
        return WireAnswer(
            status=200,  # the SDK raises for every other status, which is answered above
            headers={name.lower(): value for name, value in (http.headers or {}).items()},
            body=(http.body or "").encode(),
            elapsed_s=time.monotonic() - started,
        )

    async def list_models(self) -> list[Json]:
        return await self._listed("models", "pageSize", "pageToken")

    async def interact(self, body: Json, timeout_s: float) -> WireAnswer:
        model = body.get("model")
        named = model if isinstance(model, str) else None
        return await self._rest.send("POST", "interactions", timeout_s, body=body, model=named)

    async def interaction(self, call_id: str, timeout_s: float) -> WireAnswer:
        return await self._ask("GET", call_id, timeout_s, query={"stream": "false"})

    async def cancel_interaction(self, call_id: str, timeout_s: float) -> WireAnswer:
        return await self._ask("POST", call_id, timeout_s, "/cancel")

    async def delete_interaction(self, call_id: str, timeout_s: float) -> WireAnswer:
        return await self._ask("DELETE", call_id, timeout_s)

    async def file(self, name: str, timeout_s: float) -> WireAnswer:
        return await self._rest.send("GET", f"files/{file_id(name)}", timeout_s)

    async def download(self, name: str, target: Path, timeout_s: float) -> WireAnswer:
        path = f"files/{file_id(name)}:download"
        return await self._rest.download(path, target, timeout_s, MOST_FILE_BYTES)

    async def list_voices(self) -> list[Json]:
        return await self._listed("voices", "page_size", "page_token")

    async def _listed(self, what: str, size: str, token_name: str) -> list[Json]:
        async def ask(token: str, timeout_s: float) -> WireAnswer:
            query = {size: str(PAGE_SIZE)} | ({token_name: token} if token else {})
            return await self._rest.send("GET", what, timeout_s, query=query)

        return await all_pages(what, ask)

    async def _ask(
        self,
        method: str,
        call_id: str,
        timeout_s: float,
        action: str = "",
        query: dict[str, str] | None = None,
    ) -> WireAnswer:
        check_call_id(call_id)
        return await self._rest.send(method, f"interactions/{call_id}{action}", timeout_s, query=query)

    async def close(self) -> None:
        await self._rest.close()
