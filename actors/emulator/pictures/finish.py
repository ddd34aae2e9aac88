"""What makes a canvas look like a frame of a film."""

import numpy as np
from PIL import Image, ImageFilter

from actors.emulator.pictures.canvas import Canvas, Field, smooth


def finish(c: Canvas, *, bloom: float = 0.35, vignette: float = 0.32, grain: float = 0.018) -> Image.Image:
    """The picture: bright parts bloom, corners darken, grain hides the smoothness."""
    px: Field = np.clip(c.px, 0, 1.2)
    small = Image.fromarray((np.clip(px[::4, ::4] - 0.55, 0, 0.45) / 0.45 * 255).astype(np.uint8))
    soft = small.filter(ImageFilter.GaussianBlur(c.u * 1.1)).resize((c.w, c.h), Image.Resampling.BILINEAR)
    halo = np.asarray(soft, np.float32) * np.float32(bloom / 255)
    np.clip(px, 0, 1, out=px)
    np.subtract(1, px, out=px)
    px *= 1 - halo
    np.subtract(1, px, out=px)
    dx, dy = (c.xs / c.w - 0.5) * 2, (c.ys / c.h - 0.5) * 2
    px *= (1 - vignette * smooth(0.45, 1.5, np.sqrt(dx * dx + dy * dy).astype(np.float32)))[..., None]
    rest = px * 2
    np.subtract(3, rest, out=rest)
    curved = px * px
    curved *= rest
    curved *= 0.28
    px *= 0.72
    px += curved
    px += (c.rng.standard_normal((c.h, c.w), np.float32) * grain)[..., None]
    np.clip(px, 0, 1, out=px)
    px *= 255
    px += 0.5
    return Image.fromarray(px.astype(np.uint8))
