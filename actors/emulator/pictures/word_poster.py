"""The last resort: a poster of the prompt's main word, for prompts that name nothing that can be drawn."""

import re
from functools import cache
from importlib.resources import files

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from actors.emulator.pictures.canvas import Canvas, Field, smooth
from actors.emulator.pictures.colours import mix
from actors.emulator.pictures.lighting import Lighting
from actors.emulator.writing.sentences import content_words


@cache
def font(size: int, weight: int = 500) -> ImageFont.FreeTypeFont:
    """Noto Sans, a variable font: ``weight`` 400 to 700."""
    face = ImageFont.truetype(str(files("manimgx_fonts") / "NotoSans[wght].ttf"), size)
    face.set_variation_by_axes([weight])
    return face


def main_word(words: str) -> str:
    """The longest of the first words that carry meaning, in a script that the font has."""
    found = [word for word in content_words(words, "en")[:12] if re.fullmatch(r"[\u0041-\u04ff'’-]+", word)]
    return max(found, key=len)[:14] if found else ""


def word_poster(c: Canvas, lighting: Lighting, words: str) -> None:
    """Great soft discs in the light of the hour, and the word set large across them."""
    c.gradient([(0, lighting.top), (0.6, lighting.middle), (1, lighting.horizon)])
    for n in range(4):
        x, y = float(c.rng.uniform(0.1, 0.9)) * c.w, float(c.rng.uniform(0.1, 0.9)) * c.h
        r = c.u * float(c.rng.uniform(18, 46))
        colour = (lighting.light, lighting.far, lighting.horizon, lighting.near)[n]
        c.circles([(x, y, r)], colour, 0.5, blur=c.u * 0.4)
        c.circles(
            [(x - r * 0.1, y - r * 0.1, r * 0.86)], mix(colour, lighting.light, 0.3), 0.35, blur=r * 0.2
        )
    stripes = smooth(0.45, 0.55, (np.sin((c.xs + c.ys * 0.6) / (c.u * 1.7)) * 0.5 + 0.5).astype(np.float32))
    c.light(stripes * smooth(0.3, 0.7, c.noise(c.u * 50, 2)), lighting.light, 0.05)
    word = main_word(words).upper()
    if not word:
        return
    size = 400
    face = font(size, 700)
    size = int(min(c.w * 0.62 / face.getlength(word) * size, c.h * 0.26))
    face = font(max(8, size), 700)
    image = Image.new("L", (c.w, c.h))
    ImageDraw.Draw(image).text((c.w / 2, c.h * 0.54), word, font=face, fill=255, anchor="mm")
    mask: Field = np.asarray(image, np.float32) / np.float32(255)
    c.blend(np.roll(mask, (int(c.u * 0.7), int(c.u * 0.7)), (0, 1)), lighting.near, 0.35)
    c.blend(mask, mix(lighting.light, (1, 1, 1), 0.4), 0.95)
