"""A song for a prompt: read, composed, played, and written as MP3 or WAV."""

import io
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np

from actors.emulator.songs.player import RATE, Sound, play
from actors.emulator.songs.prompt import read
from actors.emulator.songs.score import compose

_MP3_BITS = 192_000


@dataclass(frozen=True)
class SongRequest:
    """``fixed_s``: how long the model's songs always are; None: as the prompt says."""

    prompt: str
    fixed_s: float | None
    wav: bool = False
    seed: int = 0


@dataclass(frozen=True)
class Song:
    """The file, and its structure in words, a section a line."""

    raw: bytes
    mime: str
    seconds: float
    structure: str
    rate: int = RATE


def make_song(ask: SongRequest, faults: Sequence[str] = ()) -> Song:
    """The song; the same for the same request."""
    wish = read(ask.prompt, ask.fixed_s)
    score = compose(wish, ask.prompt, ask.seed)
    sound = play(score)
    if "silent_audio" in faults:
        sound = sound * 0
    if "short_audio" in faults:
        sound = sound[: len(sound) // 4]
    wav = ask.wav != ("other_audio_type" in faults)
    raw, mime = (_wav(sound), "audio/wav") if wav else (_mp3(sound), "audio/mpeg")
    return Song(raw, mime, len(sound) / RATE, wish.structure())


def _wav(sound: Sound) -> bytes:
    stream = io.BytesIO()
    with wave.open(stream, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((sound * 32767).round().astype("<i2").tobytes())
    return stream.getvalue()


def _mp3(sound: Sound) -> bytes:
    stream = io.BytesIO()
    with av.open(stream, "w", format="mp3") as container:
        audio = container.add_stream("libmp3lame", rate=RATE, layout="stereo")
        audio.bit_rate = _MP3_BITS
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(sound.T.astype(np.float32)), format="fltp", layout="stereo"
        )
        frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
        container.mux(audio.encode(frame))
        container.mux(audio.encode())
    return stream.getvalue()
