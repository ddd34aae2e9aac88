"""Which language a text can be in, as far as its letters and its commonest words tell beyond doubt.

A model says which language a script is in, and voices, fonts and line breaks follow what it says. Here a
plain error is caught; where nothing is certain (a dialect, a mixture, a language not listed), nothing is
said. Rejected: a statistical identifier, which would overrule a large language model on half a sentence.
"""

import re
import unicodedata
from collections import Counter

_WRITTEN_IN = {
    "CJK": "zh yue cmn wuu nan ja ko",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "HANGUL": "ko",
    "ARABIC": "ar fa ur ps ckb sd ug az ks pa ms ha",
    "HEBREW": "he yi iw",
    "DEVANAGARI": "hi mr ne sa mai bho kok sd",
    "BENGALI": "bn as",
    "GURMUKHI": "pa",
    "GUJARATI": "gu",
    "TAMIL": "ta",
    "TELUGU": "te",
    "KANNADA": "kn",
    "MALAYALAM": "ml",
    "SINHALA": "si",
    "THAI": "th",
    "LAO": "lo",
    "KHMER": "km",
    "MYANMAR": "my",
    "GEORGIAN": "ka",
    "ARMENIAN": "hy",
    "ETHIOPIC": "am ti",
    "GREEK": "el",
    "CYRILLIC": "ru uk be bg sr mk kk ky mn tg uz az tt bs sh",
}
"""Languages by the writing system that one of its texts may be mostly in. Anything may be romanised."""
_LISTED = frozenset(" ".join(_WRITTEN_IN.values()).split())
_LATIN = "en de fr es pt it nl sv da nb no nn fi is pl cs sk sl hr hu ro tr vi id et lv lt"
_KNOWN = _LISTED | frozenset(_LATIN.split())
_COMMON = {
    "en": "the of and to in is that it was for on are with his they at be this from have by had not but "
    "what were when there an which their she will would has him could you we our",
    "de": "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an er "
    "hat dass sie wird einer um am sind noch wie einem über so aber",
    "fr": "de la le et les des en un du une que est pour qui dans par plus pas au sur ne se ce il sont avec "
    "ils elle mais comme ou aux cette ses nous vous je",
    "es": "de la que el en y los se del las un por con no una su para es al lo como más pero sus le ya este "
    "sí porque esta entre cuando muy sin sobre también hay",
    "pt": "de a o que e do da em um para é com não uma os no se na por mais as dos como mas foi ao ele das "
    "tem à seu sua ou quando muito há nos já está também",
    "it": "di e il la che in un a per è una sono con non si da come le dei nel alla più gli lo al ma del "
    "delle della anche ha questo ci era suo",
    "nl": "de en van ik te dat die in een hij het niet zijn is was op aan met als voor had er maar om hem "
    "dan zou of wat mijn men dit zo door over ze",
}
_COMMON_SETS = {language: frozenset(words.split()) for language, words in _COMMON.items()}
_SHOWN = {"CJK": "Han characters", "HIRAGANA": "Japanese"}
_MOSTLY = 0.8
_FEWEST_HITS = 8
_SHARE_OF_HITS = 0.2
_CLEARLY = 2


_ALIASES = {
    "ar": "arb ara",
    "az": "azj aze",
    "bg": "bul",
    "bn": "ben",
    "ca": "cat",
    "cs": "ces cze",
    "da": "dan",
    "de": "deu ger",
    "el": "ell gre",
    "en": "eng",
    "es": "spa",
    "et": "ekk est",
    "fa": "pes prs fas per",
    "fi": "fin",
    "fil": "tl tgl",
    "fr": "fra fre",
    "he": "iw heb",
    "hi": "hin",
    "hr": "scr hrv",
    "hu": "hun",
    "id": "in ind",
    "it": "ita",
    "ja": "jpn",
    "jv": "jw jav",
    "ko": "kor",
    "ku": "kmr kur",
    "lt": "lit",
    "lv": "lvs lav",
    "mn": "khk mon",
    "ms": "zsm msa may",
    "ne": "npi nep",
    "nl": "nld dut",
    "no": "nb nn nob nno nor",
    "or": "ory ori",
    "pl": "pol",
    "pt": "por",
    "ro": "mo ron rum mol",
    "ru": "rus",
    "sk": "slk slo",
    "sl": "slv",
    "sq": "als sqi alb",
    "sr": "sh cnr scc srp hbs",
    "sv": "swe",
    "sw": "swh swa",
    "ta": "tam",
    "te": "tel",
    "th": "tha",
    "tr": "tur",
    "uk": "ukr",
    "ur": "urd",
    "uz": "uzn uzb",
    "vi": "vie",
    "yi": "ji ydd yid",
    "zh": "cmn zho chi",
}
"""Tags that name one language: from CLDR's ``languageAlias`` (deprecated, macrolanguage and three-letter
codes), but Norwegian, whose written forms CLDR keeps apart and a script does not tell."""
_CANONICAL = {alias: tag for tag, aliases in _ALIASES.items() for alias in aliases.split()}


def primary(tag: str) -> str:
    """The language of a tag, by one name: ``pt`` of ``pt-BR``, ``zh`` of ``cmn-Hans``, ``he`` of ``iw``."""
    language, *rest = tag.replace("_", "-").casefold().split("-")
    if language == "zh" and rest and rest[0] in ("yue", "wuu", "nan", "hak", "gan"):
        language = rest[0]  # the older way to write these
    return _CANONICAL.get(language, language)


def why_not_in(text: str, tag: str) -> str | None:
    """Why ``text`` cannot be in the language of ``tag``; None when it can, or when nothing is certain."""
    language = primary(tag)
    systems = systems_of(text)
    letters = sum(systems.values())
    if not letters:
        return None
    system, count = systems.most_common(1)[0]
    if systems["HIRAGANA"] + systems["KATAKANA"] > letters / 5:
        system, count = "HIRAGANA", letters  # Japanese mixes Han characters in; Chinese no kana
    if count < _MOSTLY * letters:
        return None
    if system == "LATIN":
        return _by_words(text, language)
    known = language in _KNOWN
    if known and system in _WRITTEN_IN and language not in _WRITTEN_IN[system].split():
        return f"it is written in {_SHOWN.get(system, system.title())}"
    return None


def systems_of(text: str) -> Counter[str]:
    """How many letters of each writing system a text holds: LATIN, CYRILLIC, CJK and so on."""
    systems: Counter[str] = Counter()
    for character, count in Counter(text).items():
        if character.isalpha():
            systems[unicodedata.name(character, "?").split()[0]] += count
    return systems


def written_in(text: str) -> str | None:
    """The writing system of most of a text's letters, Japanese and Chinese as one; None where it has none."""
    systems = systems_of(text)
    for kana in ("HIRAGANA", "KATAKANA"):
        systems["CJK"] += systems.pop(kana, 0)
    most, count = systems.most_common(1)[0]
    return most if count else None


def _by_words(text: str, language: str) -> str | None:
    words = re.findall(r"[^\W\d_]+", text.lower())
    hits = {known: sum(word in common for word in words) for known, common in _COMMON_SETS.items()}
    best = max(hits, key=lambda known: hits[known])
    others = [count for known, count in hits.items() if known != best]
    if (
        best == language
        or hits[best] < max(_FEWEST_HITS, _SHARE_OF_HITS * len(words))
        or hits[best] < _CLEARLY * max(others)
    ):
        return None
    known = language in _KNOWN
    return f"its words are those of {best!r}" if known else None
