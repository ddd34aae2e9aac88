"""What a film needs of the SDK and the speech model, known before anything is asked for.

The adapters refuse by name what they cannot carry, but only at the call, when half of the film may be paid.
The same is told here of a submission: (JSON pointer, what is wrong and what would do).

What an SDK has no words for may still be had where the model does it unasked: a square picture of the default
size, the language that is heard in the text. Then it is not said, and the answer is checked all the same.
"""

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from actors.gemini.catalogue import MODELS, find
from actors.gemini.gateway import SDK_CAPABILITIES, Capability, Sdk
from actors.gemini.thinking import Level
from actors.gemini.voices import MOST_VOICES, SPEECH_LANGUAGES, VOICES, is_own_voice
from actors.media.formats import film_format
from domain.default_models import ModelKind
from domain.given_scenes import CastMember
from domain.submission import Options

Unsupported = tuple[str, str]

_WAY_OUT = "set REELOG_GEMINI_SDK=google-genai"
_UNASKED = ("1:1", "1K")
"""What image models draw when no shape is asked for, also beside square pictures that go along."""


def unsupported(
    sdk: Sdk,
    models: Mapping[str, str],
    options: Options,
    language: str | None,
    kinds: Collection[ModelKind],
    library: Collection[str] = (),
    cast: Sequence[CastMember] = (),
) -> list[Unsupported]:
    """What cannot be had of these ``kinds`` of calls; ``library``: the voices that the provider lists.

    ``cast`` are the characters that the author describes, some perhaps with a voice.
    """
    found: list[Unsupported] = []
    if "image" in kinds:
        found += _pictures(sdk, options)
    if "video" in kinds and Capability.INTERACTIONS not in SDK_CAPABILITIES[sdk]:
        unfilmed = f"{sdk} cannot ask for shots; {_WAY_OUT}, or options.motion to camera"
        found.append(("/options/motion", f"options.motion is {options.motion!r}: {unfilmed}"))
    if "speech" in kinds and options.has_narration:
        asked = {"options.voice": options.voice} | {f"cast.{n}.voice": m.voice for n, m in enumerate(cast)}
        for field, voice in asked.items():
            found += _voice(sdk, models.get("speech"), field, voice, library)
        found += _speech(sdk, models.get("speech"), language)
    song = models.get("music")
    if "music" in kinds and song and (why := why_unsupported(sdk, song, "music")):
        found.append(("/models/music", f"models.music is {song!r}: {why}"))
    return found


def why_unsupported(sdk: Sdk, name: str, kind: str) -> str | None:
    """Why this SDK cannot ask the model for anything that a film needs; None when it can."""
    can = SDK_CAPABILITIES[sdk]
    if kind == "speech" and _styled(name) and Capability.SPEECH_METADATA not in can:
        return f"{sdk} cannot tell {name} how to speak; {_WAY_OUT}, or choose an older speech model"
    if kind == "video" and Capability.INTERACTIONS not in can:
        return f"{sdk} cannot ask {name} for shots; {_WAY_OUT}"
    if kind == "music" and Capability.MUSIC not in can:
        return f"{sdk} asks no model for music; {_WAY_OUT}, or leave it out: then it is synthesised"
    return None


def voices_at_once(can: Collection[str]) -> int:
    """How many voices can speak in one call; where there are more, each line has a call of its own."""
    return MOST_VOICES if Capability.MULTI_SPEAKER in can else 1


def requestable_shape(
    can: Collection[str], aspect_ratio: str, image_size: str
) -> tuple[str, str] | tuple[None, None]:
    """Return the shape that must be asked for; none where it cannot be said and need not be.

    A shape that cannot be said, and is no model's own, is said: the adapter refuses it by name.
    """
    needless = Capability.IMAGE_CONFIG not in can and (aspect_ratio, image_size) == _UNASKED
    return (None, None) if needless else (aspect_ratio, image_size)


def requestable_language(can: Collection[str], asked: str | None, heard: str) -> str | None:
    """Return the language to be named to a speech model: the one asked for, else the script's.

    Where the SDK cannot name it, it is heard by the model as well; but a language of a certain country that
    was asked for is named, and the adapter refuses it.
    """
    if Capability.SPEECH_LANGUAGE in can:
        return asked or heard
    return asked if asked in SPEECH_LANGUAGES else None


def requestable_thinking(can: Collection[str], level: Level | None) -> Level | None:
    """Return how much thinking must be asked for; none where it cannot be said: the model then decides.

    It is planned so from the first for such an SDK; a request that another one planned is met here.
    """
    return level if Capability.THINKING in can else None


def _pictures(sdk: Sdk, options: Options) -> Iterator[Unsupported]:
    if Capability.IMAGE_CONFIG in SDK_CAPABILITIES[sdk]:
        return
    shape, size = _UNASKED
    asked = film_format(options.aspect_ratio, options.resolution, options.quality, options.fps).image_size
    why = f"{sdk} cannot ask for a picture's shape or size; {_WAY_OUT}, or take what is drawn unasked"
    if options.aspect_ratio != shape:
        yield "/options/aspect_ratio", f"options.aspect_ratio is {options.aspect_ratio!r}; {why}: {shape}"
    if asked != size:
        field, enough = ("quality", "medium") if options.quality == "high" else ("resolution", "720p")
        yield f"/options/{field}", f"options.{field} is {getattr(options, field)!r}; {why}: {enough}"


def _voice(
    sdk: Sdk, model: str | None, field: str, voice: str | None, library: Collection[str]
) -> Iterator[Unsupported]:
    if voice is None or voice in VOICES:
        return
    known = find(model) if model is not None else None
    has_library = (known is None or known.voice_library) and Capability.VOICE_LIBRARY in SDK_CAPABILITIES[sdk]
    offered = is_own_voice(voice) or voice in library
    if offered and has_library:
        return
    if offered:
        others = ", ".join(other.name for other in MODELS if other.voice_library)
        why = f"only {others} take voices beside the prebuilt ones, over google-genai"
    else:
        close = _close(voice, [*VOICES, *(library if has_library else ())])
        why = f"did you mean {close}? " if close else ""
        why += f"the voices are {', '.join(VOICES)}"
        if has_library:
            more = f"{len(library)} that the provider lists" if library else "those of the provider's library"
            why += f"; {more}, and your own by id (voice_…) or key (voicekey_…)"
    yield "/" + field.replace(".", "/"), f"{field} is {voice!r}; {why}"


def _close(voice: str, names: Iterable[str]) -> str | None:
    by_letters = {name.lower(): name for name in names}
    close = difflib.get_close_matches(voice.lower(), by_letters, n=1)
    return by_letters[close[0]] if close else None


def _speech(sdk: Sdk, model: str | None, language: str | None) -> Iterator[Unsupported]:
    can = SDK_CAPABILITIES[sdk]
    if model is not None and Capability.SPEECH_METADATA not in can and _styled(model):
        plain = ", ".join(m.name for m in MODELS if m.kind == "speech" and not m.speech_metadata)
        why = f"{sdk} cannot tell it how to speak; {_WAY_OUT}, or choose one of {plain}"
        yield "/models/speech", f"models.speech is {model!r}: {why}"
    if language in SPEECH_LANGUAGES and Capability.SPEECH_LANGUAGE not in can:
        why = f"{sdk} cannot name the language of speech; {_WAY_OUT}, or leave it out"
        yield "/language", f"language is {language!r}: {why}"


def _styled(model: str) -> bool:
    """Whether the style goes beside the text, as the newest speech models take it."""
    known = find(model)
    return known is None or known.speech_metadata
