"""How loud sound is to people (ITU-R BS.1770), and how high its true peaks are between the samples.

Both are measured piece by piece, so that a long film needs no more memory than a short one. The filters are
pyloudnorm's, whose own meter wants the whole sound as 64-bit samples; the tests hold this one to it. pydub's
dBFS is plain RMS, 2.5 dB off; it was rejected as a measure of loudness.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyloudnorm import IIRfilter
from scipy.signal import firwin, resample_poly, sosfilt

from actors.media.timeline import SAMPLE_RATE

SILENT_LUFS: Final = -70.0
"""The absolute gate of BS.1770: nothing below it is measured."""
_HOP: Final = SAMPLE_RATE // 10
_HOPS: Final = 4
"""A gating block is 0.4 s long, and the next one begins 0.1 s later."""
_RELATIVE_GATE_LU: Final = 10.0
_OVERSAMPLING: Final = 4
_BETWEEN_SAMPLES: Final = firwin(20 * _OVERSAMPLING + 1, 1 / _OVERSAMPLING, window=("kaiser", 5.0)).astype(
    np.float32
)
_STRAIGHT: Final = 1.01
_BENT: Final = 0.41
"""A true peak is at most so much of the samples around it, and so much of how they bend (their second
differences): what the coefficients sum up to of the filter beside a straight line between two samples."""
_BLOCK: Final = 512
_MARGIN: Final = 64
"""Samples on either side that say how the signal runs between two of them."""


def _weighting() -> NDArray[np.float64]:
    """The K weighting as second-order sections: a shelf for the head, then the low end taken off."""
    stages = (
        IIRfilter(4.0, 1 / np.sqrt(2), 1500.0, SAMPLE_RATE, "high_shelf"),
        IIRfilter(0.0, 0.5, 38.0, SAMPLE_RATE, "high_pass"),
    )
    return np.array([[*stage.b, *stage.a] for stage in stages])


_WEIGHTING: Final = _weighting()


class Meter:
    """Integrated loudness of sound at 48 kHz that comes in pieces of (n, channels)."""

    def __init__(self) -> None:
        self._state: NDArray[np.float64] | None = None
        self._hops: list[NDArray[np.float64]] = []
        self._rest: NDArray[np.float64] | None = None
        self._length = 0

    def add(self, piece: NDArray[np.float32]) -> None:
        # By channels, of each of which the filter makes one run: along the other axis it is a third slower.
        wave = piece.reshape(len(piece), -1).T
        if self._state is None:
            self._state = np.zeros((len(_WEIGHTING), len(wave), 2))
        weighted, self._state = sosfilt(_WEIGHTING, wave, axis=1, zi=self._state)
        rest = np.zeros((len(wave), 0)) if self._rest is None else self._rest
        power = np.empty((len(wave), rest.shape[1] + len(piece)))
        power[:, : rest.shape[1]] = rest
        np.square(weighted, out=power[:, rest.shape[1] :])
        whole = power.shape[1] // _HOP * _HOP
        self._hops.append(power[:, :whole].reshape(len(power), -1, _HOP).sum(axis=2))
        self._rest = power[:, whole:]
        self._length += len(piece)

    def lufs(self, gains: Sequence[float] | NDArray[np.float64] = (1.0, 1.0)) -> float:
        """At least -70; ``gains`` are those with which the channels would be heard."""
        if self._rest is None or self._length <= _HOPS * _HOP:
            return SILENT_LUFS
        hops = np.concatenate((*self._hops, self._rest.sum(axis=1, keepdims=True)), axis=1)
        hops *= np.square(gains[: len(hops)])[:, None]
        count = round((self._length / SAMPLE_RATE - 0.4) / 0.1) + 1
        hops = np.pad(hops, ((0, 0), (0, max(0, count + _HOPS - 1 - hops.shape[1]))))
        summed = hops.sum(axis=0)
        blocks = np.lib.stride_tricks.sliding_window_view(summed, _HOPS)[:count].sum(axis=1) / (_HOPS * _HOP)
        heard = blocks[_lufs(blocks) >= SILENT_LUFS]
        if not len(heard):
            return SILENT_LUFS
        loud = heard[_lufs(heard) > _lufs(heard.mean()) - _RELATIVE_GATE_LU]
        return max(SILENT_LUFS, float(_lufs(loud.mean())))


def _lufs(power: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(-0.691 + 10 * np.log10(np.maximum(power, 1e-12)))


def integrated_lufs(samples: NDArray[np.float32]) -> float:
    """Integrated loudness of (n,) or (n, 2) samples at 48 kHz, at least -70."""
    shortest = _HOPS * _HOP + 1
    if not len(samples) or not np.any(samples):
        return SILENT_LUFS
    if len(samples) < shortest:  # too short for one gating block: as loud as if it went on
        samples = np.resize(samples, (shortest, *samples.shape[1:]))
    meter = Meter()
    meter.add(samples)
    return meter.lufs()


class PeakMeter:
    """For each sample of what comes in pieces the highest true peak around it, over all channels.

    A peak between two samples depends on those around them, so the last few wait for the next piece.
    """

    def __init__(self) -> None:
        self._before: NDArray[np.float32] | None = None
        self._known = 0  # of the samples kept from before, how many have had their answer

    def add(self, piece: NDArray[np.float32], above: float = 0.0) -> NDArray[np.float32]:
        """The peaks of all samples that are followed by enough others, which were not given yet.

        Those that cannot be ``above`` are told as 0.
        """
        return self._next(piece.reshape(len(piece), -1), _MARGIN, above)

    def rest(self, above: float = 0.0) -> NDArray[np.float32]:
        """Those of the last samples, after which nothing comes."""
        if self._before is None:
            return np.zeros(0, np.float32)
        return self._next(self._before[:0], 0, above)

    def _next(self, piece: NDArray[np.float32], margin: int, above: float) -> NDArray[np.float32]:
        wave = piece if self._before is None else np.concatenate((self._before, piece))
        until = max(self._known, len(wave) - margin)
        peaks = true_peaks(wave, above)[self._known : until]
        kept = max(0, until - _MARGIN)
        self._before, self._known = wave[kept:], until - kept
        return peaks


def true_peak_dbtp(samples: NDArray[np.float32]) -> float:
    """The highest peak of the continuous signal, in dB of full scale, by fourfold oversampling."""
    return decibels(float(true_peaks(samples).max(initial=0.0)))


def true_peaks(samples: NDArray[np.float32], above: float = 0.0) -> NDArray[np.float32]:
    """For each sample the highest true peak around it, over all channels; 0 where none can be ``above``."""
    wave = samples.reshape(len(samples), -1)
    peaks = np.zeros(len(wave), np.float32)
    for start, stop in _loud_stretches(wave, above):
        low = max(0, start - _MARGIN)
        peaks[start:stop] = _peaks(wave[low : stop + _MARGIN])[start - low : stop - low]
    return peaks


def _loud_stretches(wave: NDArray[np.float32], above: float) -> Iterator[tuple[int, int]]:
    """Where samples, or their neighbours, are so high that a true peak may be above."""
    if not above:
        yield 0, len(wave)
        return
    blocks = np.arange(0, len(wave), _BLOCK)
    high = np.zeros(len(blocks) + 2, np.bool_)
    for channel in wave.T:
        alone = np.pad(channel, 2)
        level, bend = (_around(np.abs(part), blocks) for part in (channel, np.diff(alone, 2)))
        high[1:-1] |= _STRAIGHT * level + _BENT * bend > above
    for first, end in np.flatnonzero(high[1:] != high[:-1]).reshape(-1, 2):
        yield int(first) * _BLOCK, min(len(wave), int(end) * _BLOCK)


def _around(level: NDArray[np.float32], blocks: NDArray[np.intp]) -> NDArray[np.float32]:
    """The highest of each block and of both beside it."""
    if not len(blocks):
        return np.zeros(0, np.float32)
    highest = np.pad(np.maximum.reduceat(level, blocks), 1)
    return np.asarray(np.maximum(np.maximum(highest[:-2], highest[1:-1]), highest[2:]), np.float32)


def decibels(amplitude: float) -> float:
    return float(20 * np.log10(max(amplitude, 1e-6)))


def _peaks(wave: NDArray[np.float32]) -> NDArray[np.float32]:
    if not len(wave):
        return np.zeros(0, np.float32)
    highest = np.zeros(len(wave), np.float32)
    for channel in wave.T:
        dense = resample_poly(np.ascontiguousarray(channel), _OVERSAMPLING, 1, window=_BETWEEN_SAMPLES)
        np.abs(dense, out=dense)
        for phase in range(_OVERSAMPLING):
            np.maximum(highest, dense[phase::_OVERSAMPLING], out=highest)
    return highest
