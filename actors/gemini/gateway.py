"""The gateway: the one way out to a Gemini-compatible API, whichever SDK carries the call.

Here stands what both sides share, and it imports neither: who calls knows this interface, the adapters
implement it, and ``connect.py`` alone knows which adapters there are.

``generate`` takes and gives the wire's own shapes (the REST API's camelCase JSON), not an SDK's types,
because the SDKs lose what matters for telling failures: one drops ``finishMessage`` and cannot parse bad
base64 without losing the whole answer, the other drops token details and response ids. So adapters only carry
bytes; ``reader.py`` alone decides what they mean.

Some calls are answered later: an *interaction* is accepted with an id, and asked for by it until it is done.
What it makes may be a *file* of the provider's, which is downloaded. These take and give the wire's shapes
too (snake_case there); ``interactions.py`` alone decides what they mean.

Promises of every adapter, held by one contract suite:

1. one call is one HTTP request: no hidden retry, redirect, credential refresh or continuation;
2. an HTTP answer of any status is returned, never raised;
3. no answer raises `AttemptFailedError`, which tells whether the request may have been charged;
4. what cannot be carried is refused by name before anything is sent, never dropped;
5. the environment decides nothing: key, address and API version come from the settings alone;
6. the key goes to the address of the settings alone, whatever an answer points to.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

from pydantic import SecretStr

from domain.failures import AttemptFailedError, Code, Failure

GOOGLE_BASE_URL = "https://generativelanguage.googleapis.com"

MOST_FILE_BYTES = 1_000_000_000
"""Of a file that is downloaded: ten times what the longest shot in 4K takes."""
_SHORTEST_REAL_KEY = 20
Json = dict[str, Any]
Sdk = Literal["google-genai", "google-generativeai"]
Provider = Literal["gemini", "emulator"]


class Capability(StrEnum):
    """What an adapter may or may not be able to carry."""

    JSON_SCHEMA = "json_schema"
    """``responseJsonSchema`` as it is; without it, the subset that ``responseSchema`` can express."""
    IMAGE_CONFIG = "image_config"
    """Aspect ratio and size of images."""
    SEED = "seed"
    MULTI_SPEAKER = "multi_speaker"
    SPEECH_LANGUAGE = "speech_language"
    SPEECH_METADATA = "speech_metadata"
    """Style beside the text, as the 3.8 speech models want it."""
    THINKING = "thinking"
    MUSIC = "music"
    """Asking a music model for a song."""
    STORE = "store"
    """Asking the provider not to keep the request; done on every call where it can be."""
    INTERACTIONS = "interactions"
    """Calls that are accepted first and answered later, and the files that they make: video."""
    VOICE_LIBRARY = "voice_library"
    """Listing the provider's voices, and asking for one that is not prebuilt."""
    CANCEL = "cancel"
    """A cancelled call closes its connection; without it, the call runs on and its answer is dropped."""


SDK_CAPABILITIES: dict[Sdk, frozenset[str]] = {
    "google-genai": frozenset(Capability),
    "google-generativeai": frozenset(),
}
"""What each adapter declares, known without importing its SDK: a request can be refused at the door."""


@dataclass(frozen=True)
class GatewaySettings:
    """Where and how to call. Picklable; the key is masked wherever this is printed."""

    api_key: SecretStr
    base_url: str | None = None
    """None is Google. A path prefix is kept."""
    sdk: Sdk = "google-genai"
    api_version: str = "v1beta"
    """Stated on every call: the SDK's default moved to v1, which lacks previews and speech features."""


@dataclass(frozen=True)
class WireAnswer:
    """An HTTP answer of any status, unread."""

    status: int
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes
    elapsed_s: float


