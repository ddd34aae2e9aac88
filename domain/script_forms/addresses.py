"""Addresses of the web in a text, in letters of any script, ``https://пример.рф/путь``.

Where no space parts the words the next one stands right behind an address: ``www.example.com了解详情``.
"""

from typing import Final

_UNPARTED: Final = (
    "\u0e00-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef"
    "\U00020000-\U0003ffff"
)
"""Of scripts without spaces, and of Korean, whose particles stand at the word. A part of an address may be
written in them, from its beginning: ``https://ja.wikipedia.org/wiki/海``."""
_SIGNS: Final = "\u3000-\u3004\u3008-\u303f\uff00-\uffef"
"""Their stops, commas and brackets end an address."""


def address(but: str = "") -> str:
    """The pattern of an address; ``but``: characters that are none of its own here."""
    other = rf"(?<=[/.=?&#_{_UNPARTED}-])(?![{_SIGNS}])[{_UNPARTED}]"
    return rf"(?:https?://|www\.)(?:[^\s{_UNPARTED}{but}]|{other}){{1,2000}}"
