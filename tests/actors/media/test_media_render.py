"""Frames: pure functions of their number, joined without a seam, the same for ever."""

import pickle
from collections.abc import Callable
from functools import partial
from io import BytesIO
from itertools import pairwise

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from actors.media.captions import draw_cues
from actors.media.cues import Cue
from actors.media.encode import encode_segment
from actors.media.errors import EncodeError, RenderCancelled
from actors.media.formats import Format, film_format
from actors.media.interest import find_focus
from actors.media.motion import Motion, Move, View
from actors.media.panning import cover_way
from actors.media.planes import cover, cut_around, to_planes, warp
from actors.media.render import Shot, render_clip, render_still, render_transition
from actors.media.timeline import Joint, scene_shape

MakePicture = Callable[..., bytes]


def frames_of(segment: bytes) -> list[NDArray[np.uint8]]:
    with av.open(BytesIO(segment), "r") as container:
        return [frame.to_ndarray() for frame in container.decode(video=0)]


def shots(make_picture: MakePicture, fps: int = 24, joint: Joint = Joint.CROSSFADE) -> tuple[Shot, Shot]:
    first = scene_shape(0.6, 0.6, fps, first=True, last=False, leaves=joint)
    last = scene_shape(0.6, 0.6, fps, first=False, last=True, arrives=joint)
    return (
        Shot(make_picture(1), first, Motion(Move.ZOOM_IN, 0.1)),
        Shot(make_picture(2), last, Motion(Move.PAN_LEFT, 0.08)),
    )


def test_a_clip_holds_the_frames_that_its_scene_has_for_itself(
    make_picture: MakePicture, small: Format
) -> None:
    before, after = shots(make_picture)
    assert len(frames_of(render_clip(before, small))) == len(before.shape.clip)
    assert len(frames_of(render_clip(after, small))) == len(after.shape.clip)
    assert len(frames_of(render_transition(before, after, small))) == before.shape.fade_out


