"""What a picture shows, by its pixels alone: sky, horizon, water, lights, fire, and how near each part is.

All is found on a small copy and stands there as fields of numbers from 0 to 1, with soft edges: what moves
differently on both sides of a hard edge would tear.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from actors.emulator.shots.encode import Frame
from actors.emulator.shots.words import Motions

Field = NDArray[np.float32]
LONG_SIDE = 320
"""Of the small copy."""
OPEN_SKY = 0.1
"""Share of the picture from which on there is a sky."""
_WATER_STEP = 3
OPEN_WATER = 0.2
"""Share of what is below the horizon from which on water is what was found; else all of it mirrors."""


@dataclass(frozen=True)
class Seen:
    """Fields of the small copy's height × width; ``horizon`` as a share of the height."""

    width: int
    height: int
    horizon: float
    sky: Field
    depth: Field
    """0 far, 1 near."""
    water: Field
    lights: Field
    fire: Field
    dark: Field
    """Figures and what else stands dark before the rest."""
    xs: Field
    ys: Field
    """Columns and rows as shares of the width and the height."""

    def centre_of(self, field: Field) -> tuple[float, float] | None:
        """Where most of a field is, as shares; None when there is nothing."""
        total = float(field.sum())
        if total < self.width * self.height * 2e-4:
            return None
        return float((field * self.xs).sum() / total), float((field * self.ys).sum() / total)


def look_at(picture: Frame, motions: Motions) -> Seen:
    full_height, full_width = picture.shape[:2]
    shrink = LONG_SIDE / max(full_height, full_width)
    width, height = round(full_width * shrink), round(full_height * shrink)
    small = np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    colours: Field = small.astype(np.float32) / np.float32(255)
    bright = colours.max(axis=2)
    ys = np.repeat(((np.arange(height, dtype=np.float32) + 0.5) / height)[:, None], width, axis=1)
    xs = np.repeat(((np.arange(width, dtype=np.float32) + 0.5) / width)[None, :], height, axis=0)
    sky = _sky(small)
    horizon = _horizon(colours, sky, at_water="water" in motions)
    warm = np.clip((colours[..., 0] - colours[..., 2] - 0.3) * 4, 0, 1) * np.clip((bright - 0.75) * 6, 0, 1)
    # Flames are yellow inside; what is red is painted.
    warm *= np.clip((colours[..., 1] - 0.42) * 8, 0, 1)
    local = cv2.GaussianBlur(bright, (0, 0), 6)
    around = cv2.morphologyEx(bright, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (11, 11)))
    lights = np.clip((bright - around - 0.1) * 5, 0, 1) * np.clip((bright - 0.4) * 5, 0, 1)
    dark = np.clip((local - bright - 0.05) * 6, 0, 1) * np.clip((0.35 - bright) * 6, 0, 1)
    return Seen(
        width=width,
        height=height,
        horizon=horizon,
        sky=_soft(sky, 3),
        depth=_depth(sky, horizon, xs, ys),
        water=_water(small, horizon, ys) if "water" in motions or "shimmer" in motions else _none(sky),
        lights=_soft(lights.astype(np.float32), 0.8),
        fire=_soft(warm.astype(np.float32), 2),
        dark=_soft(dark.astype(np.float32), 2.5),
        xs=xs,
        ys=ys,
    )


def _none(like: Field) -> Field:
    return np.zeros_like(like)


def _soft(field: Field, sigma: float) -> Field:
    return np.asarray(cv2.GaussianBlur(field, (0, 0), sigma), np.float32)


def _reached(small: Frame, row: int, step: int, close: int) -> Field:
    """What can be reached from a row without crossing an edge; small things within it belong to it."""
    height, width = small.shape[:2]
    calm = cv2.GaussianBlur(small, (0, 0), 1.6)
    mask = np.zeros((height + 2, width + 2), np.uint8)
    flags = 4 | (255 << 8) | cv2.FLOODFILL_MASK_ONLY
    for x in range(4, width, 8):
        if not mask[row + 1, x + 1]:
            cv2.floodFill(calm, mask, (x, row), 0, (step,) * 3, (step,) * 3, flags)
    found = mask[1:-1, 1:-1].astype(np.float32) / 255
    closed = cv2.morphologyEx(found, cv2.MORPH_CLOSE, np.ones((close, close), np.uint8))
    return np.asarray(closed, np.float32)


def _sky(small: Frame) -> Field:
    """Stars, birds and a badge are holes in the sky, not things before it."""
    return _reached(small, 2, 3, 9)


def _horizon(colours: Field, sky: Field, *, at_water: bool) -> float:
    """The row at which the picture changes most from side to side, or below which there is no sky.

    Water begins at a line, whatever stands in the sky.
    """
    height = colours.shape[0]
    rows = np.median(colours, axis=1).astype(np.float32)
    step = np.abs(rows[4:] - rows[:-4]).sum(axis=1)
    first, last = int(height * 0.36), int(height * 0.82)
    edge = first + int(np.argmax(step[first - 2 : last - 2]))
    if at_water or float(sky.mean()) < OPEN_SKY:
        return float(edge / height)
    covered = np.flatnonzero(sky.mean(axis=1) > 0.25)
    end = int(covered[-1]) + 1 if covered.size else edge
    # Where both are near each other the edge is the sharper one.
    return float((edge if abs(edge - end) < height * 0.15 else min(end, int(height * 0.85))) / height)


def _depth(sky: Field, horizon: float, xs: Field, ys: Field) -> Field:
    below = np.clip((ys - horizon) / max(0.05, 1 - horizon), 0, 1)
    if float(sky.mean()) < OPEN_SKY:
        # A room, a street, a wood: the middle is far away and the edges are near.
        away = np.sqrt(((xs - 0.5) * 1.5) ** 2 + ((ys - 0.5) * 1.2) ** 2)
        depth = np.clip(np.maximum(away, below * 0.9), 0, 1)
    else:
        depth = np.maximum(0.3 + 0.7 * below, 0) * (1 - sky)
    return _soft(depth.astype(np.float32), 7)


def _water(small: Frame, horizon: float, ys: Field) -> Field:
    """What can be reached from the horizon; rocks and ships stand before it. All below, where all mirrors."""
    edge = np.clip((ys - horizon) * 90, 0, 1).astype(np.float32)
    row = min(small.shape[0] - 2, int((horizon + 0.025) * small.shape[0]))
    found = _reached(small, row, _WATER_STEP, 7) * edge
    open_water = float(found.sum()) > OPEN_WATER * float(edge.sum())
    return np.asarray(_soft(found if open_water else edge, 1.5) * edge, np.float32)
