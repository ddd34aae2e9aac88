"""Clips and sound as they are kept: decoded to the last second, and written again without anything beside.

A clip's picture is copied packet by packet where players read it as it is, so that nothing is lost; one that
is turned, or in an old format, is encoded anew. Sound becomes FLAC, which loses nothing either. So does that
of a clip: it is heard where the clip ends a film; in a scene the film has its own, and the clip goes without.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from PIL import Image

from actors.files import pictures
from actors.files.formats import MP4, FileFormat
from actors.files.opened import Opened, Place
from actors.files.refusals import unfit
from actors.media.timeline import SAMPLE_RATE
from actors.media.wav import write_wav
from domain.file import LEAST_KEPT

LONGEST_CLIP_S: Final = 600
LONGEST_SOUND_S: Final = 1800
SHORTEST_S: Final = 0.2
FEWEST_FRAMES: Final = 2
MOST_PIXELS: Final = 8192 * 4608
QUIETEST: Final = 0.001
"""A peak below this (-60 dBFS) is no sound."""
MISSING: Final = 0.05
MISSING_S: Final = 0.5
"""What may be missing at the end of what a file says it holds: codecs round."""
_COPIED: Final = {"h264", "hevc", "vp9", "av1"}
_SAYS_ITS_LENGTH: Final = {"mov", "matroska", "wav", "flac", "aiff"}
_BARE: Final = {"fflags": "+bitexact", "movflags": "+faststart"}
_TECHNICAL: Final = {"major_brand", "minor_version", "compatible_brands", "encoder", "duration", "language"}
_ALSO_TECHNICAL: Final = {"handler_name", "vendor_id", "creation_time"}
_WHERE: Final = ("location", "gps", "iso6709")


def clean(source: Path, target: Path, fmt: FileFormat) -> Opened:
    """Write the clip or the sound in ``source`` to ``target``; FileRefusedError says what is wrong."""
    with _opened(source, fmt) as container:
        notes = _metadata_notes(container)
        if any(_is_moving(stream) for stream in container.streams.video):
            return _clip(container, source, target, fmt, notes)
        if container.streams.audio:
            return _sound(container, target, fmt, notes)
    raise unfit(f"The {fmt.name} file holds neither a clip nor sound")


@contextmanager
def _opened(source: Path, fmt: FileFormat) -> Iterator[Any]:
    """Read through a stream of ours and by the demuxer of its format alone: nothing else can be opened."""
    try:
        with source.open("rb") as file, av.open(file, "r", format=fmt.reader) as container:
            yield container
    except (av.FFmpegError, EOFError, ValueError, ArithmeticError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise unfit(f"The {fmt.name} file is broken or cut short: {said}") from error


def _is_moving(stream: Any) -> bool:
    """No cover of an album."""
    return not stream.disposition & av.stream.Disposition.attached_pic


def _metadata_notes(container: Any) -> list[str]:
    names = {name.lower() for tags in (container, *container.streams) for name in tags.metadata}
    personal = sorted(names - _TECHNICAL - _ALSO_TECHNICAL)
    if not personal:
        return []
    where = " with the place where it was taken" if any(w in n for n in personal for w in _WHERE) else ""
    return [f"metadata{where} was left out"]


# ---- clips ------------------------------------------------------------------------------------------


def _clip(container: Any, source: Path, target: Path, fmt: FileFormat, notes: list[str]) -> Opened:
    stream = next(s for s in container.streams.video if _is_moving(s))
    if stream.width * stream.height > MOST_PIXELS:
        raise unfit(f"The clip has {stream.width}x{stream.height} pixels; at most 8K is taken")
    frames, seconds, rotation = _decoded(container, stream, fmt)
    width, height = stream.width, stream.height
    if rotation:
        notes.append("turned upright")
        width, height = (height, width) if rotation % 2 else (width, height)
    heard = bool(container.streams.audio)
    if heard and not _is_playable(source, fmt):
        heard = False
        notes.append("its sound cannot be read and was left out")
    if rotation or stream.codec_context.name not in _COPIED:
        _encode(source, target, fmt, rotation, heard=heard)
    else:
        _copy(source, target, fmt, heard=heard)
    facts = {
        "width": width,
        "height": height,
        "duration_s": round(seconds, 3),
        "fps": round(frames / seconds, 3),
        "frames": frames,
    }
    return Opened("video", "video/mp4", facts, notes)


def _decoded(container: Any, stream: Any, fmt: FileFormat) -> tuple[int, float, int]:
    """How many frames there are, for how long, and by how many quarters they are to be turned."""
    stream.thread_type = "AUTO"
    said_s = _said_s(container, stream)
    if said_s > LONGEST_CLIP_S:
        raise unfit(f"The clip is {said_s:.0f} s long; at most {LONGEST_CLIP_S} s are taken")
    frames, first, last, rotation = 0, None, 0.0, 0
    for frame in container.decode(stream):
        if frame.is_corrupt:
            raise unfit(f"The clip is broken at {last:.1f} s")
        at = frame.time if frame.time is not None else last
        first = at if first is None else first
        last, frames, rotation = max(last, at), frames + 1, round(frame.rotation / 90) % 4
        if last - first > LONGEST_CLIP_S:
            raise unfit(f"The clip is longer than {LONGEST_CLIP_S} s")
    if frames < FEWEST_FRAMES or first is None:
        raise unfit("The clip holds no moving picture")
    seconds = (last - first) * frames / (frames - 1)
    _refuse_cut_short(fmt, seconds, said_s)
    if seconds < SHORTEST_S:
        raise unfit(f"The clip is {seconds:.2f} s long; it needs {SHORTEST_S} s")
    return frames, seconds, rotation


def _said_s(container: Any, stream: Any) -> float:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return container.duration / av.time_base if container.duration else 0.0


def _refuse_cut_short(fmt: FileFormat, seconds: float, said_s: float) -> None:
    if fmt.reader in _SAYS_ITS_LENGTH and said_s - seconds > max(MISSING * said_s, MISSING_S):
        raise unfit(
            f"The file is cut short: it holds {seconds:.1f} s of the {said_s:.1f} s that it speaks of"
        )


def _is_playable(source: Path, fmt: FileFormat) -> bool:
    """Whether a clip's sound is of a kind that can be decoded; its picture is worth keeping without."""
    try:
        with source.open("rb") as file, av.open(file, "r", format=fmt.reader) as container:
            return any(True for _ in container.decode(container.streams.audio[0]))
    except (av.FFmpegError, EOFError, ValueError, ArithmeticError):
        return False


