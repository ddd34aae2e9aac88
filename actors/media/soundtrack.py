"""The film's sound as its file holds it: AAC in MP4, encoded once, and listened to while it is.

Packets are decoded soon after they were written: what a listener gets is measured without another pass. AAC
raises true peaks, usually by half a decibel, for which the limiter leaves room; sharp beats at random by up
to two (measured). Only where a peak comes out too high is the limiter set lower and the whole encoded again.
Rejected: coding the sharpest places beforehand to see how far, which told nothing of the others.
"""

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any, Final

import av
import numpy as np

from actors.media.beside import another_thread, mapped
from actors.media.cancelling import go_on
from actors.media.errors import EncodeError
from actors.media.listening import Listener
from actors.media.mix import CEILING_DBTP, Master
from actors.media.tape import Samples
from actors.media.timeline import SAMPLE_RATE

HEARD_DBTP: Final = -1.1
"""The highest true peak that may be heard; platforms ask for -1."""
_BITS: Final = {"low": 128_000, "medium": 192_000, "high": 256_000}
_CODERS: Final = {"low": "twoloop", "medium": "fast", "high": "fast"}
"""Where there are bits enough, the faster one is nearer to the sound; with fewer it leaves high notes out."""
_FRAME: Final = 1024
_MORE_PASSES: Final = 3
_STEP_DB: Final = 0.2
_HEARD_AT_ONCE: Final = 96 * _FRAME
"""Samples that are coded and listened to together, two seconds: numpy is slow on small pieces."""
_UNHEARD: Final = 4
"""Pieces that may wait for the listener."""


def write_soundtrack(master: Master, quality: str, target: Path) -> Listener:
    """Write ``target``; gives what is heard of it.

    Raises:
        EncodeError: ``encoder_failed``.

    """
    ceiling_dbtp = CEILING_DBTP
    heard = _written_and_heard(master, quality, target)
    for _ in range(_MORE_PASSES):
        over = heard.true_peak_dbtp - HEARD_DBTP
        if over <= 0:
            break
        ceiling_dbtp -= over + _STEP_DB
        master.hold(ceiling_dbtp)
        heard = _written_and_heard(master, quality, target)
    return heard


def _written_and_heard(master: Master, quality: str, target: Path) -> Listener:
    """Encoded in this thread, decoded and listened to in another: encoding takes as long as all the rest."""
    heard, decoder = Listener(), Decoder(len(master))

    def hear(coded: Coded) -> None:
        heard.add(decoder.sound(coded))

    with another_thread("listener") as ears, closing(encode(master.pieces(), quality, str(target))) as coded:
        for _ in mapped(ears, hear, coded, _UNHEARD):
            pass
    heard.end()
    return heard


@dataclass(frozen=True, slots=True)
class Coded:
    """Packets of AAC that follow each other, and what a decoder has to know beforehand."""

    head: bytes
    packets: list[bytes]


def encode(pieces: Iterable[Samples], quality: str, target: Any) -> Generator[Coded]:
    """Write AAC; gives each packet when it is in the file.

    Raises:
        EncodeError: ``encoder_failed``.

    """
    try:
        with av.open(target, "w", format="mp4", options={"movie_timescale": str(SAMPLE_RATE)}) as container:
            stream = container.add_stream("aac", rate=SAMPLE_RATE, layout="stereo")
            context = stream.codec_context
            context.bit_rate = _BITS[quality]
            context.options = {"aac_coder": _CODERS[quality]}
            context.time_base = Fraction(1, SAMPLE_RATE)
            for frame in chain(_frames(pieces), [None]):
                packets = []
                for packet in stream.encode(frame):
                    packets.append(bytes(packet))
                    container.mux(packet)
                if packets:
                    yield Coded(context.extradata or b"", packets)  # known once the encoder has begun
    except av.FFmpegError as error:
        raise EncodeError("encoder_failed", f"The sound cannot be written: {error}") from error


class Decoder:
    """What so many samples sound like once they were coded, without what the codec puts before and after."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._at = -_FRAME
        self._context: Any = None

    def sound(self, coded: Coded) -> Samples:
        if self._context is None:
            self._context = av.CodecContext.create("aac", "r")
            self._context.extradata = coded.head
        wave = np.empty((2, _FRAME * len(coded.packets)), np.float32)
        done = 0
        for packet in coded.packets:
            for frame in self._context.decode(av.Packet(packet)):
                for channel, plane in enumerate(frame.planes):
                    wave[channel, done : done + frame.samples] = np.frombuffer(
                        plane, np.float32, frame.samples
                    )
                done += frame.samples
        first = min(done, max(0, -self._at))
        self._at += done
        return wave[:, first : done - max(0, self._at - self._length)].T


def _frames(pieces: Iterable[Samples]) -> Iterator[av.AudioFrame]:
    """Longer than those of the codec, which are cut out of them without a word of Python for each."""
    at = 0
    for piece in pieces:
        for start in range(0, len(piece), _HEARD_AT_ONCE):
            go_on()
            part = np.ascontiguousarray(piece[start : start + _HEARD_AT_ONCE].T)
            frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="stereo")
            frame.sample_rate = SAMPLE_RATE
            frame.pts, frame.time_base = at, Fraction(1, SAMPLE_RATE)
            at += part.shape[1]
            yield frame
