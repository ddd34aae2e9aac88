"""The gateway over google-generativeai, for those who still depend on it. Its support ended in 2025.

It is driven through its own generated REST client, each call in a thread: the package's asynchronous REST
calls raise after they have posted (and cost), and ``genai.configure`` is global. It cannot say aspect ratio,
seed, several voices, thinking or storage; such requests are refused by name.

The raw answer is taken in a response hook of the HTTP session, and the hook then raises. That is what makes
the promises of ``gateway.py`` hold here: the package's parser, which loses response ids, token details and
thought flags and dies of some errors, never runs; nor do the redirects of ``requests`` or the credential
refresh of ``google-auth``, which would each send the request again.
"""

import asyncio
import functools
import json
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NoReturn

import requests
import urllib3.exceptions
from google.protobuf.json_format import ParseError

from actors.gemini.gateway import (
    GOOGLE_BASE_URL,
    SDK_CAPABILITIES,
    Capability,
    GatewaySettings,
    Json,
    WireAnswer,
    check_model_name,
    conceal,
    is_loopback,
)
from actors.gemini.pages import PAGE_SIZE, all_pages
from actors.gemini.schema_subset import to_subset
from actors.gemini.wire import objects_in
from domain.failures import AttemptFailedError, Code, Failure

with warnings.catch_warnings():
    warnings.simplefilter(
        "ignore", FutureWarning
    )  # that the package has reached its end: the docstring says so
    from google.ai import generativelanguage as glm
    from google.generativeai import protos

_CALLS_AT_ONCE = 256
"""Threads are started as they are needed; how many calls may be in flight is the throttle's decision."""
_GRACE_S = 0.5
_NEVER_SENT = (
    requests.ConnectTimeout,
    requests.exceptions.SSLError,
    requests.exceptions.ProxyError,
    requests.exceptions.InvalidURL,
)
_TOO_LATE = (requests.Timeout, TimeoutError)


class _AnsweredError(Exception):
    """Carries the HTTP response out of the SDK before it does anything with it."""

    def __init__(self, response: requests.Response) -> None:
        super().__init__(response.status_code)
        self.response = response


def _carry_out(response: requests.Response, **_: Any) -> NoReturn:
    response.content  # noqa: B018 - read it here, so that a connection that breaks now is known for what it is
    raise _AnsweredError(response)


class GenerativeaiGateway:
    """See `actors.gemini.gateway.Gateway`."""

    capabilities = SDK_CAPABILITIES["google-generativeai"]

    def __init__(self, settings: GatewaySettings) -> None:
        if settings.api_version != "v1beta":
            raise AttemptFailedError(_refusal(f"API version {settings.api_version}", None))
        base_url = settings.base_url or GOOGLE_BASE_URL
        self._secret = settings.api_key.get_secret_value().strip()
        options = {"api_endpoint": base_url.rstrip("/"), "api_key": self._secret}
        self._generative = glm.GenerativeServiceClient(transport="rest", client_options=options)
        self._models = glm.ModelServiceClient(transport="rest", client_options=options)
        for client in (self._generative, self._models):
            # The package is frozen, and offers no other way in.
            session: requests.Session = client.transport._session  # type: ignore[union-attr]  # noqa: SLF001
            session.hooks["response"].append(_carry_out)
            session.trust_env = not is_loopback(base_url)
        self._threads = ThreadPoolExecutor(_CALLS_AT_ONCE, thread_name_prefix="generativeai")

    async def generate(self, model: str, contents: list[Json], config: Json, timeout_s: float) -> WireAnswer:
        check_model_name(model)
        request = _request(model, contents, config)
        call = functools.partial(self._generative.generate_content, request)
        return await self._call(call, model, timeout_s)

    async def list_models(self) -> list[Json]:
        async def ask(token: str, timeout_s: float) -> WireAnswer:
            request = protos.ListModelsRequest(page_size=PAGE_SIZE, page_token=token)
            return await self._call(functools.partial(self._models.list_models, request), None, timeout_s)

        return await all_pages("models", ask)

    async def interact(self, body: Json, timeout_s: float) -> WireAnswer:  # noqa: ARG002 - refused by name
        model = body.get("model")
        raise AttemptFailedError(_refusal(Capability.INTERACTIONS, model if isinstance(model, str) else None))

    async def interaction(self, call_id: str, timeout_s: float) -> WireAnswer:  # noqa: ARG002 - as above
        raise AttemptFailedError(_refusal(Capability.INTERACTIONS, None))

    cancel_interaction = delete_interaction = file = interaction

    async def download(self, name: str, target: Path, timeout_s: float) -> WireAnswer:  # noqa: ARG002 - as above
        raise AttemptFailedError(_refusal(Capability.INTERACTIONS, None))

    async def list_voices(self) -> list[Json]:
        raise AttemptFailedError(_refusal(Capability.VOICE_LIBRARY, None))

    async def close(self) -> None:
        self._generative.transport.close()  # type: ignore[no-untyped-call]
        self._models.transport.close()  # type: ignore[no-untyped-call]
        self._threads.shutdown(wait=False)

    async def _call(self, call: Callable[..., Any], model: str | None, timeout_s: float) -> WireAnswer:
        started = time.monotonic()
        once = functools.partial(call, retry=None, timeout=timeout_s)
        try:
            async with asyncio.timeout(timeout_s + _GRACE_S):
                await asyncio.get_running_loop().run_in_executor(self._threads, once)
        except _AnsweredError as answered:
            response = answered.response
            return WireAnswer(
                status=response.status_code,
                headers={name.lower(): value for name, value in response.headers.items()},
                body=response.content if response.ok else conceal(response.content, self._secret),
                elapsed_s=time.monotonic() - started,
            )
        except (requests.RequestException, TimeoutError) as broken:
            raise AttemptFailedError(_unanswered(broken, model, time.monotonic() - started)) from broken
        raise AssertionError("the response hook lets no answer through")


