"""Work that is done here: how an attempt runs a picture or sound function, and how its errors are told."""

import asyncio
import hashlib
import platform
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from actors.media.errors import EncodeError, MediaError, RenderCancelled
from actors.media.formats import THREADS
from domain.failures import AttemptFailedError, Code, Failure

T = TypeVar("T")

_CODES = {
    "glyphs_missing": Code.MISSING_GLYPHS,
    "target_missed": Code.LENGTH_NOT_MET,
    "target_too_short": Code.LENGTH_NOT_MET,
    "too_many_words": Code.LENGTH_NOT_MET,
}
"""What a film's maker can do something about; the rest is the machine's."""


async def crafted(function: Callable[..., T], *args: Any) -> T:
    """Run a media function in a thread; its errors become failures, its cancellation a cancellation."""
    try:
        return await asyncio.to_thread(function, *args)
    except RenderCancelled:
        raise asyncio.CancelledError from None
    except MediaError as error:
        raise AttemptFailedError(failure_of(error)) from error


_BUILD = (
    "av",
    "opencv-python-headless",
    "pillow",
    "numpy",
    "scipy",
    "uharfbuzz",
    "fonttools",
    "manimgx-fonts",
)
RENDERER = 4
"""Counts the ways in which pictures are sampled and sound is mixed: another one gives other bytes."""


@cache
def environment() -> dict[str, Any]:
    """What else decides the bytes of a rendering, besides its inputs and its number of threads."""
    import av  # noqa: PLC0415 - only who renders needs it
    import cv2  # noqa: PLC0415 - as above

    return {
        "build": {name: version(name) for name in _BUILD},
        "renderer": RENDERER,
        "ffmpeg": {name: ".".join(map(str, number)) for name, number in av.library_versions.items()},
        "python": platform.python_version(),
        "machine": platform.machine(),
        "processor": cv2.getCPUFeaturesLine().split(),
    }


def rendered(threads: int = THREADS) -> dict[str, Any]:
    """The provenance of what was rendered here."""
    return {"environment": {**environment(), "threads": threads}}


def digest_of(path: Path) -> str:
    """Of a file, in the way in which events tell it."""
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def failure_of(error: MediaError) -> Failure:
    """What a media error means for the attempt that met it."""
    code = _CODES.get(error.code, Code.RENDER_FAILED)
    context: dict[str, Any] = {"details": {"media_code": error.code, "error": type(error).__name__}}
    if error.hint:
        context["hint"] = error.hint
    if isinstance(error, EncodeError):
        # An encoder that ran out of memory or disk may do better next time; broken inputs will not.
        context["retryable"] = error.code == "encoder_failed"
    return Failure.of(code, error.message, **context)
