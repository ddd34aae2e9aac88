"""Which language a text is in: by its script, and among Latin scripts by its commonest words.

A statistical language identifier was rejected: it would be one more dependency for something that a demo
needs only to choose a voice and a stop-word list.
"""

import re
from collections import Counter

STOP_WORDS: dict[str, str] = {
    "en": "the of and to in is that it was for on are as with his they at be this from have or by one "
    "had not but what "
    "all were when we there can an your which their said if do will each about how up out them then she "
    "many some "
    "so these would other into has more her two like him see time could no make than first been its who "
    "now people "
    "my made over did down only way find use may water long little very after words called just where "
    "most know "
    "i he you me our us off a an while through every again until never always still too here once upon am "
    "let lets imagine picture welcome yet also even much such any both those between because before "
    "being does",
    "es": "de la que el en y a los se del las un por con no una su para es al lo como más pero sus le ya "
    "o este sí porque "
    "esta entre cuando muy sin sobre también me hasta hay donde quien desde todo nos durante todos uno "
    "les ni contra",
    "fr": "de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce il sont "
    "la son avec ils "
    "elle mais comme ou si leur y dont aux cette ses était nous vous je tout sans être deux même aussi fait",
    "de": "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an "
    "werden aus er hat "
    "dass sie nach wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber "
    "vor zur bis",
    "it": "di e il la che in un a per è una sono con non si da come le dei nel alla più gli lo al ma del "
    "delle della anche "
    "ha i o se questo ci era suo sua tra quando nella dal dove",
    "pt": "de a o que e do da em um para é com não uma os no se na por mais as dos como mas foi ao ele "
    "das tem à seu sua "
    "ou ser quando muito há nos já está eu também só pelo pela até isso ela entre era depois sem mesmo",
    "nl": "de en van ik te dat die in een hij het niet zijn is was op aan met als voor had er maar om "
    "hem dan zou of wat "
    "mijn men dit zo door over ze zich bij ook tot je mij uit der daar haar naar",
    "sv": "och i att det som en på är av för med till den har de inte om ett han men var jag sig från vi "
    "så kan man när "
    "år säger hon under också efter eller nu sin där vid mot ska skulle",
    "pl": "i w na z do się nie to że jest o jak po co tak za od ale przez ma jego być dla czy tylko był "
    "które który ich "
    "tym już ze przy gdzie kiedy jej może",
    "tr": "ve bir bu da de için ile çok daha olan gibi ne en var o kadar sonra ama ben her mi olarak ki "
    "değil onun",
    "id": "yang dan di itu dengan untuk tidak ini dari dalam akan pada juga saya ke karena tersebut bisa "
    "ada mereka "
    "lebih kata tahun sudah atau saat oleh menjadi orang",
}
STOP_SETS = {language: frozenset(words.split()) for language, words in STOP_WORDS.items()}

_SCRIPTS = (
    ("ja", r"[\u3040-\u30ff]"),
    ("ko", r"[\uac00-\ud7af\u1100-\u11ff]"),
    ("zh", r"[\u4e00-\u9fff]"),
    ("ar", r"[\u0600-\u06ff]"),
    ("he", r"[\u0590-\u05ff]"),
    ("hi", r"[\u0900-\u097f]"),
    ("bn", r"[\u0980-\u09ff]"),
    ("ta", r"[\u0b80-\u0bff]"),
    ("th", r"[\u0e00-\u0e7f]"),
    ("ru", r"[\u0400-\u04ff]"),
    ("el", r"[\u0370-\u03ff]"),
)
_ADDRESS = re.compile(r"https?://\S+")
_NARROWER = {"ar": (("ur", r"[ٹڈڑںے]"), ("fa", r"[پچژگ]")), "ru": (("uk", r"[іїєґ]"),)}


def detect(text: str) -> str:
    """A BCP 47 tag such as ``en`` or ``ja``; ``en`` when nothing tells."""
    text = _ADDRESS.sub(" ", text)
    letters = sum(character.isalpha() for character in text)
    if not letters:
        return "en"
    # Japanese mixes kana into Han characters: a few kana decide.
    counts = {language: len(re.findall(pattern, text)) for language, pattern in _SCRIPTS}
    if counts["ja"] and counts["ja"] + counts["zh"] > letters / 3:
        return "ja"
    best = max(counts, key=lambda language: counts[language])
    if counts[best] > letters / 3:
        for language, pattern in _NARROWER.get(best, ()):
            if re.search(pattern, text):
                return language
        return best
    words = Counter(re.findall(r"[^\W\d_]+", text.lower()))
    scores = {
        language: sum(n for word, n in words.items() if word in stops)
        for language, stops in STOP_SETS.items()
    }
    best = max(scores, key=lambda language: scores[language])
    return best if scores[best] else "en"


def is_unspaced(language: str) -> bool:
    """Whether words run together without spaces (Chinese, Japanese, Thai)."""
    return language.split("-", maxsplit=1)[0] in {"zh", "ja", "th", "cmn", "yue"}
