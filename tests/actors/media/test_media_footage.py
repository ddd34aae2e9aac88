"""A shot becomes the film's own frames: cut, slowed or held, at the film's rate, size and colours."""

import itertools
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from actors.media import footage
from actors.media.errors import PictureError
from actors.media.footage import Footage, FootageCamera, fitted, held_view
from actors.media.formats import Format
from actors.media.motion import View
from actors.media.render import render_clip, render_transition
from actors.media.timeline import SceneShape
from tests.actors.media.filming import luma, panning, write_shot

SIZE = (320, 180)


def shape(frames: int, fps: int = 30, joint: int = 0) -> SceneShape:
    return SceneShape(fps, joint, frames - 2 * joint, joint, joint, joint)


def frames_of(path: Path, fmt: Format, count: int) -> list[NDArray[np.uint8]]:
    camera = FootageCamera(Footage(path, shape(count, fmt.fps)), fmt)
    try:
        return [camera.frame(number) for number in range(count)]
    finally:
        camera.close()


def psnr(one: NDArray[np.uint8], other: NDArray[np.float64]) -> float:
    inner = (slice(20, -20), slice(40, -40))
    error = float(((one[inner].astype(np.float64) - other[inner]) ** 2).mean())
    return float(10 * np.log10(255**2 / error))


@pytest.mark.parametrize(
    ("shot_s", "seen_s", "pace", "held_s"),
    [
        (5, 4, Fraction(1), 0),
        (5, 5, Fraction(1), 0),
        (4, 5, Fraction(4, 5), 0),
        (4, Fraction(9, 2), Fraction(8, 9), 0),
        (4, 7, Fraction(4, 5), 2),
    ],
)
def test_a_shot_is_cut_or_slowed_by_a_quarter_at_most_and_then_held(
    shot_s: int, seen_s: Fraction, pace: Fraction, held_s: int
) -> None:
    fits = fitted(Fraction(shot_s), Fraction(seen_s))
    assert (fits.pace, fits.held_s) == (pace, held_s)


@pytest.mark.parametrize("fps", [24, 25, 30, 60])
def test_at_any_rate_of_film_what_moves_is_where_it_is_at_that_time(tmp_path: Path, fps: int) -> None:
    path = write_shot(tmp_path / "shot.mp4")
    fmt = Format(*SIZE, fps)
    found = frames_of(path, fmt, fps)
    worst = min(psnr(frame[:180], luma(panning(n / fps))) for n, frame in enumerate(found))
    # A frame repeated, or two of them blended, is at 20 to 24 dB.
    assert worst > 36


def test_a_shot_that_is_slowed_moves_evenly(tmp_path: Path) -> None:
    path = write_shot(tmp_path / "shot.mp4", seconds=2)
    found = frames_of(path, Format(*SIZE, 30), 75)  # 2.5 s
    moments = [n / 30 * 0.8 for n in range(72)]
    worst = min(psnr(frame[:180], luma(panning(at))) for frame, at in zip(found, moments, strict=False))
    assert worst > 36


def test_a_shot_that_is_far_too_short_is_held_under_a_move(tmp_path: Path) -> None:
    path = write_shot(tmp_path / "shot.mp4", seconds=1)
    found = frames_of(path, Format(*SIZE, 30), 90)
    held = found[45:]
    changes = [float(np.abs(a.astype(int) - b).mean()) for a, b in itertools.pairwise(held)]
    assert min(changes) > 0.05, "nothing stands still while it is held"
    ends = luma(panning(23 / 24))
    assert np.abs(found[-1][60:120, 120:200].astype(int) - ends[60:120, 120:200]).mean() < 60


@pytest.mark.parametrize("seconds", [2, 8, 15, 60, 300])
def test_however_long_it_is_held_the_move_is_slow_never_still_and_stays_near_the_whole_picture(
    seconds: int,
) -> None:
    """A scene that is much longer than its shot was pushed into, by a sixth of the picture."""
    sizes = [held_view(n / (30 * seconds - 1), seconds).size for n in range(30 * seconds)]
    assert 0.92 <= min(sizes) <= max(sizes) <= 1
    steps = [abs(b - a) * 30 for a, b in itertools.pairwise(sizes)]
    assert max(steps) < 0.02, "of the picture a second"
    each_second = [sum(steps[n : n + 30]) / 30 for n in range(0, len(steps) - 30, 15)]
    assert min(each_second) > 0.002, "no second stands still"


@pytest.mark.parametrize(
    ("seconds", "fps", "flows"), [(2, 24, 0), (2, 30, 47), (2, 60, 47), (2.5, 30, 47), (4, 24, 47)]
)
def test_what_moves_is_looked_for_once_between_two_pictures_and_each_is_decoded_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float, fps: int, flows: int
) -> None:
    path = write_shot(tmp_path / "shot.mp4", seconds=2)
    done: Counter[str] = Counter()

    def counted(name: str, of: Any, work: Callable[..., Any]) -> None:
        def also_counts(*given: Any) -> Any:
            done[name] += 1
            return work(*given)

        monkeypatch.setattr(of, name, also_counts)

    counted("_flow_of", footage, footage._flow_of)
    counted("_decode", footage._Reel, footage._Reel._decode)
    counted("limited_bt709", footage, footage.limited_bt709)
    frames_of(path, Format(*SIZE, fps), int(seconds * fps))
    assert done == Counter(_flow_of=flows, _decode=48, limited_bt709=48)


