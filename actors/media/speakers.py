"""Several speeches become one: each as loud as the others, without clicks, with a pause between two of them.

Answers of several calls are not equally loud, and a voice that is softer sounds as if its speaker had stepped
back. All are brought to the same loudness (ITU-R BS.1770) by one gain each; where one would clip, all are
softer.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from actors.media.speech import Speech

_HIGHEST: Final = 0.89
"""-1 dBFS: what follows may raise peaks between the samples."""
_FADE_S: Final = 0.008

Wave = NDArray[np.int16]


def joined(
    parts: Sequence[tuple[Wave, Speech]], rate: int, pause_s: float
) -> tuple[Wave, list[tuple[float, float]]]:
    """One after the other, and when each is heard, as (start, end) in seconds.

    Each is given as it came, at ``rate``, and as it was heard: silence at its ends is cut off.
    """
    spoken = [_without_ends(wave, heard, rate) for wave, heard in parts]
    peaks = [max(1, int(np.abs(wave.astype(np.int32)).max(initial=1))) / 32_768 for wave in spoken]
    loudness = [heard.lufs for _, heard in parts]
    # As loud as they are in the mean, but no louder than the one with the least room can be.
    room = [loud + 20 * np.log10(_HIGHEST / peak) for loud, peak in zip(loudness, peaks, strict=True)]
    target = min(float(np.mean(loudness)), *room)
    silence = np.zeros(round(pause_s * rate), np.int16)
    found: list[Wave] = []
    spans: list[tuple[float, float]] = []
    at = 0
    for number, (wave, loud) in enumerate(zip(spoken, loudness, strict=True)):
        if number:
            found.append(silence)
            at += len(silence)
        found.append(_levelled(wave, 10 ** ((target - loud) / 20), rate))
        spans.append((at / rate, (at + len(wave)) / rate))
        at += len(wave)
    return np.concatenate(found), spans


def _without_ends(wave: Wave, heard: Speech, rate: int) -> Wave:
    start = round(heard.leading_s * rate)
    return wave[start : start + round(heard.duration_s * rate)]


def _levelled(wave: Wave, gain: float, rate: int) -> Wave:
    loud = wave.astype(np.float64) * gain
    edge = min(round(_FADE_S * rate), len(loud) // 2)
    if edge:
        ramp = np.linspace(0, 1, edge, endpoint=False)
        loud[:edge] *= ramp
        loud[-edge:] *= ramp[::-1]
    return np.clip(np.round(loud), -32_768, 32_767).astype(np.int16)
