"""Speaks with espeak-ng: an honest robot voice, in over a hundred languages, with no system package.

espeak-ng keeps global state, so every call goes through one lock and the whole process has one instance.
Its library is under the GPL and stays inside this package; nothing of the product proper loads it. Sound
leaves as 24 kHz mono s16, the rate of Gemini's speech models, resampled by FFmpeg's resampler. The same words
do not come out sample for sample the same twice: some voices waver by a state that cannot be reset.
"""

import ctypes
import re
import threading
import unicodedata
from functools import cache
from typing import Any, NamedTuple

import av
import numpy as np
from numpy.typing import NDArray

from actors.emulator.tongues import tongues

RATE = 24_000
PEAK = 0.71
"""Full scale share of the loudest sample: −3 dBFS, so that nothing clips later."""
WORDS_PER_MINUTE = 158
_SYNCHRONOUS = 2
_PARAMETER_RATE, _PARAMETER_PITCH, _PARAMETER_RANGE, _PARAMETER_WORDGAP = 1, 3, 4, 7
_CHARS_UTF8 = 1
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)

Samples = NDArray[np.int16]


class SpeechError(Exception):
    """espeak-ng refused: the message says which call and with what."""


class VoiceMissingError(SpeechError):
    """The extra that brings espeak-ng is not installed."""


class Timbre(NamedTuple):
    """How one prebuilt voice sounds: espeak variant, pitch (0–99), pitch range (0–99), speed as a share."""

    variant: str
    pitch: int
    range: int
    speed: float


VOICES: dict[str, Timbre] = {
    "Zephyr": Timbre("Annie", 52, 60, 1.0),
    "Puck": Timbre("Andy", 56, 70, 1.06),
    "Charon": Timbre("Michael", 36, 45, 0.95),
    "Kore": Timbre("linda", 48, 50, 1.0),
    "Fenrir": Timbre("Gene", 42, 65, 1.05),
    "Leda": Timbre("belinda", 58, 60, 1.02),
    "Orus": Timbre("Alex", 40, 45, 0.98),
    "Aoede": Timbre("Alicia", 54, 62, 1.0),
    "Callirrhoe": Timbre("f2", 50, 50, 0.98),
    "Autonoe": Timbre("f3", 52, 58, 1.0),
    "Enceladus": Timbre("m3", 38, 40, 0.94),
    "Iapetus": Timbre("m1", 44, 48, 1.0),
    "Umbriel": Timbre("john", 42, 46, 0.97),
    "Algieba": Timbre("Lee", 45, 52, 0.98),
    "Despina": Timbre("f4", 53, 55, 1.0),
    "Erinome": Timbre("steph", 50, 52, 1.0),
    "Algenib": Timbre("paul", 34, 42, 0.95),
    "Rasalgethi": Timbre("adam", 44, 50, 1.02),
    "Laomedeia": Timbre("steph2", 56, 64, 1.04),
    "Achernar": Timbre("f1", 55, 50, 0.97),
    "Alnilam": Timbre("m2", 40, 48, 1.02),
    "Schedar": Timbre("edward", 43, 42, 1.0),
    "Gacrux": Timbre("grandma", 46, 44, 0.95),
    "Pulcherrima": Timbre("anika", 54, 60, 1.03),
    "Achird": Timbre("max", 46, 56, 1.02),
    "Zubenelgenubi": Timbre("robert", 45, 54, 1.0),
    "Vindemiatrix": Timbre("aunty", 48, 46, 0.96),
    "Sadachbia": Timbre("victor", 48, 62, 1.05),
    "Sadaltager": Timbre("ian", 42, 48, 0.99),
    "Sulafat": Timbre("shelby", 50, 54, 0.98),
}

LIBRARY: dict[str, str] = {f"voice_{base.lower()}{n}": base for n in range(1, 6) for base in VOICES}
"""Voices of the library by id, each with the one of the thirty that it sounds as."""

_LANGUAGES = {"en": "en-us", "zh": "cmn", "pt": "pt-br", "no": "nb", "iw": "he", "yi": "he", "mn": "kk"}
"""Languages whose everyday tag is not the one that espeak-ng speaks best. Yiddish and Mongolian it would
spell in English."""
_HEBREW_POINTED = re.compile("[\ufb1d-\ufb4f]+")
"""Letters that have their points in them."""
_HEBREW_POINTS = re.compile("[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]+")
_HEBREW_STROKES = re.compile("[\u05be\u05c0]")
"""Maqaf and paseq, which part words."""
_lock = threading.Lock()
_heard: list[Samples] = []


def _hear(samples: Any, count: int, _events: Any) -> int:
    if samples and count > 0:
        _heard.append(np.ctypeslib.as_array(samples, shape=(count,)).astype(np.int16, copy=True))
    return 0


_callback = _CALLBACK(_hear)


