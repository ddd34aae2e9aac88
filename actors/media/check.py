"""Is the finished film what was asked for? Measured on the file, as a stranger would, before it counts.

Every finding names a time and a value; defects of the file are told from remarks on what it shows and says
(see ``findings.py``). Only the frames that others refer to are decoded, about half, and
looked at on a coarse grid, so a film is checked in a fraction of its length.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from actors.media import container, credentials
from actors.media.cancelling import go_on
from actors.media.cues import Cue
from actors.media.errors import EncodeError
from actors.media.findings import Finding
from actors.media.formats import Format
from actors.media.looks import Looks
from actors.media.loudness import SILENT_LUFS, integrated_lufs, true_peak_dbtp
from actors.media.mix import TARGET_LUFS
from actors.media.speech import Samples
from actors.media.timeline import SAMPLE_RATE

LONGEST_GAP_S = 0.05
"""Between the ends of picture and sound."""
LONGEST_SILENCE_S = 2.0
LOUDNESS_TOLERANCE = 1.0
HIGHEST_DBTP = -1.0
_SILENT_DBFS = -60.0
_HOP_S = 0.05


@dataclass(frozen=True, slots=True)
class Expected:
    """What the film should be; ``narrated`` are the (start, end) of speech in each scene, in seconds."""

    fmt: Format
    duration_s: float
    sound: bool
    narrated: Sequence[tuple[float, float]] = ()
    cues: Sequence[Cue] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was measured, what of it is wrong, and what is worth telling."""

    findings: tuple[Finding, ...]
    measured: dict[str, float | int | str | bool] = field(default_factory=dict)
    remarks: tuple[Finding, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.findings


def check(path: Path, expected: Expected) -> Report:
    """Check a finished film.

    Raises:
        EncodeError: ``film_unreadable`` when it cannot be opened.

    """
    findings = list(container.faults(path))
    measured: dict[str, float | int | str | bool] = {"bytes": path.stat().st_size}
    measured["faststart"] = container.index_first(path)
    if not measured["faststart"]:
        findings.append(
            Finding("not_faststart", "The index stands behind the data: it cannot start while loading")
        )
    try:
        with container.opened(path) as film:
            findings += _streams(film, expected, measured)
        findings += container.lost_packets(path)
    except av.FFmpegError as error:
        raise EncodeError("film_unreadable", f"The film cannot be opened: {error}") from error
    try:
        findings += _looked_through(path, expected, measured)
    except av.FFmpegError as error:
        findings.append(Finding("film_unreadable", f"The film cannot be decoded: {error}"))
    findings += _captions(expected)
    findings += _credentials(path, measured)
    return Report(
        tuple(finding for finding in findings if not finding.remark),
        measured,
        tuple(finding for finding in findings if finding.remark),
    )


def _looked_through(path: Path, expected: Expected, measured: dict[str, Any]) -> Iterator[Finding]:
    with container.opened(path) as film:
        yield from _stamps(film, expected, measured)
    with container.opened(path) as film:
        yield from _pictures(film)
    if measured["audio_codec"]:
        with container.opened(path) as film:
            yield from _sound(_decoded(film), expected, measured)


def _streams(film: Any, expected: Expected, measured: dict[str, Any]) -> Iterator[Finding]:
    video = film.streams.video[0]
    context = video.codec_context
    audio = film.streams.audio[0] if film.streams.audio else None
    measured["width"], measured["height"] = context.width, context.height
    measured["video_codec"], measured["pixel_format"] = context.name, context.pix_fmt
    measured["audio_codec"] = audio.codec_context.name if audio else ""
    wanted = expected.fmt
    if (context.width, context.height) != (wanted.width, wanted.height):
        yield Finding(
            "wrong_size",
            f"The picture is not {wanted.width}x{wanted.height}",
            value=f"{context.width}x{context.height}",
        )
    if context.name != "h264":
        yield Finding("wrong_codec", "The picture is not H.264", value=context.name)
    if context.pix_fmt != "yuv420p":
        yield Finding("wrong_pixels", "The picture is not yuv420p", value=context.pix_fmt)
    tags = (context.colorspace, context.color_primaries, context.color_trc, context.color_range)
    if tags != (Colorspace.ITU709, ColorPrimaries.BT709, ColorTrc.BT709, ColorRange.MPEG):
        yield Finding("wrong_colours", "The picture is not tagged BT.709, limited range", value=str(tags))
    yield from _lengths(film, expected, measured)


def _length_s(stream: Any, film: Any) -> float:
    """A stream's length; containers other than MP4 tell that of the whole film only."""
    if stream.duration is None:
        return float(film.duration or 0) / 1e6
    return float(stream.duration * stream.time_base)


def _lengths(film: Any, expected: Expected, measured: dict[str, Any]) -> Iterator[Finding]:
    video = film.streams.video[0]
    audio = film.streams.audio[0] if film.streams.audio else None
    if audio and not expected.sound:
        yield Finding("sound_unasked", "The film has a sound track, and none was asked for")
    if expected.sound and not audio:
        yield Finding("sound_missing", "The film has no sound track")
    if audio and audio.codec_context.name != "aac":
        yield Finding("wrong_codec", "The sound is not AAC", value=audio.codec_context.name)
    picture_s = _length_s(video, film)
    measured["duration_s"] = picture_s
    if abs(picture_s - expected.duration_s) > LONGEST_GAP_S:
        yield Finding("wrong_length", f"The film should last {expected.duration_s:.3f} s", value=picture_s)
    if audio:
        gap = abs(_length_s(audio, film) - picture_s)
        measured["audio_video_gap_s"] = round(gap, 4)
        if gap > LONGEST_GAP_S:
            yield Finding("sound_length", "Picture and sound differ in length", at_s=picture_s, value=gap)


def _stamps(film: Any, expected: Expected, measured: dict[str, Any]) -> Iterator[Finding]:
    """Every packet's stamp, without decoding: exactly one frame's time apart."""
    video = film.streams.video[0]
    stamps = sorted(packet.pts for packet in film.demux(video) if packet.pts is not None)
    measured["frames"] = len(stamps)
    step = 1 / (video.time_base * expected.fmt.fps)
    for before, after in pairwise(stamps):
        if after - before != step:
            at = float(before * video.time_base)
            yield Finding(
                "uneven_frames", f"Frames are not {expected.fmt.fps} a second", at, float(after - before)
            )
            return


def _pictures(film: Any) -> Iterator[Finding]:
    video = film.streams.video[0]
    video.codec_context.thread_type = "FRAME"
    video.codec_context.skip_frame = "NONREF"
    looks = Looks()
    end = 0.0
    for frame in film.decode(video):
        go_on()
        plane = frame.planes[0]
        rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
        looks.see(frame.time, rows[2 : plane.height : 4, 2 : plane.width : 4])
        end = frame.time
    for kind, start, stop in looks.stretches(end):
        length = round(stop - start, 3)
        message = f"The picture is {kind} for {length:.1f} s"
        yield Finding(f"{kind}_picture", message, round(start, 3), length, remark=True)


def _decoded(film: Any) -> Samples:
    stereo = av.AudioResampler(format="fltp", layout="stereo", rate=SAMPLE_RATE)  # a stranger's may differ
    pieces = [piece.to_ndarray() for frame in film.decode(audio=0) for piece in stereo.resample(frame)]
    pieces += [piece.to_ndarray() for piece in stereo.resample(None)]
    length = round(_length_s(film.streams.audio[0], film) * SAMPLE_RATE)
    whole = np.concatenate(pieces, axis=1) if pieces else np.zeros((2, 0), np.float32)
    return np.asarray(whole.T[:length], np.float32)


def _sound(wave: Samples, expected: Expected, measured: dict[str, Any]) -> Iterator[Finding]:
    loudness, peak = integrated_lufs(wave), true_peak_dbtp(wave)
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
        at = float(np.abs(wave).max(axis=1).argmax() / SAMPLE_RATE)
        yield Finding("too_high_peak", f"A true peak is above {HIGHEST_DBTP:.0f} dBTP", at, peak)
    for start, end in expected.narrated:
        for at, length in _silences(wave, start, end):
            message = f"Nothing is heard for {length:.1f} s while the narration runs"
            yield Finding("silence", message, round(at, 3), round(length, 3), remark=True)


def _silences(wave: Samples, start_s: float, end_s: float) -> Iterator[tuple[float, float]]:
    hop = round(_HOP_S * SAMPLE_RATE)
    part = wave[round(start_s * SAMPLE_RATE) : round(end_s * SAMPLE_RATE)]
    blocks = part[: len(part) // hop * hop].reshape(-1, hop * wave.shape[1])
    level = 10 * np.log10(np.mean(np.square(blocks, dtype=np.float64), axis=1) + 1e-12)
    quiet = np.concatenate(([False], level < _SILENT_DBFS, [False]))
    for begin, end in np.flatnonzero(quiet[1:] != quiet[:-1]).reshape(-1, 2) * _HOP_S:
        if end - begin > LONGEST_SILENCE_S:
            yield start_s + float(begin), float(end - begin)


def _credentials(path: Path, measured: dict[str, Any]) -> Iterator[Finding]:
    """Films need none; those that there are must hold."""
    found = credentials.read(path)
    if found is None:
        return
    measured["signed_by"] = found.signer
    if found.faults:
        yield Finding(
            "credentials_broken",
            "The film's Content Credentials do not hold: it was changed after it was signed",
            value=", ".join(found.faults),
        )


def _captions(expected: Expected) -> Iterator[Finding]:
    for before, after in pairwise(expected.cues):
        if after.start_ms < before.end_ms:
            over = (before.end_ms - after.start_ms) / 1000
            yield Finding(
                "captions_overlap", "A caption begins before the last one ends", after.start_ms / 1000, over
            )
    for cue in expected.cues:
        if cue.end_ms <= cue.start_ms or cue.end_ms > expected.duration_s * 1000 + 1:
            yield Finding("caption_outside", "A caption has no time in the film", cue.start_ms / 1000)
        if len(cue.lines) > 2:
            yield Finding(
                "caption_too_long", "A caption has more than two lines", cue.start_ms / 1000, len(cue.lines)
            )
