"""Chooses a motif and a light from a prompt's words, draws it, and says on it that no model did."""

import hashlib
import re

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from actors.emulator.pictures.canvas import Canvas
from actors.emulator.pictures.finish import finish
from actors.emulator.pictures.foreground_figure import OUTDOORS, foreground_figure, is_present
from actors.emulator.pictures.lighting import lighting_for, paint_weather
from actors.emulator.pictures.motifs import MOTIFS
from actors.emulator.pictures.word_poster import font, word_poster
from actors.emulator.vocabulary.matching import ranked

LARGEST = 1_150_000
"""Pixels drawn at most; a larger picture is enlarged from that, so that 4K takes no minute."""
BADGE = "EMULATED IMAGE · no AI model was called"
INSET = 0.16
"""How far the badge sits from the edges: a film pans and crops."""
_SHARED = re.compile(
    r"\b(?:style|palette|characters?|camera|lens|medium|aspect ratio|avoid)\s*(?:bible|sheet)?\s*:",
    re.IGNORECASE,
)


def scene_words(prompt: str) -> str:
    """The part of a prompt that is about its scene: what follows "Style:" is the same for all."""
    found = re.search(r"\bscene(?:\s+\d+)?\s*:(.*)", prompt, re.IGNORECASE | re.DOTALL)
    words = found[1] if found else prompt
    own = _SHARED.split(words, maxsplit=1)[0]
    return own if own.strip() else prompt


def draw(prompt: str, width: int, height: int, seed: int = 0) -> Image.Image:
    """An RGB picture of ``width`` × ``height``; the same for the same prompt and seed."""
    words = scene_words(prompt)
    rng = np.random.default_rng(int.from_bytes(hashlib.sha256(f"{seed}:{prompt}".encode()).digest()[:8]))
    shrink = min(1.0, (LARGEST / (width * height)) ** 0.5)
    canvas = Canvas(max(64, round(width * shrink)), max(64, round(height * shrink)), rng)
    lighting = lighting_for(words, rng)
    named = next((name for name in ranked(words) if name in MOTIFS), None)
    if named is None:
        word_poster(canvas, lighting, words)
    else:
        MOTIFS[named](canvas, lighting, words)
        if named in OUTDOORS and is_present(words):
            foreground_figure(canvas, lighting, words)
        paint_weather(canvas, lighting)
    image = finish(canvas)
    if image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.LANCZOS)
    return with_badge(image)


def badge_place(width: int, height: int) -> tuple[tuple[int, int, int, int], ImageFont.FreeTypeFont, float]:
    """Where the badge stands in a picture of this size: its box, its font, and what is around the words."""
    size = max(10, round(min(width, height) * 0.021))
    face = font(size)
    text_width = face.getlength(BADGE)
    while text_width > width * (1 - 2 * INSET) and size > 8:
        size -= 1
        face = font(size)
        text_width = face.getlength(BADGE)
    pad = size * 0.7
    x, y = width * INSET, height * INSET
    box = (round(x), round(y), round(x + text_width + 2 * pad), round(y + size * 1.3 + pad))
    return box, face, pad


def with_badge(image: Image.Image) -> Image.Image:
    """The picture with the badge in its upper left, clear of the edges."""
    box, face, pad = badge_place(*image.size)
    plate = Image.new("L", ((box[2] - box[0]) * 2, (box[3] - box[1]) * 2))
    ImageDraw.Draw(plate).rounded_rectangle(
        (0, 0, plate.width - 1, plate.height - 1), plate.height / 2, fill=150
    )
    image.paste((8, 12, 22), box[:2], plate.reduce(2))
    middle = (box[1] + box[3]) / 2
    ImageDraw.Draw(image).text(
        (image.width * INSET + pad, middle), BADGE, font=face, fill=(245, 247, 250), anchor="lm"
    )
    return image
