"""Pictures and sounds that the tests make themselves: small, short, and different from each other."""

from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from actors.media import speech
from actors.media.formats import Format
from actors.media.timeline import SAMPLE_RATE
from domain.script import MusicPlan
from tests.sounds import to_wav

MakePicture = Callable[..., bytes]
MakeSpeech = Callable[..., bytes]


@pytest.fixture(scope="session")
def small() -> Format:
    """A format that encodes quickly: 320x180 at 24 frames a second."""
    return Format(320, 180, 24, "medium", "veryfast", 23)


@pytest.fixture(scope="session")
def make_picture() -> MakePicture:
    def make(seed: int = 1, size: tuple[int, int] = (384, 216), kind: str = "PNG") -> bytes:
        rng = np.random.default_rng(seed)
        coarse = Image.fromarray(rng.integers(40, 215, (9, 16, 3), dtype=np.uint8))
        picture = coarse.resize(size, Image.Resampling.BICUBIC)
        target = BytesIO()
        picture.save(target, kind)
        return target.getvalue()

    return make


def burst(seconds: float, seed: int = 1) -> NDArray[np.float32]:
    """A sound like a spoken phrase: a buzz with syllables, never quiet for long."""
    t = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    pitch = 120 + 12 * np.sin(2 * np.pi * 0.9 * t + seed)
    phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
    voice = sum(np.sin(n * phase) / n for n in range(1, 12))
    syllables = 0.65 + 0.35 * np.sin(2 * np.pi * 4.3 * t)
    return (0.12 * voice * syllables).astype(np.float32)


def silence(seconds: float) -> NDArray[np.float32]:
    return np.zeros(round(seconds * SAMPLE_RATE), np.float32)


@pytest.fixture(scope="session")
def make_speech() -> MakeSpeech:
    """WAV of phrases of the given lengths with pauses of 0.4 s between them."""

    def make(*phrases: float, pause: float = 0.4, lead: float = 0.0, tail: float = 0.0) -> bytes:
        pieces = [silence(lead)]
        for number, phrase in enumerate(phrases):
            pieces += [silence(pause)] if number else []
            pieces.append(burst(phrase, number))
        return to_wav(np.concatenate([*pieces, silence(tail)]))

    return make


@pytest.fixture
def spoken(make_speech: MakeSpeech) -> speech.Speech:
    """About two seconds of speech with one pause."""
    return speech.load(make_speech(1.0, 0.7))


@pytest.fixture
def plan() -> MusicPlan:
    return MusicPlan.model_validate(
        {
            "mood": "warm",
            "tempo_bpm": 90,
            "key": "C major",
            "instruments": ["pad", "piano", "bass", "drums"],
            "sections": [
                {"name": "intro", "bars": 2, "chords": ["Cadd9", "Am7"], "intensity": 0.2},
                {"name": "climax", "bars": 4, "chords": ["F", "G/B", "Em7", "Am"], "intensity": 0.9},
                {"name": "ending", "bars": 2, "chords": ["Fmaj7", "C"], "intensity": 0.3},
            ],
        }
    )
