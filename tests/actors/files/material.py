"""Pictures, clips and sound as people have them, with what they should not send along."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import ExifTags, Image

SECRET = "Anna-Muster-Street-7"  # noqa: S105 - what must not be found again
RATE = 48_000


def photo(path: Path, size: tuple[int, int] = (1600, 1200), *, orientation: int = 1) -> Path:
    """A JPEG from a phone: its left half is red; it says who took it and where."""
    picture = Image.new("RGB", size, "blue")
    picture.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Artist] = SECRET
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    picture.save(path, "JPEG", exif=exif, comment=SECRET.encode(), quality=90)
    return path


def clip(
    path: Path,
    *,
    seconds: float = 1.0,
    size: tuple[int, int] = (320, 180),
    codec: str = "libx264",
    metadata: dict[str, str] | None = None,
    sound: bool = False,
) -> Path:
    """A clip whose left half is red, with a bar that moves."""
    with av.open(str(path), "w", options={"movflags": "+faststart+use_metadata_tags"}) as out:
        out.metadata.update(metadata or {})
        stream: Any = out.add_stream(codec, rate=25)
        stream.width, stream.height = size
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        heard: Any = out.add_stream("aac", rate=RATE, layout="mono") if sound else None
        for n in range(round(25 * seconds)):
            frame = np.zeros((size[1], size[0], 3), np.uint8)
            frame[:, : size[0] // 2, 0] = 255
            frame[:, size[0] // 2 :, 2] = 255
            frame[n % size[1], :, 1] = 255
            out.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        out.mux(stream.encode(None))
        if heard is not None:
            for n in range(round(seconds * RATE / 1024)):
                out.mux(heard.encode(_frame(tone(1024 / RATE), n * 1024)))
            out.mux(heard.encode(None))
    return path


def tone(seconds: float, loud: float = 0.3) -> Any:
    at = np.arange(round(seconds * RATE)) / RATE
    return (loud * np.sin(2 * np.pi * 220 * at)).astype(np.float32)


def words(seconds: float) -> Any:
    """Sound with pauses as speech has them."""
    at = np.arange(round(seconds * RATE)) / RATE
    return (tone(seconds) * ((at % 0.5) < 0.35)).astype(np.float32)


def sound(path: Path, wave: Any, metadata: dict[str, str] | None = None, codec: str | None = None) -> Path:
    codecs = {".mp3": "mp3", ".flac": "flac", ".wav": "pcm_s16le", ".ogg": "libopus", ".m4a": "aac"}
    with av.open(str(path), "w") as out:
        out.metadata.update(metadata or {})
        stream: Any = out.add_stream(codec or codecs[path.suffix], rate=RATE, layout="mono")
        resampler = av.AudioResampler(format=stream.codec_context.format, layout="mono", rate=RATE)
        size = stream.codec_context.frame_size or 1024
        for start in range(0, len(wave), size):
            for piece in resampler.resample(_frame(wave[start : start + size], start)):
                out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return path


def _frame(wave: Any, at: int) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(wave.reshape(1, -1), format="flt", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
    return frame


def turned(path: Path) -> Path:
    """The clip as a phone writes one that was held upright: to be turned by 90 degrees clockwise."""
    unit, zero = (1 << 16).to_bytes(4, "big"), bytes(4)
    plain = unit + zero * 3 + unit + zero * 3 + (1 << 30).to_bytes(4, "big")
    quarter = zero + unit + zero + (0xFFFF0000).to_bytes(4, "big") + zero * 4 + (1 << 30).to_bytes(4, "big")
    data = path.read_bytes()
    track = data.index(b"tkhd")
    matrix = data.index(plain, track)
    path.write_bytes(data[:matrix] + quarter + data[matrix + len(plain) :])
    return path
