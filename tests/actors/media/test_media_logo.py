"""A logo stands small in the corner of every frame, in its own colours and with its own transparency."""

from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from actors.media.captions import draw
from actors.media.errors import PictureError
from actors.media.formats import Format, film_format
from actors.media.logo import logo
from actors.media.render import render_clip, render_transition
from actors.media.timeline import Joint
from tests.actors.media.test_media_render import MakePicture, frames_of, shots


def ring(size: tuple[int, int] = (400, 400), border: int = 100) -> bytes:
    """A red ring, transparent inside and around."""
    image = Image.new("RGBA", (size[0] + 2 * border, size[1] + 2 * border))
    box = (border, border, border + size[0] - 1, border + size[1] - 1)
    ImageDraw.Draw(image).ellipse(box, outline=(220, 20, 20, 255), width=60)
    target = BytesIO()
    image.save(target, "PNG")
    return target.getvalue()


@pytest.mark.parametrize("ratio", ["16:9", "9:16", "1:1"])
@pytest.mark.parametrize("size", [(400, 400), (1200, 200), (100, 900)])
def test_it_is_small_in_its_own_shape_and_clear_of_captions(ratio: str, size: tuple[int, int]) -> None:
    fmt = film_format(ratio)
    laid = logo(ring(size), fmt)
    height, width = laid.inks[0].shape
    short = min(fmt.width, fmt.height)
    assert height <= short * 0.11 + 2
    assert width <= fmt.width * 0.26 + 2
    assert width / height == pytest.approx(size[0] / size[1], rel=0.15)
    assert fmt.width - (laid.x + width) == pytest.approx(short * 0.05, abs=3)
    assert laid.y == pytest.approx(short * 0.05, abs=3)
    captions = draw(["Two lines", "of a caption"], fmt).getchannel("A").getbbox()
    assert captions is not None
    assert laid.y + height < captions[1]


@pytest.mark.parametrize("joint", list(Joint))
def test_it_is_the_same_over_clips_and_joints(make_picture: MakePicture, small: Format, joint: Joint) -> None:
    before, after = shots(make_picture, joint=joint)
    laid = logo(ring(), small)
    for with_it, without in (
        (render_clip(before, small, logo=laid), render_clip(before, small)),
        (render_transition(before, after, small, logo=laid), render_transition(before, after, small)),
    ):
        for shown, bare in zip(frames_of(with_it), frames_of(without), strict=True):
            changed = difference(shown, bare, small)
            rows, columns = slice(laid.y, laid.y + laid.inks[0].shape[0]), slice(laid.x, None)
            ink = laid.lights[0] < 10
            assert np.abs(luma(shown, small)[rows, columns][:, : ink.shape[1]][ink] - 80).mean() < 25
            assert changed[:, : laid.x - 16].mean() < 3
            assert changed[laid.y + ink.shape[0] + 16 :].mean() < 3


def luma(frame: NDArray[np.uint8], fmt: Format) -> NDArray[np.int64]:
    return frame[: fmt.height, : fmt.width].astype(np.int64)


def difference(one: NDArray[np.uint8], other: NDArray[np.uint8], fmt: Format) -> NDArray[np.int64]:
    return np.abs(luma(one, fmt) - luma(other, fmt))


def test_one_that_nobody_would_see_is_refused() -> None:
    target = BytesIO()
    Image.new("RGBA", (200, 200)).save(target, "PNG")
    with pytest.raises(PictureError, match="transparent from edge to edge"):
        logo(target.getvalue(), film_format())
