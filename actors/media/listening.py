"""What is heard of a film's sound: how loud it is, its highest peak, and where nothing is heard.

It is listened to piece by piece, as it comes from a decoder.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from actors.media.findings import Finding
from actors.media.loudness import SILENT_LUFS, Meter, PeakMeter, decibels
from actors.media.tape import Samples
from actors.media.timeline import SAMPLE_RATE

TARGET_LUFS: Final = -14.0
LOUDNESS_TOLERANCE: Final = 1.0
HIGHEST_DBTP: Final = -1.0
LONGEST_SILENCE_S: Final = 2.0
_SILENT_DBFS: Final = -60.0
_HOP_S: Final = 0.05
_HOP: Final = round(_HOP_S * SAMPLE_RATE)


class Listener:
    """``add`` the decoded sound in order, then ask."""

    def __init__(self) -> None:
        self._meter = Meter()
        self._peaks = PeakMeter()
        self._peak, self._peak_at = 0.0, 0
        self._heard = 0
        self._power: list[Samples] = []
        self._rest: Samples | None = None

    def add(self, piece: Samples) -> None:
        self._meter.add(piece)
        self._see(self._peaks.add(piece, self._peak))
        power = sum(np.square(channel) for channel in piece.T) / np.float32(piece.shape[1])
        power = power if self._rest is None else np.concatenate((self._rest, power))
        whole = len(power) // _HOP * _HOP
        self._power.append(power[:whole].reshape(-1, _HOP).mean(axis=1))
        self._rest = power[whole:]

    def _see(self, peaks: Samples) -> None:
        highest = float(peaks.max(initial=0.0))
        if highest > self._peak:
            self._peak, self._peak_at = highest, self._heard + int(peaks.argmax())
        self._heard += len(peaks)

    def end(self) -> None:
        """Nothing comes any more."""
        self._see(self._peaks.rest(self._peak))

    @property
    def lufs(self) -> float:
        return self._meter.lufs()

    @property
    def true_peak_dbtp(self) -> float:
        return decibels(self._peak)

    def findings(
        self, measured: dict[str, Any], narrated: Sequence[tuple[float, float]] = ()
    ) -> Iterator[Finding]:
        """What is wrong with it, or remarkable; somebody speaks in each (start, end) of ``narrated``."""
        loudness, peak = self.lufs, self.true_peak_dbtp
        measured["lufs"], measured["true_peak_dbtp"] = round(loudness, 2), round(peak, 2)
        if loudness <= SILENT_LUFS:
            yield Finding("sound_silent", "Nothing can be heard", value=loudness)
            return
        if abs(loudness - TARGET_LUFS) > LOUDNESS_TOLERANCE:
            # A few sharp sounds cannot be as loud as speech without peaks that are cut off.
            quiet = loudness < TARGET_LUFS
            message = f"The sound is not at {TARGET_LUFS:.0f} LUFS"
            yield Finding("wrong_loudness", message, value=loudness, remark=quiet)
        if peak > HIGHEST_DBTP:
            at = self._peak_at / SAMPLE_RATE
            yield Finding("too_high_peak", f"A true peak is above {HIGHEST_DBTP:.0f} dBTP", at, peak)
        for start, end in narrated:
            for at, length in self._silences(start, end):
                message = f"Nothing is heard for {length:.1f} s while the narration runs"
                yield Finding("silence", message, round(at, 3), round(length, 3), remark=True)

    def _silences(self, start_s: float, end_s: float) -> Iterator[tuple[float, float]]:
        first, last = round(start_s / _HOP_S), int(end_s / _HOP_S)
        level = 10 * np.log10(np.concatenate([*self._power, np.zeros(0, np.float32)])[first:last] + 1e-12)
        quiet = np.concatenate(([False], level < _SILENT_DBFS, [False]))
        for begin, end in np.flatnonzero(quiet[1:] != quiet[:-1]).reshape(-1, 2) * _HOP_S:
            if end - begin > LONGEST_SILENCE_S:
                yield start_s + float(begin), float(end - begin)