def test_a_transition_meets_both_clips_without_a_jump(make_picture: MakePicture, small: Format) -> None:
    """Between the last frame of a clip and the first of the transition lies one step, as within the clip."""
    before, after = shots(make_picture)
    clip, fade = frames_of(render_clip(before, small)), frames_of(render_transition(before, after, small))
    following = frames_of(render_clip(after, small))

    def change(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
        return float(np.abs(a.astype(int) - b.astype(int)).mean())

    within = change(clip[-2], clip[-1])
    largest = max(change(a, b) for a, b in pairwise(fade))
    assert change(clip[-1], fade[0]) < within + largest
    assert change(fade[-1], following[0]) < within + largest
    assert change(fade[0], fade[-1]) > 5 * within


def test_a_cut_shows_the_last_frame_of_one_scene_and_the_first_of_the_next(
    make_picture: MakePicture, small: Format
) -> None:
    before, after = shots(make_picture, joint=Joint.CUT)
    seen = frames_of(render_transition(before, after, small))
    wanted = [render_still(before, small, before.shape.length - 1), render_still(after, small, 0)]
    assert len(seen) == 2
    for frame, still in zip(seen, wanted, strict=True):
        assert float(np.abs(frame.astype(int) - still).mean()) < 2.5


def test_a_fade_goes_through_black_and_back_without_a_jump(make_picture: MakePicture, small: Format) -> None:
    before, after = shots(make_picture, joint=Joint.FADE)
    clip, fade = frames_of(render_clip(before, small)), frames_of(render_transition(before, after, small))
    following = frames_of(render_clip(after, small))
    light = [float(frame[:180].mean()) for frame in [clip[-1], *fade, following[0]]]
    darkest = light.index(min(light))
    assert min(light) < 18
    assert len(fade) == 18
    assert light[: darkest + 1] == sorted(light[: darkest + 1], reverse=True)
    assert light[darkest + 1 :] == sorted(light[darkest + 1 :])
    assert light[0] - light[1] < 5
    assert light[-1] - light[-2] < 5


def test_a_clip_of_several_pictures_goes_from_one_to_the_next_where_they_overlap(
    make_picture: MakePicture, small: Format
) -> None:
    shape = scene_shape(2.0, 0.6, 24, first=True, last=True)
    cut, dissolve = 30, 6
    first = Shot(make_picture(1), shape, Motion(Move.ZOOM_IN, 0.1), range(cut))
    second = Shot(make_picture(2), shape, Motion(Move.PAN_LEFT, 0.08), range(cut - dissolve, shape.length))
    unseen = Shot(make_picture(3), shape, Motion(Move.PAN_LEFT, 0.08), range(cut, cut))
    frames = frames_of(render_clip([first, unseen, second], small))
    assert len(frames) == shape.length

    def off(shot: Shot, number: int) -> float:
        return float(np.abs(frames[number].astype(int) - render_still(shot, small, number)).mean())

    assert max(off(first, n) for n in range(cut - dissolve)) < 2.5
    assert max(off(second, n) for n in range(cut, shape.length)) < 2.5
    leaving = [off(first, n) for n in range(cut - dissolve - 1, cut)]
    assert leaving == sorted(leaving)


def test_a_picture_moves_by_the_time_it_is_seen_itself(make_picture: MakePicture, small: Format) -> None:
    shape = scene_shape(2.0, 0.6, 24, first=True, last=True)
    whole = Shot(make_picture(1), shape, Motion(Move.ZOOM_IN, 0.1))
    late = Shot(make_picture(1), shape, Motion(Move.ZOOM_IN, 0.1), range(20, shape.length))
    assert np.array_equal(render_still(whole, small, 0), render_still(late, small, 20))
    end = shape.length - 1
    assert np.array_equal(render_still(whole, small, end), render_still(late, small, end))


def test_the_same_shot_gives_the_same_bytes(make_picture: MakePicture, small: Format) -> None:
    before, _ = shots(make_picture)
    assert render_clip(before, small) == render_clip(before, small)


def test_pixels_do_not_depend_on_the_number_of_threads(make_picture: MakePicture, small: Format) -> None:
    before, _ = shots(make_picture)
    one, two = (frames_of(render_clip(before, small, threads=threads)) for threads in (1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))


def test_a_caption_is_seen_in_its_frames_and_in_no_other(make_picture: MakePicture, small: Format) -> None:
    before, _ = shots(make_picture)
    cues = draw_cues([Cue(500, 1000, ("Hello",))], small)
    plain, captioned = frames_of(render_clip(before, small)), frames_of(render_clip(before, small, cues))
    brightest = [
        int(frame[120:180].max()) - int(other[120:180].max())
        for frame, other in zip(captioned, plain, strict=True)
    ]
    shown = [n for n, more in enumerate(brightest) if more > 15]
    assert shown == list(range(12, 24))


def test_stopping_is_obeyed_at_the_next_frame(make_picture: MakePicture, small: Format) -> None:
    before, _ = shots(make_picture)
    asked = iter([False] * 5 + [True])
    with pytest.raises(RenderCancelled) as caught:
        render_clip(before, small, cancelled=lambda: next(asked))
    assert pickle.loads(pickle.dumps(caught.value)).code == "render_cancelled"  # noqa: S301 - our own bytes


def test_a_segment_without_frames_is_refused(small: Format) -> None:
    with pytest.raises(EncodeError, match="no_frames"):
        encode_segment([], small)


def test_known_colours_become_the_standard_s_luma_and_chroma() -> None:
    """ITU-R BT.709, limited range."""
    for rgb, expected in (
        ((255, 255, 255), (235, 128, 128)),
        ((0, 0, 0), (16, 128, 128)),
        ((255, 0, 0), (63, 102, 240)),
        ((0, 255, 0), (173, 42, 26)),
        ((0, 0, 255), (32, 240, 118)),
    ):
        planes = to_planes(np.full((4, 4, 3), rgb, np.uint8))
        assert (planes.y[0, 0], planes.u[0, 0], planes.v[0, 0]) == expected


def test_frames_look_as_they_did_when_they_were_first_looked_at(
    make_picture: MakePicture, small: Format
) -> None:
    """Golden means of twelve fields of the luma: they change only when the picture is meant to change.

    Means, not a hash: processors round the last bit of a resampled pixel differently.
    """
    before, _ = shots(make_picture)
    golden = {
        0: [117.1, 128.4, 123.0, 126.8, 136.1, 122.1, 123.2, 117.3, 125.7, 105.7, 127.0, 113.4],
        20: [114.4, 128.0, 121.8, 126.0, 134.4, 120.8, 122.9, 118.9, 125.4, 107.7, 124.1, 112.3],
        40: [113.0, 127.7, 120.7, 124.6, 132.5, 119.8, 122.7, 120.1, 125.0, 110.1, 120.8, 111.4],
    }
    for number, expected in golden.items():
        fields = render_still(before, small, number)[:180].reshape(3, 60, 4, 80).mean(axis=(1, 3))
        assert fields.ravel().tolist() == pytest.approx(expected, abs=0.5)


@pytest.mark.parametrize("move", [None, Move.PAN_RIGHT, Move.PAN_LEFT, Move.RISE, Move.SINK], ids=str)
def test_movement_is_even_to_a_twentieth_of_a_pixel(move: Move | None) -> None:
    """The displacement of a slowly moved picture, measured by least squares against its own neighbours."""
    fmt = Format(640, 360, 30)
    rng = np.random.default_rng(3)
    coarse = Image.fromarray(rng.integers(0, 255, (60, 107, 3), dtype=np.uint8))
    picture = coarse.resize((960, 540), Image.Resampling.BICUBIC)
    cut = cut_around(picture.size, fmt)
    if move is None:
        planes = cover(picture, fmt, cut)
        size, draw = fmt.width / planes.y.shape[1], partial(warp, planes, fmt=fmt)
    else:
        size, draw = 0.9, partial(cover_way(picture, fmt, cut, Motion(move, 0.1)).frame, fmt=fmt)

    def shown(pixels: float) -> NDArray[np.float64]:
        """Moved by so many samples of the finest planes."""
        x, y = (0, pixels * size / fmt.height / 3) if move in {Move.RISE, Move.SINK} else (pixels, 0)
        across = size / fmt.width / (1 if move is None else 3)
        return draw(view=View(0.5 + x * across, 0.5 + y, size))[:360].astype(np.float64)

    left, middle, right = shown(-1), shown(0), shown(1)
    slope, bend = (right - left) / 2, (right - 2 * middle + left) / 2
    errors = []
    for step in range(1, 20):
        truth = step / 20 - 0.5
        moved, change = truth, shown(truth) - middle
        for _ in range(4):  # Newton's method on: change = slope * moved + bend * moved ** 2
            gain = slope + 2 * bend * moved
            moved += float((gain * (change - slope * moved - bend * moved**2)).sum() / (gain**2).sum())
        errors.append(moved - truth)
    assert float(np.std(errors)) < 0.05


@pytest.mark.parametrize("move", [Move.PAN_RIGHT, Move.PAN_LEFT, Move.RISE, Move.SINK])
@pytest.mark.parametrize("size", [(384, 216), (216, 384), (500, 300)], ids=str)
def test_a_pan_shows_what_is_there_up_to_the_picture_s_edges(
    make_picture: MakePicture, small: Format, move: Move, size: tuple[int, int]
) -> None:
    """Held against the sampling that can look at any place: to a level or two, on every pixel."""
    picture = Image.open(BytesIO(make_picture(4, size)))
    cut = cut_around(picture.size, small, (0.3, 0.6))
    for strength in (0.03, 0.2):
        motion = Motion(move, strength, cut.inside((0.3, 0.6)))
        anywhere, panned = cover(picture, small, cut), cover_way(picture, small, cut, motion)
        for at in (0.0, 0.21, 0.5, 0.83, 1.0):
            view = motion.view(at)
            difference = warp(anywhere, view, small).astype(int) - panned.frame(view, small)
            assert np.abs(difference).mean() < 0.6
            assert np.abs(difference).max() <= 4


def test_the_focus_is_found_and_kept_when_the_film_is_narrow() -> None:
    image = Image.new("RGB", (640, 360), (90, 120, 150))
    image.paste((240, 200, 40), (430, 150, 490, 210))
    target = BytesIO()
    image.save(target, "PNG")
    x, y = find_focus(target.getvalue())
    assert x == pytest.approx(460 / 640, abs=0.06)
    assert y == pytest.approx(180 / 360, abs=0.08)
    cut = cut_around(image.size, film_format("9:16"), (x, y))
    assert cut.left < 430
    assert cut.left + cut.width > 490


def test_an_empty_picture_is_looked_at_in_the_middle() -> None:
    target = BytesIO()
    Image.new("RGB", (64, 64), "navy").save(target, "PNG")
    assert find_focus(target.getvalue()) == (0.5, 0.5)
