"""The shape of a film: its size, frame rate and encoder settings, from four words of the job's options.

All segments of a film are encoded with one ``Format``, which is what lets them be joined by stream copy.
The presets are measured: veryfast is the slowest that keeps up with real time on two cores, so it is the
default; medium takes 3.5 times as long.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from actors.media.errors import FormatError

SHORT_SIDES: Final = {"720p": 720, "1080p": 1080, "2160p": 2160}
FRAME_RATES: Final = (24, 25, 30, 60)
_RATIOS: Final = {"16:9": (16, 9), "9:16": (9, 16), "1:1": (1, 1)}
_ENCODER: Final = {"low": ("superfast", 28), "medium": ("veryfast", 22), "high": ("fast", 18)}
"""Quality -> x264 preset and constant rate factor (lower is better)."""
THREADS: Final = 2
"""Encoder threads; part of what decides the bytes, so it is fixed unless the caller asks."""


@dataclass(frozen=True, slots=True)
class Format:
    """Frame size in pixels, frames per second, and what the encoder is told.

    ``image_size`` is the size to ask an image model for: ``1K`` or ``2K``.
    """

    width: int
    height: int
    fps: int
    quality: str = "medium"
    preset: str = "veryfast"
    crf: int = 22

    @property
    def time_base(self) -> Fraction:
        return Fraction(1, self.fps)

    @property
    def short_side(self) -> int:
        return min(self.width, self.height)

    @property
    def image_size(self) -> str:
        if self.quality == "low":
            return "1K"
        return "2K" if self.quality == "high" or self.short_side >= 1080 else "1K"

    @property
    def shot_size(self) -> str:
        """The size to ask a video model for, by quality; never above the film's own."""
        wanted = {"low": 360, "medium": 720, "high": 1080}[self.quality]
        return f"{min(wanted, self.short_side)}p"

    def frames(self, seconds: float) -> int:
        """The nearest whole number of frames."""
        return round(seconds * self.fps)


def film_format(
    aspect_ratio: str = "16:9", resolution: str = "720p", quality: str = "medium", fps: int = 30
) -> Format:
    """The ``Format`` that the job's options name.

    Raises:
        FormatError: ``format_unknown`` naming the option, its value and the values that would do.

    """
    for option, value, allowed in (
        ("aspect_ratio", aspect_ratio, tuple(_RATIOS)),
        ("resolution", resolution, tuple(SHORT_SIDES)),
        ("quality", quality, tuple(_ENCODER)),
        ("fps", fps, FRAME_RATES),
    ):
        if value not in allowed:
            raise FormatError(
                "format_unknown",
                f"{option} {value!r} is not offered",
                f"Use one of {', '.join(map(str, allowed))}",
            )
    across, down = _RATIOS[aspect_ratio]
    short = SHORT_SIDES[resolution]
    unit = Fraction(short, min(across, down))
    preset, crf = _ENCODER[quality]
    return Format(int(unit * across), int(unit * down), fps, quality, preset, crf)
