"""A song fitted to a film: as long as that to the sample, with its own beginning and, if it can be, ending.

What is too long skips a part, what is too short plays a part again: both are a *join*, where the song goes on
at another of its places. Where, the song itself tells: of all pairs of places whose distance makes the length
right, the pair is taken around which the song is most like itself, beat, notes and loudness together; then
both are brought into phase by the wave. So a join lies on the beat without anybody counting bars. The two are
faded into each other with a gain that holds the loudness for just how alike they are.

Only a song that is nowhere like itself is cut instead, with a long fade; and one that is too short for a part
to be chosen from it is played again whole. Rejected: stretching time (heard in drums and voices from 3 % on),
a loop of the whole where there is a choice (its ending and beginning in the middle of the film), and joining
at counted bars alone (a tempo that is off by 1 % is off by a beat after half a minute).
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.signal import correlate

from actors.media.song import FRAMES_A_SECOND, Features, features
from actors.media.tape import Samples, Sound
from actors.media.timeline import SAMPLE_RATE

CROSSFADE_S: Final = 0.4
UNLIKE_CROSSFADE_S: Final = 2.0
"""Where a song is not much like itself anywhere: slow enough to be heard as a change and not as a cut."""
LIKE: Final = 0.45
"""From here on two places are taken for the same music: any two are at 0, equal ones at 1, and the most alike
of all pairs of sounds that were put together at random at 0.42."""
FADE_S: Final = 4.0
"""Of a song that is cut before its end."""
SLACK_BEATS: Final = 4
"""By so much a song may be longer than the film at its end, so that a join can lie on the beat."""
_SLACK_S: Final = (1.5, 4.0)
_AROUND_S: Final = 2.0
"""So much of the song is compared, before and after a join."""
_OPENING, _ENDING = 0.06, 0.12
"""The shares of a song at its ends that are heard once, and as they are."""
_REPEATED: Final = 0.85
"""The most of what lies between them that is played again at a time: the rest is room to choose in."""
_SHORTEST_S: Final = 1.0
"""Of what is played again or left out: less is no join but a stutter."""
_LEAST_ROOM_S: Final = 4.0
"""Between a song's ends, for a part of it to be played again."""
MOST_TOLD: Final = 50
"""Joins in the facts of an asset."""
_STEP: Final = 2
"""Hundredths of a second from one distance that is tried to the next: the phase is found afterwards."""
_PHASE_S: Final = 0.012
_EDGE_S: Final = 0.01
_LEAST_S: Final = 0.05


@dataclass(frozen=True)
class Join:
    """The song, come to ``leaves``, goes on at ``enters``: both in samples of the song."""

    leaves: int
    enters: int
    like: float
    """How like itself the song is at the two places."""
    crossfade: int
    """Samples, half of them on either side."""
    correlation: float = 0.0
    """Of the two waves where they are faded into each other."""


@dataclass(frozen=True)
class Fit:
    """How a song is played so that it lasts as long as a film."""

    start: int
    """The first sample that is heard."""
    samples: int
    """How long it is played."""
    joins: tuple[Join, ...] = ()
    fade: int = 0
    """Samples over which it is faded out at the end."""

    def to_dict(self) -> dict[str, Any]:
        """As facts of an asset, in seconds of the film."""
        at, told, place = 0, [], self.start
        for join in self.joins:
            at += join.leaves - place
            place = join.enters
            told.append(
                {
                    "at_s": _seconds(at),
                    "leaves_s": _seconds(join.leaves),
                    "enters_s": _seconds(join.enters),
                    "like": round(join.like, 3),
                    "crossfade_s": _seconds(join.crossfade),
                }
            )
        more = len(told) - MOST_TOLD
        return {
            "duration_s": _seconds(self.samples),
            "starts_s": _seconds(self.start),
            "joins": told[:MOST_TOLD],
            **({"more_joins": more} if more > 0 else {}),
            "fade_s": _seconds(self.fade),
        }


def fit(song: Sound, sounding: tuple[float, float], tempo_bpm: float | None, samples: int) -> Fit:
    """How ``song`` is to be played for exactly so many samples.

    ``sounding`` is from where to where it is heard, in seconds, as it was measured, and so is the tempo.
    """
    start, end = (round(at * SAMPLE_RATE) for at in sounding)
    start = max(0, start - round(_EDGE_S * SAMPLE_RATE))
    needed = samples - (end - start)
    slack = _slack(tempo_bpm)
    joins = () if -slack <= needed <= 0 else _joins(song, (start, end), needed, slack)
    played = end - start + sum(join.leaves - join.enters for join in joins)
    return Fit(start, samples, joins, _fade(samples, played - samples))


