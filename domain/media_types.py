"""How the names of files end, by what is in them."""

from typing import Final

SUFFIXES: Final = {
    "application/json": "json",
    "audio/flac": "flac",
    "audio/midi": "mid",
    "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "image/avif": "avif",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "text/plain": "txt",
    "text/vtt": "vtt",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
}
"""What else there is has none that programs would know: raw samples, mostly."""


def suffix_of(media_type: str) -> str:
    return SUFFIXES.get(media_type.partition(";")[0].strip(), "bin")