def _copy(source: Path, target: Path, fmt: FileFormat, *, heard: bool) -> None:
    with _opened(source, fmt) as container, av.open(str(target), "w", format="mp4", options=_BARE) as out:
        stream = next(s for s in container.streams.video if _is_moving(s))
        copied = out.add_stream_from_template(stream)
        copied.metadata.clear()
        sound = _ClipSound(container, stream, out) if heard else None
        for packet in container.demux(*([stream, sound.stream] if sound else [stream])):
            if sound and packet.stream == sound.stream:
                sound.add(packet)
            elif packet.dts is not None:
                packet.stream = copied
                out.mux(packet)
        if sound:
            sound.end()


def _encode(source: Path, target: Path, fmt: FileFormat, rotation: int, *, heard: bool) -> None:
    with _opened(source, fmt) as container, av.open(str(target), "w", format="mp4", options=_BARE) as out:
        stream = next(s for s in container.streams.video if _is_moving(s))
        width, height = (stream.height, stream.width) if rotation % 2 else (stream.width, stream.height)
        encoded: Any = out.add_stream(
            "libx264", rate=stream.average_rate or Fraction(30), options={"crf": "16", "preset": "veryfast"}
        )
        encoded.width, encoded.height, encoded.pix_fmt = width // 2 * 2, height // 2 * 2, "yuv420p"
        encoded.codec_context.time_base = time_base = Fraction(1, 90_000)
        sound = _ClipSound(container, stream, out) if heard else None
        first: float | None = None
        for packet in container.demux(*([stream, sound.stream] if sound else [stream])):
            if sound and packet.stream == sound.stream:
                sound.add(packet)
                continue
            for frame in packet.decode():
                turned = np.rot90(frame.to_ndarray(format="rgb24"), rotation)
                even = np.ascontiguousarray(turned[: encoded.height, : encoded.width])
                at = frame.time or 0.0
                first = at if first is None else first
                fresh = av.VideoFrame.from_ndarray(even, format="rgb24")
                fresh.pts, fresh.time_base = round((at - first) * 90_000), time_base
                out.mux(encoded.encode(fresh))
        out.mux(encoded.encode(None))
        if sound:
            sound.end()


class _ClipSound:
    """What a clip sounds like, written beside its picture as FLAC; it begins when the picture does."""

    def __init__(self, container: Any, picture: Any, out: Any) -> None:
        self.stream = container.streams.audio[0]
        self._out = out
        layout = "mono" if self.stream.codec_context.channels == 1 else "stereo"
        self._resampler = av.AudioResampler(format="s16", layout=layout, rate=SAMPLE_RATE)
        self._written: Any = out.add_stream("flac", rate=SAMPLE_RATE, layout=layout)
        self._written.codec_context.format = "s16"
        self._written.codec_context.flags |= av.codec.context.Flags.bitexact
        self._begins_s = float((picture.start_time or 0) * picture.time_base)
        self._at: int | None = None

    def add(self, packet: Any) -> None:
        for frame in packet.decode():
            self._resampled(frame)

    def end(self) -> None:
        self._resampled(None)
        self._out.mux(self._written.encode(None))

    def _resampled(self, frame: Any) -> None:
        if self._at is None and frame is not None:
            self._at = max(0, round(((frame.time or 0.0) - self._begins_s) * SAMPLE_RATE))
        for piece in self._resampler.resample(frame):
            piece.pts, piece.time_base = self._at, Fraction(1, SAMPLE_RATE)
            self._at = (self._at or 0) + piece.samples
            self._out.mux(self._written.encode(piece))


