"""Take secrets out of what the provider says before it is stored or shown.

The provider echoes API keys in some messages. Known shapes are removed wherever they stand; the exact key in
use is removed by the gateway, which alone knows it.
"""

import re
from typing import Any

_SECRETS = [
    (re.compile(r"\bAIz[0-9A-Za-z_-]{16,}"), "[api key]"),
    (re.compile(r"\bAQ\.[0-9A-Za-z_-]{20,}"), "[api key]"),
    (re.compile(r"\bya29\.[0-9A-Za-z._-]+"), "[access token]"),
    (re.compile(r"(?i)\b(bearer\s+)[0-9A-Za-z._~+/-]{8,}=*"), r"\1[access token]"),
    (re.compile(r"(?i)\b(x-goog-api-key|api_key)(\s*[:=]\s*)[^\s'\",;&}\\]+"), r"\1\2[api key]"),
    (re.compile(r"(?i)([?&]key=)[^\s'\"&#\\]+"), r"\1[api key]"),
]


def scrub(text: str) -> str:
    """Return ``text`` with everything that looks like a credential replaced by its name in brackets.

    What no store could keep (lone surrogates, which JSON can spell, and NUL) is replaced as well.
    """
    text = text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")
    for shape, name in _SECRETS:
        text = shape.sub(name, text)
    return text


def scrub_json(value: Any) -> Any:
    """Return a JSON value of the provider's, scrubbed in all its texts."""
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, list):
        return [scrub_json(item) for item in value]
    if isinstance(value, dict):
        return {scrub(key): scrub_json(item) for key, item in value.items()}
    return value
