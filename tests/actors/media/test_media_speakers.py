"""Several speeches in one, by numbers: equally loud, without clicks, with pauses that people make."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from actors.emulator import speech as espeak
from actors.gemini.speech import Sound, to_wav
from actors.media import speech
from actors.media.speakers import joined
from actors.media.speech import Speech

LINES = [
    ("I am tired.", "Algenib", -14.0),
    ("Then sleep, and let me watch.", "Leda", 0.0),
    ("No.", "Puck", -6.0),
]
PAUSE_S = 0.2

Wave = NDArray[np.int16]


def given(words: str, voice: str, decibels: float) -> tuple[Wave, Speech]:
    wave = np.round(espeak.speak(words, voice) * 10 ** (decibels / 20)).astype(np.int16)
    return wave, speech.load(to_wav(Sound(wave, espeak.RATE)), "audio/wav")


@pytest.fixture(scope="module")
def parts() -> list[tuple[Wave, Speech]]:
    return [given(*line) for line in LINES]


def test_speakers_are_equally_loud_whatever_they_came_as(parts: list[tuple[Wave, Speech]]) -> None:
    came = [heard.lufs for _, heard in parts]
    wave, spans = joined(parts, espeak.RATE, PAUSE_S)
    heard = [
        speech.load(
            to_wav(Sound(wave[round(a * espeak.RATE) : round(b * espeak.RATE)], espeak.RATE)), "audio/wav"
        )
        for a, b in spans
    ]
    loud = [each.lufs for each in heard]
    assert max(came) - min(came) > 5
    assert max(loud) - min(loud) < 0.5
    assert int(np.abs(wave.astype(np.int32)).max()) < 0.9 * 32_768, "nothing clips"


def test_no_join_clicks_and_pauses_are_those_of_a_conversation(parts: list[tuple[Wave, Speech]]) -> None:
    wave, spans = joined(parts, espeak.RATE, PAUSE_S)
    loudest = int(np.abs(wave.astype(np.int32)).max())
    for (_, before), (after, _) in pairwise(spans):
        for moment in (before, after):
            at = round(moment * espeak.RATE)
            jumps = np.abs(np.diff(wave[at - 24 : at + 24].astype(np.int32)))
            assert jumps.max() < loudest / 100
    pauses = [
        b - a for a, b in speech.find_silences(speech.decode(to_wav(Sound(wave, espeak.RATE)), "audio/wav"))
    ]
    assert sum(0.2 <= pause <= 0.5 for pause in pauses) >= len(LINES) - 1
    assert max(pauses) <= 0.5


def test_a_cut_inside_a_loud_wave_does_not_click() -> None:
    rate = espeak.RATE
    tone = (12_000 * np.sin(np.arange(rate) * 2 * np.pi * 140 / rate + 1)).astype(np.int16)
    loud = Speech(np.ones(48_000, np.float32), 0.0, 0.0)
    wave, _ = joined([(tone, loud), (tone, loud)], rate, PAUSE_S)
    steps = np.abs(np.diff(wave.astype(np.int32)))
    assert steps.max() <= 1.05 * np.abs(np.diff(tone.astype(np.int32))).max()
