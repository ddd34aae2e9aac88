"""How fast, in how much memory and how steadily pictures become film, beside four other ways to do it.

All sides make the same film: two detailed pictures panned slowly, joined by a crossfade, a caption burned
in, the encoder's settings the product's own. ``ready frames`` is what the encoder alone can do (all frames
in memory beforehand); ``Pillow`` resamples the same planes with ``resize(box=…)``; ``zoompan`` is ffmpeg's
filter and has neither crossfade nor caption. ``MoviePy`` takes part where ``REELOG_BENCH_MOVIEPY_PYTHON``
names an interpreter that has it (it needs an older Pillow than Reelog, so an environment of its own:
``python -m venv build/moviepy && build/moviepy/bin/pip install moviepy``). Each is made in a process of its
own, so its peak is its own.

Jitter is how far (rms, px) the steps from frame to frame of the MP4 lie from a smooth curve through them.
What the encoder's losses and the measuring add is in it on all sides alike.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from actors.media.captions import draw, draw_cues
from actors.media.cues import Cue
from actors.media.encode import encode_segment
from actors.media.film import join
from actors.media.formats import THREADS, Format, film_format
from actors.media.motion import Motion, Move, View
from actors.media.overlay import DrawnCue, blend
from actors.media.pictures import open_rgb
from actors.media.planes import Planes, cover, crossfade, cut_around, split, warp
from actors.media.render import Shot, render_clip, render_transition
from actors.media.timeline import Timeline, scene_shape, timeline
from tests.bench.report import Bench, Row, spread

Frame = NDArray[np.uint8]
Warp = Callable[[Planes, View, Format], Frame]


@dataclass(frozen=True)
class Side:
    """What one way of making the film took; ``peak_mb`` is its process's highest resident set."""

    realtime: float
    peak_mb: float
    megabytes: float
    jitter_px: float


@dataclass(frozen=True)
class _Film:
    fmt: Format
    shots: tuple[Shot, Shot]
    line: Timeline
    caption: Cue

    @property
    def cues(self) -> list[DrawnCue]:
        return draw_cues([self.caption], self.fmt)


def _film(seconds: float) -> _Film:
    fmt = film_format()
    speech_s = (seconds - 2.6) / 2  # what lead, tails and crossfade leave
    shapes = [scene_shape(speech_s, 0.6, fmt.fps, first=first, last=not first) for first in (True, False)]
    motions = (Motion(Move.PAN_RIGHT, 0.1), Motion(Move.PAN_LEFT, 0.1))
    first, second = (
        Shot(_picture(n), shape, motion)
        for n, (shape, motion) in enumerate(zip(shapes, motions, strict=True))
    )
    caption = Cue(500, round(1000 * (0.5 + speech_s)), ("Every frame is made anew,", "and none is shaken."))
    return _Film(fmt, (first, second), timeline(shapes), caption)


