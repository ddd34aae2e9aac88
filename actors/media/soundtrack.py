"""The film's sound as its file holds it: AAC in MP4, encoded once, and listened to while it is.

Each packet is decoded as soon as it is written, so what a listener gets is measured without another pass. AAC
raises true peaks, usually by half a decibel, for which the limiter leaves room; sharp beats at random by up
to two (measured). Only where a peak comes out too high is the limiter set lower and the whole encoded again.
Rejected: coding the sharpest places beforehand to see how far, which told nothing of the others.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any, Final

import av
import numpy as np

from actors.media.cancelling import go_on
from actors.media.errors import EncodeError
from actors.media.listening import Listener
from actors.media.mix import CEILING_DBTP, Master
from actors.media.tape import Samples
from actors.media.timeline import SAMPLE_RATE

HEARD_DBTP: Final = -1.1
"""The highest true peak that may be heard; platforms ask for -1."""
_BITS: Final = {"low": 128_000, "medium": 192_000, "high": 256_000}
_FRAME: Final = 1024
_MORE_PASSES: Final = 3
_STEP_DB: Final = 0.2
_HEARD_AT_ONCE: Final = 128
"""Packets of which the sound is given together: numpy is slow on small pieces."""
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
    """Encoded in this thread, listened to in another: encoding takes as long as all the rest."""
    heard, listened = Listener(), deque[Future[None]]()
    with ThreadPoolExecutor(1, thread_name_prefix="listener") as ears:
        for piece in encode(master.pieces(), len(master), quality, str(target)):
            listened.append(ears.submit(heard.add, piece))
            if len(listened) > _UNHEARD:
                listened.popleft().result()
        for last in listened:
            last.result()
    heard.end()
    return heard


def encode(pieces: Iterable[Samples], length: int, quality: str, target: Any) -> Iterator[Samples]:
    """Write AAC of this many samples, gives what a listener gets of it, both as it comes.

    Raises:
        EncodeError: ``encoder_failed``.

    """
    try:
        with av.open(target, "w", format="mp4", options={"movie_timescale": str(SAMPLE_RATE)}) as container:
            stream = container.add_stream("aac", rate=SAMPLE_RATE, layout="stereo")
            stream.codec_context.bit_rate = _BITS[quality]
            stream.codec_context.time_base = Fraction(1, SAMPLE_RATE)
            yield from _heard(_written(container, stream, pieces), stream, length)
    except av.FFmpegError as error:
        raise EncodeError("encoder_failed", f"The sound cannot be written: {error}") from error


def _written(container: Any, stream: Any, pieces: Iterable[Samples]) -> Iterator[bytes]:
    """The packets, each when it is in the file."""
    for frame in chain(_frames(pieces), [None]):
        for packet in stream.encode(frame):
            data = bytes(packet)
            container.mux(packet)
            yield data


def _heard(packets: Iterable[bytes], stream: Any, length: int) -> Iterator[Samples]:
    """What they sound like, without what the codec puts before and after."""
    decoder = None
    at = -_FRAME
    pieces: list[Samples] = []
    for packet in packets:
        if decoder is None:
            decoder = av.CodecContext.create("aac", "r")
            decoder.extradata = stream.codec_context.extradata  # known once the encoder has begun
        for frame in decoder.decode(av.Packet(packet)):
            wave = np.asarray(frame.to_ndarray(), np.float32)
            pieces.append(wave[:, max(0, -at) : max(0, length - at)])
            at += frame.samples
        if len(pieces) >= _HEARD_AT_ONCE:
            yield np.concatenate(pieces, axis=1).T
            pieces.clear()
    if pieces:
        yield np.concatenate(pieces, axis=1).T


def _frames(pieces: Iterable[Samples]) -> Iterator[av.AudioFrame]:
    at = 0
    for piece in pieces:
        go_on()
        wave = np.ascontiguousarray(piece.T)
        for start in range(0, len(piece), _FRAME):
            part = np.ascontiguousarray(wave[:, start : start + _FRAME])
            frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="stereo")
            frame.sample_rate = SAMPLE_RATE
            frame.pts, frame.time_base = at, Fraction(1, SAMPLE_RATE)
            at += part.shape[1]
            yield frame