def test_a_picture_that_is_only_enlarged_is_what_the_move_would_show_of_it(tmp_path: Path) -> None:
    path = write_shot(tmp_path / "shot.mp4", seconds=0.5)
    fmt = Format(640, 360, 24)
    reel = footage._Reel(path, fmt)
    planes = reel.at(Fraction(0))
    whole = footage._shown(planes, View(0.5, 0.5, 1.0), fmt)
    warped = footage._shown(planes, View(0.5, 0.5, 1 - 1e-9), fmt)
    reel.close()
    assert int(np.abs(whole.astype(int) - warped).max()) <= 1


def test_the_same_frames_come_out_of_it_each_time_and_in_any_order(tmp_path: Path) -> None:
    path = write_shot(tmp_path / "shot.mp4")
    fmt = Format(*SIZE, 30)
    once = frames_of(path, fmt, 40)
    camera = FootageCamera(Footage(path, shape(40)), fmt)
    again = {number: camera.frame(number) for number in (39, 3, 20, 21, 4)}
    camera.close()
    assert all(np.array_equal(once[number], frame) for number, frame in again.items())


@pytest.mark.parametrize(
    ("source", "film"), [((640, 360), (320, 180)), ((160, 90), (320, 180)), ((336, 180), (320, 180))]
)
def test_it_has_the_films_size_and_shape_whatever_it_came_in(
    tmp_path: Path, source: tuple[int, int], film: tuple[int, int]
) -> None:
    path = write_shot(tmp_path / "shot.mp4", lambda at: panning(at, source), seconds=0.5)
    frame = frames_of(path, Format(*film, 24), 6)[2]
    assert frame.shape == (film[1] * 3 // 2, film[0])
    scale = source[1] / film[1]
    across = int((source[0] - film[0] * scale) / 2)
    centre = luma(panning(2 / 24, source)).mean()
    assert across >= 0
    assert abs(frame[: film[1]].mean() - centre) < 3


def test_colours_that_are_named_otherwise_become_the_films(tmp_path: Path) -> None:
    red = np.full((180, 320, 3), (200, 40, 30), np.uint8)
    path = tmp_path / "full.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuvj420p"
        stream.codec_context.color_range = 2
        stream.codec_context.colorspace = 1
        for number in range(6):
            frame = av.VideoFrame.from_ndarray(red, format="rgb24")
            frame = frame.reformat(format="yuvj420p", dst_colorspace=1, dst_color_range=2)
            frame.pts, frame.time_base = number, Fraction(1, 24)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    frame = frames_of(path, Format(320, 180, 24), 3)[1]
    assert abs(float(frame[:180].mean()) - float(luma(red).mean())) < 2


@pytest.mark.slow
def test_a_clip_and_a_transition_of_shots_meet_without_a_jump(tmp_path: Path) -> None:
    first = write_shot(tmp_path / "one.mp4", seconds=2)
    second = write_shot(tmp_path / "two.mp4", lambda at: panning(at, which=1), seconds=2)
    fmt = Format(*SIZE, 30, "high", "veryfast", 12)
    one = SceneShape(30, 15, 30, 15, 0, 15)
    two = SceneShape(30, 15, 30, 15, 15, 0)
    clip = decoded(render_clip(Footage(first, one), fmt))
    joint = decoded(render_transition(Footage(first, one), Footage(second, two), fmt))
    after = decoded(render_clip(Footage(second, two), fmt))
    assert (len(clip), len(joint), len(after)) == (45, 15, 45)
    film = [*clip, *joint, *after]
    steps = [float(np.abs(a.astype(int) - b).mean()) for a, b in itertools.pairwise(film)]
    inside = float(np.median(steps))
    assert max(steps[43:46] + steps[58:61]) < 1.5 * inside
    # Both run on while they dissolve: the last frame of the joint is nearly all of the second, moved on.
    assert psnr(joint[-1][:180], luma(panning(14 / 30, which=1))) > 25


@pytest.mark.slow
def test_a_clip_of_a_shot_is_made_again_byte_for_byte(tmp_path: Path) -> None:
    path = write_shot(tmp_path / "shot.mp4", sound=True)
    shot, fmt = Footage(path, shape(45)), Format(*SIZE, 30)
    made = render_clip(shot, fmt)
    assert render_clip(shot, fmt) == made
    with av.open(BytesIO(made)) as container:
        assert [stream.type for stream in container.streams] == ["video"]


@pytest.mark.parametrize("content", [b"", b"no video at all", b"\x00" * 4096])
def test_what_cannot_be_played_is_said_to_be_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.mp4"
    path.write_bytes(content)
    with pytest.raises(PictureError) as caught:
        FootageCamera(Footage(path, shape(30)), Format(*SIZE, 30))
    assert caught.value.code == "shot_unreadable"


def decoded(data: bytes) -> list[NDArray[np.uint8]]:
    with av.open(BytesIO(data)) as container:
        return [frame.to_ndarray() for frame in container.decode(video=0)]
