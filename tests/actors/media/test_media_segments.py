"""Segments are looked at as they are drawn, and held against that when they are encoded."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from actors.media.encode import encode_segment
from actors.media.findings import Finding
from actors.media.formats import Format
from actors.media.motion import Motion, Move
from actors.media.render import Shot, render_clip, render_still, render_transition
from actors.media.segments import Drawn, check_segment
from actors.media.timeline import Joint, scene_shape

MakePicture = Callable[..., bytes]


def shot(make_picture: MakePicture, seed: int = 1, **more: bool) -> Shot:
    ends = {"first": True, "last": True} | more
    return Shot(make_picture(seed), scene_shape(2.6, 0.6, 24, **ends), Motion(Move.ZOOM_IN, 0.1))


def drawn_of(frames: list[NDArray[np.uint8]], fmt: Format) -> Drawn:
    drawn = Drawn(fmt)
    for frame in frames:
        drawn.see(frame)
    return drawn


def codes(findings: list[Finding]) -> list[str]:
    return [finding.code for finding in findings]


@pytest.mark.parametrize("quality", [("low", "superfast", 28), ("medium", "veryfast", 22)])
def test_a_clip_that_is_as_it_was_drawn_is_found_good(
    make_picture: MakePicture, small: Format, quality: tuple[str, str, int]
) -> None:
    fmt = Format(small.width, small.height, small.fps, *quality)
    scene, drawn = shot(make_picture), Drawn(fmt)
    data = render_clip(scene, fmt, see=drawn.see)
    assert drawn.frames == len(scene.shape.clip) > 2 * fmt.fps, "with more than one key frame"
    assert check_segment(data, fmt, drawn.frames, drawn) == []


@pytest.mark.parametrize("joint", list(Joint))
def test_a_transition_is_found_good(make_picture: MakePicture, small: Format, joint: Joint) -> None:
    shapes = (
        scene_shape(1.0, 0.6, 24, first=True, last=False, leaves=joint),
        scene_shape(1.0, 0.6, 24, first=False, last=True, arrives=joint),
    )
    before, after = (
        Shot(make_picture(n), shape, Motion(Move.PAN_LEFT, 0.1)) for n, shape in enumerate(shapes)
    )
    drawn = Drawn(small)
    data = render_transition(before, after, small, see=drawn.see)
    assert check_segment(data, small, drawn.frames, drawn) == []


@pytest.mark.slow
def test_another_picture_another_length_and_another_shape_are_found(
    make_picture: MakePicture, small: Format
) -> None:
    frames = [render_still(shot(make_picture), small, n) for n in range(30)]
    others = [render_still(shot(make_picture, seed=2), small, n) for n in range(30)]
    data, drawn = encode_segment(frames, small), drawn_of(frames, small)
    assert check_segment(data, small, 30, drawn) == []
    assert codes(check_segment(encode_segment(others, small), small, 30, drawn)) == ["not_as_drawn"]
    assert codes(check_segment(encode_segment(frames[:29], small), small, 30, drawn)) == ["wrong_length"]
    assert codes(check_segment(data, small, 31, drawn)) == ["wrong_length"]
    wide = replace(small, width=640)
    assert codes(check_segment(data, wide, 30, drawn)) == ["wrong_size"]
    assert codes(check_segment(data, replace(small, fps=30), 30, drawn)) == ["uneven_frames"]
    assert codes(check_segment(data[: len(data) // 2], small, 30, drawn))[-1] == "segment_unreadable"


def test_what_shows_nothing_is_remarked(small: Format) -> None:
    grey = [np.full((small.height * 3 // 2, small.width), 128, np.uint8)] * 48
    found = check_segment(encode_segment(grey, small), small, 48, drawn_of(grey, small))
    assert all(finding.remark for finding in found)
    assert {finding.code: finding.value for finding in found} == {
        "flat_picture": pytest.approx(2.0, abs=0.2),
        "frozen_picture": pytest.approx(2.0, abs=0.3),
    }