def _picture(seed: int) -> bytes:
    """Detail at every size, as in a photograph: hard to encode, and its place is well measured."""
    rng = np.random.default_rng(seed)
    total = np.full((1080, 1920, 3), 128.0)
    for size, strength in ((6, 60), (40, 40), (200, 25), (960, 12)):
        noise = Image.fromarray(rng.integers(0, 255, (size * 9 // 16 + 1, size, 3), dtype=np.uint8))
        total += (np.asarray(noise.resize((1920, 1080), Image.Resampling.BICUBIC)) - 127.5) / 127.5 * strength
    target = BytesIO()
    Image.fromarray(np.clip(total, 0, 255).astype(np.uint8)).save(target, "PNG")
    return target.getvalue()


def _frames(film: _Film, warped: Warp) -> Iterator[Frame]:
    """The film's frames in order, resampled by ``warped``; all else is the product's own."""
    cameras = [_camera(shot, film.fmt, warped) for shot in film.shots]
    shapes, cues = film.line.shapes, film.cues
    for segment in film.line.segments():
        for n in range(segment.length):
            if segment.kind == "transition":
                share = (n + 1) / (segment.length + 1)
                share = share * share * (3 - 2 * share)
                yield crossfade(cameras[0](shapes[0].leaving.start + n), cameras[1](n), share)
                continue
            number = shapes[segment.scene - 1].clip.start + n
            frame = cameras[segment.scene - 1](number)
            for cue in cues if segment.scene == 1 else ():
                if number in cue.frames:
                    blend(frame, cue.overlay)
            yield frame


def _camera(shot: Shot, fmt: Format, warped: Warp) -> Callable[[int], Frame]:
    picture = open_rgb(shot.picture)
    planes = cover(picture, fmt, cut_around(picture.size, fmt))
    last = shot.shape.length - 1
    return lambda number: warped(planes, shot.motion.view(number / last), fmt)


def _by_opencv(planes: Planes, view: View, fmt: Format) -> Frame:
    return warp(planes, view, fmt)


def _by_pillow(planes: Planes, view: View, fmt: Format) -> Frame:
    frame = np.empty((fmt.height * 3 // 2, fmt.width), np.uint8)
    into = split(frame)
    for source, target in ((planes.y, into.y), (planes.u, into.u), (planes.v, into.v)):
        height, width = source.shape
        left, top = (view.x - view.size / 2) * width, (view.y - view.size / 2) * height
        box = (left, top, left + view.size * width, top + view.size * height)
        size = (target.shape[1], target.shape[0])
        target[...] = np.asarray(Image.fromarray(source).resize(size, Image.Resampling.BICUBIC, box=box))
    return frame


def _reelog(film: _Film, target: Path) -> float:
    cues = film.cues
    begun = time.perf_counter()
    first, second = film.shots
    segments = [
        render_clip(first, film.fmt, cues),
        render_transition(first, second, film.fmt),
        render_clip(second, film.fmt),
    ]
    join(segments, film.fmt, target)
    return time.perf_counter() - begun


def _ready(film: _Film, target: Path) -> float:
    frames = list(_frames(film, _by_opencv))
    begun = time.perf_counter()
    target.write_bytes(encode_segment(frames, film.fmt))
    return time.perf_counter() - begun


def _pillow(film: _Film, target: Path) -> float:
    begun = time.perf_counter()
    target.write_bytes(encode_segment(_frames(film, _by_pillow), film.fmt))
    return time.perf_counter() - begun


def _zoompan(film: _Film, target: Path) -> float:
    begun = time.perf_counter()
    target.write_bytes(encode_segment(_panned(film), film.fmt))
    return time.perf_counter() - begun


def _panned(film: _Film) -> Iterator[Frame]:
    fmt = film.fmt
    for shot, start in zip(film.shots, film.line.starts, strict=True):
        length = min(shot.shape.length, film.line.length - start) - shot.shape.shared
        rgb = np.ascontiguousarray(open_rgb(shot.picture))
        picture = av.VideoFrame.from_ndarray(rgb, format="rgb24")
        graph = av.filter.Graph()
        source = graph.add_buffer(
            width=picture.width, height=picture.height, format=picture.format, time_base=Fraction(1, fmt.fps)
        )
        pan = graph.add(
            "zoompan",
            f"z=1.11:x=(iw-iw/zoom)*on/{length}:y=(ih-ih/zoom)/2:d={length}"
            f":s={fmt.width}x{fmt.height}:fps={fmt.fps}",
        )
        yuv, sink = graph.add("format", "yuv420p"), graph.add("buffersink")
        graph.link_nodes(source, pan, yuv, sink).configure()
        picture.pts, picture.time_base = 0, Fraction(1, fmt.fps)
        graph.push(picture)
        graph.push(None)
        for _ in range(length):
            panned = graph.pull()
            assert isinstance(panned, av.VideoFrame)
            yield np.asarray(panned.to_ndarray(), np.uint8)


def _moviepy(film: _Film, target: Path) -> dict[str, float]:
    """In its own interpreter, which tells what it took."""
    pictures = []
    for n, shot in enumerate(film.shots):
        pictures.append(target.with_name(f"{n}.png"))
        open_rgb(shot.picture).resize((film.fmt.width, film.fmt.height), Image.Resampling.LANCZOS).save(
            pictures[-1]
        )
    drawing = target.with_name("caption.png")
    draw(film.caption.lines, film.fmt).save(drawing)
    fps = film.fmt.fps
    told = {
        "target": str(target),
        "size": [film.fmt.width, film.fmt.height],
        "fps": fps,
        "preset": film.fmt.preset,
        "crf": film.fmt.crf,
        "threads": THREADS,
        "crossfade": film.line.shapes[0].shared / fps,
        "scenes": [
            {
                "picture": str(picture),
                "seconds": shot.shape.length / fps,
                "view": shot.motion.view(0).size,
                "sign": 1 if shot.motion.move is Move.PAN_RIGHT else -1,
            }
            for picture, shot in zip(pictures, film.shots, strict=True)
        ],
        "caption": {
            "drawing": str(drawing),
            "start": film.caption.start_ms / 1000,
            "seconds": (film.caption.end_ms - film.caption.start_ms) / 1000,
        },
    }
    script = Path(__file__).with_name("moviepy_film.py")
    done = subprocess.run(
        [os.environ[MOVIEPY], str(script)], input=json.dumps(told), capture_output=True, text=True, check=True
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


MOVIEPY = "REELOG_BENCH_MOVIEPY_PYTHON"
WAYS: dict[str, Callable[[_Film, Path], float]] = {
    "Reelog": _reelog,
    "ready frames": _ready,
    "Pillow": _pillow,
    "zoompan": _zoompan,
}


def side(way: str, seconds: float) -> Side:
    """Make the film one way, in this process."""
    film = _film(seconds)
    with TemporaryDirectory() as folder:
        target = Path(folder) / "film.mp4"
        if way == "MoviePy":
            told = _moviepy(film, target)
            took, peak_mb = told["took"], told["peak_mb"]
        else:
            took = WAYS[way](film, target)
            peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        size = target.stat().st_size / 1e6
        jitter = _jitter(target, film.shots[0].shape.clip.stop)
    return Side(float(film.line.duration_s) / took, peak_mb, size, jitter)


def _jitter(path: Path, frames: int) -> float:
    """Of the first scene, above its caption: each step is found by least squares (ECC), to a hundredth."""
    steps: list[float] = []
    before: NDArray[np.float32] | None = None
    until = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 60, 1e-7)
    with av.open(str(path), "r") as film:
        for frame in islice(film.decode(video=0), frames):
            luma = frame.to_ndarray()[80:464, 320:960].astype(np.float32)
            if before is not None:
                still = np.eye(2, 3, dtype=np.float32)
                _, moved = cv2.findTransformECC(before, luma, still, cv2.MOTION_TRANSLATION, until)
                steps.append(float(moved[0, 2]))
            before = luma
    at = np.arange(len(steps))
    curve = np.polynomial.Polynomial.fit(at, steps, 3)
    return float(np.sqrt(np.mean((np.array(steps) - curve(at)) ** 2)))


def measure(quick: bool) -> Sequence[Row]:
    seconds, rounds = (4.0, 1) if quick else (12.0, 3)
    ways = [*WAYS, *(["MoviePy"] if MOVIEPY in os.environ else [])]
    if MOVIEPY not in os.environ:
        sys.stderr.write(f"MoviePy is left out: {MOVIEPY} names no interpreter that has it\n")
    found: dict[str, list[Side]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way in ways:
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
                found[way].append(alone.submit(side, way, seconds).result())
    rows = []
    ours = found["Reelog"]
    for way, theirs in found.items():
        if way == "Reelog":
            continue
        for what, unit in (("realtime", "x"), ("peak_mb", "MB"), ("megabytes", "MB"), ("jitter_px", "px")):
            mine, other = ([getattr(each, what) for each in each_side] for each_side in (ours, theirs))
            note = f"{spread(mine)}, {spread(other)}" if rounds > 1 else "one round"
            rows.append(Row(f"{what} beside {way}", median(mine), median(other), unit, note))
    return rows


BENCH = Bench(
    "render",
    "a film of two pictures, 1280x720 at 30 fps: x realtime, peak memory, file size, jitter",
    ("Reelog", "other"),
    measure,
)
