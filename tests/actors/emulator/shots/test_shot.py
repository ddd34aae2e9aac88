"""Shots: the first frame is the picture, things move smoothly without an edge, the file is as Google's."""

import functools
import io
from itertools import pairwise

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from actors.emulator.pictures.draw import badge_place, draw
from actors.emulator.shots.encode import TONES_HZ
from actors.emulator.shots.shot import ShotRequest, make_shot
from actors.emulator.shots.sizes import pixels

pytestmark = pytest.mark.slow

SIZE = (640, 360)
MOTIFS = {
    "sea": "the open sea with rolling waves at dusk, birds",
    "forest": "a path into a tall forest, leaves fall",
    "skyline": "a city skyline at night, windows flicker",
    "rocket": "a rocket launching with fire and smoke",
    "library": "an old library with a lamp, dust in the light",
    "market": "a market with people and lanterns",
    "campfire": "a campfire at night, sparks and smoke",
    "street": "a street in the rain at night",
    "snow": "a village in the snow",
    "abstract": "something else entirely",
}


@functools.cache
def picture(prompt: str) -> bytes:
    stream = io.BytesIO()
    draw(prompt, 1344, 768).save(stream, "PNG")
    return stream.getvalue()


def fitted(raw: bytes, size: tuple[int, int]) -> NDArray[np.int16]:
    with Image.open(io.BytesIO(raw)) as image:
        return np.asarray(ImageOps.fit(image.convert("RGB"), size, Image.Resampling.LANCZOS), np.int16)


def frames_of(raw: bytes) -> list[NDArray[np.int16]]:
    with av.open(io.BytesIO(raw)) as container:
        return [frame.to_ndarray(format="rgb24").astype(np.int16) for frame in container.decode(video=0)]


def apart(one: NDArray[np.int16], other: NDArray[np.int16]) -> float:
    return float(np.abs(one - other).mean())


@pytest.mark.parametrize("prompt", MOTIFS.values(), ids=MOTIFS)
def test_a_shot_begins_with_its_picture_and_moves_smoothly_to_the_end(prompt: str) -> None:
    given = picture(prompt)
    frames = frames_of(make_shot(ShotRequest(f"{prompt}. The camera pushes in.", 3, SIZE, given)))
    assert len(frames) == 72
    # What H.264 takes away is mostly the picture's own grain; the conversion of colours rounds down by one.
    assert apart(frames[0], fitted(given, SIZE)) < 4
    assert abs(float((frames[0] - fitted(given, SIZE)).mean())) < 2
    steps = [apart(after, before) for before, after in pairwise(frames)]
    assert min(steps) > 0.1
    assert max(steps) < 3.5 * float(np.median(steps))
    assert apart(frames[-1], frames[0]) > 3
    for edge in (frames[-1][0], frames[-1][-1], frames[-1][:, 0], frames[-1][:, -1]):
        assert float(edge.max()) > 8, "a black border"


def test_every_camera_stays_within_the_picture_and_differs_from_the_others() -> None:
    given = picture("the open sea at dusk")
    bright = fitted(given, SIZE)
    last = {}
    for move in ("pushes in", "pans left", "pans right", "tilts up", "pulls back", "stands still"):
        request = ShotRequest(f"The sea. The camera {move}.", 3, SIZE, given)
        last[move] = frames_of(make_shot(request))[-1]
        # What would come from beyond the edge is black; the sky's corners are not.
        corners = [last[move][y, x].sum() for y in (0, -1) for x in (0, -1)]
        assert min(corners) > 0.3 * min(bright[y, x].sum() for y in (0, -1) for x in (0, -1))
    assert apart(last["pans left"], last["pans right"]) > 2
    assert apart(last["stands still"], last["pushes in"]) > 1


def test_the_badge_stays_where_it_is() -> None:
    given = picture("the open sea at dusk")
    frames = frames_of(make_shot(ShotRequest("The sea. The camera pans right.", 3, SIZE, given)))
    scale = SIZE[1] / 768
    aside = (SIZE[0] - 1344 * scale) / 2
    x0, y0, x1, y1 = (round(each * scale) for each in badge_place(1344, 768)[0])
    place = (slice(y0 + 1, y1 - 1), slice(round(x0 + aside) + 1, round(x1 + aside) - 1))
    assert apart(frames[-1][place], frames[0][place]) < 6


def test_a_picture_without_a_badge_gets_one() -> None:
    stream = io.BytesIO()
    Image.new("RGB", (640, 360), (90, 140, 200)).save(stream, "JPEG")
    frames = frames_of(make_shot(ShotRequest("A room. The camera stands still.", 3, SIZE, stream.getvalue())))
    x0, y0, x1, y1 = badge_place(*SIZE)[0]
    assert float(np.ptp(frames[0][y0:y1, x0:x1, 0])) < 12
    assert float(np.ptp(frames[-1][y0:y1, x0:x1, 0])) > 120


def test_a_last_frame_is_where_the_shot_ends() -> None:
    first, last = picture("the open sea at dusk"), picture("a forest path")
    frames = frames_of(make_shot(ShotRequest("From sea to forest.", 3, SIZE, first, last)))
    assert apart(frames[-1], fitted(last, SIZE)) < 8
    assert apart(frames[0], fitted(first, SIZE)) < 4


@pytest.mark.parametrize(
    ("ratio", "resolution", "size"),
    [("16:9", "360p", (640, 360)), ("9:16", "720p", (720, 1280)), ("16:9", "4k", (3840, 2160))],
)
def test_a_shot_has_the_asked_size_and_length_and_a_track_of_two_tones(
    ratio: str, resolution: str, size: tuple[int, int]
) -> None:
    assert pixels(ratio, resolution) == size
    seconds = 1.0
    raw = make_shot(ShotRequest("A lake.", seconds, size))
    assert raw[4:12] == b"ftypisom"
    assert b"avc1mp41" in raw[:64]
    with av.open(io.BytesIO(raw)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.width, video.height) == size
        assert (video.codec_context.name, video.pix_fmt, video.average_rate) == ("h264", "yuv420p", 24)
        assert (audio.codec_context.name, audio.rate, audio.channels) == ("aac", 48_000, 2)
        assert video.frames == seconds * 24
        assert seconds <= (container.duration or 0) / av.time_base < seconds + 0.1
        heard = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)
    for ear, tone in zip(heard, TONES_HZ, strict=True):
        spectrum = np.abs(np.fft.rfft(ear[4_800:43_200]))
        assert abs(np.argmax(spectrum) * 48_000 / 38_400 - tone) < 2
        assert float(np.abs(ear).max()) > 0.15
