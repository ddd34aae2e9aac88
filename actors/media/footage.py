"""A shot (an MP4 that a video model made) as frames of a film: its length, rate, size and colours.

Read from the file as it is played, a frame at a time, so that memory is flat. Its sound is never read. A shot
that is longer than it is seen is cut; one that is shorter is slowed, by a quarter at most, and then its last
frame is held: under a slow move that began with the shot, so that nothing starts or stops where it is held.
The move goes in a little way; where a scene is much longer than its shot, it goes out and in again.

Between two of its frames a frame is made by following what moves (optical flow), which takes 24 frames a
second to any rate of film. Rejected, measured on a pattern that moves by 9 px a frame, taken to 30: repeating
frames, which judders (28 dB of the true picture), and blending neighbours (30 dB), whose sharpness falls to a
half and comes back six times a second; followed, it is 48 dB and as sharp throughout.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import asin, cos, pi
from pathlib import Path
from typing import Any, Final

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray
from PIL import Image

from actors.media.errors import PictureError
from actors.media.formats import Format
from actors.media.motion import View
from actors.media.planes import Cut, Frame, Planes, cut_around, empty_frame, split
from actors.media.timeline import SceneShape

SLOWEST: Final = Fraction(5, 4)
"""How many times longer than it is a shot may take: slower looks like slow motion."""
_HOLD_RATE_PER_S: Final = 0.008
"""Change of the window per second while a shot that is too short is seen, as a share of the picture."""
_HOLD_EXTENT: Final = 0.08
"""How far it goes in: the picture is soft as it is, and what stands at its edges belongs to the scene."""
_UNDER_WAY: Final = 0.15
"""Of one way in: where the move begins and ends, as it stands still where it turns."""
_CORNER: Final = 0.97
"""How sharply it turns: within a second. A pendulum would be seen to stop for three."""
_NEAR: Final = 1 / 32
"""Of the way from one frame to the next: so near to a frame it is taken as it is."""
_FLOW_WIDTH: Final = 640
"""How wide a picture what moves is looked for in: finer finds grain, and takes four times as long."""
_BT601: Final = frozenset({Colorspace.ITU601, Colorspace.SMPTE240M, Colorspace.FCC})


@dataclass(frozen=True, slots=True)
class Footage:
    """A shot's file and the frames of its scene in which it is seen, all of them by default."""

    path: Path
    shape: SceneShape
    frames: range | None = None

    @property
    def seen(self) -> range:
        return range(self.shape.length) if self.frames is None else self.frames


@dataclass(frozen=True, slots=True)
class Fitted:
    """How a shot of some length is played for so long: ``pace`` is its speed, ``held_s`` what it lacks."""

    pace: Fraction
    held_s: Fraction


def fitted(shot_s: Fraction, seen_s: Fraction) -> Fitted:
    """How a shot fills the time that it is seen."""
    if shot_s >= seen_s:
        return Fitted(Fraction(1), Fraction(0))
    slower = min(SLOWEST, seen_s / shot_s)
    return Fitted(1 / slower, max(Fraction(0), seen_s - shot_s * slower))


class FootageCamera:
    """Gives the film's frames of a shot; cheapest in order. Close it.

    PictureError ``shot_unreadable`` where the file cannot be played.
    """

    def __init__(self, footage: Footage, fmt: Format) -> None:
        self._format, self._seen = fmt, footage.seen
        self._reel = _Reel(footage.path, fmt)
        fits = fitted(self._reel.length_s, Fraction(max(1, len(self._seen)), fmt.fps))
        self._pace = fits.pace
        self._is_held = fits.held_s > 0

    def frame(self, number: int) -> Frame:
        """The frame at this number of the scene; where it is held before or after, the first or the last."""
        step = number - self._seen.start
        planes = self._reel.at(Fraction(max(0, step), self._format.fps) * self._pace)
        return _shown(planes, self._view(step), self._format)

    def _view(self, step: int) -> View:
        if not self._is_held:
            return _WHOLE
        at = min(1.0, max(0.0, step / max(1, len(self._seen) - 1)))
        return held_view(at, len(self._seen) / self._format.fps)

    def close(self) -> None:
        self._reel.close()


_WHOLE: Final = View(0.5, 0.5, 1.0)


def held_view(at: float, seconds: float) -> View:
    """The window into a shot that is held, which is seen for so long; ``at`` is 0 at first and 1 at last."""
    way = _HOLD_RATE_PER_S * seconds
    swings = max(1, round(way / _HOLD_EXTENT))
    turned = _UNDER_WAY + (swings - 2 * _UNDER_WAY) * at
    into = (1 - asin(_CORNER * cos(pi * turned)) / asin(_CORNER)) / 2  # there and back, evenly
    return View(0.5, 0.5, 1 - min(_HOLD_EXTENT, way) * into)


