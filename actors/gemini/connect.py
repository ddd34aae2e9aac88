"""Connects to a provider: tells which one answers at an address, and opens the adapter that settings choose.

The adapters are imported here, and only when they are chosen; nothing else of this folder imports them.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from actors.gemini.gateway import Gateway, GatewaySettings, Provider, Sdk, is_loopback
from domain.failures import AttemptFailedError, Code, Failure


def open_gateway(settings: GatewaySettings) -> Gateway:
    """Return the adapter that ``settings`` choose, importing it only now.

    Raises `AttemptFailedError`: ``invalid_api_key`` for a key that cannot be sent at all,
    ``connection_failed`` where the environment lets no client be built.
    """
    key = settings.api_key.get_secret_value()
    if not key.strip() or not key.isascii() or not key.strip().isprintable():
        reason = "No API key is set." if not key.strip() else "The API key holds characters that no key has."
        raise AttemptFailedError(Failure.of(Code.INVALID_API_KEY, reason))
    return _built(load_adapter(settings.sdk), settings)


def load_sdk(sdk: Sdk) -> None:
    """Import all that a generation takes, before there is one."""
    load_adapter(sdk)
    if sdk == "google-genai":
        from actors.gemini.genai_adapter import load_sdk as load  # noqa: PLC0415 - only when chosen

        load()


def load_adapter(sdk: Sdk) -> Callable[[GatewaySettings], Gateway]:
    """The adapter's class; of google-generativeai, the SDK is imported with it."""
    if sdk == "google-generativeai":
        from actors.gemini.generativeai_adapter import GenerativeaiGateway  # noqa: PLC0415 - only when chosen

        return GenerativeaiGateway
    from actors.gemini.genai_adapter import GenaiGateway  # noqa: PLC0415 - only when chosen

    return GenaiGateway


def _built(adapter: Callable[[GatewaySettings], Gateway], settings: GatewaySettings) -> Gateway:
    """Build a client. What it raises comes of the environment, and nothing has been sent."""
    try:
        return adapter(settings)
    except AttemptFailedError:
        raise
    except Exception as error:
        raise AttemptFailedError(
            Failure.of(
                Code.CONNECTION_FAILED,
                f"{settings.sdk} cannot open a client: {type(error).__name__}: {error}. "
                "It obeys SSL_CERT_FILE, SSL_CERT_DIR and the proxies of the environment.",
                retryable=False,
            )
        ) from error


def detect_provider(base_url: str | None, timeout_s: float = 5.0) -> Provider:
    """Tell Reelog's emulator from the real API: the emulator answers ``GET {base_url}/emulator``.

    Google's own address is not asked. Raises `AttemptFailedError` (``connection_failed``) when nothing
    answers at another address: what it is decides which jobs may run there, so it is never guessed.
    """
    if base_url is None or (urlsplit(base_url).hostname or "").endswith("googleapis.com"):
        return "gemini"
    if urlsplit(base_url).scheme not in {"http", "https"}:
        raise AttemptFailedError(
            Failure.of(Code.CONNECTION_FAILED, f"{base_url} is not an http address", retryable=False)
        )
    try:
        with _opener(base_url).open(f"{base_url.rstrip('/')}/emulator", timeout=timeout_s) as answer:
            said = json.loads(answer.read())
    except urllib.error.HTTPError as refused:
        refused.close()
        if refused.code < HTTPStatus.INTERNAL_SERVER_ERROR:
            return "gemini"
        raise AttemptFailedError(
            Failure.of(Code.CONNECTION_FAILED, f"{base_url} answers HTTP {refused.code}")
        ) from None
    except OSError as unreachable:
        raise AttemptFailedError(
            Failure.of(Code.CONNECTION_FAILED, f"Nothing answers at {base_url}: {unreachable}")
        ) from None
    except ValueError:
        return "gemini"
    return "emulator" if isinstance(said, dict) and said.get("emulator") else "gemini"


def _opener(base_url: str) -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(*([urllib.request.ProxyHandler({})] if is_loopback(base_url) else []))
