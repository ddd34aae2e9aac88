"""The badge that says that no model was called stays where it is while the picture moves under it."""

import cv2
import numpy as np
from PIL import Image

from actors.emulator.pictures.draw import badge_place, with_badge
from actors.emulator.shots.encode import Frame

ALIKE = 0.75
"""How much the place must look like a badge to be one."""
EDGE = 8


class Label:
    """The badge of one shot: the picture's own where it has one, else one that is laid over it."""

    def __init__(self, given: Image.Image, picture: Frame) -> None:
        """``given`` is the picture as it came, ``picture`` as it fills the frame."""
        height, width = picture.shape[:2]
        scale = max(width / given.width, height / given.height)
        aside = (width - given.width * scale) / 2, (height - given.height * scale) / 2
        (x0, y0, x1, y1), _, _ = badge_place(*given.size)
        self.found = _has_badge(given, (x0, y0, x1, y1))
        if self.found:
            box = (x0 * scale + aside[0], y0 * scale + aside[1], x1 * scale + aside[0], y1 * scale + aside[1])
            marked = picture
        else:
            box = tuple(float(each) for each in badge_place(width, height)[0])  # type: ignore[assignment]
            marked = np.asarray(with_badge(Image.fromarray(picture)), np.uint8)
        left, top = max(0, int(box[0]) - EDGE), max(0, int(box[1]) - EDGE)
        right, bottom = min(width, int(box[2]) + EDGE + 1), min(height, int(box[3]) + EDGE + 1)
        self._place = (slice(top, bottom), slice(left, right))
        self._pixels = marked[self._place].astype(np.float32)
        mask = np.zeros((bottom - top, right - left), np.float32)
        mask[EDGE // 2 : -EDGE // 2, EDGE // 2 : -EDGE // 2] = 1
        self._mask = cv2.GaussianBlur(mask, (0, 0), EDGE / 5)[..., None]

    def removed(self, picture: Frame) -> Frame:
        """The picture without its badge, filled from around it: so that no second one drifts away."""
        if not self.found:
            return picture
        hole = np.zeros(picture.shape[:2], np.uint8)
        hole[self._place] = 255
        rows, columns = self._place
        around = (
            slice(max(0, rows.start - 12), rows.stop + 12),
            slice(max(0, columns.start - 12), columns.stop + 12),
        )
        clean = picture.copy()
        part = np.ascontiguousarray(picture[around])
        filled = cv2.inpaint(part, hole[around], 4, cv2.INPAINT_TELEA).astype(np.float32)
        # What is filled in is smooth; the picture has grain.
        free = hole[around] == 0
        fine = part.astype(np.float32) - cv2.GaussianBlur(part, (0, 0), 1.5)
        grain = (
            np.random.default_rng(1).standard_normal(free.shape) * float(np.median(np.abs(fine[free]))) * 1.5
        )
        filled[~free] += grain[~free][:, None]
        clean[around] = np.clip(filled, 0, 255).round().astype(np.uint8)
        return clean

    def laid_over(self, frame: Frame, share: float) -> Frame:
        """The frame with the badge; ``share`` is how much of one that is not the picture's own shows."""
        mask = self._mask if self.found else self._mask * share
        part = frame[self._place].astype(np.float32)
        frame[self._place] = (part + (self._pixels - part) * mask).round().astype(np.uint8)
        return frame


def _has_badge(given: Image.Image, box: tuple[int, int, int, int]) -> bool:
    """Whether the light letters of a badge stand where one would, compared with a drawn one's."""
    grey = Image.new("RGB", given.size, (90, 90, 90))
    drawn = np.asarray(with_badge(grey).crop(box).convert("L"), np.float32).ravel()
    there = np.asarray(given.convert("RGB").crop(box).convert("L"), np.float32).ravel()
    if drawn.std() == 0 or there.std() == 0:
        return False
    return float(np.corrcoef(drawn, there)[0, 1]) > ALIKE
