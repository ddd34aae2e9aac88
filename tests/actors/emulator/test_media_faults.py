"""What real image and speech models do to a good answer: lettering, borders, copies, a lost sentence."""

import base64
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.actors.emulator.calling import IMAGE, SPEECH, Caller, bytes_of, pcm_of

pytestmark = pytest.mark.slow


def picture_of(answer: dict[str, Any]) -> Image.Image:
    return Image.open(io.BytesIO(bytes_of(answer)[1])).convert("RGB")


@pytest.mark.parametrize("fault", ["lettering", "border"])
def test_lettering_and_borders_are_drawn_over_the_picture_asked_for(emulator: Caller, fault: str) -> None:
    plain = picture_of(emulator.post(IMAGE).json())
    emulator.set_faults({"fault": fault})
    spoilt = picture_of(emulator.post(IMAGE).json())
    assert spoilt.size == plain.size
    corner = spoilt.getpixel((2, 2))
    assert isinstance(corner, tuple)
    assert (min(corner) > 240) == (fault == "border")
    changed = np.any(np.abs(np.asarray(spoilt, np.int16) - np.asarray(plain, np.int16)) > 60, axis=2)
    assert 0.001 < changed.mean() < 0.5


def test_a_reference_is_copied_in_the_shape_asked_for(emulator: Caller) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (64, 64), (200, 30, 30)).save(stream, "PNG")
    sent = {"inlineData": {"mimeType": "image/png", "data": base64.b64encode(stream.getvalue()).decode()}}
    body = {
        "contents": [{"role": "user", "parts": [{"text": "The sea."}, sent]}],
        "generationConfig": {"imageConfig": {"aspectRatio": "16:9"}},
    }
    plain = picture_of(emulator.post(IMAGE, body=body).json())
    emulator.set_faults({"fault": "copied_reference"})
    copied = picture_of(emulator.post(IMAGE, body=body).json())
    assert copied.size == plain.size
    red = np.asarray(copied)[-50:].mean(axis=(0, 1))
    assert red == pytest.approx([200, 30, 30], abs=6)
    assert np.asarray(plain)[-50:].mean(axis=(0, 1)) != pytest.approx([200, 30, 30], abs=6)


def test_a_swallowed_sentence_is_one_of_several_and_never_the_only_one(emulator: Caller) -> None:
    one, three = "The sea is calm.", "The sea is calm. A very long storm comes over the hills. We go home."
    whole = [len(pcm_of(emulator.post(SPEECH, text).json())) for text in (one, three)]
    emulator.set_faults({"fault": "swallowed_sentence", "times": "always"})
    swallowed = [len(pcm_of(emulator.post(SPEECH, text).json())) for text in (one, three)]
    assert swallowed[0] == pytest.approx(whole[0], rel=0.01)
    assert 0.3 < swallowed[1] / whole[1] < 0.8
