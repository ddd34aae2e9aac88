"""The film's poster: its first picture, darkened where the title stands, the title set large and quiet."""

from functools import partial
from io import BytesIO
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from actors.media import fonts
from actors.media.cues import break_lines
from actors.media.fonts import Direction
from actors.media.formats import Format
from actors.media.lettering import draw_line, measure
from actors.media.pictures import open_rgb
from actors.media.words import split_words
from domain.characters import cleaned

_WEIGHT: Final = 650
_MARGIN: Final = 0.075
_JPEG_QUALITY: Final = 90


def poster(picture: bytes, title: str, fmt: Format, *, language: str = "") -> bytes:
    """A JPEG of the format's size; characters of the title that no font can draw are left out.

    Raises:
        PictureError: the picture cannot be decoded.

    """
    image = _covering(open_rgb(picture), fmt)
    missing = fonts.missing_glyphs(title, language)
    shown = "".join(c for c in cleaned(title) if c not in missing).strip()
    if shown:
        _set_title(image, shown, fmt, language)
    target = BytesIO()
    image.save(target, "JPEG", quality=_JPEG_QUALITY, optimize=True, subsampling=0)
    return target.getvalue()


def _covering(image: Image.Image, fmt: Format) -> Image.Image:
    scale = max(fmt.width / image.width, fmt.height / image.height)
    width, height = fmt.width / scale, fmt.height / scale
    left, top = (image.width - width) / 2, (image.height - height) / 2
    return image.resize(
        (fmt.width, fmt.height), Image.Resampling.LANCZOS, box=(left, top, left + width, top + height)
    )


def _set_title(image: Image.Image, title: str, fmt: Format, language: str) -> None:
    """Two lines at most, as large as fits, low in the frame, on the side where its script begins."""
    margin = round(fmt.short_side * _MARGIN)
    width = fmt.width - 2 * margin if fmt.width <= fmt.height else fmt.width * 0.66
    size = round(fmt.short_side * 0.105)
    lines: tuple[str, ...] = ()
    smallest = max(6, round(fmt.short_side * 0.035))
    while True:
        wide = partial(measure, size=size, language=language, weight=_WEIGHT)
        lines = break_lines(split_words(title), wide, width)
        if max(map(wide, lines)) <= width:
            break
        if size > smallest:
            size = max(smallest, size - max(1, size // 16))
        else:  # a title of hundreds of letters is cut, with a sign that it is
            title = title.removesuffix("…")[:-1].rstrip() + "…"
    leading = round(size * 1.16)
    block = leading * len(lines)
    _shade(image, from_top=fmt.height - margin - block - round(fmt.height * 0.28))
    ink = Image.new("L", image.size, 0)
    pen = ImageDraw.Draw(ink)
    base = fonts.direction(title, language)
    right = base is Direction.RIGHT_TO_LEFT
    for number, line in enumerate(lines):
        at = fmt.width - margin - measure(line, size, language, _WEIGHT) if right else margin
        baseline = fmt.height - margin - block + number * leading + round(size * 0.86)
        draw_line(pen, line, at, baseline, size, language, _WEIGHT, base)
    rule = round(size * 0.07)
    start = fmt.width - margin - round(size * 0.9) if right else margin
    top = fmt.height - margin - block - round(size * 0.38)
    pen.rectangle((start, top, start + round(size * 0.9), top + rule), fill=235)
    image.paste((250, 248, 244), mask=ink)


def _shade(image: Image.Image, from_top: int) -> None:
    """Darken towards the lower edge, softly enough not to be noticed."""
    rows = np.clip((np.arange(image.height) - from_top) / max(1, image.height - from_top), 0, 1)
    depth = np.uint8(255 * 0.80) * (rows * rows * (3 - 2 * rows))
    mask = Image.fromarray(np.repeat(depth.astype(np.uint8)[:, None], image.width, axis=1))
    image.paste((8, 9, 12), mask=mask)