# ---- sound ------------------------------------------------------------------------------------------


def _sound(container: Any, target: Path, fmt: FileFormat, notes: list[str]) -> Opened:
    stream = container.streams.audio[0]
    said_s = _said_s(container, stream)
    if said_s > LONGEST_SOUND_S and fmt.reader in _SAYS_ITS_LENGTH:
        raise unfit(f"The sound is {said_s:.0f} s long; at most {LONGEST_SOUND_S} s are taken")
    if container.streams.video:
        notes.append("its cover was left out")
    layout = "mono" if stream.codec_context.channels == 1 else "stereo"
    resampler = av.AudioResampler(format="s16", layout=layout, rate=SAMPLE_RATE)
    samples, peak = 0, 0
    with av.open(str(target), "w", format="flac", options={"fflags": "+bitexact"}) as out:
        written: Any = out.add_stream("flac", rate=SAMPLE_RATE, layout=layout)
        written.codec_context.format = "s16"
        written.codec_context.flags |= av.codec.context.Flags.bitexact
        for frame in _and_none(container.decode(stream)):
            for piece in resampler.resample(frame):
                wave = piece.to_ndarray()
                peak = max(peak, int(np.abs(wave.astype(np.int32)).max(initial=0)))
                samples += piece.samples
                if samples > LONGEST_SOUND_S * SAMPLE_RATE:
                    raise unfit(f"The sound is longer than {LONGEST_SOUND_S} s")
                out.mux(written.encode(piece))
        out.mux(written.encode(None))
    seconds = samples / SAMPLE_RATE
    _refuse_cut_short(fmt, seconds, said_s)
    if seconds < SHORTEST_S:
        raise unfit(f"The sound is {seconds:.2f} s long; it needs {SHORTEST_S} s")
    if peak < QUIETEST * 32_768:
        raise unfit(f"The {fmt.name} file is {seconds:.1f} s of silence")
    facts = {
        "duration_s": round(seconds, 3),
        "sample_rate": SAMPLE_RATE,
        "channels": 1 if layout == "mono" else 2,
    }
    return Opened("audio", "audio/flac", facts, notes)


def _and_none(frames: Iterator[Any]) -> Iterator[Any]:
    """The resampler gives what it has left when it is asked with nothing."""
    yield from frames
    yield None


# ---- in their places --------------------------------------------------------------------------------


def fit_music(source: Path, target: Path) -> Opened:
    """A song as music is kept. How it goes with the film's length is the mix's business."""
    stereo = av.AudioResampler(format="flt", layout="stereo", rate=SAMPLE_RATE)
    with source.open("rb") as file, av.open(file, "r", format="flac") as container:
        pieces = (
            np.asarray(piece.to_ndarray().reshape(-1, 2), np.float32)
            for frame in _and_none(container.decode(audio=0))
            for piece in stereo.resample(frame)
        )
        samples = write_wav(target, pieces, 2)
    return Opened(
        "audio", "audio/wav", {"duration_s": round(samples / SAMPLE_RATE, 3), "sample_rate": SAMPLE_RATE}
    )


def fit_clip(source: Path, target: Path, place: Place) -> Opened:
    """A clip of about the film's shape without its sound. It is cut where it is filmed."""
    with source.open("rb") as file, av.open(file, "r", format="mov") as container:
        stream = container.streams.video[0]
        width, height = stream.width, stream.height
        seconds, heard = _said_s(container, stream), bool(container.streams.audio)
    kept = min(width / height, place.width / place.height) / max(width / height, place.width / place.height)
    if kept < LEAST_KEPT:
        raise unfit(
            f"Of the clip ({width}x{height}) only {kept:.0%} would be left in a film of "
            f"{place.width}x{place.height}; at least {LEAST_KEPT:.0%} must be. Crop it yourself, or take one "
            "of another shape"
        )
    facts: dict[str, Any] = {"width": width, "height": height, "duration_s": round(seconds, 3)}
    if heard:
        _copy(source, target, MP4, heard=False)
    return Opened("video", "video/mp4", facts, ["its sound was left out"] if heard else [])


def first_frame(source: Path, target: Path, place: Place) -> Opened:
    """The picture with which a clip begins, in the film's shape: it stands for the clip where that is one."""
    with source.open("rb") as file, av.open(file, "r", format="mov") as container:
        frame = next(container.decode(container.streams.video[0]))
        picture = Image.fromarray(frame.to_ndarray(format="rgb24"))
    # The clip was taken as it is, so its picture is, too, however small.
    box = pictures.crop_box(picture.size, place.width / place.height, (0.5, 0.5))
    fitted = picture.crop(box)
    if fitted.width < place.width:
        fitted = fitted.resize((place.width, place.height), Image.Resampling.LANCZOS)
    fitted.save(target, "PNG")
    facts = {"width": fitted.width, "height": fitted.height}
    return Opened("image", "image/png", facts, ["the first frame of the clip"])
