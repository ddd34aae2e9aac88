"""The finished film: segments and sound joined as they are, chapters, and what the file says of itself.

Pictures were encoded once, when each segment was made, and so was the sound; joining copies packets, one at a
time, and only moves the stamps of pictures. All segments must share one set of decoder parameters, and that
is checked, since players fail silently on it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import av
from av.packet import Packet

from actors.media.cancelling import go_on
from actors.media.cues import Cue
from actors.media.errors import EncodeError
from actors.media.formats import Format
from actors.media.timeline import SAMPLE_RATE
from actors.media.track_language import track_language

_CONTAINER: Final = {"movflags": "+faststart", "movie_timescale": str(SAMPLE_RATE)}
"""The clock of the whole film counts samples: in milliseconds a film of thirds of a second would be cut."""
_MILLISECOND: Final = Fraction(1, 1000)


@dataclass(frozen=True, slots=True)
class Chapter:
    """A named place in the film."""

    start_s: Fraction
    title: str


@dataclass(frozen=True, slots=True)
class FilmInfo:
    """What was written."""

    frames: int
    duration_s: Fraction
    bytes: int


def join(
    segments: Sequence[bytes | Path],
    fmt: Format,
    target: Path,
    *,
    sound: Path | None = None,
    chapters: Sequence[Chapter] = (),
    metadata: Mapping[str, str] | None = None,
    cues: Sequence[Cue] = (),
    language: str = "",
    spoken: bool = False,
) -> FilmInfo:
    """Write the film to ``target`` (MP4, index first).

    ``sound`` is a file that ``soundtrack.py`` wrote, as long as the picture; without it the film has no audio
    track. ``cues`` become a soft caption track. ``metadata``
    takes MP4's usual names (title, artist, comment, description, date). ``language`` (BCP 47) is that of the
    captions, and of the sound where it is ``spoken``.

    Raises:
        EncodeError: ``no_segments``, ``segments_differ``, ``segment_unreadable``, ``soundtrack_unreadable``
            or ``encoder_failed``.

    """
    if not segments:
        raise EncodeError("no_segments", "A film needs at least one segment")
    frames, delays = zip(*map(_extent, segments), strict=True)
    total = sum(frames)
    track: _Sound | None = None
    try:
        with av.open(str(target), "w", format="mp4", options=_CONTAINER) as container:
            _describe(container, chapters, metadata or {}, Fraction(total, fmt.fps))
            with _opened(segments[0]) as first:
                video = container.add_stream_from_template(first.streams.video[0])
            parameters = bytes(video.codec_context.extradata or b"")
            video.time_base = fmt.time_base
            track = _Sound(container, sound) if sound is not None else None
            if track and spoken:
                track.stream.metadata["language"] = track_language(language)
            if cues:
                _caption_track(container, cues, track_language(language))
            done = 0
            for segment, length in zip(segments, frames, strict=True):
                go_on()
                for packet in _packets(segment, parameters, fmt, done, max(delays)):
                    packet.stream = video
                    container.mux(packet)
                done += length
                if track:
                    track.write_until(Fraction(done, fmt.fps))
            if track:
                track.write_until(None)
    except av.FFmpegError as error:
        raise EncodeError("encoder_failed", f"The film cannot be written: {error}") from error
    finally:
        if track:
            track.close()
    return FilmInfo(total, Fraction(total, fmt.fps), target.stat().st_size)


class _Sound:
    """The soundtrack's packets, written beside those of the picture that they are heard with."""

    def __init__(self, container: Any, soundtrack: Path) -> None:
        self._container = container
        try:
            self._opened = av.open(str(soundtrack), "r")
        except av.FFmpegError as error:
            raise EncodeError("soundtrack_unreadable", f"The soundtrack cannot be read: {error}") from error
        if not self._opened.streams.audio:
            self._opened.close()
            raise EncodeError("soundtrack_unreadable", "The soundtrack holds no sound")
        self.stream = container.add_stream_from_template(self._opened.streams.audio[0])
        self._packets = self._opened.demux(audio=0)
        self._next: Any = next(self._packets)

    def write_until(self, at_s: Fraction | None) -> None:
        """All that is heard before this moment; without one, the rest."""
        while self._next is not None and self._next.pts is not None:
            if at_s is not None and self._next.pts * self._next.time_base >= at_s:
                return
            self._next.stream = self.stream
            self._container.mux(self._next)
            self._next = next(self._packets, None)

    def close(self) -> None:
        self._opened.close()


def _describe(
    container: Any, chapters: Sequence[Chapter], metadata: Mapping[str, str], duration_s: Fraction
) -> None:
    container.metadata.update(metadata)
    ends = [chapter.start_s for chapter in chapters[1:]] + [duration_s]
    container.set_chapters(
        [
            {
                "id": number,
                "start": round(chapter.start_s * 1000),
                "end": round(end * 1000),
                "time_base": _MILLISECOND,
                "metadata": {"title": chapter.title},
            }
            for number, (chapter, end) in enumerate(zip(chapters, ends, strict=True), 1)
        ]
        if chapters
        else []
    )


def _caption_track(container: Any, cues: Iterable[Cue], language: str) -> None:
    stream = container.add_mux_stream("mov_text")
    stream.time_base = _MILLISECOND
    stream.metadata["language"] = language
    for cue in cues:
        text = "\n".join(cue.lines).encode()
        packet = Packet(len(text).to_bytes(2, "big") + text)  # a tx3g sample: its length, then UTF-8
        packet.stream = stream
        packet.time_base = _MILLISECOND
        packet.pts = packet.dts = cue.start_ms
        packet.duration = cue.end_ms - cue.start_ms
        container.mux(packet)


def _packets(segment: bytes | Path, parameters: bytes, fmt: Format, at: int, delay: int) -> Iterator[Any]:
    """The packets of a segment, stamped for the film in which it begins at frame ``at``.

    Each is decoded one frame after the one before, and decoding begins ``delay`` frames before the picture: a
    segment of two frames has no such delay of its own, and with its own stamps would overlap its neighbours.
    """
    with _opened(segment) as opened:
        stream = opened.streams.video[0]
        if bytes(stream.codec_context.extradata or b"") != parameters:
            raise EncodeError(
                "segments_differ",
                "Segments were encoded with different settings and cannot be joined",
                "Render all segments of a film with one format and one build",
            )
        number = at - delay
        for packet in opened.demux(stream):
            if packet.pts is None or stream.time_base is None:
                continue  # the end of the segment
            packet.pts, packet.dts = at + round(packet.pts * stream.time_base * fmt.fps), number
            number += 1
            packet.duration = 1
            packet.time_base = fmt.time_base
            yield packet


def _extent(segment: bytes | Path) -> tuple[int, int]:
    """How many frames a segment has, and how many of them are decoded before the first is shown."""
    with _opened(segment) as opened:
        stream = opened.streams.video[0]
        first = next(packet.dts for packet in opened.demux(stream))
        rate = stream.average_rate or 0
        return int(stream.frames), max(0, -round((first or 0) * stream.time_base * rate))


def _opened(segment: bytes | Path) -> Any:
    try:
        opened = av.open(BytesIO(segment) if isinstance(segment, bytes) else str(segment), "r")
    except av.FFmpegError as error:
        raise EncodeError("segment_unreadable", f"A segment cannot be read: {error}") from error
    if not opened.streams.video:
        opened.close()
        raise EncodeError("segment_unreadable", "A segment holds no picture")
    return opened
