"""Where a sentence ends: at a full stop that is none of an abbreviation's, an initial's or a list number's.

One table for all languages that captions know, in one place. Where the next word has a small letter no
sentence has ended, whatever the abbreviation, so the table holds only what a capital or a digit may follow.
"""

import re
from collections.abc import Iterator
from typing import Final

from domain.characters import visible


def _table(words: str) -> frozenset[str]:
    return frozenset(words.split())


_CLOSED: Final = "\"'”’»)\\]）」』"
_CLOSING: Final = rf"[{_CLOSED}“‘«›]"
"""Where a word ends with it: “ and « close in German and Danish."""
_OPENING: Final = "\"'“‘„«([{¿¡（「『"
_DASHES: Final = "—–-"
"""With these a narrator goes on after what somebody says: « Qui ? » — demanda-t-il."""
_GREEK: Final = "\u0370-\u03ff\u1f00-\u1fff"
STOPPED: Final = re.compile(rf"(?:[.!?…。！？｡।॥؟۔\u037e։።။។]|(?<=[{_GREEK}]);)+{_CLOSING}*$")
"""A word that has a stop at its end, whatever it means there."""
_ALWAYS: Final = re.compile(rf"[。！？｡।॥؟۔\u037e։።။។]+{_CLOSING}*$")
"""These are nothing but the end of a sentence."""
_QUOTED: Final = ("と", "って")
"""By which what is quoted goes on: 「誰だ？」と言った。"""
_IDEOGRAPHIC: Final = re.compile(
    rf"[。！？｡]+(?:[」』](?!{'|'.join(_QUOTED)})|(?![」』])[{_CLOSED}])*+(?![」』])"
)
"""Where no space parts the sentences."""


_TITLES: Final = _table(
    "mr mrs ms mx dr drs prof st ste mt ft sen rep gov gen adm col cpt capt lt sgt maj cmdr rev hon pres "
    "supt messrs mme mlle mgr hr fr frl dipl ing sr sra srta srs dra d dña dn ud uds vd sig sigg dott "
    "prof arch avv dhr mevr drs ir им ул пр пл г-н г-жа проф акад с св inż mgr dr ks św "
    "bc mudr rndr"
)
"""A name follows. They have a capital, or stand before a name all the same."""
_FOLLOWED: Final = _table(
    "e.g i.e cf vs viz ca approx al z.b d.h u.a o.ä s.o s.u vgl bzw sog evtl ggf inkl zzgl bspw zb dh "
    "p.ej p.ex c.-à-d càd env p.es cioè ecc.es bijv d.w.z t.a.v o.a m.a.w т.е т.н напр tzn tj m.in"
)
"""More of the sentence follows."""
_BEFORE_NUMBERS: Final = _table(
    "no nos nr nrs num núm n nº fig figs vol vols ch chap sec art arts p pp pg pag pág páginas s seite bd "
    "kap abs ziff ed eds ver v rec tel fax ext max min apt av rm para par c г стр гл рис табл т str rys "
    "rozdz č jan feb mar apr jun jul aug sep sept oct nov dec jän okt dez ene abr ago dic janv févr avr "
    "juil déc"
)
"""An abbreviation where a number follows, and often an ordinary word, or the end, where none does."""
_INITIALS: Final = re.compile(r"(?:[^\W\d_]\.(?:-?))+")
_LIST_NUMBER: Final = re.compile(r"(?:\d{1,3}|[a-zа-я]|[ivxlc]{1,4})[.)]", re.IGNORECASE)
_ORDINAL: Final = re.compile(r"\d{1,2}\.")
_MONTHS: Final = _table(
    "januar jänner februar märz april mai juni juli august september oktober november dezember "
    "jahrhundert klasse stock etage platz mal januari februari maart mei augustus december"
)
"""What a German ordinal is written before, with a capital."""
_STARTERS: Final = _table(
    "the a an this that these those it he she they we you i in on at but and so then when while after "
    "before there here his her their our its my if as by for from with now today no not yes what who why "
    "how der die das ein eine er sie es wir ich und aber le la les un une il elle ils el los las en de"
)
"""Words with which sentences begin and names seldom do."""


def ends_sentence(word: str, following: str = "", *, before: str | None = "", cased: bool = True) -> bool:
    """Whether a sentence ends with ``word``, marks included.

    ``following`` is the next word, empty at the end of the text; ``before`` the one before, None where
    ``word`` begins a sentence. ``cased``: whether sentences of this text begin with capitals.
    """
    if not STOPPED.search(word):
        return False
    if word[-1] in "」』" and following.startswith(_QUOTED):
        return False
    if _ALWAYS.search(word) or not following:
        return True
    first = following.lstrip(_OPENING + _DASHES)[:1]
    if cased and first.islower():
        return False
    core = re.sub(rf"{_CLOSING}+$", "", word).lstrip(_OPENING)
    if not core.endswith(".") or core.endswith(".."):
        return True
    return not _is_abbreviation(core, following.lstrip(_OPENING), begins=before is None)


def _is_abbreviation(core: str, following: str, *, begins: bool) -> bool:
    name = core[:-1].casefold()
    if begins and _LIST_NUMBER.fullmatch(core):
        return True
    if name in _FOLLOWED or (name in _TITLES and (core[0].isupper() or not core.isascii())):
        return True
    if name in _BEFORE_NUMBERS and following[:1].isdigit():
        return True
    next_word = re.split(r"\W", following, maxsplit=1)[0].casefold()
    if _INITIALS.fullmatch(core):
        return core != "I." and next_word not in _STARTERS
    return bool(_ORDINAL.fullmatch(core)) and next_word in _MONTHS


def is_cased(text: str) -> bool:
    """Whether sentences begin with capitals in it: a text of small letters alone has sentences, too."""
    return any(character.isupper() for character in text)


def _next_word(words: list[tuple[str, int]]) -> str:
    """The first that is more than a dash."""
    return next((word for written, _ in words if (word := visible(written)).strip(_DASHES)), "")


def sentence_ends(text: str) -> Iterator[int]:
    """The places in ``text`` behind each sentence that ends in a stop."""
    cased = is_cased(text)
    words = [(found[0], found.end()) for found in re.finditer(r"\S+", text)]
    before: str | None = None
    for number, (written, end) in enumerate(words):
        begin = end - len(written)
        yield from (begin + cut.end() for cut in _IDEOGRAPHIC.finditer(written) if cut.end() < len(written))
        word = visible(written)
        following = _next_word(words[number + 1 : number + 3])
        ended = ends_sentence(word, following, before=before, cased=cased)
        if ended:
            yield end
        before = None if ended else word