class _Reel:
    """A file's pictures by time, cut to the film's shape and no larger than it; two at a time are held."""

    def __init__(self, path: Path, fmt: Format) -> None:
        self._path, self._format = path, fmt
        self._times = frame_times(path)
        self.length_s = self._times[-1] + _step(self._times)
        self._decoded: Iterator[Any] = iter(())
        self._container: Any = None
        self._next = 0
        self._held: dict[int, Planes] = {}
        self._flow: tuple[int, _Flow] | None = None
        self._rewind()

    def at(self, time_s: Fraction) -> Planes:
        """What is seen at a time from the shot's beginning; after its end the last frame."""
        place = max(0, bisect_right(self._times, time_s) - 1)
        if place + 1 >= len(self._times):
            return self._frame(len(self._times) - 1)
        share = float((time_s - self._times[place]) / (self._times[place + 1] - self._times[place]))
        if share <= _NEAR:
            return self._frame(place)
        if share >= 1 - _NEAR:
            return self._frame(place + 1)
        before, after = self._frame(place), self._frame(place + 1)
        if self._flow is None or self._flow[0] != place:
            self._flow = place, _flow_of(before, after)
        return _between(before, after, self._flow[1], share)

    def _frame(self, place: int) -> Planes:
        if place not in self._held:
            if place < self._next:
                self._rewind()
            for _ in range(self._next, place):  # who begins in the middle converts nothing that comes before
                self._decode()
            planes = _fitting(limited_bt709(self._decode()), self._format)
            self._held = {n: p for n, p in self._held.items() if n == place - 1} | {place: planes}
        return self._held[place]

    def _decode(self) -> Any:
        try:
            frame = next(self._decoded, None)
        except (av.FFmpegError, OSError) as error:
            raise unreadable(str(error)) from error
        if frame is None:
            raise unreadable("it ends before its last frame")
        self._next += 1
        return frame

    def _rewind(self) -> None:
        self.close()
        self._held, self._next, self._flow = {}, 0, None
        try:
            self._container = av.open(str(self._path))
            self._decoded = self._container.decode(video=0)
        except (av.FFmpegError, OSError, IndexError) as error:
            raise unreadable(str(error)) from error

    def close(self) -> None:
        if self._container is not None:
            self._container.close()
            self._container = None


def unreadable(why: str) -> PictureError:
    return PictureError("shot_unreadable", f"The shot cannot be played: {why}", "Make the shot again")


def frame_times(path: Path) -> list[Fraction]:
    """When each of its pictures is shown, from the first one on; nothing is decoded. Raises PictureError."""
    try:
        with av.open(str(path)) as container:
            video = container.streams.video[0]
            stamps = sorted(
                {packet.pts * packet.time_base for packet in container.demux(video) if packet.pts is not None}
            )
    except (av.FFmpegError, OSError, IndexError) as error:
        raise unreadable(str(error) or "it holds no picture") from error
    if not stamps:
        raise unreadable("it holds no picture")
    return [Fraction(stamp - stamps[0]) for stamp in stamps]


def _step(times: list[Fraction]) -> Fraction:
    """How long one picture is shown."""
    return times[-1] / (len(times) - 1) if len(times) > 1 else Fraction(1, 24)


# ---- one picture ------------------------------------------------------------------------------------


def limited_bt709(frame: Any) -> Planes:
    """A decoded picture's planes, as the film has them. What names no colours is taken for BT.709."""
    if frame.format.name != "yuv420p" or frame.colorspace in _BT601 or frame.color_range == ColorRange.JPEG:
        source = frame.colorspace if frame.colorspace in _BT601 else Colorspace.ITU709
        full = frame.color_range == ColorRange.JPEG or frame.format.name.startswith("yuvj")
        frame = frame.reformat(
            format="yuv420p",
            src_colorspace=source,
            dst_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
            dst_color_range=ColorRange.MPEG,
        )
    return Planes(*(_plane(plane) for plane in frame.planes[:3]))


def picture_of(frame: Any) -> Image.Image:
    """A decoded picture in sRGB."""
    source = frame.colorspace if frame.colorspace in _BT601 else Colorspace.ITU709
    rgb = frame.reformat(format="rgb24", src_colorspace=source)
    return Image.fromarray(rgb.to_ndarray())


def _plane(plane: Any) -> NDArray[np.uint8]:
    rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
    return np.ascontiguousarray(rows[:, : plane.width])


