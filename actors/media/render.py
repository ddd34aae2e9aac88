"""The moving picture: a clip of one scene, and the transition between two, each a segment of its own.

Every frame is a pure function of its number in the scene. So a transition, which shows the last frames of one
scene and the first of the next, meets both clips without a jump, and any segment can be made again alone.
Frames are made a few ahead of the encoder by one more thread; never more than ``_AHEAD`` are held.
"""

import hashlib
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from actors.media.beside import another_thread, mapped
from actors.media.encode import encode_segment
from actors.media.errors import RenderCancelled
from actors.media.footage import Footage, FootageCamera
from actors.media.formats import THREADS, Format
from actors.media.kept import Kept
from actors.media.motion import Motion
from actors.media.overlay import DrawnCue, Overlay, blend
from actors.media.panning import PannedPlanes, cover_way
from actors.media.pictures import kept_rgb
from actors.media.planes import Planes, black_frame, cover, crossfade, cut_around, warp
from actors.media.timeline import Joint, SceneShape, joint_frames

_AHEAD: Final = 4


def never() -> bool:
    """The default of ``cancelled``: render to the end."""
    return False


def unseen(frame: NDArray[np.uint8]) -> None:
    """The default of ``see``: nobody looks."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A still picture (encoded bytes) of a scene as it is filmed: the scene's length, its move, its frames.

    The move's focus is in fractions of the whole picture, before it is cut to the film's shape. ``frames``
    are those of the scene in which it is seen, all of them by default.
    """

    picture: bytes
    shape: SceneShape
    motion: Motion
    frames: range | None = None

    @property
    def seen(self) -> range:
        return range(self.shape.length) if self.frames is None else self.frames


Seen = Shot | Footage
"""What a film shows for a while: a picture over which the camera moves, or a shot that was made of it."""


def render_clip(
    shots: Seen | Sequence[Seen],
    fmt: Format,
    cues: Sequence[DrawnCue] = (),
    *,
    logo: Overlay | None = None,
    threads: int = THREADS,
    cancelled: Callable[[], bool] = never,
    see: Callable[[NDArray[np.uint8]], None] = unseen,
) -> bytes:
    """The frames that the scene has for itself, with its captions burned in, as an MP4 segment.

    ``shots`` are one for the whole scene, or one for each of its pictures, in order; where two overlap, one
    dissolves into the other. Cues are on the scene's clock (its frame 0 is the first in which any of it is
    seen). ``see`` is shown each frame before it is encoded.

    Raises:
        PictureError, EncodeError, RenderCancelled.

    """
    shots = [shots] if isinstance(shots, Shot | Footage) else shots
    pictures = _Pictures(shots, fmt)

    def frame_at(number: int) -> NDArray[np.uint8]:
        frame = _with_logo(pictures.frame(number), logo)
        for cue in cues:
            if number in cue.frames:
                blend(frame, cue.overlay)
        return frame

    with closing(pictures), closing(_ahead(frame_at, shots[0].shape.clip, cancelled)) as frames:
        return encode_segment(_seen(frames, see), fmt, threads=threads)


def render_transition(
    before: Seen,
    after: Seen,
    fmt: Format,
    *,
    logo: Overlay | None = None,
    threads: int = THREADS,
    cancelled: Callable[[], bool] = never,
    see: Callable[[NDArray[np.uint8]], None] = unseen,
) -> bytes:
    """The joint between two neighbours, as an MP4 segment. Raises like :func:`render_clip`."""
    cameras = _camera(before, fmt), _camera(after, fmt)
    shapes = before.shape, after.shape
    joined = _crossfade(cameras, shapes) if before.shape.shared else _change(cameras, shapes, fmt)

    def frame_at(step: int) -> NDArray[np.uint8]:
        return _with_logo(joined(step), logo)

    numbers = range(joint_frames(*shapes))
    with (
        closing(cameras[0]),
        closing(cameras[1]),
        closing(_ahead(frame_at, numbers, cancelled)) as frames,
    ):
        return encode_segment(_seen(frames, see), fmt, threads=threads)


def render_ending(
    before: NDArray[np.uint8],
    frame_of: Callable[[int], NDArray[np.uint8]],
    dissolve: int,
    length: int,
    fmt: Format,
    *,
    threads: int = THREADS,
    cancelled: Callable[[], bool] = never,
    see: Callable[[NDArray[np.uint8]], None] = unseen,
) -> bytes:
    """Frames of something that follows the last scene, as an MP4 segment of this length.

    For ``dissolve`` frames it comes in over ``before``, the last frame of the film. Raises like
    :func:`render_clip`.
    """

    def frame_at(number: int) -> NDArray[np.uint8]:
        if number >= dissolve:
            return frame_of(number)
        return crossfade(before, frame_of(number), _eased((number + 1) / (dissolve + 1)))

    with closing(_ahead(frame_at, range(length), cancelled)) as frames:
        return encode_segment(_seen(frames, see), fmt, threads=threads)


def _with_logo(frame: NDArray[np.uint8], logo: Overlay | None) -> NDArray[np.uint8]:
    """The frame with the logo over it: it stands still while scenes change, and is no part of a fade."""
    if logo is not None:
        blend(frame, logo)
    return frame