def _request(model: str, contents: list[Json], config: Json) -> Any:
    """Return the request in the package's own type; raises `AttemptFailedError` for what it cannot say."""
    settings = dict(config.get("generationConfig") or {})
    for capability, asked in _unsupported(contents, config, settings).items():
        if asked:
            raise AttemptFailedError(_refusal(capability, model))
    body = config | {"model": model if "/" in model else f"models/{model}", "contents": contents}
    try:
        if "responseJsonSchema" in settings:
            settings["responseSchema"] = to_subset(settings.pop("responseJsonSchema"))
        if settings:
            body["generationConfig"] = settings
        return protos.GenerateContentRequest.from_json(json.dumps(body), ignore_unknown_fields=False)
    except ValueError as beyond:
        raise AttemptFailedError(_refusal(f"{Capability.JSON_SCHEMA}: {beyond}", model)) from None
    except ParseError as unknown:
        raise AttemptFailedError(_refusal(str(unknown).split("\n", 1)[0], model)) from None


def _unsupported(contents: list[Json], config: Json, settings: Json) -> dict[Capability, bool]:
    """Return what this package has no words for, and whether the request asks for it."""
    speaking = settings.get("speechConfig") or {}
    parts = [part for turn in contents for part in objects_in(turn.get("parts"))]
    return {
        Capability.IMAGE_CONFIG: "imageConfig" in settings or "imageOutputOptions" in settings,
        Capability.SEED: "seed" in settings,
        Capability.THINKING: "thinkingConfig" in settings,
        Capability.SPEECH_LANGUAGE: "languageCode" in speaking,
        Capability.VOICE_LIBRARY: "voice" in (speaking.get("voiceConfig") or {}),
        Capability.MULTI_SPEAKER: "multiSpeakerVoiceConfig" in speaking,
        Capability.SPEECH_METADATA: any("speechMetadata" in part for part in parts),
        # Only speech has its own settings beside it.
        Capability.MUSIC: settings.get("responseModalities") == ["AUDIO"] and not speaking,
        Capability.STORE: "store" in config,
    }


def _refusal(what: str, model: str | None) -> Failure:
    return Failure.of(
        Code.CAPABILITY_MISSING, f"google-generativeai cannot do this: {what}. google-genai can.", model=model
    )


def _unanswered(broken: Exception, model: str | None, elapsed: float) -> Failure:
    """Tell what became of a request that got no answer; in doubt it was sent, and may be charged."""
    said = f"{type(broken).__name__}: {broken}".removesuffix(": ")
    known: dict[str, Any] = {"model": model, "elapsed_s": elapsed}
    # requests wraps urllib3's reasons, and has one class for a body that stops coming and a lost connection.
    cause = broken.args[0] if broken.args else None
    if isinstance(cause, urllib3.exceptions.MaxRetryError):
        cause = cause.reason
    if isinstance(broken, _NEVER_SENT) or isinstance(cause, urllib3.exceptions.NewConnectionError):
        hopeless = isinstance(broken, requests.exceptions.InvalidURL)
        return Failure.of(Code.CONNECTION_FAILED, said, retryable=not hopeless, **known)
    if isinstance(broken, _TOO_LATE) or isinstance(cause, urllib3.exceptions.ReadTimeoutError):
        return Failure.of(Code.TIMEOUT, f"No answer within {elapsed:.1f} s ({said})", **known)
    if isinstance(broken, requests.exceptions.ContentDecodingError):
        return Failure.of(Code.MALFORMED_BODY, said, **known)
    return Failure.of(Code.CONNECTION_LOST, said, **known)