def _fitting(planes: Planes, fmt: Format) -> Planes:
    """The same picture, made as small as the film where it is larger; its shape stays."""
    height, width = planes.y.shape
    scale = max(fmt.width / width, fmt.height / height)
    if scale >= 1:
        return planes
    size = _even(width * scale), _even(height * scale)
    half = size[0] // 2, size[1] // 2
    y = cv2.resize(planes.y, size, interpolation=cv2.INTER_AREA)
    u, v = (cv2.resize(plane, half, interpolation=cv2.INTER_AREA) for plane in (planes.u, planes.v))
    return Planes(*(np.asarray(plane, np.uint8) for plane in (y, u, v)))


def _even(length: float) -> int:
    return 2 * -int(-length // 2)


def _shown(planes: Planes, view: View, fmt: Format) -> Frame:
    """The frame that shows a view of a picture, which is cut to the film's shape."""
    height, width = planes.y.shape
    frame = empty_frame(fmt)
    into = split(frame)
    if (width, height) == (fmt.width, fmt.height) and view == _WHOLE:
        into.y[...], into.u[...], into.v[...] = planes.y, planes.u, planes.v
        return frame
    cut = cut_around((width, height), fmt)
    is_whole = view == _WHOLE and (cut.width, cut.height) == (width, height)
    scale_x, scale_y = view.size * cut.width / fmt.width, view.size * cut.height / fmt.height
    left, top = _corner(cut, view)
    # Positions in pixels of the picture, from its edge: luma samples stand in the middle of each, chroma on
    # the left column of each four, between their rows.
    # Luma that is only enlarged is the same by ``resize``, in a tenth of the time.
    for plane, target, apart, x, y, how in (
        (planes.y, into.y, 1, 0.5, 0.5, cv2.INTER_CUBIC),
        (planes.u, into.u, 2, 0.5, 1.0, cv2.INTER_LINEAR),
        (planes.v, into.v, 2, 0.5, 1.0, cv2.INTER_LINEAR),
    ):
        if is_whole and plane is planes.y:
            cv2.resize(plane, (fmt.width, fmt.height), dst=target, interpolation=how)
            continue
        away = np.array(
            [
                [scale_x, 0, (left + scale_x * x - x) / apart],
                [0, scale_y, (top + scale_y * y - y) / apart],
            ]
        )
        cv2.warpAffine(
            plane,
            away,
            (target.shape[1], target.shape[0]),
            dst=target,
            flags=how | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
    return frame


def _corner(cut: Cut, view: View) -> tuple[float, float]:
    left = cut.left + (view.x - view.size / 2) * cut.width
    return left, cut.top + (view.y - view.size / 2) * cut.height


# ---- between two pictures ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Flow:
    """How far what is seen at each place moves from one picture to the next, in pixels of each plane."""

    luma: NDArray[np.float32]
    chroma: NDArray[np.float32]


def _flow_of(before: Planes, after: Planes) -> _Flow:
    height, width = before.y.shape
    small = min(width, _FLOW_WIDTH)
    size = small, max(2, round(height * small / width))
    first, second = (cv2.resize(luma, size, interpolation=cv2.INTER_AREA) for luma in (before.y, after.y))
    finder = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    found = finder.calc(first, second, None)  # type: ignore[call-overload]
    luma = cv2.resize(found, (width, height)) * np.float32(width / small)
    chroma = cv2.resize(luma, before.u.shape[::-1], interpolation=cv2.INTER_AREA) * np.float32(0.5)
    return _Flow(np.asarray(luma, np.float32), np.asarray(chroma, np.float32))


def _between(before: Planes, after: Planes, flow: _Flow, share: float) -> Planes:
    """What is seen a ``share`` of the way from one picture to the next: both moved there, and blended."""
    back, on = _moved(before, flow, share), _moved(after, flow, share - 1)
    pairs = ((back.y, on.y), (back.u, on.u), (back.v, on.v))
    return Planes(*(np.asarray(cv2.addWeighted(a, 1 - share, b, share, 0), np.uint8) for a, b in pairs))


def _moved(planes: Planes, flow: _Flow, share: float) -> Planes:
    luma, chroma = (cv2.scaleAdd(way, -share, _places(*way.shape[:2])) for way in (flow.luma, flow.chroma))
    made = (
        cv2.remap(plane, places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload]
        for plane, places in ((planes.y, luma), (planes.u, chroma), (planes.v, chroma))
    )
    return Planes(*(np.asarray(plane, np.uint8) for plane in made))


@lru_cache(maxsize=2)
def _places(height: int, width: int) -> NDArray[np.float32]:
    """Where each sample of a plane stands: x and y."""
    return np.dstack(np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)))