def _crossfade(
    cameras: tuple["Camera", "Camera"], shapes: tuple[SceneShape, SceneShape]
) -> Callable[[int], NDArray[np.uint8]]:
    leaving, arriving = cameras
    begin, length = shapes[0].leaving.start, shapes[0].shared

    def frame_at(step: int) -> NDArray[np.uint8]:
        share = _eased((step + 1) / (length + 1))
        return crossfade(leaving.frame(begin + step), arriving.frame(step), share)

    return frame_at


def _change(
    cameras: tuple["Camera", "Camera"], shapes: tuple[SceneShape, SceneShape], fmt: Format
) -> Callable[[int], NDArray[np.uint8]]:
    """One scene to its last frame, then the next from its first; in a fade the light goes between."""
    leaving, arriving = cameras
    begin, length = shapes[0].leaving.start, shapes[0].fade_out
    dark = black_frame(fmt)

    def frame_at(step: int) -> NDArray[np.uint8]:
        gone = step >= length
        frame = arriving.frame(step - length) if gone else leaving.frame(begin + step)
        if shapes[0].leaves is Joint.CUT:
            return frame
        share = 1 - (step - length) / shapes[1].fade_in if gone else (step + 1) / length
        return crossfade(frame, dark, _eased(share))

    return frame_at


def _eased(share: float) -> float:
    """Neither beginning nor end is seen as a jump."""
    return share * share * (3 - 2 * share)


class Camera(Protocol):
    """Gives the frames of a scene that a picture or a shot fills."""

    def frame(self, number: int) -> NDArray[np.uint8]: ...

    def close(self) -> None: ...


def _camera(seen: Seen, fmt: Format) -> Camera:
    return FootageCamera(seen, fmt) if isinstance(seen, Footage) else _Camera(seen, fmt)


def render_still(shot: Shot, fmt: Format, number: int) -> NDArray[np.uint8]:
    """One frame of the scene without captions, yuv420p: what the clip shows at frame ``number``."""
    return _Camera(shot, fmt).frame(number)


def _cover(shot: Shot, fmt: Format) -> tuple[Motion, Planes | PannedPlanes]:
    picture = kept_rgb(shot.picture)
    cut = cut_around(picture.size, fmt, shot.motion.focus)
    motion = replace(shot.motion, focus=cut.inside(shot.motion.focus))
    return motion, cover_way(picture, fmt, cut, motion) if motion.move.is_pan else cover(picture, fmt, cut)


_covered: Final[Kept[tuple[bytes, int, int, Motion], tuple[Motion, Planes | PannedPlanes]]] = Kept(
    64_000_000, lambda covered: covered[1].nbytes
)
"""A scene's picture is seen in its clip and in two transitions, rendered one soon after the other."""


class _Camera:
    """A picture's planes, converted once, and where to look at each frame."""

    def __init__(self, shot: Shot, fmt: Format) -> None:
        digest = hashlib.sha256(shot.picture).digest()
        covered = (digest, fmt.width, fmt.height, shot.motion)
        self._motion, self._planes = _covered.get(covered, lambda: _cover(shot, fmt))
        self._first, self._last = shot.seen.start, max(1, len(shot.seen) - 1)
        self._format = fmt

    def frame(self, number: int) -> NDArray[np.uint8]:
        view = self._motion.view((number - self._first) / self._last)
        if isinstance(self._planes, PannedPlanes):
            return self._planes.frame(view, self._format)
        return warp(self._planes, view, self._format)

    def close(self) -> None:
        """Nothing is open: a picture is read at once."""


def _seen(
    frames: Iterable[NDArray[np.uint8]], see: Callable[[NDArray[np.uint8]], None]
) -> Iterator[NDArray[np.uint8]]:
    for frame in frames:
        see(frame)
        yield frame


class _Pictures:
    """The shots of a scene one after the other; a camera stands only while its picture is seen."""

    def __init__(self, shots: Sequence[Seen], fmt: Format) -> None:
        self._shots, self._format = [shot for shot in shots if shot.seen], fmt
        self._cameras: dict[int, Camera] = {}

    def frame(self, number: int) -> NDArray[np.uint8]:
        *_, place = seen = [n for n, shot in enumerate(self._shots) if number in shot.seen]
        for gone in self._cameras.keys() - seen:
            self._cameras.pop(gone).close()
        frame = self._camera(place).frame(number)
        if place - 1 not in seen:
            return frame
        dissolve = range(self._shots[place].seen.start, self._shots[place - 1].seen.stop)
        share = _eased((number - dissolve.start + 1) / (len(dissolve) + 1))
        return crossfade(self._camera(place - 1).frame(number), frame, share)

    def _camera(self, place: int) -> Camera:
        if place not in self._cameras:
            self._cameras[place] = _camera(self._shots[place], self._format)
        return self._cameras[place]

    def close(self) -> None:
        for camera in self._cameras.values():
            camera.close()


def _ahead(
    frame_at: Callable[[int], NDArray[np.uint8]], numbers: range, cancelled: Callable[[], bool]
) -> Generator[NDArray[np.uint8]]:
    """The frames in order, made by another thread while the encoder works on those before."""

    def wanted() -> Iterator[int]:
        for number in numbers:
            if cancelled():
                raise RenderCancelled
            yield number

    with another_thread("frames") as maker:
        yield from mapped(maker, frame_at, wanted(), _AHEAD)
