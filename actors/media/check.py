"""Is the finished film what was asked for? Measured on the file, as a stranger would, before it counts.

Every finding names a time and a value; defects of the file are told from remarks on what it shows and says
(see ``findings.py``). Only the frames that others refer to are decoded, about half, and
looked at on a coarse grid, so a film is checked in a fraction of its length. A film that was joined here is
not decoded at all: that was done when its parts were made.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise
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
from actors.media.listening import Listener
from actors.media.looks import Looks
from actors.media.tape import Samples
from actors.media.timeline import SAMPLE_RATE

LONGEST_GAP_S = 0.05
"""Between the ends of picture and sound."""
_FRAMES_AT_ONCE = 128


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
    """Check a finished film, and look at and listen to all of it.

    Raises:
        EncodeError: ``film_unreadable`` when it cannot be opened.

    """
    measured: dict[str, Any] = {}
    findings = [*_container(path, expected, measured)]
    try:
        findings += _looked_through(path, expected, measured)
    except av.FFmpegError as error:
        findings.append(Finding("film_unreadable", f"The film cannot be decoded: {error}"))
    findings += _credentials(path, measured)
    return _report(findings, measured)


def check_joined(path: Path, expected: Expected) -> Report:
    """Check a film of segments and sound that were looked at and listened to when they were made.

    Raises like :func:`check`.
    """
    measured: dict[str, Any] = {}
    findings = [*_container(path, expected, measured), *_credentials(path, measured)]
    return _report(findings, measured)


def _report(findings: Iterable[Finding], measured: dict[str, Any]) -> Report:
    found = tuple(findings)
    return Report(
        tuple(finding for finding in found if not finding.remark),
        measured,
        tuple(finding for finding in found if finding.remark),
    )


def _container(path: Path, expected: Expected, measured: dict[str, Any]) -> Iterator[Finding]:
    """What the file says of itself, and whether all of it is there, evenly stamped; nothing is decoded."""
    yield from container.faults(path)
    measured["bytes"] = path.stat().st_size
    measured["faststart"] = container.index_first(path)
    if not measured["faststart"]:
        yield Finding("not_faststart", "The index stands behind the data: it cannot start while loading")
    try:
        with container.opened(path) as film:
            yield from _streams(film, expected, measured)
        yield from container.lost_packets(path)
        with container.opened(path) as film:
            yield from stamps(film.streams.video[0], expected.fmt, measured)
    except av.FFmpegError as error:
        raise EncodeError("film_unreadable", f"The film cannot be opened: {error}") from error
    yield from _captions(expected)


def _looked_through(path: Path, expected: Expected, measured: dict[str, Any]) -> Iterator[Finding]:
    with container.opened(path) as film:
        yield from _pictures(film)
    if measured["audio_codec"]:
        with container.opened(path) as film:
            listener = Listener()
            for piece in _decoded(film):
                listener.add(piece)
            listener.end()
        yield from listener.findings(measured, expected.narrated)


def _streams(film: Any, expected: Expected, measured: dict[str, Any]) -> Iterator[Finding]:
    context = film.streams.video[0].codec_context
    audio = film.streams.audio[0] if film.streams.audio else None
    measured["width"], measured["height"] = context.width, context.height
    measured["video_codec"], measured["pixel_format"] = context.name, context.pix_fmt
    measured["audio_codec"] = audio.codec_context.name if audio else ""
    yield from coding(context, expected.fmt)
    yield from _lengths(film, expected, measured)


def coding(context: Any, wanted: Format) -> Iterator[Finding]:
    """Whether the picture is coded as asked for."""
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


def stamps(video: Any, fmt: Format, measured: dict[str, Any]) -> Iterator[Finding]:
    """Every packet's stamp, without decoding: exactly one frame's time apart."""
    found = sorted(packet.pts for packet in video.container.demux(video) if packet.pts is not None)
    measured["frames"] = len(found)
    step = 1 / (video.time_base * fmt.fps)
    for before, after in pairwise(found):
        if after - before != step:
            at = float(before * video.time_base)
            yield Finding("uneven_frames", f"Frames are not {fmt.fps} a second", at, float(after - before))
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


def _decoded(film: Any) -> Iterator[Samples]:
    """The sound as it is heard, some seconds at a time."""
    stereo = av.AudioResampler(format="fltp", layout="stereo", rate=SAMPLE_RATE)  # a stranger's may differ
    left = round(_length_s(film.streams.audio[0], film) * SAMPLE_RATE)
    pieces: list[Samples] = []
    for frame in chain(film.decode(audio=0), [None]):
        pieces += [np.asarray(piece.to_ndarray(), np.float32) for piece in stereo.resample(frame)]
        if pieces and (frame is None or len(pieces) >= _FRAMES_AT_ONCE):
            whole = np.concatenate(pieces, axis=1)[:, :left]
            left -= whole.shape[1]
            pieces.clear()
            yield whole.T


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
