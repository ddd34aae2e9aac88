"""The voices of the speech models, how the prebuilt ones sound, and the languages that can be named to them.

Every model has the prebuilt ones. The newest take more: those of the provider's library, whose names its live
list alone tells, and one's own, by the id or the key that it gave when they were made.
"""

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from actors.gemini.gateway import Json

MOST_VOICES = 2
"""As many speak in one call, of whatever speech model."""


class Voice(NamedTuple):
    """As the provider describes it; how old a speaker it suits, its character lets expect."""

    character: str
    gender: Literal["female", "male"]
    age: Literal["young", "adult", "old"]

    @property
    def description(self) -> str:
        return f"{self.character}, {self.gender}, {self.age}"


_FEMALE = (
    "Zephyr bright, Kore firm, Leda youthful, Aoede breezy, Callirrhoe easy-going, Autonoe bright, "
    "Despina smooth, Erinome clear, Laomedeia upbeat, Achernar soft, Gacrux mature, Pulcherrima forward, "
    "Vindemiatrix gentle, Sulafat warm"
)
_MALE = (
    "Puck upbeat, Charon informative, Fenrir excitable, Orus firm, Enceladus breathy, Iapetus clear, "
    "Umbriel easy-going, Algieba smooth, Algenib gravelly, Rasalgethi informative, Alnilam firm, "
    "Schedar even, Achird friendly, Zubenelgenubi casual, Sadachbia lively, Sadaltager knowledgeable"
)
_YOUNG = frozenset({"youthful", "bright", "upbeat", "excitable", "lively"})
_OLD = frozenset({"mature", "gravelly", "knowledgeable"})
_GENDERS: tuple[tuple[str, Literal["female", "male"]], ...] = ((_FEMALE, "female"), (_MALE, "male"))
VOICE_SOUNDS: dict[str, Voice] = {
    name: Voice(
        character, gender, "young" if character in _YOUNG else "old" if character in _OLD else "adult"
    )
    for listed, gender in _GENDERS
    for name, character in (each.split(" ") for each in listed.split(", "))
}
VOICES: tuple[str, ...] = tuple(VOICE_SOUNDS)
"""The prebuilt voices that every speech model has."""


class OfferedVoice(NamedTuple):
    """A voice that may be asked for, and what is known of how it sounds."""

    id: str
    library: bool
    """One of the provider's library, which not every model takes."""
    character: str | None
    gender: str | None
    age: str | None
    language: str | None
    description: str | None


_WORDS = {
    "gender": (("female", r"female|woman|feminine"), ("male", r"male|man|masculine")),
    "age": (
        ("child", r"child(?:like)?|kid"),
        ("young", r"young|youthful|teen(?:age)?"),
        ("old", r"old(?:er)?|elderly|senior|mature|aged"),
    ),
}


def offered_voices(listed: Iterable[Json]) -> list[OfferedVoice]:
    """The prebuilt voices, then those that only the provider's list has, described as far as it tells."""
    prebuilt = [
        OfferedVoice(name, False, sound.character, sound.gender, sound.age, None, None)
        for name, sound in VOICE_SOUNDS.items()
    ]
    return prebuilt + [_offered(voice) for voice in listed if voice.get("id") and voice["id"] not in VOICES]


def _offered(voice: Json) -> OfferedVoice:
    said = " ".join(str(voice.get(name) or "") for name in ("display_name", "description"))
    looks = {
        name: next((word for word, of in words if re.search(rf"\b(?:{of})\b", said, re.IGNORECASE)), None)
        for name, words in _WORDS.items()
    }
    gender, age = (str(voice.get(name) or looks[name] or "") or None for name in ("gender", "age"))
    character, language, description = (
        str(voice.get(name) or "") or None for name in ("display_name", "language_code", "description")
    )
    return OfferedVoice(str(voice["id"]), True, character, gender, age, language, description)


_OWN = re.compile(r"(voice|voicekey)_[A-Za-z0-9_+/=.-]{1,8192}")


def is_own_voice(name: str) -> bool:
    """Whether this is the id of a stored voice, or the key of one that its owner keeps."""
    return _OWN.fullmatch(name) is not None


def voice_config(name: str) -> Json:
    """The wire's word for a voice."""
    return {"prebuiltVoiceConfig": {"voiceName": name}} if name in VOICE_SOUNDS else {"voice": name}


_LANGUAGES = (
    "de-DE en-AU en-GB en-IN en-US es-US fr-FR hi-IN pt-BR ar-XA es-ES fr-CA id-ID it-IT ja-JP tr-TR "
    "vi-VN bn-IN gu-IN kn-IN ml-IN mr-IN ta-IN te-IN nl-NL ko-KR cmn-CN pl-PL ru-RU th-TH"
)
SPEECH_LANGUAGES = frozenset(_LANGUAGES.split(" "))
"""The tags that ``speechConfig.languageCode`` takes; other languages are detected from the text."""

_BY_TAG = {tag.lower(): tag for tag in SPEECH_LANGUAGES}
_BY_LANGUAGE = {tag.split("-")[0]: tag for tag in SPEECH_LANGUAGES} | {
    # Of those with several: what is meant where no country is named.
    "en": "en-US",
    "es": "es-ES",
    "fr": "fr-FR",
    "zh": "cmn-CN",
}
_BY_COUNTRY = {
    "en-nz": "en-AU",
    "en-ie": "en-GB",
    "en-za": "en-GB",
    **dict.fromkeys(("es-mx", "es-ar", "es-co", "es-cl", "es-pe", "es-419"), "es-US"),
}
"""Countries whose speech is nearer to another than to the language's first."""
_CANTONESE = frozenset({"hk", "mo", "yue"})
"""Where Chinese is spoken otherwise than the one Chinese that is listed."""


def speech_language(tag: str | None) -> str | None:
    """The tag to send for a language; None where the speech models have no name for it.

    Unnamed, a language is guessed anew from the few words of each scene.
    """
    if tag is None:
        return None
    asked = tag.lower()
    language, *rest = asked.split("-")
    if language == "zh" and _CANTONESE.intersection(rest):
        return None
    return _BY_TAG.get(asked) or _BY_COUNTRY.get(asked) or _BY_LANGUAGE.get(language)