def _fade(samples: int, left_over: int) -> int:
    """How long the end is faded, where so much of the song would still follow; its own ending needs none."""
    if left_over <= _LEAST_S * SAMPLE_RATE:
        return min(samples, round(_EDGE_S * SAMPLE_RATE))
    wanted = max(1.0, min(FADE_S, 1.5 * left_over / SAMPLE_RATE))
    return min(round(wanted * SAMPLE_RATE), samples // 3)


def _joins(song: Sound, ends: tuple[int, int], needed: int, slack: int) -> tuple[Join, ...]:
    """Those by which it becomes ``needed`` samples longer, or (less than 0) shorter, and hardly more."""
    start, end = ends
    around, shortest = round(_AROUND_S * SAMPLE_RATE), round(_SHORTEST_S * SAMPLE_RATE)
    first = start + max(around, round(_OPENING * (end - start)))
    last = end - max(around, round(_ENDING * (end - start)))
    room = last - first
    if needed <= 0:
        most = min(needed + slack, -shortest)
        join = _best(song, (first, last), (needed, most)) if room > -needed else None
        return (join,) if join is not None and join.like >= LIKE else ()
    if room < round(_LEAST_ROOM_S * SAMPLE_RATE):
        return _whole(ends, needed)
    times = -(-needed // round(_REPEATED * room))
    each = max(-(-needed // times), shortest)
    join = _best(song, (first, last), (each, min(room, each + max(1, slack // times))))
    return (join,) * times if join is not None else _whole(ends, needed)


def _whole(ends: tuple[int, int], needed: int) -> tuple[Join, ...]:
    """All of it again, its ending faded into its beginning; a sound of less than a second is no song."""
    start, end = ends
    if end - start < round(_SHORTEST_S * SAMPLE_RATE):
        return ()
    half = min(round(UNLIKE_CROSSFADE_S * SAMPLE_RATE / 2), (end - start) // 8)
    join = Join(end - half, start + half, 0.0, 2 * half)
    return (join,) * -(-needed // (join.leaves - join.enters))


def _slack(tempo_bpm: float | None) -> int:
    low, high = _SLACK_S
    seconds = SLACK_BEATS * 60 / tempo_bpm if tempo_bpm else low
    return round(min(high, max(low, seconds)) * SAMPLE_RATE)


def _best(song: Sound, within: tuple[int, int], lengths: tuple[int, int]) -> Join | None:
    """The join, within these places of the song, that adds so much (or takes away, less than 0)."""
    hop = SAMPLE_RATE // FRAMES_A_SECOND
    first, last = (at // hop for at in within)
    heard = _comparable(features(song))[: last + round(_AROUND_S * FRAMES_A_SECOND)]
    width = 2 * round(_AROUND_S * FRAMES_A_SECOND)
    found: tuple[float, int, int] | None = None
    for lag in range(-(-lengths[0] // hop), lengths[1] // hop + 1, _STEP):
        early, late = (heard[: len(heard) - abs(lag)], heard[abs(lag) :])
        apart = np.square(early - late).sum(axis=1)
        summed = np.cumsum(np.concatenate(([0.0], apart)))
        # Of each pair of places (early, early + lag), over what is heard before and after.
        centres = np.arange(max(first, width // 2), min(last - abs(lag), len(early) - width // 2))
        if not len(centres):
            continue
        mean = (summed[centres + width // 2] - summed[centres - width // 2]) / width
        place = int(centres[np.argmin(mean)])
        if found is None or float(mean.min()) < found[0]:
            found = float(mean.min()), place, lag
    if found is None:
        return None
    apart_by, place, lag = found
    leaves, enters = (place + lag, place) if lag > 0 else (place, place - lag)
    return _in_phase(song, leaves * hop, enters * hop, 1 - apart_by / 2, lengths)


def _comparable(heard: Features) -> Features:
    """Rows whose distances tell how like two moments are: 0 for equals, 2 in the mean for any two."""
    # Where notes begin counts as much as what sounds: a join off the beat is heard first of all.
    rises = np.maximum(0.0, np.diff(heard, axis=0, prepend=heard[:1])) if len(heard) else heard
    both = []
    for part in (heard, rises):
        spread = part.std(axis=0)
        both.append((part - part.mean(axis=0)) / np.where(spread > 1e-6, spread, 1.0))
    rows = np.concatenate(both, axis=1)
    return np.asarray(rows / np.sqrt(max(1e-9, float(np.square(rows).sum(axis=1).mean()))), np.float32)


def _in_phase(song: Sound, leaves: int, enters: int, like: float, lengths: tuple[int, int]) -> Join:
    """The same join to the sample: moved by a few milliseconds to where both waves agree."""
    near = round(_PHASE_S * SAMPLE_RATE)
    half = round((CROSSFADE_S if like >= LIKE else UNLIKE_CROSSFADE_S) * SAMPLE_RATE / 2)
    one = song.read(leaves - half, leaves + half).mean(axis=1)
    other = song.read(enters - half - near, enters + half + near).mean(axis=1)
    alike = correlate(other, one, "valid", "fft")
    for shift in np.argsort(-alike):
        moved = enters + int(shift) - near
        if lengths[0] <= leaves - moved <= max(lengths):
            enters = moved
            break
    there = song.read(enters - half, enters + half).mean(axis=1)
    power = float(np.sqrt(np.square(one, dtype=np.float64).sum() * np.square(there, dtype=np.float64).sum()))
    agree = float(np.dot(one.astype(np.float64), there)) / power if power > 0 else 0.0
    return Join(leaves, enters, like, 2 * half, min(1.0, max(0.0, agree)))


class FittedSong:
    """The song as `Fit` has it played: a sound as long as the film."""

    def __init__(self, song: Sound, how: Fit) -> None:
        self._song = song
        self._fit = how
        self._parts: list[tuple[int, int, int]] = []  # from where in the film, to where, at which of the song
        at, place = 0, how.start
        for join in how.joins:
            until = at + join.leaves - place
            self._parts.append((at, until, place))
            at, place = until, join.enters
        self._parts.append((at, max(at, how.samples), place))

    def __len__(self) -> int:
        return self._fit.samples

    def read(self, start: int, stop: int) -> Samples:
        """The samples from ``start`` to ``stop``; silence before the beginning and after the end."""
        total = np.zeros((stop - start, 2), np.float32)
        fades = [join.crossfade // 2 for join in self._fit.joins]
        for number, (begins, ends, place) in enumerate(self._parts):
            comes = fades[number - 1] if number else 0
            goes = fades[number] if number < len(fades) else 0
            low, high = max(start, begins - comes), min(stop, ends + goes, self._fit.samples)
            if low >= high:
                continue
            piece = self._song.read(place + low - begins, place + high - begins)
            at = np.arange(low, high)
            if comes:
                share = np.clip((at - begins + comes) / (2 * comes), 0, 1)
                piece = piece * self._gain(share, self._fit.joins[number - 1].correlation)
            if goes:
                share = np.clip((ends + goes - at) / (2 * goes), 0, 1)
                piece = piece * self._gain(share, self._fit.joins[number].correlation)
            total[low - start : high - start] += piece
        return total * self._ends(start, stop)

    @staticmethod
    def _gain(share: Any, correlation: float) -> Samples:
        """Of the wave that comes, ``share`` of the way: with the other's, the loudness stays as it is."""
        one, other = np.sin(share * np.pi / 2) ** 2, np.cos(share * np.pi / 2) ** 2
        power = np.sqrt(one**2 + other**2 + 2 * correlation * one * other)
        return np.asarray(one / power, np.float32)[:, None]

    def _ends(self, start: int, stop: int) -> Samples:
        """No click at the beginning, nothing left at the end."""
        at = np.arange(start, stop)
        edge = max(1, round(_EDGE_S * SAMPLE_RATE))
        opening = np.clip(at / edge, 0, 1)
        ending = np.clip((self._fit.samples - at) / max(1, self._fit.fade), 0, 1)
        return np.asarray(opening * (0.5 - 0.5 * np.cos(np.pi * ending)), np.float32)[:, None]


def _seconds(samples: int) -> float:
    return round(samples / SAMPLE_RATE, 3)
