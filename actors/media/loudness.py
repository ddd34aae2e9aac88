"""How loud sound is to people (ITU-R BS.1770), and how high its true peaks are between the samples.

pydub's dBFS is plain RMS, 2.5 dB off; it was rejected as a measure of loudness.
"""

from typing import Final

import numpy as np
import pyloudnorm
from numpy.typing import NDArray
from scipy.signal import resample_poly

from actors.media.timeline import SAMPLE_RATE

SILENT_LUFS: Final = -70.0
"""The absolute gate of BS.1770: nothing below it is measured."""
_BLOCK_S: Final = 0.4
_OVERSAMPLING: Final = 4
_CHUNK: Final = 1 << 20


def integrated_lufs(samples: NDArray[np.float32]) -> float:
    """Integrated loudness of (n,) or (n, 2) samples at 48 kHz, at least -70."""
    shortest = round(_BLOCK_S * SAMPLE_RATE) + 1
    if not len(samples) or not np.any(samples):
        return SILENT_LUFS
    if len(samples) < shortest:  # too short for one gating block: as loud as if it went on
        samples = np.resize(samples, (shortest, *samples.shape[1:]))
    measured = float(pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(samples.astype(np.float64)))
    return max(SILENT_LUFS, measured) if np.isfinite(measured) else SILENT_LUFS


def true_peak_dbtp(samples: NDArray[np.float32]) -> float:
    """The highest peak of the continuous signal, in dB of full scale, by fourfold oversampling."""
    return float(20 * np.log10(max(true_peaks(samples).max(initial=0.0), 1e-6)))


def true_peaks(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """For each sample the highest true peak around it, over all channels; worked in chunks."""
    if not len(samples):
        return np.zeros(0, np.float32)
    wave = samples.reshape(len(samples), -1)
    peaks = np.zeros(len(wave), np.float32)
    margin = 64
    for start in range(0, len(wave), _CHUNK):
        low, high = max(0, start - margin), min(len(wave), start + _CHUNK + margin)
        dense = np.abs(resample_poly(wave[low:high], _OVERSAMPLING, 1, axis=0)).max(axis=1)
        local = dense.reshape(-1, _OVERSAMPLING).max(axis=1)
        end = min(start + _CHUNK, len(wave))
        peaks[start:end] = local[start - low : end - low]
    return peaks
