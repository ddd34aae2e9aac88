"""Frames in, one H.264 segment out, always with the same settings, so that segments join by stream copy.

What is fixed here, and why:

1. FRAME threads: the library's default for x264 is SLICE, 1.2 times slower, and its pixels depend on the
   thread count.
2. Closed groups of pictures and ``stitchable``: headers do not depend on content, so all segments share them.
3. MP4 segments: Matroska's rounded stamps broke the joining of B-frames.
4. Frames carry our own time base: the stream's changes once the header is written.
5. No macroblock tree: with it x264 gave other bytes from one run to the next (measured at 720x720), also with
   one thread. Two more on the rate factor give the same size and the same picture without it.
6. BT.709, limited range, is written into the stream, or players guess and colours shift.

The same frames, build, thread count and processor gave the same bytes on every repeat that was measured; x264
promises that of no build. Across machines only decoded pixels are compared.
"""

from collections.abc import Iterable
from io import BytesIO

import av
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from numpy.typing import NDArray

from actors.media.errors import EncodeError
from actors.media.formats import THREADS, Format


def encode_segment(frames: Iterable[NDArray[np.uint8]], fmt: Format, *, threads: int = THREADS) -> bytes:
    """Encode yuv420p frames, each an array (height * 3 / 2, width), as an MP4 segment without sound.

    Raises:
        EncodeError: ``encoder_failed`` with the encoder's message, ``no_frames`` when there were none.

    """
    target = BytesIO()
    count = 0
    try:
        with av.open(target, "w", format="mp4") as container:
            stream = container.add_stream("libx264", rate=fmt.fps, options=_options(fmt))
            stream.width, stream.height, stream.pix_fmt = fmt.width, fmt.height, "yuv420p"
            context = stream.codec_context
            context.time_base = fmt.time_base
            context.thread_type = "FRAME"
            context.thread_count = threads
            context.color_range = ColorRange.MPEG
            context.colorspace = Colorspace.ITU709
            context.color_primaries = ColorPrimaries.BT709
            context.color_trc = ColorTrc.BT709
            for array in frames:
                frame = av.VideoFrame.from_ndarray(array, format="yuv420p")
                frame.pts, frame.time_base = count, fmt.time_base
                frame.color_range = ColorRange.MPEG
                frame.colorspace = Colorspace.ITU709
                frame.color_primaries = ColorPrimaries.BT709
                frame.color_trc = ColorTrc.BT709
                container.mux(stream.encode(frame))
                count += 1
            container.mux(stream.encode(None))
    except av.FFmpegError as error:
        raise EncodeError("encoder_failed", f"The video encoder failed: {error}") from error
    if not count:
        raise EncodeError("no_frames", "A segment needs at least one frame")
    return target.getvalue()


def _options(fmt: Format) -> dict[str, str]:
    parameters = {
        "keyint": 2 * fmt.fps,  # seeking lands within two seconds
        "min-keyint": fmt.fps,
        "open-gop": 0,
        "stitchable": 1,
        "sliced-threads": 0,
        "mbtree": 0,
        "bframes": 3,
    }
    return {
        "preset": fmt.preset,
        "crf": str(fmt.crf),
        "profile": "high",
        "x264-params": ":".join(f"{name}={value}" for name, value in parameters.items()),
    }
