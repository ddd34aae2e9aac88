"""A clip or a picture of one's own after the last scene: seen whole, heard with its own sound."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from actors.files import formats, recordings
from actors.media.formats import Format
from actors.media.outro import PICTURE_S, ending, last_frame, open_outro, read_sound, render_outro
from actors.media.planes import black_frame
from actors.media.render import render_clip
from actors.media.tape import Tape
from actors.media.timeline import SAMPLE_RATE
from tests.actors.files.material import clip
from tests.actors.media.test_media_render import MakePicture, frames_of, shots


def kept(path: Path, *, seconds: float = 1.0, sound: bool = False) -> Path:
    """A clip as it was sent and kept."""
    target = path.with_suffix(".kept")
    recordings.clean(clip(path, seconds=seconds, sound=sound), target, formats.MP4)
    return target


def test_a_clip_is_seen_to_its_end_and_comes_in_over_the_last_frame(tmp_path: Path, small: Format) -> None:
    outro = open_outro(kept(tmp_path / "a.mp4", seconds=2), small.fps)
    assert (outro.is_picture, outro.has_sound) == (False, False)
    assert abs(outro.frames - 2 * small.fps) <= 1
    seen = frames_of(render_outro(outro, black_frame(small), small, threads=1))
    assert len(seen) == outro.frames
    light = [float(frame[: small.height].mean()) for frame in seen]
    dissolve = small.fps // 2
    assert light[0] < 20
    assert all(later >= earlier - 1 for earlier, later in pairwise(light[: dissolve + 1]))
    assert np.ptp(light[dissolve + 1 :]) < 3, "then it is seen alone"


@pytest.mark.parametrize("size", [(640, 360), (400, 400), (200, 800)])
def test_a_picture_is_seen_whole_whatever_its_shape(
    tmp_path: Path, small: Format, size: tuple[int, int]
) -> None:
    path = tmp_path / "a.png"
    picture = Image.new("RGB", size, (40, 40, 40))
    for x in (0, size[0] - 40):
        for y in (0, size[1] - 40):
            picture.paste("white", (x, y, x + 40, y + 40))  # in each corner
    picture.save(path)
    outro = open_outro(path, small.fps)
    assert outro.frames == PICTURE_S * small.fps
    *_, last = frames_of(render_outro(outro, black_frame(small), small, threads=1))
    luma = last[: small.height, : small.width].astype(int)
    scale = min(small.width / size[0], small.height / size[1])
    width, height = round(size[0] * scale), round(size[1] * scale)
    left, top = (small.width - width) // 2, (small.height - height) // 2
    inside = luma[top : top + height, left : left + width]
    at = max(2, round(20 * scale))
    for y in (at, height - at):
        for x in (at, width - at):
            assert inside[y, x] > 200, (x, y)


@pytest.mark.parametrize(("ink", "ground"), [((250, 250, 250), 16), ((10, 10, 10), 235)])
def test_a_transparent_sign_stands_on_a_ground_that_shows_it(
    tmp_path: Path, small: Format, ink: tuple[int, int, int], ground: int
) -> None:
    path = tmp_path / "a.png"
    picture = Image.new("RGBA", (320, 180))
    picture.paste((*ink, 255), (100, 50, 220, 130))
    picture.save(path)
    outro = open_outro(path, small.fps)
    *_, last = frames_of(render_outro(outro, black_frame(small), small, threads=1))
    assert abs(int(last[4, 4]) - ground) < 6
    assert abs(int(last[small.height // 2, small.width // 2]) - ground) > 150


def test_what_dissolves_is_the_last_frame_of_the_last_segment(
    make_picture: MakePicture, small: Format, tmp_path: Path
) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(render_clip(shots(make_picture)[0], small))
    found, *_, expected = last_frame(path), *frames_of(path.read_bytes())
    height = small.height
    assert np.abs(found[:height].astype(int) - expected[:height, : small.width]).max() <= 1


def test_its_own_sound_is_as_loud_as_a_voice_and_does_not_click(tmp_path: Path) -> None:
    outro = open_outro(kept(tmp_path / "a.mp4", seconds=2, sound=True), 25)
    assert outro.has_sound
    tape = Tape(tmp_path / "tape", 2)
    read_sound(outro, tape)
    samples = outro.samples(25)
    wave = np.concatenate(list(ending(tape, samples)))
    tape.close()
    assert len(wave) == samples
    assert abs(wave[0]).max() == 0
    assert abs(wave[-1]).max() < 0.01
    assert 0.1 < np.sqrt((wave[SAMPLE_RATE // 2 : SAMPLE_RATE] ** 2).mean()) < 0.3