class _Voice(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_char_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


@cache
def _loader() -> Any:
    """The package that brings espeak-ng: an extra of its own, so looked for when speech is asked for."""
    try:
        import espeakng_loader  # noqa: PLC0415 - an extra, so it may be missing
    except ModuleNotFoundError:
        raise VoiceMissingError(
            "the emulator has no voice: espeakng-loader is not installed. "
            "Run make install, or pip install 'reelog[emulator]'; films by Gemini do not need it"
        ) from None
    return espeakng_loader


@cache
def _library() -> Any:
    library = ctypes.CDLL(_loader().get_library_path())
    library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
    return library


@cache
def _initialise() -> int:
    """Begins once in the process and answers the rate; called under the lock."""
    library, data = _library(), _loader().get_data_path()
    rate = int(library.espeak_Initialize(_SYNCHRONOUS, 0, data.encode(), 0))
    if rate <= 0:
        raise SpeechError(f"espeak_Initialize answered {rate} for {data}")
    library.espeak_SetSynthCallback(_callback)
    return rate


@cache
def _voice_files() -> dict[str, str]:
    """Voice file by language tag; called under the lock, once initialised."""
    found: dict[str, str] = {}
    listed = _library().espeak_ListVoices(None)
    n = 0
    while listed[n]:
        # `languages` begins with a priority byte; the tag after it, up to the NUL, is the voice's own.
        voice = listed[n].contents
        file = voice.identifier.decode().rsplit("/", 1)[-1]
        found[voice.languages[1:].decode().lower()] = file
        found.setdefault(file.lower(), file)
        n += 1
    return found


def _voice_for(language: str, available: dict[str, str]) -> str:
    """The espeak voice for a BCP 47 tag: as given, else its language alone; English when there is none."""
    tag = language.lower()
    short = tag.split("-")[0]
    wanted = (_LANGUAGES.get(tag, tag), _LANGUAGES.get(short, short), short)
    return next((available[name] for name in wanted if name in available), available["en-us"])


def speak(text: str, voice: str = "Kore", language: str = "en") -> Samples:
    """``text`` as mono samples at 24 kHz, at most −3 dBFS, with a breath of silence at either end.

    ``voice`` is one of VOICES or of LIBRARY. Raises SpeechError when espeak-ng refuses, or when nothing could
    be heard.
    """
    with _lock:
        rate = _initialise()
        parts = [
            _synthesise(piece, VOICES[LIBRARY.get(voice, voice)], tongue)
            for piece, tongue in tongues(_unpointed(text), language)
        ]
    sound = np.concatenate(parts) if parts else np.zeros(0, np.int16)
    if not sound.any():
        raise SpeechError(f"espeak-ng spoke nothing for {text[:80]!r}")
    return _levelled(_resampled(sound, rate))


def _unpointed(text: str) -> str:
    """Hebrew in its letters alone: espeak-ng spells words with points, "bet, Hebrew dagesh, Hebrew patah"."""
    text = _HEBREW_POINTED.sub(lambda found: unicodedata.normalize("NFKD", found[0]), text)
    return _HEBREW_STROKES.sub(" ", _HEBREW_POINTS.sub("", text))


def _synthesise(text: str, timbre: Timbre, language: str) -> Samples:
    """Samples at espeak-ng's own rate; called under the lock."""
    library = _library()
    name = f"{_voice_for(language, _voice_files())}+{timbre.variant}"
    if library.espeak_SetVoiceByName(name.encode()) != 0:
        raise SpeechError(f"espeak-ng has no voice {name}")
    for parameter, value in (
        (_PARAMETER_RATE, round(WORDS_PER_MINUTE * timbre.speed)),
        (_PARAMETER_PITCH, timbre.pitch),
        (_PARAMETER_RANGE, timbre.range),
        (_PARAMETER_WORDGAP, 1),
    ):
        library.espeak_SetParameter(parameter, value, 0)
    _heard.clear()
    spoken = text.encode()
    size = ctypes.c_size_t(len(spoken) + 1)
    status = library.espeak_Synth(spoken, size, 0, 1, 0, _CHARS_UTF8, None, None)
    sound = np.concatenate(_heard) if _heard else np.zeros(0, np.int16)
    _heard.clear()
    if status != 0:
        raise SpeechError(f"espeak_Synth answered {status} for {text[:80]!r}")
    return sound


def _resampled(sound: Samples, rate: int) -> Samples:
    frame = av.AudioFrame.from_ndarray(sound[np.newaxis, :], format="s16", layout="mono")
    frame.sample_rate = rate
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    parts = [out.to_ndarray()[0] for piece in (frame, None) for out in resampler.resample(piece)]
    return np.concatenate(parts)


def _levelled(sound: Samples) -> Samples:
    loud = np.flatnonzero(np.abs(sound.astype(np.int32)) > 60)
    first, last = (int(loud[0]), int(loud[-1]) + 1) if loud.size else (0, sound.size)
    kept = sound[first:last].astype(np.float64)
    kept *= PEAK * 32767 / max(1.0, float(np.abs(kept).max()))
    edge = np.zeros(RATE // 10)
    return np.concatenate([edge, kept, edge]).round().astype(np.int16)
