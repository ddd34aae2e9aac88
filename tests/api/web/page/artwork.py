"""Pictures, sound and a film for the scripted studio: small, real files that a browser decodes."""

import json
import math
import random
import tempfile
import wave
from functools import cache
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from tests.actors.staging import analysis, audio_plan

MEDIA_TYPES = {
    "image": "image/jpeg",
    "poster": "image/jpeg",
    "narration": "audio/wav",
    "music": "audio/wav",
    "clip": "video/mp4",
    "shot": "video/mp4",
    "video": "video/mp4",
    "captions": "text/vtt",
}
_SCENES = range(1, 9)
DOCUMENTS = {
    "analysis": {
        **analysis().model_dump(),
        "scenes": [{"narration": f"Words {n}.", "visual": "Hills", "mood": "calm"} for n in _SCENES],
    },
    "storyboard": {
        "style": "Layered paper",
        "frames": [{"scene": n, "prompt": f"Hills under a sky, number {n}. Layered paper"} for n in _SCENES],
    },
    "audio_plan": {
        **audio_plan().model_dump(),
        "deliveries": [{"scene": n, "style": "calmly", "pause_after_s": 0.6} for n in _SCENES],
    },
}
"""What a text model would have written, for those who plan anew what depends on it."""
_PALETTES = [
    ((22, 28, 56), (233, 150, 106), (54, 44, 74)),
    ((18, 60, 84), (246, 214, 165), (24, 74, 80)),
    ((42, 24, 60), (214, 96, 118), (28, 20, 42)),
    ((150, 190, 205), (250, 238, 214), (74, 104, 96)),
    ((12, 16, 30), (70, 96, 150), (10, 14, 26)),
    ((120, 64, 40), (250, 196, 110), (70, 40, 34)),
]


def _folder() -> Path:
    return Path(_FOLDER.name)


_FOLDER = tempfile.TemporaryDirectory(prefix="reelog-artwork-")


@cache
def picture(scene: int, width: int = 1344, height: int = 768) -> Image.Image:
    """Layered hills under a sky; every scene has its own palette and sun."""
    top, low, ground = _PALETTES[(scene - 1) % len(_PALETTES)]
    ramp = np.linspace(0, 1, height)[:, None, None] ** 1.3
    sky = np.broadcast_to(np.array(top) * (1 - ramp) + np.array(low) * ramp, (height, width, 3))
    image = Image.fromarray(sky.astype("uint8"), "RGB")
    draw = ImageDraw.Draw(image)
    rng = random.Random(scene)  # noqa: S311 - drawings are pseudo-random by seed
    x, y, r = rng.randint(width // 5, width * 4 // 5), int(height * rng.uniform(0.3, 0.55)), height // 11
    draw.ellipse((x - r, y - r, x + r, y + r), fill=(255, 244, 224))
    image = image.filter(ImageFilter.GaussianBlur(3))
    draw = ImageDraw.Draw(image)
    for layer in range(5):
        near = layer / 4
        colour = tuple(int(low[i] * (1 - near) * 0.7 + ground[i] * (0.3 + 0.7 * near)) for i in range(3))
        phase, base = rng.random() * 6, height * (0.55 + 0.1 * layer)
        ridge = [
            (
                px,
                base
                - height
                * 0.06
                * (math.sin(px / (170 - 18 * layer) + phase) + 0.5 * math.sin(px / 61 + phase * 2)),
            )
            for px in range(0, width + 8, 8)
        ]
        draw.polygon([(0, height), *ridge, (width, height)], fill=colour)
    return image


@cache
def file_for(kind: str, scene: int | None) -> Path:
    """A file of the kind; made on first use, kept while the process lives."""
    path = _folder() / f"{kind}-{scene}"
    if kind in ("image", "poster"):
        picture(scene or 1, 1280, 720).save(path, "JPEG", quality=85)
    elif kind in ("narration", "music"):
        _tone(path)
    elif kind in ("clip", "shot", "video"):
        _film(path, [scene] if scene else [1, 2, 3])
    elif kind == "captions":
        path.write_text(
            "WEBVTT\n\n00:00.000 --> 00:01.000\nA first line.\n\n00:01.000 --> 00:02.000\nA second.\n"
        )
    else:
        path.write_text(json.dumps(DOCUMENTS.get(kind, {})))
    return path


def _tone(path: Path) -> None:
    samples = (np.sin(np.arange(24000) * 2 * np.pi * 220 / 24000) * 6000).astype("<i2")
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(24000)
        out.writeframes(samples.tobytes())


def _film(path: Path, scenes: list[int]) -> None:
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as out:
        stream = out.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for scene in scenes:
            frame = av.VideoFrame.from_ndarray(np.asarray(picture(scene).resize((640, 360))), format="rgb24")
            for _ in range(10):
                frame.pts = None
                out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
