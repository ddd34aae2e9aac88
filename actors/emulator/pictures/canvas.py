"""A canvas of floating-point colour: gradients, glows, ridges and soft-edged shapes.

Everything is pixels and numpy. A vector library (cairo, skia) was rejected: what makes these pictures
pleasant is light, haze and grain, which are arithmetic on pixels. Shapes are drawn by Pillow as masks at
twice the size, which smooths their edges.

Sums over a whole canvas are done in place: memory fresh from the system costs more than the arithmetic.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from actors.emulator.pictures.colours import Colour
from actors.emulator.pictures.curves import Point

Field = NDArray[np.float32]
"""One number per pixel, or three for colour, mostly in 0..1."""
FINE = 2
"""Masks are drawn this many times larger."""


def smooth(edge0: float, edge1: float, x: Field) -> Field:
    """0 below ``edge0``, 1 above ``edge1``, an S-curve between."""
    t = x - edge0
    t /= edge1 - edge0
    np.clip(t, 0.0, 1.0, out=t)
    rest = t * 2
    np.subtract(3, rest, out=rest)
    t *= t
    t *= rest
    curved: Field = t.astype(np.float32, copy=False)
    return curved


class Canvas:
    """``w`` × ``h`` pixels from the upper left; ``u`` is a hundredth of the short side, in pixels."""

    def __init__(self, w: int, h: int, rng: np.random.Generator) -> None:
        self.w, self.h, self.rng = w, h, rng
        self.u = min(w, h) / 100
        self.px: Field = np.zeros((h, w, 3), np.float32)
        self.ys: Field = np.arange(h, dtype=np.float32)[:, None]
        self.xs: Field = np.arange(w, dtype=np.float32)[None, :]

    def gradient(
        self, stops: Sequence[tuple[float, Colour]], top: float = 0, bottom: float | None = None
    ) -> None:
        """Fills rows ``top`` to ``bottom`` with colours at relative heights (0 top, 1 bottom)."""
        first, last = max(0, int(top)), min(self.h, int(self.h if bottom is None else bottom))
        if last <= first:
            return
        at = np.linspace(0, 1, last - first, dtype=np.float32)
        rows = [np.interp(at, [s for s, _ in stops], [c[n] for _, c in stops]) for n in range(3)]
        self.px[first:last] = np.stack(rows, axis=-1)[:, None, :].astype(np.float32)

    def glow(
        self, x: float, y: float, radius: float, colour: Colour, strength: float = 1.0, stretch: float = 1.0
    ) -> None:
        """Adds light falling off around a point; ``stretch`` above 1 makes it wider than high."""
        reach = radius * 3.2
        x0, x1 = max(0, int(x - reach * stretch)), min(self.w, int(x + reach * stretch) + 1)
        y0, y1 = max(0, int(y - reach)), min(self.h, int(y + reach) + 1)
        if x0 >= x1 or y0 >= y1:
            return
        fall = ((self.xs[:, x0:x1] - x) / stretch) ** 2 + (self.ys[y0:y1] - y) ** 2
        fall /= -radius * radius
        np.exp(fall, out=fall)
        self.light(fall, colour, strength, (x0, y0))

    def blend(
        self, mask: Field, colour: Colour | Field, opacity: float = 1.0, at: tuple[int, int] = (0, 0)
    ) -> None:
        """Lays a colour, or a picture of the mask's size, through ``mask`` with its corner ``at`` (x, y)."""
        x0, y0 = at
        h, w = mask.shape
        part = self.px[y0 : y0 + h, x0 : x0 + w]
        change = np.subtract(np.asarray(colour, np.float32), part)
        change *= (mask * opacity)[..., None]
        part += change

    def light(self, mask: Field, colour: Colour, strength: float = 1.0, at: tuple[int, int] = (0, 0)) -> None:
        """Adds light through a mask, never beyond white."""
        x0, y0 = at
        h, w = mask.shape
        part = self.px[y0 : y0 + h, x0 : x0 + w]
        room = np.clip(part, 0, 1)
        np.subtract(1, room, out=room)
        room *= (mask * strength)[..., None]
        room *= np.asarray(colour, np.float32)
        part += room

    def mask(
        self,
        box: tuple[float, float, float, float],
        paint: Callable[[ImageDraw.ImageDraw, Callable[[Point], Point]], None],
        blur: float = 0,
    ) -> tuple[Field, tuple[int, int]] | None:
        """A mask drawn by ``paint(draw, to)`` in ``box``; ``to`` maps canvas points. None off the canvas."""
        pad = blur * 3 + 2
        x0, y0 = max(0, int(box[0] - pad)), max(0, int(box[1] - pad))
        x1, y1 = min(self.w, int(box[2] + pad) + 1), min(self.h, int(box[3] + pad) + 1)
        if x1 <= x0 or y1 <= y0:
            return None
        image = Image.new("L", ((x1 - x0) * FINE, (y1 - y0) * FINE))
        paint(ImageDraw.Draw(image), lambda p: ((p[0] - x0) * FINE, (p[1] - y0) * FINE))
        image = image.reduce(FINE)
        if blur:
            image = image.filter(ImageFilter.GaussianBlur(blur))
        found: Field = np.asarray(image, np.float32) / np.float32(255)
        return found, (x0, y0)

    def outline(self, points: Sequence[Point]) -> tuple[Field, tuple[int, int]] | None:
        """The mask of one polygon."""
        xs, ys = [p[0] for p in points], [p[1] for p in points]

        def paint(draw: ImageDraw.ImageDraw, to: Callable[[Point], Point]) -> None:
            draw.polygon([to(p) for p in points], fill=255)

        return self.mask((min(xs), min(ys), max(xs), max(ys)), paint)

    def polygons(
        self,
        shapes: Sequence[Sequence[Point]],
        colour: Colour,
        opacity: float = 1.0,
        blur: float = 0,
        *,
        lit: bool = False,
    ) -> None:
        """Fills polygons, together; ``lit`` adds light instead of covering."""
        if not shapes:
            return
        points = [p for shape in shapes for p in shape]
        xs, ys = [p[0] for p in points], [p[1] for p in points]

        def paint(draw: ImageDraw.ImageDraw, to: Callable[[Point], Point]) -> None:
            for shape in shapes:
                draw.polygon([to(p) for p in shape], fill=255)

        self._lay(self.mask((min(xs), min(ys), max(xs), max(ys)), paint, blur), colour, opacity, lit=lit)

    def polygon(
        self,
        points: Sequence[Point],
        colour: Colour,
        opacity: float = 1.0,
        blur: float = 0,
        *,
        lit: bool = False,
    ) -> None:
        self.polygons([points], colour, opacity, blur, lit=lit)

    def rects(
        self,
        boxes: Sequence[tuple[float, float, float, float]],
        colour: Colour,
        opacity: float = 1.0,
        blur: float = 0,
        *,
        lit: bool = False,
    ) -> None:
        self.polygons(
            [[(a, b), (c, b), (c, d), (a, d)] for a, b, c, d in boxes], colour, opacity, blur, lit=lit
        )

    def circles(
        self,
        circles: Sequence[tuple[float, float, float]],
        colour: Colour,
        opacity: float = 1.0,
        blur: float = 0,
        *,
        lit: bool = False,
    ) -> None:
        """Discs given as (x, y, radius)."""
        if not circles:
            return
        box = (
            min(x - r for x, _, r in circles),
            min(y - r for _, y, r in circles),
            max(x + r for x, _, r in circles),
            max(y + r for _, y, r in circles),
        )

        def paint(draw: ImageDraw.ImageDraw, to: Callable[[Point], Point]) -> None:
            for x, y, r in circles:
                draw.ellipse([to((x - r, y - r)), to((x + r, y + r))], fill=255)

        self._lay(self.mask(box, paint, blur), colour, opacity, lit=lit)

    def ellipse(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float,
        colour: Colour,
        opacity: float = 1.0,
        blur: float = 0,
        *,
        lit: bool = False,
    ) -> None:
        def paint(draw: ImageDraw.ImageDraw, to: Callable[[Point], Point]) -> None:
            draw.ellipse([to((x - rx, y - ry)), to((x + rx, y + ry))], fill=255)

        self._lay(self.mask((x - rx, y - ry, x + rx, y + ry), paint, blur), colour, opacity, lit=lit)

    def lines(
        self,
        paths: Sequence[Sequence[Point]],
        colour: Colour,
        width: float,
        opacity: float = 1.0,
        blur: float = 0,
        *,
        lit: bool = False,
    ) -> None:
        """Strokes of equal width with round joints."""
        if not paths:
            return
        points = [p for path in paths for p in path]
        box = (
            min(p[0] for p in points) - width,
            min(p[1] for p in points) - width,
            max(p[0] for p in points) + width,
            max(p[1] for p in points) + width,
        )

        def paint(draw: ImageDraw.ImageDraw, to: Callable[[Point], Point]) -> None:
            for path in paths:
                draw.line([to(p) for p in path], fill=255, width=max(1, round(width * FINE)), joint="curve")

        self._lay(self.mask(box, paint, blur), colour, opacity, lit=lit)

    def _lay(
        self, found: tuple[Field, tuple[int, int]] | None, colour: Colour, opacity: float, *, lit: bool
    ) -> None:
        if found is None:
            return
        mask, at = found
        if lit:
            self.light(mask, colour, opacity, at)
        else:
            self.blend(mask, colour, opacity, at)

    def below(
        self, line: Field, upper: Colour, lower: Colour, depth: float | None = None, opacity: float = 1.0
    ) -> None:
        """Fills all below a line (a height per column), from ``upper`` to ``lower`` over ``depth`` pixels."""
        top = max(0, int(line.min()) - 1)
        if top >= self.h:
            return
        under = self.ys[top:] - line[None, :]
        share = under / (depth or self.h * 0.4)
        np.clip(share, 0, 1, out=share)
        colour = np.asarray(upper, np.float32) * (1 - share)[..., None]
        colour += np.asarray(lower, np.float32) * share[..., None]
        under += 0.5
        self.blend(np.clip(under, 0, 1, out=under), colour, opacity, at=(0, top))

    def noise(self, across: float, octaves: int = 4, stretch: float = 1.0, gain: float = 0.5) -> Field:
        """Cloudy noise in 0..1: ``across`` is the largest lump in pixels, ``stretch`` its width to height."""
        total: Field = np.zeros((self.h, self.w), np.float32)
        weight, sum_of_weights = 1.0, 0.0
        for octave in range(octaves):
            lump = across / 2**octave
            if lump < 2:
                break
            size = (int(self.w / (lump * stretch)) + 3, int(self.h / lump) + 3)
            small = Image.fromarray(self.rng.random((size[1], size[0]), np.float32))
            big = small.resize((self.w, self.h), Image.Resampling.BICUBIC)
            total += np.asarray(big) * np.float32(weight)
            sum_of_weights += weight
            weight *= gain
        total /= sum_of_weights
        total -= 0.5
        total *= 1.6
        total += 0.5
        return np.clip(total, 0, 1, out=total)

    def line(
        self,
        height: float,
        relief: float,
        lump: float,
        octaves: int = 6,
        *,
        sharp: bool = False,
        gain: float = 0.5,
    ) -> Field:
        """A ridge: heights per column, from ``height`` up to ``relief`` higher; ``sharp`` has peaks."""
        total = np.zeros(self.w)
        weight, sum_of_weights = 1.0, 0.0
        for octave in range(octaves):
            step = lump / 2**octave
            if step < 2:
                break
            knots = self.rng.random(int(self.w / step) + 4)
            if sharp:
                at = np.arange(self.w) / step
                values = np.interp(at, np.arange(knots.size), knots)
            else:
                at = np.arange(self.w) / step
                low = at.astype(int)
                t = (at - low) ** 2 * (3 - 2 * (at - low))
                values = knots[low] * (1 - t) + knots[low + 1] * t
            total += values * weight
            sum_of_weights += weight
            weight *= gain
        share = total / sum_of_weights
        if sharp:
            # Peaks use the whole of their relief; without this chance averages them away.
            share = (share - share.min()) / max(1e-6, float(np.ptp(share)))
        return (height - relief * share).astype(np.float32)

    def haze(self, y: float, spread: float, colour: Colour, strength: float) -> None:
        """A band of mist around a height."""
        band = np.exp(-(((self.ys - y) / spread) ** 2)) * strength
        drift = 0.55 + 0.45 * self.noise(self.h * 0.35, 3, 4.0)
        self.blend((band * drift).astype(np.float32), colour)

    def reflect(self, horizon: float, ripple: float, tint: Colour, share: float) -> None:
        """Mirrors what is above ``horizon`` below it, rippled, going towards ``tint`` by ``share``."""
        y0 = int(horizon)
        rows = np.arange(self.h - y0)
        wave = self.noise(self.u * 5, 3, 6.0)[y0:] - 0.5
        source = np.clip(
            y0 - 1 - rows[:, None] * 0.94 + wave * ripple * (1 + rows[:, None] / 30), 0, max(0, y0 - 1)
        )
        shift = np.clip(self.xs + wave * ripple * 1.4, 0, self.w - 1)
        mirrored = self.px[source.astype(int), shift.astype(int)]
        depth = (share * (0.55 + 0.45 * rows / max(1, rows.size)))[:, None, None].astype(np.float32)
        self.px[y0:] = mirrored * (1 - depth) + np.asarray(tint, np.float32) * depth