class Gateway(Protocol):
    """One client of one API; build it in the process and event loop that use it."""

    @property
    def capabilities(self) -> frozenset[str]: ...

    async def generate(self, model: str, contents: list[Json], config: Json, timeout_s: float) -> WireAnswer:
        """POST one ``generateContent``; ``config`` is the request's body without ``contents``.

        ``timeout_s`` bounds the whole call. Raises `AttemptFailedError` when no answer came.
        """
        ...

    async def list_models(self) -> list[Json]:
        """Return all models that the provider lists, as on the wire; raises `AttemptFailedError`."""
        ...

    async def interact(self, body: Json, timeout_s: float) -> WireAnswer:
        """POST one interaction, ``body`` verbatim. An answer with an id is a call that may be billed."""
        ...

    async def interaction(self, call_id: str, timeout_s: float) -> WireAnswer:
        """Ask how an interaction stands; free."""
        ...

    async def cancel_interaction(self, call_id: str, timeout_s: float) -> WireAnswer: ...

    async def delete_interaction(self, call_id: str, timeout_s: float) -> WireAnswer: ...

    async def file(self, name: str, timeout_s: float) -> WireAnswer:
        """Ask for a file's state. ``name``: ``files/ID``, or an address that holds it."""
        ...

    async def download(self, name: str, target: Path, timeout_s: float) -> WireAnswer:
        """Write a file's bytes to ``target`` as they come; the body of a good answer is then empty.

        Raises `AttemptFailedError` too where the file is larger than `MOST_FILE_BYTES`.
        """
        ...

    async def list_voices(self) -> list[Json]:
        """Return all voices that the provider lists, as on the wire; raises `AttemptFailedError`."""
        ...

    async def close(self) -> None: ...


def check_model_name(model: str) -> None:
    """Refuse a name that would change the request's path; raises `AttemptFailedError`."""
    if not re.fullmatch(r"(models/|tunedModels/)?[A-Za-z0-9][A-Za-z0-9._-]*", model):
        raise AttemptFailedError(
            Failure.of(Code.MODEL_NOT_FOUND, f"{model!r} is not a model's name", model=model)
        )


def is_call_id(call_id: Any) -> bool:
    """Whether this is an id that can stand in a path and means nothing else there."""
    return isinstance(call_id, str) and bool(re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._~=-]{0,1023}", call_id))


def check_call_id(call_id: str) -> None:
    """Refuse an id that would change the request's path; raises `AttemptFailedError`."""
    if not is_call_id(call_id):
        raise AttemptFailedError(
            Failure.of(Code.BAD_REQUEST, f"{call_id[:200]!r} is not an interaction's id")
        )


def file_id(name: str) -> str:
    """The id in a file's name or address; raises `AttemptFailedError` where there is none."""
    found = re.search(r"(?:^|/)files/([A-Za-z0-9_-]+)(?=$|[:?])", name)
    if found is None:
        raise AttemptFailedError(
            Failure.of(
                Code.MALFORMED_BODY,
                f"{name[:200]!r} is not a file of the API",
                retryable=False,
                may_have_been_billed=True,
            )
        )
    return found[1]


def refuse_file_over(most_bytes: int, size: int) -> None:
    """Raises `AttemptFailedError` where a file is larger than so many bytes."""
    if size > most_bytes:
        told = f"The file is larger than {most_bytes / 1e6:.0f} MB"
        raise AttemptFailedError(
            Failure.of(Code.MALFORMED_BODY, told, retryable=False, may_have_been_billed=True)
        )


def conceal(body: bytes, secret: str) -> bytes:
    """Return an error's body without the API key, which the provider sometimes echoes.

    Only for keys of a real one's length: a short made-up key of a test or emulator may be an ordinary word.
    """
    return body.replace(secret.encode(), b"[api key]") if len(secret) >= _SHORTEST_REAL_KEY else body


def is_loopback(base_url: str) -> bool:
    """Tell whether an address is this machine, where the environment's proxies must not be used."""
    host = urlsplit(base_url).hostname or ""
    return host in {"localhost", "::1"} or host.startswith("127.")
